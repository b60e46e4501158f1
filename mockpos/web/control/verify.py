"""The control call that checks what a test says must have happened."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, ClassVar

from flask import Response
from marshmallow import fields

from mockpos.domain.catalogue import Operation
from mockpos.domain.mock_codes import MOCK_CODES
from mockpos.telemetry.verify import Verdict, verify
from mockpos.telemetry.verify_expectation import read_expectation
from mockpos.validation.schema import Strict
from mockpos.web.control.calls import Answer, Context, ControlCall
from mockpos.web.control.requests_examples import SUMMARY
from mockpos.web.replies import dump
from mockpos.web.request_ids import request_id

_CODE = "mock_not_as_expected"
_MOST = 10**9
_TEXT = {"type": "string"}
_ID = {"type": ["string", "integer"]}
_COUNT = {
    "oneOf": [
        {"type": "integer", "minimum": 0},
        {
            "type": "object",
            "properties": {"min": {"type": "integer", "minimum": 0}, "max": {"type": "integer", "minimum": 0}},
            "additionalProperties": False,
            "minProperties": 1,
        },
    ]
}


class Expected(Strict):
    """Which calls, and how many of them. ``read_expectation`` reads the values."""

    json_schema: ClassVar = {"anyOf": [{"required": ["operation"]}, {"required": ["code"]}]}
    operation = fields.Raw(metadata={"schema": {"enum": [each.value for each in Operation]}})
    code = fields.Raw(metadata={"schema": _TEXT})
    global_id = fields.Raw(metadata={"schema": _TEXT})
    remote_id = fields.Raw(metadata={"schema": _ID})
    order_id = fields.Raw(metadata={"schema": _ID})
    scenario = fields.Raw(metadata={"schema": _TEXT})
    count = fields.Raw(required=True, metadata={"schema": _COUNT})


def check(context: Context) -> Answer:
    """Count the calls and judge."""
    expectation = read_expectation({name: _plain(value) for name, value in context.body.items()})
    journal = context.sandbox.telemetry.journal
    verdict = verify(journal.find(), expectation, journal.evicted)
    return verdict.document() if verdict.satisfied else _difference(verdict)


def _plain(value: Any) -> Any:
    """Return 2.0 as the whole number it is for JSON; bodies are read with decimals."""
    if isinstance(value, Mapping):
        return {name: _plain(each) for name, each in value.items()}
    is_whole = isinstance(value, Decimal) and value.is_finite() and 0 <= value <= _MOST and value == int(value)
    return int(value) if is_whole else value


def _difference(verdict: Verdict) -> Response:
    """Answer like every error of the mock's own, with the whole verdict in it."""
    code = MOCK_CODES[_CODE]
    body: Mapping[str, Any] = {
        "type": f"/docs/codes#{_CODE}",
        "title": code.title,
        "status": code.status,
        "detail": verdict.text,
        "code": _CODE,
        "retryable": False,
        "request_id": request_id(),
        **verdict.document(),
    }
    return Response(
        dump(body), code.status, {"X-Mockpos-Error": "true"}, content_type="application/problem+json"
    )  # fmt: skip


CALLS = (
    ControlCall(
        area="verify", method="POST", path="/verify", summary="Check that calls were made", serve=check, body=Expected,
        errors=(_CODE,),
        example={
            "satisfied": True, "safe": True, "found": 1, "expected": "exactly 1 call", "evicted": 0,
            "text": "Found 1, as expected.", "matched": [SUMMARY], "nearest": [],
        },
        description="count is a number, or {min, max} with one of them or both. 409 when it is not so: with the "
        "nearest calls, and field by field how they differ. safe is false where calls that the journal had to evict "
        "could change the verdict.",
    ),
)  # fmt: skip
