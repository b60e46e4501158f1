"""The control call that checks what a test says must have happened."""

from flask import Response

from mockpos.telemetry.verify.expectation import Expected, expectation_of
from mockpos.telemetry.verify.verdict import Verdict, verify
from mockpos.web.control.calls import Answer, Context, ControlCall
from mockpos.web.exchange import current_exchange
from mockpos.web.replies import as_response, mock_problem

_CODE = "mock_not_as_expected"


def check(context: Context) -> Answer:
    """Count the calls and judge."""
    journal = context.sandbox.telemetry.journal
    verdict = verify(journal.find(), expectation_of(context.body), journal.evicted)
    return verdict.document() if verdict.satisfied else _difference(verdict)


def _difference(verdict: Verdict) -> Response:
    """Answer like every error of the mock's own, with the whole verdict in it."""
    details = verdict.document()
    return as_response(mock_problem(_CODE, verdict.text, current_exchange().request_id, details=details))


CALLS = (
    ControlCall(
        area="verify", method="POST", path="/verify", summary="Check that calls were made", serve=check, body=Expected,
        errors=(_CODE,),
        description="count is a number, or {min, max} with one of them or both. 409 when it is not so: with the "
        "nearest calls, and field by field how they differ. safe is false where calls that the journal had to evict "
        "could change the verdict.",
    ),
)  # fmt: skip
