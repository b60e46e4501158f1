"""Writes one call as a document: all that is known of it, or the short form that lists show.

Everything in it is plain JSON. Independent of what the call is asked for, and of where it is shown.
"""

import json
import math
from base64 import b64encode
from collections.abc import Sequence
from typing import Never

from mockpos.domain.calls import StateView
from mockpos.domain.clock import rfc3339
from mockpos.telemetry.call_record import CallRecord

_DEEPEST = 50
_LEAST, _MOST = -(2**63), 2**64 - 1  # whole numbers beyond 64 bits are no JSON for many readers and writers


def body_document(body: bytes) -> dict[str, object] | None:
    """Show a body; None when there is none. ``json`` stands beside the text only when it means the same."""
    if not body:
        return None
    try:
        text = body.decode()
    except UnicodeDecodeError:
        return {"size": len(body), "base64": b64encode(body).decode("ascii")}
    shown: dict[str, object] = {"size": len(body), "text": text}
    try:
        parsed = json.loads(text, parse_constant=_refuse, object_pairs_hook=_members)
    except (ValueError, RecursionError):
        return shown
    if _is_portable(parsed, _DEEPEST):
        shown["json"] = parsed
    return shown


def safe_text(text: str) -> str:
    """Return a text that UTF-8 can write: lone surrogates are shown as escapes."""
    return text if text.isascii() else text.encode("utf-8", "backslashreplace").decode()


def _refuse(constant: str) -> Never:
    raise ValueError(f"{constant} is not JSON")


def _members(pairs: list[tuple[str, object]]) -> dict[str, object]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise ValueError("a member is named twice")
    return members


def _is_portable(value: object, depth: int) -> bool:
    """Tell whether any JSON writer can write a value again."""
    if isinstance(value, dict | list):
        inside = [*value, *value.values()] if isinstance(value, dict) else value
        return depth > 0 and all(_is_portable(each, depth - 1) for each in inside)
    if isinstance(value, str):
        return safe_text(value) == value
    if isinstance(value, float):
        return math.isfinite(value)
    return not isinstance(value, int) or _LEAST <= value <= _MOST


Document = dict[str, object]


def call_summary(call: CallRecord) -> Document:
    """Return the short form of a call."""
    return {
        "request_id": call.request_id,
        "at": rfc3339(call.at),
        "operation": call.operation,
        "method": safe_text(call.method),
        "target": safe_text(call.target),
        "status": call.status,
        "code": call.code,
        "global_id": _safe(call.global_id),
        "remote_id": _safe(call.remote_id),
        "quantity": call.quantity,
        "order_id": _safe(call.order_id),
        "replayed": call.replayed,
        "committed": call.committed,
        "sent": call.sent,
        "scenario": call.scenario,
        "rule": call.rule,
        "injected": call.injected,
        "duration_ms": round(call.duration_ms, 3),
    }


def call_document(call: CallRecord) -> Document:
    """Return all that is known of a call."""
    return {
        "request_id": call.request_id,
        "at": rfc3339(call.at),
        "operation": call.operation,
        "global_id": _safe(call.global_id),
        "remote_id": _safe(call.remote_id),
        "quantity": call.quantity,
        "order_id": _safe(call.order_id),
        "request": {
            "method": safe_text(call.method),
            "target": safe_text(call.target),
            "headers": _headers(call.headers),
            "body": body_document(call.body),
        },
        "response": {
            "status": call.status,
            "code": call.code,
            "headers": _headers(call.response_headers),
            "body": body_document(call.response_body),
        },
        "decision": {
            "scenario": call.scenario,
            "rule": call.rule,
            "why": safe_text(call.why),
            "injected": safe_text(call.injected),
        },
        "replayed": call.replayed,
        "committed": call.committed,
        "sent": call.sent,
        "before": _state(call.before),
        "after": _state(call.after),
        "timings": _timings(call),
    }


def _timings(call: CallRecord) -> Document:
    """Show durations; what is left without the delay is mockpos's own work."""
    return {
        "duration_ms": round(call.duration_ms, 3),
        "delay_asked_ms": call.delay_asked_ms,
        "delay_served_ms": round(call.delay_served_ms, 3),
        "own_ms": round(max(0.0, call.duration_ms - call.delay_served_ms), 3),
    }


def _headers(headers: Sequence[tuple[str, str]]) -> list[Document]:
    """Show headers in their order; one name may stand there twice."""
    return [{"name": safe_text(name), "value": safe_text(value)} for name, value in headers]


def _state(view: StateView | None) -> Document | None:
    if view is None:
        return None
    return {"available": view.available, "held": view.held, "sold": view.sold, "hold_status": view.hold_status}


def _safe(text: str | None) -> str | None:
    return None if text is None else safe_text(text)
