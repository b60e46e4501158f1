"""What a failed test shows of its sandbox: its calls in order, what they left behind, and how to repeat them."""

from collections.abc import Iterable, Sequence
from typing import Any

from mockpos.testing.control import ControlError
from mockpos.testing.sandbox import Sandbox

_MOST_CALLS = 40
_CURLS = 3


def failure_report(sandbox: Sandbox, *, stays: bool) -> str:
    """Return the report; ``stays`` tells that the server is still there after the tests."""
    try:
        calls = sandbox.journal
        audit = sandbox.audit()
        scenario, now = sandbox.scenario, sandbox.clock.now
        curls = [sandbox.curl(call["request_id"]) for call in calls[-_CURLS:]]
    except ControlError as error:
        return f"nothing can be said of sandbox {sandbox.name}: {error}"
    after = "" if stays else "\n(gone with the tests; `mockpos exec --keep -- pytest ...` keeps it)"
    parts = [
        f"sandbox {sandbox.name}, seed {sandbox.seed}, scenario {scenario or 'none'}, clock {now:%Y-%m-%dT%H:%M:%SZ}",
        "",
        *_calls(calls),
        "",
        f"audit: {len(audit.findings)} finding{'' if len(audit.findings) == 1 else 's'}"
        if audit.findings
        else "audit: clean",
        *(f"  {finding}" for finding in audit.findings),
    ]
    if curls:
        parts += ["", f"the last calls again, with MOCKPOS_KEY={sandbox.api_key}:", *curls]
    return "\n".join([*parts, "", f"console: {sandbox.url}/_mock/console/{after}"])


def _calls(calls: Sequence[dict[str, Any]]) -> list[str]:
    if not calls:
        return ["no call came to this sandbox: does the client use its url or its api_key?"]
    left_out = [f"({len(calls) - _MOST_CALLS} earlier calls are left out)"] if len(calls) > _MOST_CALLS else []
    rows = [_row(call) for call in calls[-_MOST_CALLS:]]
    return left_out + _aligned([("time", "operation", "answer", "about", "effect", "sent", "decided by"), *rows])


def _row(call: dict[str, Any]) -> tuple[str, ...]:
    about = " ".join(str(call[name]) for name in ("global_id", "remote_id", "order_id") if call[name] is not None)
    effect = "replayed" if call["replayed"] else "committed" if call["committed"] else "none"
    rule = f"{call['scenario']}/{call['rule']}: {call['injected']}" if call["rule"] else "state"
    return (
        call["at"][11:23],
        call["operation"] or call["method"],
        f"{call['status']} {call['code']}" if call["committed"] or call["sent"] == "complete" else call["code"],
        about or call["target"],
        effect,
        str(call["sent"]).replace("_", " "),
        rule,
    )


def _aligned(rows: Iterable[tuple[str, ...]]) -> list[str]:
    """Return columns as wide as they need to be; texts of callers are made safe for a terminal."""
    safe = [tuple("".join(c if c.isprintable() else "\ufffd" for c in cell)[:60] for cell in row) for row in rows]
    widths = [max(map(len, column)) for column in zip(*safe, strict=True)]
    return ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in safe]
