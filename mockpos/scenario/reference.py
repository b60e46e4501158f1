"""Every field of a scenario file: what it takes and means. Documentation and ``schema.json`` are made from it."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class FieldNote:
    """One field. ``within`` is what it stands in: scenario, rule, when, delay, raw or pos."""

    within: str
    name: str
    takes: str
    meaning: str
    example: object


def _notes(within: str, *rows: tuple[str, str, str, object]) -> tuple[FieldNote, ...]:
    return tuple(FieldNote(within, *row) for row in rows)


FIELDS: tuple[FieldNote, ...] = (
    *_notes(
        "scenario",
        (
            "name",
            "1 to 64 letters, digits, dots, dashes, underscores",
            "What callers and options call it; the file's name without its ending.",
            "flaky-invoice",
        ),
        ("summary", "text", "One line for lists.", "One invoice in three is refused."),
        (
            "seed",
            "whole number",
            "Every draw is keyed on it: another seed, another fate for each Global ID. Default 0.",
            7,
        ),
        (
            "rules",
            "list of rules",
            "Tried in order; the first that matches decides alone.",
            [{"id": "slow", "on": "any", "delay": "250ms"}],
        ),
    ),
    *_notes(
        "rule",
        (
            "id",
            "1 to 64 letters, digits, dots, dashes, underscores",
            "Names the rule in headers, logs and draws; unique in the file.",
            "refuse-a-third",
        ),
        ("on", "hold, release, invoice, any, or a list", "The operations it is for.", ["hold", "invoice"]),
        (
            "when",
            "conditions",
            "All must match; left out, every call does. A rule that matches and does nothing lets the call through.",
            {"chance": 0.33},
        ),
        (
            "draw_by",
            "global_id, remote_id or call",
            "What a draw is keyed on. global_id (the default) and remote_id give the same fate at any concurrency; "
            "call depends on the order of arrival.",
            "global_id",
        ),
        (
            "times",
            "whole number from 1",
            "It fires at most so often, then later rules are tried. Exact in number; whom it hits depends on order.",
            5,
        ),
        (
            "delay",
            "250ms, {min, max} or {median, p99}",
            "How long the call waits: always the same, uniform, or log-normal. At most 10 minutes.",
            {"median": "400ms", "p99": "2s"},
        ),
        (
            "delay_at",
            "before_commit or after_commit",
            "Wait before the state is touched (the default), or commit at once and answer late.",
            "after_commit",
        ),
        (
            "respond",
            "a code of the catalogue",
            "Answer with this code. Every operation in `on` must document it.",
            "invoice_rejected",
        ),
        (
            "details",
            "mapping",
            "Members of the forced answer; those left out are filled in.",
            {"reason": "credit limit reached"},
        ),
        ("retry_after", "duration", "The header Retry-After, for codes that carry it; sent in whole seconds.", "2s"),
        (
            "fault",
            "reset, empty, truncate, malformed, hang or drip",
            "Break the connection instead of answering.",
            "reset",
        ),
        (
            "raw",
            "{status, content_type, body}",
            "Answer as a proxy in between would.",
            {"status": 502, "content_type": "text/html", "body": "<h1>Bad gateway</h1>"},
        ),
        (
            "phase",
            "before_commit or after_commit",
            "before_commit (the default): nothing happens. after_commit: the call is carried out, then the caller "
            "gets the forced outcome; with internal_error, pos_timeout, raw and faults only.",
            "after_commit",
        ),
        (
            "pos",
            "list of actions",
            "What the broker does in the POS in the same transaction as this call's commit.",
            [{"sell_rest": True}],
        ),
    ),
    *_notes(
        "when",
        (
            "remote_id",
            "glob, or a list of globs",
            "The Remote ID; at a release and an invoice, that of the stored hold.",
            "TG-1*",
        ),
        (
            "quantity",
            "number, or {min, max}",
            "How many tickets; at a release and an invoice, those of the stored hold.",
            {"min": 2, "max": 4},
        ),
        ("global_id", "glob, or a list of globs", "The Global ID.", "order-*"),
        ("order_id", "glob, or a list of globs", "TEvo's Order ID, which only an invoice has.", "1994*"),
        (
            "header",
            "mapping of names to globs",
            "Request headers; letter case counts in values, not in names.",
            {"X-Buyer": "vip*"},
        ),
        ("attempt", "number, or {min, max}", "The nth call of this operation with this Global ID, from 1.", {"max": 2}),
        (
            "call",
            "number, or {min, max}",
            "The nth call of this operation in this sandbox, from 1; depends on the order of arrival.",
            {"min": 3},
        ),
        ("chance", "0 to 1", "A seeded draw, keyed on draw_by and the attempt.", 0.33),
    ),
    *_notes(
        "delay",
        ("min", "duration", "The shortest, all from here to max equally likely.", "2s"),
        ("max", "duration", "The longest.", "8s"),
        ("median", "duration", "Half of the calls are faster.", "400ms"),
        ("p99", "duration", "One call in a hundred is slower.", "2s"),
    ),
    *_notes(
        "raw",
        ("status", "200 to 599", "The HTTP status.", 502),
        ("content_type", "media type", "Default text/html.", "text/html"),
        ("body", "text", "At most 65,536 bytes.", "<h1>Bad gateway</h1>"),
    ),
    *_notes(
        "pos",
        ("sell_rest", "true", "Sell every free ticket of the listing elsewhere.", True),
        ("sell", "whole number from 1", "Sell so many free tickets of the listing elsewhere.", 2),
        ("steal", "true", "Sell the tickets of this hold elsewhere: its invoice is rejected.", True),
        ("expire_hold", "true", "Let this hold lapse at once.", True),
        (
            "retire",
            "{superseded_by: ID or null}",
            "Replace the listing by another, or withdraw it.",
            {"superseded_by": "TG-2042"},
        ),
        ("reprice", "price in quotes", "Change the wholesale price; later holds pay it.", "99.00"),
    ),
)


def note(within: str, name: str) -> FieldNote:
    """Return the note on one field. Raises LookupError when there is none."""
    return _BY_PLACE[within, name]


_BY_PLACE = {(field.within, field.name): field for field in FIELDS}
