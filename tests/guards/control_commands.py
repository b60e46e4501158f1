"""Which command of the command line carries out which control call, and with which arguments and options.

All of it follows from the table of control calls but the names. It is written beside the command line, which need not
load a web application to know its own options: run it when control calls changed (``make format``).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from mockpos.validation.json_schema import object_schema
from mockpos.web.control.calls import ControlCall
from mockpos.web.control.table import CONTROL_CALLS
from tests.json_layout import one_a_line

FILE = Path(__file__).parent.parent.parent / "mockpos" / "cli" / "commands.json"

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Command:
    """A command for one call.

    ``preset`` is what it always sends; ``arguments`` need no option though not required. ``columns`` are those of the
    tables in its answer, by the name of the list, the most telling ones first; all that are left out fit no table.
    """

    method: str
    path: str
    preset: Mapping[str, Any] = field(default_factory=dict)
    arguments: tuple[str, ...] = ()
    takes_file: bool = False
    columns: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    summary: str = ""


_LISTING = (
    "remote_id", "available", "held", "sold", "section", "row", "wholesale_price", "event", "split_type", "retired",
    "broadcast", "mapped", "quantity", "format",
)  # fmt: skip
_HOLD = (
    "global_id", "status", "remote_id", "quantity", "seats", "expires_at", "held_at", "unit_price", "invoice_id",
    "released_at", "stolen",
)  # fmt: skip
_INVOICE = (
    "invoice_id", "order_id", "global_id", "remote_id", "quantity", "total", "invoiced_at", "seats", "hold_reacquired",
)  # fmt: skip

DERIVED = {
    "listings": Command("GET", "/listings", columns={"listings": _LISTING}),
    "listings show": Command("GET", "/listings/{remote_id}"),
    "listings add": Command("POST", "/listings"),
    "listings change": Command("PATCH", "/listings/{remote_id}"),
    "listings delete": Command("DELETE", "/listings/{remote_id}"),
    "listings import": Command("POST", "/listings/import", takes_file=True),
    "listings export": Command("GET", "/listings/export"),
    "sell": Command("POST", "/pos/sell"),
    "steal": Command("POST", "/pos/sell", preset={"steal_held": True}, summary="Sell tickets from under a hold"),
    "retire": Command("POST", "/pos/retire"),
    "reprice": Command("POST", "/pos/reprice"),
    "expire": Command("POST", "/pos/expire-hold"),
    "holds": Command("GET", "/holds", columns={"holds": _HOLD}),
    "holds show": Command("GET", "/holds/{global_id}"),
    "invoices": Command("GET", "/invoices", columns={"invoices": _INVOICE}),
    "scenarios use": Command("PUT", "/scenario", arguments=("name",)),
    "scenarios active": Command("GET", "/scenario"),
    "scenarios stop": Command("DELETE", "/scenario"),
    "scenarios served": Command("GET", "/scenarios", columns={"scenarios": ("name", "source", "rules", "summary")}),
    "magic": Command("GET", "/magic", columns={"magic": ("remote_id", "status", "operations", "what_happens")}),
    "snapshots": Command("GET", "/snapshots"),
    "snapshots take": Command("PUT", "/snapshots/{name}"),
    "snapshots restore": Command("POST", "/snapshots/{name}/restore"),
    "snapshots delete": Command("DELETE", "/snapshots/{name}"),
    "coverage": Command("GET", "/coverage", columns={"missing": ("operation", "code", "provoke")}),
    "timing": Command("GET", "/timing"),
    "sandbox show": Command("GET", "/sandboxes/{sandbox_name}"),
    "sandbox renew": Command("PUT", "/sandboxes/{sandbox_name}"),
}
"""Commands that are made from their calls, by name."""

WRITTEN = {
    "sandbox list": ("GET", "/sandboxes"),
    "sandbox create": ("POST", "/sandboxes"),
    "sandbox disable": ("PATCH", "/sandboxes/{sandbox_name}"),
    "sandbox delete": ("DELETE", "/sandboxes/{sandbox_name}"),
    "reset": ("POST", "/reset"),
    "scenarios check": ("POST", "/scenario/check"),
    "clock show": ("GET", "/clock"),
    "clock set": ("POST", "/clock"),
    "requests": ("GET", "/requests"),
    "requests show": ("GET", "/requests/{request_id}"),
    "requests curl": ("GET", "/requests/{request_id}/curl"),
    "requests clear": ("DELETE", "/requests"),
    "verify": ("POST", "/verify"),
    "audit": ("GET", "/audit"),
    "events": ("GET", "/events"),
}
"""Commands written by hand, because they show or do more than their call answers."""


def command_table() -> Json:
    """Return every derived command: what it calls, and its arguments and options as JSON Schema has them."""
    calls = {(call.method, call.path): call for call in CONTROL_CALLS}
    return {name: _written(command, calls[command.method, command.path]) for name, command in DERIVED.items()}


def _written(command: Command, call: ControlCall) -> Json:
    body = object_schema(call.body()) if call.body is not None else {}
    query = object_schema(call.query()) if call.query is not None else {}
    required = sorted(set(body.get("required", ())) - set(command.preset), key=lambda name: not name.endswith("_id"))
    path = [part[1:-1] for part in call.path.split("/") if part.startswith("{")]
    described = {
        **{name: {"type": "string", "in": "path"} for name in path},
        **{name: _parameter(schema, "query") for name, schema in query.get("properties", {}).items()},
        **{
            name: _parameter(schema, "body")
            for name, schema in body.get("properties", {}).items()
            if name not in command.preset
        },
    }
    order = list(body.get("properties", {}))
    required.sort(key=lambda name: (not name.endswith("_id"), order.index(name)))
    written = {
        "method": call.method,
        "path": call.path,
        "summary": command.summary or call.summary,
        "description": call.description,
        "takes_file": command.takes_file,
        "columns": {name: list(columns) for name, columns in command.columns.items()},
        "preset": dict(command.preset),
        "arguments": [*path, *required, *command.arguments],
        "required": [*path, *required],
        "parameters": described,
    }
    return {name: value for name, value in written.items() if value}


def _parameter(schema: Json, where: str) -> Json:
    """Keep of a schema what an option is made from."""
    kind = schema.get("type", "object")
    written: Json = {"type": kind[0] if isinstance(kind, list) else kind, "in": where}
    if "enum" in schema and written["type"] == "string":
        written["enum"] = [choice for choice in schema["enum"] if choice is not None]
    if "description" in schema:
        written["description"] = schema["description"]
    return written


def as_text() -> str:
    return one_a_line(command_table())


if __name__ == "__main__":
    FILE.write_text(as_text(), encoding="utf-8")
