"""What the page of contracts shows: every key of a contract file, the active one, and what that leaves out."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from mockpos.contract.loader import DEFAULT_CONTRACT
from mockpos.contract.model import Contract
from mockpos.contract.schema import ContractSchema, ErrorsSchema, KeySchema, OperationSchema

SKETCH = """\
name: My automator
key: {header: Authorization, scheme: Token}
states: {held: RESERVED}
operations:
  hold: {path: /reservations, request: {remote_id: ticketGroupId, quantity: count}}
  release: {method: POST, path: "/reservations/{global_id}/cancel", success: 204}
errors:
  shape: envelope
  codes: {listing_sold_out: SOLD_OUT}
"""

_SECTIONS = (
    ("The file", ContractSchema),
    ("key", KeySchema),
    ("operations: hold, release, invoice", OperationSchema),
    ("errors", ErrorsSchema),
)


@dataclass(frozen=True, slots=True)
class Key:
    """One key of a contract file."""

    name: str
    meaning: str


@dataclass(frozen=True, slots=True)
class Section:
    """The keys that stand within one part of the file."""

    title: str
    keys: Sequence[Key]


@dataclass(frozen=True, slots=True)
class ContractPage:
    """What the page shows. ``text`` is the active contract's file."""

    sections: Sequence[Section]
    sketch: str
    text: str
    defaults: Sequence[str]


def contract_page(contract: Contract) -> ContractPage:
    """Work out what the page shows."""
    sections = [
        Section(title, [Key(name, str(field.metadata["description"])) for name, field in schema().fields.items()])
        for title, schema in _SECTIONS
    ]
    return ContractPage(sections, SKETCH, _text(contract), contract.defaults)


def _text(contract: Contract) -> str:
    """Return the file as it is now; the default contract's when it was taken away."""
    try:
        return Path(contract.source).read_text("utf-8")
    except OSError:
        return DEFAULT_CONTRACT.read_text("utf-8")
