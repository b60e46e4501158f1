"""The words of the reference: what each operation does, the rules behind it, and how to send the key.

Both the OpenAPI document and the docs page print them, so that they say the same.
Must not name paths, fields' spelling or statuses: those are the contract's.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from mockpos.contract.model import KeyRule, WirePath
from mockpos.domain.catalogue import Operation


@dataclass(frozen=True, slots=True)
class OperationText:
    """What the reference says of one operation. ``rules`` are sentences by a few words to find them by."""

    title: str
    tag: str
    sentence: str
    rules: Mapping[str, str]
    outcome: str


TAGS = {
    "Inventory Holds": "Set tickets aside while TEvo makes the order, and give them back when it does not.",
    "Invoices": "Sell the held tickets to Ticket Evolution.",
}

TEXTS: dict[Operation, OperationText] = {
    Operation.HOLD: OperationText(
        title="Hold inventory",
        tag="Inventory Holds",
        sentence="Puts tickets of one listing on hold in the system of record, before TEvo accepts the buyer's order.",
        rules={
            "Named seats": (
                "The lowest run of neighboring seats that fits is taken; when only scattered seats are left, the "
                "lowest free ones."
            ),
            "Idempotent": (
                "The same Global ID with the same content, while the hold lives, gets the first answer again, marked "
                "as replayed, even when the listing has changed or sold out since."
            ),
            "One hold per Global ID": (
                "Other content under a live Global ID is a conflict. A Global ID whose hold ended (released, expired "
                "or invoiced) never holds again. A refused hold is not remembered: the same Global ID may try again."
            ),
            "Limited in time": (
                "A hold lives for 15 minutes unless the server is set otherwise; the answer says until when. Once "
                "lapsed it never lives again."
            ),
        },
        outcome="The tickets are on hold",
    ),
    Operation.RELEASE: OperationText(
        title="Release a hold",
        tag="Inventory Holds",
        sentence="Gives held tickets back, because TEvo could not make the order after all.",
        rules={
            "Safe to repeat": "Released again, a hold gets the first answer again, marked as replayed.",
            "A lapsed hold": "Releasing a hold that has expired succeeds, and the answer says so.",
            "A release that comes first": (
                "A release of an unknown Global ID is refused but remembered: should its hold arrive late, it is "
                "refused too, so no tickets stay held for an order that was given up."
            ),
            "Never un-sells": "An invoiced hold cannot be released.",
        },
        outcome="The tickets are free again",
    ),
    Operation.INVOICE: OperationText(
        title="Create an invoice",
        tag="Invoices",
        sentence="Sells the held tickets to Ticket Evolution, because the order exists.",
        rules={
            "Exactly once": (
                "The same Global ID and Order ID again get the same invoice, marked as replayed. Another Order ID for "
                "the same hold is a conflict."
            ),
            "One order, one hold": (
                "An Order ID may invoice several Global IDs only when the server is set to allow it."
            ),
            "A lapsed hold": (
                "By default an expired hold is not sold. A server set to reacquire takes exactly the same seats again,"
                " at the same price, when they are free, and the answer says so."
            ),
            "When the outcome is unknown": (
                "After a timeout or an error without a clear outcome, send the same call again: it never sells twice."
            ),
        },
        outcome="The tickets are sold",
    ),
}


def description(operation: Operation) -> str:
    """Return one operation's text as Markdown."""
    text = TEXTS[operation]
    rules = "\n".join(f"- **{name}.** {rule}" for name, rule in text.rules.items())
    return f"{text.sentence}\n\n{rules}"


Json = dict[str, Any]


def object_schema(properties: Mapping[WirePath, Json], *, closed: bool = False) -> Json:
    """Return the schema of an object whose fields are all required, in the order given.

    ``closed`` objects, and the objects in them, allow no other field.
    """
    members: Json = {}
    deeper: dict[str, dict[WirePath, Json]] = {}
    for path, schema in properties.items():
        if len(path) == 1:
            members[path[0]] = schema
        else:
            members.setdefault(path[0], None)  # keeps the order of the contract; filled below
            deeper.setdefault(path[0], {})[path[1:]] = schema
    for name, below in deeper.items():
        members[name] = object_schema(below, closed=closed)
    schema_of_all: Json = {"type": "object", "required": list(members), "properties": members}
    if closed:
        schema_of_all["additionalProperties"] = False
    return schema_of_all


_BEARER: Json = {"type": "http", "scheme": "bearer", "description": "The API key as a Bearer token."}


def security_schemes(key: KeyRule) -> Json:
    """Return the ways to send the key; each is enough by itself."""
    schemes: Json = {}
    if not is_bearer(key):
        schemes["apiKey"] = {"type": "apiKey", "in": "header", "name": key.header, "description": _in_words(key)}
    if key.bearer or is_bearer(key):
        schemes["bearer"] = _BEARER
    return schemes


def is_bearer(key: KeyRule) -> bool:
    """Tell whether the key's own header is the standard Bearer one."""
    return key.header.lower() == "authorization" and (key.scheme or "").lower() == "bearer"


def how_to_send(key: KeyRule) -> str:
    """Say how to send the key, as the answer to a call without one does."""
    own = f"in the header {key.header}: {key.value('KEY')}"
    return f"{own}, or as Authorization: Bearer KEY" if key.bearer and not is_bearer(key) else own


def _in_words(key: KeyRule) -> str:
    if key.scheme is None:
        return "The API key."
    # OpenAPI has no scheme of this kind, so the word before the key is part of the value.
    return f"The word `{key.scheme}`, a space, then the API key: `{key.value('KEY')}`."
