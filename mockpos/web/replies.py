"""Answers as bytes: success bodies and the contract's error bodies, always JSON."""

import json
import math
from collections.abc import Mapping

import orjson
from flask import Response

from mockpos.codecs.json_bytes import fitted
from mockpos.contract.model import NO_CONTENT, Contract
from mockpos.domain.catalogue import ResponseCode
from mockpos.domain.codes import CATALOGUE
from mockpos.domain.errors import Refusal
from mockpos.web.contract.errors import error_body
from mockpos.web.lean_flask import LeanResponse

JSON_TYPE = "application/json"
MOCK_ERROR = ("X-Mockpos-Error", "true")
"""The header of what only the mock would answer."""


class Replies:
    """Makes the answers of one contract."""

    def __init__(self, contract: Contract) -> None:
        self._contract = contract
        self._challenge = f'Bearer realm="{contract.name}"' if contract.key.bearer else 'ApiKey realm="automator"'

    def success(self, status: int, body: Mapping[str, object]) -> Response:
        """Return a success; one of 204 has no body."""
        if status == NO_CONTENT:
            empty = LeanResponse(b"", status)
            del empty.headers["Content-Type"]
            return empty
        return LeanResponse.whole(dump(body), status, JSON_TYPE)

    def refusal(self, refusal: Refusal, request_id: str) -> Response:
        """Return a documented error."""
        status, headers, body = self.refusal_parts(refusal, request_id)
        return LeanResponse(body, status, headers)

    def refusal_parts(self, refusal: Refusal, request_id: str) -> tuple[int, list[tuple[str, str]], bytes]:
        """Return a documented error in parts, for where there is no Flask around."""
        code = CATALOGUE[refusal.code]
        body = error_body(self._contract, code, refusal.detail, refusal.details, request_id)
        headers = [("Content-Type", self._contract.errors.media_type), *self._headers(code, refusal)]
        if refusal.made_by_mock:
            headers.append(MOCK_ERROR)
        return self._contract.status(code), headers, dump(body)

    def _headers(self, code: ResponseCode, refusal: Refusal) -> list[tuple[str, str]]:
        if code.retry_after:
            return [("Retry-After", str(max(1, math.ceil(refusal.retry_after_s))))]
        if self._contract.status(code) == 401:
            return [("WWW-Authenticate", self._challenge)]
        return []


def dump(body: Mapping[str, object]) -> bytes:
    """Write JSON. Text that is no Unicode (a lone surrogate someone sent as a name) is escaped."""
    try:
        return fitted(orjson.dumps(body))
    except TypeError:
        return json.dumps(body).encode("ascii")
