"""The errors of the mock's own, as problems (RFC 9457): no answer of the automator it plays."""

from collections.abc import Mapping

from mockpos.contract.errors import problem_members
from mockpos.domain.mock_codes import MOCK_CODES
from mockpos.server.request import Reply
from mockpos.web.replies import MOCK_ERROR, json_reply

PROBLEM_TYPE = "application/problem+json"


def mock_problem(
    code: str,
    detail: str,
    request_id: str,
    *,
    status: int | None = None,
    details: Mapping[str, object] | None = None,
    is_recorded: bool = False,
) -> Reply:
    """Return an error of the mock's own, so marked that nobody takes it for the automator's answer.

    Only a call that is recorded has an ``instance``: others cannot be looked up.
    """
    known = MOCK_CODES[code]
    status = known.status if status is None else status
    body = problem_members(code, known.title, status, detail, request_id, retryable=False)
    if not is_recorded:
        del body["instance"]
    return json_reply(status, {**body, **(details or {})}, [MOCK_ERROR, ("Content-Type", PROBLEM_TYPE)])
