"""How to get an answer by scenario: the calls of a magic Remote ID, or one call with the header that names a scenario.

Must not know the wire: curl.py writes the calls.
"""

import shlex

from mockpos.domain.catalogue import Operation
from mockpos.scenario.magic import MagicId
from mockpos.scenario.selector import HEADER
from mockpos.web.docs.curl import SHELL_ID
from mockpos.web.docs.provocations import NEW_ID, QUIETLY, Provocations

_SHOWN = "-i"
_SHOWN_AND_MORE = "-i -w '\\n'"  # an answer ends without a line break, and another one follows


def magic_commands(calls: Provocations, row: MagicId) -> str:
    """Return the calls that show a magic Remote ID, under a new Global ID. Only preparations are silent."""
    lines = [NEW_ID]
    for number, step in enumerate(row.how_to_try, 1):
        shown = _SHOWN if number == len(row.how_to_try) else _SHOWN_AND_MORE
        options = shown if step.code or step.operation in row.operations else QUIETLY
        match step.operation:
            case Operation.HOLD:
                lines.append(calls.hold(row.remote_id, 1, options=options))
            case Operation.RELEASE:
                lines.append(calls.release(options=options))
            case Operation.INVOICE:
                lines.append(calls.invoice(SHELL_ID, options=options))
    return "\n".join(lines)


def header_command(calls: Provocations, operation: Operation, scenario: str) -> str:
    """Return one call that chooses a scenario by the header. What a scenario forces needs no state before it."""
    header = "-H " + shlex.quote(f"{HEADER}: {scenario}")
    match operation:
        case Operation.HOLD:
            return calls.hold(global_id="try-1", extra=header)
        case Operation.RELEASE:
            return calls.release("try-1", extra=header)
        case Operation.INVOICE:
            return calls.invoice("199401-473339", "try-1", extra=header)
