"""Writes one call as a document: all that is known of it, or the short form that lists show.

Everything in it is plain JSON. Independent of what the call is asked for, and of where it is shown.
"""

from collections.abc import Sequence

from mockpos.domain.calls import StateView
from mockpos.domain.clock import rfc3339
from mockpos.telemetry.call_record import CallRecord
from mockpos.telemetry.journal.bodies import body_document, safe_text

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
