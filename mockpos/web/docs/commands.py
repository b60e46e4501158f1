"""Shows calls as curl commands that can be pasted: the cases of the exercise, magic Remote IDs, scenarios by header.

How a code is provoked stands in ``mockpos.exercise``; here is only how a shell does it. A Global ID is the shell
variable ``$ID`` where several calls share one, so that a sequence can be pasted twice.
"""

import shlex
from dataclasses import dataclass, replace

from mockpos.contract.bodies import write_call
from mockpos.contract.model import Contract
from mockpos.domain.catalogue import Operation
from mockpos.domain.listing import LARGEST_QUANTITY
from mockpos.exercise.cases import ALWAYS_FOR_SALE, Call, Case, Mutation, plain_cases
from mockpos.exercise.requests import mutated
from mockpos.http_client import Request
from mockpos.scenario.magic import MagicId
from mockpos.scenario.selector import HEADER

SHELL_ID = "$ID"
NEW_ID = "ID=try-$RANDOM-$RANDOM"
"""A new Global ID every time the sequence is pasted."""

SHOWN, QUIETLY = "-i", "-s -o /dev/null"
SHOWN_AND_MORE = "-i -w '\\n'"  # an answer ends without a line break, and another one follows
_WORD_FOR_ID = "SHELL-ID"  # a word that no encoding changes
_MANY = "$(head -c 10000 /dev/zero | tr '\\0' a)"
_TRY = "try-1"

SITUATIONS = frozenset({"TG-RETIRED", "TG-POSTPONED", "TG-LAST", "TG-PAIRS"})
"""Listings of the shipped worlds that are refused for a reason of their own."""


@dataclass(frozen=True, slots=True)
class Offer:
    """A listing that can be held, in which quantity, and which of the SITUATIONS the inventory has."""

    remote_id: str
    quantity: int
    situations: frozenset[str]


class Commands:
    """Writes the commands for one contract, key and server, against the listings of one inventory."""

    def __init__(self, contract: Contract, api_key: str, base_url: str, offer: Offer) -> None:
        self._contract = contract
        self.api_key = api_key
        self._base_url = base_url
        self.offer = offer
        cases = [case for case in plain_cases(contract) if case.listing not in SITUATIONS - offer.situations]
        self._cases = {case.code: case for case in reversed(cases)}

    def case(self, code: str) -> str:
        """Return the commands that end in a code; an empty text when no call alone brings it about here."""
        case = self._cases.get(code)
        return "\n".join(self._of_case(case)) if case else ""

    def magic(self, row: MagicId) -> str:
        """Return the calls that show a magic Remote ID, under a new Global ID. Only preparations are silent."""
        lines = [NEW_ID]
        for number, step in enumerate(row.how_to_try, 1):
            shown = SHOWN if number == len(row.how_to_try) else SHOWN_AND_MORE
            options = shown if step.code or step.operation in row.operations else QUIETLY
            call = Call(operation=step.operation, remote_id=row.remote_id, quantity=self.offer.quantity)
            lines.append(self.call(call, SHELL_ID, SHELL_ID, options))
        return "\n".join(lines)

    def header(self, operation: Operation, scenario: str) -> str:
        """Return one call that chooses a scenario by the header. What a scenario forces needs no state before it."""
        return self.call(self._offered(Call(operation=operation, scenario=scenario)), _TRY, "199401-473339")

    def operation(
        self, operation: Operation, global_id: str, order_id: str = "", *, options: str = SHOWN, remote_id: str = ""
    ) -> str:
        """Return one of the three operations; a hold is of the listing that can be held, or of another."""
        call = self._offered(Call(operation=operation))
        return self.call(replace(call, remote_id=remote_id or call.remote_id), global_id, order_id, options)

    def call(self, call: Call, global_id: str, order_id: str, options: str = SHOWN) -> str:
        """Return one call as a command."""
        values = call.values(_as_word(global_id), _as_word(order_id))
        keys = {Mutation.NO_KEY: None, Mutation.WRONG_KEY: "wrong", Mutation.DISABLED_KEY: "old-key"}
        written = write_call(self._contract, call.operation, values, keys.get(call.mutation, self.api_key))
        if call.scenario not in (None, "none"):
            written = written.with_header(HEADER, str(call.scenario))
        if call.mutation in _IN_SHELL:
            return self._command(written, options, _IN_SHELL[call.mutation])
        return self._command(mutated(written, call.mutation), options)

    def _of_case(self, case: Case) -> list[str]:
        before = case.calls[:-1]
        several = bool(before) and not all(call.may_fail for call in before)
        lines = [NEW_ID] if several else []
        for number, call in enumerate(case.calls, 1):
            lines += ["sleep 2"] if call.after_ms else []
            own = call.hold if several or call.hold != "a" else _TRY
            global_id = f"{SHELL_ID}{'' if own == 'a' else f'-{own}'}" if several else own
            order_id = f"{SHELL_ID}{'' if call.order == 'a' else '-other'}" if several else "199401-473339"
            quietly = number < len(case.calls) and not call.may_fail
            lines.append(self.call(self._offered(call), global_id, order_id, QUIETLY if quietly else SHOWN))
        if {call.operation for call in case.calls} == {Operation.HOLD} and before and case.listing in SITUATIONS:
            lines.append(
                self.operation(Operation.RELEASE, SHELL_ID, options=QUIETLY)
            )  # what it held would be in the way next time
        return lines

    def _offered(self, call: Call) -> Call:
        """Return a call of the exercise's own listing with the one that is offered here."""
        if call.remote_id in (ALWAYS_FOR_SALE, "TG-GA"):
            quantity = min(self.offer.quantity + call.quantity - 1, LARGEST_QUANTITY)
            return replace(call, remote_id=self.offer.remote_id, quantity=quantity)
        return call

    def _command(self, request: Request, options: str, shell: tuple[str, str, str] = ("", "", "")) -> str:
        """Return the command. ``shell``: what stands before it, behind its URL, and in place of its body or after."""
        before, in_url, instead = shell
        url = (self._base_url + request.target).replace(_WORD_FOR_ID, SHELL_ID) + in_url
        quote = '"' if "$" in url else "'" if set(url) & set("?&!*") else ""
        lines = [f"{before}curl {options} -X {request.method} {quote}{url}{quote}"]
        shown = [(name, value) for name, value in request.headers if name not in ("Accept", "Content-Length")]
        lines += [f"-H {shlex.quote(f'{name}: {value}')}" for name, value in shown]
        lines += [f"-H 'Content-Length: {value}'" for name, value in request.headers if name == "Content-Length"]
        if request.body is not None and not instead.startswith("--data"):
            text = shlex.quote(request.body.decode())
            in_text = f"'{SHELL_ID}'"  # closes the quotes around the variable and opens them again
            lines.append(f"-d {text.replace(_WORD_FOR_ID, in_text)}")
        lines += [instead] if instead else []
        return " \\\n  ".join(lines)


_IN_SHELL = {
    Mutation.LARGE_BODY: ("head -c 70000 /dev/zero | tr '\\0' ' ' | ", "", "--data-binary @-"),
    Mutation.LONG_URI: ("", f"?padding={_MANY}", ""),
    Mutation.LARGE_HEADER: ("", "", f'-H "X-Large: {_MANY}"'),
}
"""What a shell makes better than a page can show it."""


def _as_word(text: str) -> str:
    return text.replace(SHELL_ID, _WORD_FOR_ID)
