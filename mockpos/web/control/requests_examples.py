"""What the control calls about the journal answer, as the documentation shows it."""

from typing import Any

SUMMARY: dict[str, Any] = {
    "request_id": "b1946ac9-000017",
    "at": "2026-11-23T14:02:07.120Z",
    "operation": "hold",
    "method": "POST",
    "target": "/v1/holds",
    "status": 409,
    "code": "insufficient_quantity",
    "global_id": "checkout-17",
    "remote_id": "TG-1042",
    "quantity": 4,
    "order_id": None,
    "replayed": False,
    "committed": False,
    "sent": "complete",
    "scenario": None,
    "rule": None,
    "injected": "",
    "duration_ms": 0.412,
}

_STATE = {"available": 2, "held": 2, "sold": 0, "hold_status": None}

CALL: dict[str, Any] = {
    "sandbox": "default",
    **{name: SUMMARY[name] for name in ("request_id", "at", "operation", "global_id", "remote_id", "quantity")},
    "order_id": None,
    "request": {
        "method": "POST",
        "target": "/v1/holds",
        "headers": [{"name": "x-api-key", "value": "[redacted]"}],
        "body": {"size": 2, "text": "{}", "json": {}},
    },
    "response": {
        "status": 409,
        "code": "insufficient_quantity",
        "headers": [{"name": "X-Request-Id", "value": "b1946ac9-000017"}],
        "body": {"size": 2, "text": "{}", "json": {}},
    },
    "decision": {"scenario": None, "rule": None, "why": "", "injected": ""},
    "replayed": False,
    "committed": False,
    "sent": "complete",
    "before": _STATE,
    "after": _STATE,
    "timings": {"duration_ms": 0.412, "delay_asked_ms": 0, "delay_served_ms": 0.0, "own_ms": 0.412},
}

LIST: dict[str, Any] = {
    "requests": [SUMMARY],
    "matched": 1,
    "recorded": 17,
    "evicted": 0,
    "limits": {"entries": 10_000, "bytes_used": 24_120},
}

CLEARED: dict[str, Any] = {"cleared": 17}
