"""Error bodies in the three shapes a contract can choose."""

from collections.abc import Mapping

from mockpos.contract.model import Contract, ErrorShape
from mockpos.domain.catalogue import ResponseCode


def problem_members(
    code: str, title: str, status: int, detail: str, request_id: str, *, retryable: bool
) -> dict[str, object]:
    """Return the members that every problem has, in their order."""
    return {
        "type": f"/docs/codes#{code}",
        "title": title,
        "status": status,
        "detail": detail,
        "instance": f"/_mock/requests/{request_id}",
        "code": code,
        "retryable": retryable,
        "request_id": request_id,
    }


def error_body(
    contract: Contract, code: ResponseCode, detail: str, details: Mapping[str, object], request_id: str
) -> dict[str, object]:
    """Lay out one error as the contract asks. The members are RFC 9457's, then the catalogue's."""
    status, retryable = contract.status(code), code.retryable
    members = problem_members(code.code, code.title, status, detail, request_id, retryable=retryable)
    members["code"] = contract.code_name(code.code)
    if "hold_status" in details:
        details = {**details, "hold_status": contract.state_name(str(details["hold_status"]))}
    match contract.errors.shape:
        case ErrorShape.PROBLEM:
            return {**members, **details}
        case ErrorShape.ENVELOPE:
            return {
                "error": {
                    "code": contract.code_name(code.code),
                    "message": detail,
                    "retryable": code.retryable,
                    "request_id": request_id,
                    "details": dict(details),
                }
            }
        case ErrorShape.TEMPLATE:
            filled = _filled(contract.errors.template, {**members, "details": dict(details)})
            return filled if isinstance(filled, dict) else {}


def _filled(template: object, members: Mapping[str, object]) -> object:
    if isinstance(template, Mapping):
        return {str(key): _filled(value, members) for key, value in template.items()}
    if isinstance(template, list):
        return [_filled(value, members) for value in template]
    if isinstance(template, str) and template.startswith("$"):
        return members[template[1:]]
    return template
