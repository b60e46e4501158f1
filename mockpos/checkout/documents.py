"""Receipts and calls as JSON documents, for scripts."""

from typing import Any

from mockpos.checkout.checkout import Receipt
from mockpos.checkout.client import CallResult

Document = dict[str, Any]


def receipt_document(receipt: Receipt) -> Document:
    """Lay out a purchase with its calls. Times are in milliseconds."""
    return {
        "outcome": receipt.outcome.value,
        "remote_id": receipt.remote_id,
        "quantity": receipt.quantity,
        "global_id": receipt.global_id,
        "order_id": receipt.order_id,
        "seats": list(receipt.seats),
        "refusal": receipt.refusal.code if receipt.refusal else None,
        "took_ms": _milliseconds(receipt.took),
        "calls": [call_document(call) for call in receipt.calls],
    }


def call_document(call: CallResult) -> Document:
    """Lay out one call; neither key nor host is in it."""
    return {
        "operation": call.operation.value,
        "method": call.request.method,
        "target": call.request.target,
        "status": call.status,
        "code": call.code,
        "heard": call.heard.value,
        "detail": call.detail,
        "request_id": call.request_id,
        "took_ms": _milliseconds(call.took),
        "values": dict(call.values),
    }


def _milliseconds(seconds: float) -> float:
    return round(seconds * 1000, 3)
