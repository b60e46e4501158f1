"""Copyable curl commands for the operations of a contract.

A Global ID may be the shell variable ``$ID``, so that a command can be tried twice. Must not know why a call is made.
"""

import json
import shlex

from mockpos.contract.bodies import request_body
from mockpos.contract.model import Contract, GlobalIdIn
from mockpos.domain.catalogue import Operation
from mockpos.web.openapi.security import header_value

SHELL_ID = "$ID"


class Curl:
    """Writes the commands of one contract, for one server and key."""

    def __init__(self, contract: Contract, api_key: str, base_url: str) -> None:
        self._contract = contract
        self._api_key = api_key
        self._base_url = base_url

    def call(
        self,
        operation: Operation,
        values: dict[str, object],
        *,
        options: str = "-i",
        api_key: str | None = "",
        content_type: str = "application/json",
        body: str | None = None,
        extra: str = "",
    ) -> str:
        """Return one call.

        ``api_key`` is another key, or None to send none. ``body`` replaces what the values make: it is shell text.
        """
        rule = self._contract.operations[operation]
        lines = [f"curl {options} -X {rule.method} {self._target(operation, values)}"]
        if api_key is not None:
            lines.append(f"-H {self._key_header(api_key or self._api_key)}")
        if rule.has_body:
            lines.append(f"-H {shlex.quote(f'Content-Type: {content_type}')}")
            lines.append(f"-d {self._body(operation, values)}" if body is None else body)
        if extra:
            lines.append(extra)
        return " \\\n  ".join(lines)

    def elsewhere(self, method: str, path: str) -> str:
        """Return a call of something that is no operation. ``path`` is shell text within double quotes."""
        return f'curl -i -X {method} "{self._base_url}{path}" \\\n  -H {self._key_header(self._api_key)}'

    def _target(self, operation: Operation, values: dict[str, object]) -> str:
        rule = self._contract.operations[operation]
        global_id = str(values["global_id"])
        path = rule.path.replace("{global_id}", global_id)
        if rule.global_id_in is GlobalIdIn.QUERY:
            path += f"?{rule.global_id_name}={global_id}"
        quote = '"' if SHELL_ID in path else "'" if set(path) & set("?&!*") else ""
        return f"{quote}{self._base_url}{path}{quote}"

    def _key_header(self, api_key: str) -> str:
        key = self._contract.key
        return shlex.quote(f"{key.header}: {header_value(key, api_key)}")

    def _body(self, operation: Operation, values: dict[str, object]) -> str:
        body = request_body(self._contract.operations[operation], values)
        quoted = shlex.quote(json.dumps(body, separators=(",", ":")))
        return quoted.replace(SHELL_ID, f"'{SHELL_ID}'")  # closes the quotes around the variable, opens them again
