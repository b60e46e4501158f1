"""What the page of scenarios explains at length: faults, phases, and a first scenario of one's own.

The files and what the commands print are proved by tests. Must not know contract, server or HTML.
"""

from typing import NamedTuple

from mockpos.scenario.outcomes import FaultKind


class FaultPart(NamedTuple):
    """One fault. ``exit_code`` is curl's; ``before`` and ``after`` say which answer is broken in which phase."""

    kind: str
    seen: str
    exit_code: str
    python: str
    before: str
    after: str


_LOST = "nothing is sent"

FAULTS = (
    FaultPart(FaultKind.RESET, "A TCP reset (RST) without a byte.", "56", "ConnectionResetError", _LOST, _LOST),
    FaultPart(FaultKind.EMPTY, "The connection closes without a byte.", "52", "RemoteDisconnected", _LOST, _LOST),
    FaultPart(FaultKind.TRUNCATE, "The full Content-Length, and half of the body.", "18", "IncompleteRead",
              "half of a made-up success", "half of the true answer"),
    FaultPart(FaultKind.MALFORMED, "A success status, and JSON that breaks off.", "0", "JSONDecodeError",
              "a made-up success", "the true answer"),
    FaultPart(FaultKind.HANG, "No answer until the client leaves, at most 60 seconds.", "28 with -m, else 52",
              "TimeoutError with a timeout", _LOST, _LOST),
    FaultPart(FaultKind.DRIP, "16 bytes every 100 ms; the answer arrives whole.", "0, late", "no error, late",
              "pos_unavailable, which is true", "the true answer"),
)  # fmt: skip
"""All faults; ``test_docs_scenarios_faults.py`` holds the table against curl."""

FAULTS_FILE = """\
name: faults
summary: Each fault, for Global IDs that begin with its name.
rules:
""" + "".join(
    f'  - {{id: {kind}, on: any, when: {{global_id: "{kind}-*"}}, fault: {kind}, phase: after_commit}}\n'
    for kind in FaultKind
)

GUIDE_FILE = """\
name: flaky
summary: Some holds find the POS unavailable, some invoices lose their answer.
seed: 7
rules:
  - id: busy
    on: hold
    when: {chance: 0.4}
    respond: pos_unavailable
    retry_after: 1s

  - id: answer-lost
    on: invoice
    when: {chance: 0.5, attempt: 1}
    fault: reset
    phase: after_commit
"""

GUIDE_CHECK = "mockpos scenarios check mine/flaky.yaml"
GUIDE_CHECKED = "✓ mine/flaky.yaml  (flaky, 2 rules)"
GUIDE_PLAN = "printf 'order-%s\\n' 1 2 3 4 |\n  mockpos scenarios plan mine/flaky.yaml --operation hold --global-ids -"
GUIDE_PLANNED = """\
operation  global id  attempt  rule  meets
hold       order-1          1  busy  respond pos_unavailable
hold       order-2          1  -     no rule
hold       order-3          1  busy  respond pos_unavailable
hold       order-4          1  -     no rule"""
GUIDE_SERVE = "mockpos serve --memory --scenarios mine --scenario flaky"


def write_command(schema: str) -> str:
    """Return the command that writes the guide's file, with the address of the JSON Schema for editors."""
    first_line = f"# yaml-language-server: $schema={schema}\n"
    return f"mkdir -p mine\ncat > mine/flaky.yaml <<'END'\n{first_line}{GUIDE_FILE}END"
