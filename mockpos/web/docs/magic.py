"""The table of magic Remote IDs as the pages show it, under one contract. Must not know HTML."""

from collections.abc import Iterator, Sequence
from typing import Any

from mockpos.contract.model import Contract
from mockpos.domain.catalogue import Operation
from mockpos.domain.codes import CATALOGUE
from mockpos.scenario.magic import MAGIC, MagicId
from mockpos.scenario.outcomes import Phase
from mockpos.scenario.refusals import operations_of, pair_name
from mockpos.web.docs.commands import Commands

_ALIKE = {
    "MOCK-OK": "none",
    "MOCK-SLOW-5S": "slow-average",
    "MOCK-RESET-AFTER-HOLD": "lost-answers",
    "MOCK-TIMEOUT-AFTER-INVOICE": "lost-answers",
    "MOCK-EXPIRES-AT-ONCE": "invoice-hold_expired",
}
"""What the header offers in place of a story: alike, not the same."""

_GROUPS = (
    (
        "magic-stories",
        "Situations that go wrong in production",
        "Success, a slow answer, two lost answers, and a hold that lapses under the buyer.",
        None,
    ),
    (
        "magic-hold",
        "The hold is refused",
        "`MOCK-` and a code. What only a hold answers comes first, then what any call may meet.",
        Operation.HOLD,
    ),
    (
        "magic-release",
        "The release is refused",
        "The hold succeeds; its release meets the code. For codes that a hold answers too, the Remote ID names the "
        "operation.",
        Operation.RELEASE,
    ),
    (
        "magic-invoice",
        "The invoice is refused",
        "The hold succeeds, the order is accepted, and the invoice meets the code.",
        Operation.INVOICE,
    ),
)


def magic_groups(contract: Contract, calls: Commands) -> list[dict[str, Any]]:
    """Return every row of the magic table, grouped by situation. The name of a group is its anchor."""
    return [
        {
            "name": name,
            "title": title,
            "text": text,
            "rows": [_part(contract, calls, row) for row in _rows_of(operation)],
        }
        for name, title, text, operation in _GROUPS
    ]


def magic_rows_of(code: str) -> list[MagicId]:
    """Return the magic Remote IDs that only answer a code, the plain ``MOCK-<CODE>`` first; none for some codes."""
    return [row for row in MAGIC if row.code == code and not _is_story(row)]


def header_ways_of(calls: Commands, code: str, operations: Sequence[Operation] = ()) -> list[dict[str, str]]:
    """Return the calls that meet a code by the header, at the operations named, or at all that document it."""
    documented = operations_of(code)
    names = {each: pair_name(each, CATALOGUE[code]) for each in operations or documented if each in documented}
    return [
        {"scenario": name, "operation": operation.value, "command": calls.header(operation, name)}
        for operation, name in names.items()
    ]


def _rows_of(operation: Operation | None) -> Iterator[MagicId]:
    """Yield the stories, or what is refused at an operation: its own codes, then those of any call."""
    if operation is None:
        yield from filter(_is_story, MAGIC)
        return
    refused = [row for row in MAGIC if not _is_story(row) and row.operations[0] is operation]
    order = CATALOGUE.names()
    yield from sorted(refused, key=lambda row: (CATALOGUE[row.code or ""].is_transport, order.index(row.code or "")))


def _is_story(row: MagicId) -> bool:
    return row.code is None or (row.rule is not None and row.rule.phase is Phase.AFTER_COMMIT)


def _part(contract: Contract, calls: Commands, row: MagicId) -> dict[str, Any]:
    """Return one row. ``outcome`` says what the first call meets where that is no code."""
    codes = list(dict.fromkeys(step.code for step in row.how_to_try if step.code is not None))
    first = row.how_to_try[0]
    alike = _ALIKE.get(row.remote_id)
    return {
        "remote_id": row.remote_id,
        "at": "any" if row.operations == tuple(Operation) else ", ".join(row.operations),
        "answers": {code: contract.status(CATALOGUE[code]) for code in codes},
        "outcome": "" if first.code or first.operation not in row.operations else first.meets,
        "what_happens": _under(contract, row.what_happens, codes),
        "commands": calls.magic(row),
        "headers": [{"scenario": alike}] if alike else header_ways_of(calls, row.code or "", row.operations),
    }


def _under(contract: Contract, text: str, codes: Sequence[str]) -> str:
    """Return a text that names codes with their default statuses, with the contract's instead."""
    for code in codes:
        known = CATALOGUE[code]
        text = text.replace(f"{code} ({known.status})", f"`{code}` ({contract.status(known)})")
    return text
