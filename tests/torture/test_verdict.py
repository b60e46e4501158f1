"""The verdict finds what it is there to find: every test doctors what is seen, or what was answered, in one way."""

from collections.abc import Callable
from dataclasses import replace
from math import inf

import pytest

from tests.torture.changes import Change, Facts, Kind
from tests.torture.client import Answer, Body
from tests.torture.histories import Call, Known, Ledger, Operation, State
from tests.torture.hypotheses import hypotheses
from tests.torture.inventories import Inventory, extra_ids, mark_of
from tests.torture.observed import Hold, Invoice, Listing, ObservedWorld
from tests.torture.verdict import Verdict, judge

INVENTORY = Inventory("tiny", 2)
AT, UNTIL = "2026-11-23T12:00:00.000Z", "2026-11-23T12:15:00.000Z"
NOW = "2026-11-23T12:01:00.000Z"
GLOBAL_IDS = ("g-held", "g-released", "g-invoiced", "g-early", "g-refused")


def seat_of(global_id: str) -> int:
    return GLOBAL_IDS.index(global_id) + 1


def held(global_id: str) -> Answer:
    body = {"global_id": global_id, "remote_id": "TG-A", "quantity": 1, "seats": [str(seat_of(global_id))]}
    return Answer(200, {**body, "held_at": AT, "expires_at": UNTIL, "replayed": False})


def hold(global_id: str, answer: Answer | None) -> Call:
    return Call(Operation.HOLD, "TG-A", 1, sent=1.0, heard=2.0 if answer else inf, answer=answer)


def then(operation: Operation, body: Body, status: int = 200, order_id: str = "") -> Call:
    return Call(operation, order_id=order_id, sent=3.0, heard=4.0, answer=Answer(status, {"replayed": False, **body}))


def a_ledger() -> Ledger:
    ledger = Ledger()
    ledger.begin("g-held").calls = [hold("g-held", held("g-held"))]
    ledger.begin("g-released").calls = [
        hold("g-released", held("g-released")),
        then(Operation.RELEASE, {"released_at": NOW}),
    ]
    ledger.begin("g-invoiced").calls = [
        hold("g-invoiced", held("g-invoiced")),
        then(Operation.INVOICE, INVOICED, order_id="o-1"),
    ]
    ledger.begin("g-early").calls = [then(Operation.RELEASE, {"code": "hold_not_found"}, 404)]
    ledger.begin("g-refused").calls = [hold("g-refused", Answer(409, {"code": "listing_sold_out"}))]
    return ledger


INVOICED = {"order_id": "o-1", "invoice_id": "INV-000001", "total": {"amount": "10.00"}, "invoiced_at": NOW}


def seen_hold(global_id: str, status: str, *, released_at: str | None = None, invoice_id: str | None = None) -> Hold:
    return Hold(global_id, "TG-A", 1, status, AT, UNTIL, released_at, invoice_id, (seat_of(global_id),))


def a_sight(imported: int = 0) -> ObservedWorld:
    marks = {remote_id: mark_of(imported) if imported else "" for remote_id in INVENTORY.remote_ids()}
    marks |= {remote_id: mark_of(imported) for remote_id in (extra_ids(imported) if imported else ())}
    sight = ObservedWorld(NOW, NOW, 0, looked_for=set(GLOBAL_IDS), tombstones={"g-early"})
    for remote_id, mark in marks.items():
        sight.listings[remote_id] = Listing(remote_id, mark, 5, 5, 0, 0, (1, 2, 3, 4, 5), True, False)
    taken = replace(sight.listings["TG-A"], available=3, held=1, sold=1, free=(2, 4, 5))
    sight.listings["TG-A"] = taken
    for seen in (
        seen_hold("g-held", "held"),
        seen_hold("g-released", "released", released_at=NOW),
        seen_hold("g-invoiced", "invoiced", invoice_id="INV-000001"),
    ):
        sight.holds[seen.global_id] = seen
    sold = Invoice("INV-000001", "o-1", "g-invoiced", "TG-A", 1, "10.00", NOW, (seat_of("g-invoiced"),))
    sight.invoices["g-invoiced"] = sold
    return sight


def verdict_on(sight: ObservedWorld, ledger: Ledger | None = None, changes: tuple[Change, ...] = ()) -> Verdict:
    return judge(sight, ledger or a_ledger(), INVENTORY, hypotheses(Facts(), changes))


def test_what_is_as_it_was_answered_is_no_finding() -> None:
    verdict = verdict_on(a_sight())
    assert verdict.findings == []
    assert {key: known.state for key, known in verdict.settled.items()} == {
        "g-held": State.HELD, "g-released": State.RELEASED, "g-invoiced": State.INVOICED,
        "g-early": State.TOMBSTONE, "g-refused": State.NOTHING,
    }  # fmt: skip


def change_hold(global_id: str, **changes: object) -> Callable[[ObservedWorld], None]:
    def doctor(sight: ObservedWorld) -> None:
        sight.holds[global_id] = replace(sight.holds[global_id], **changes)  # type: ignore[arg-type]  # names of fields

    return doctor


def change_listing(remote_id: str, **changes: object) -> Callable[[ObservedWorld], None]:
    def doctor(sight: ObservedWorld) -> None:
        sight.listings[remote_id] = replace(sight.listings[remote_id], **changes)  # type: ignore[arg-type]  # as above

    return doctor


def change_invoice(**changes: object) -> Callable[[ObservedWorld], None]:
    def doctor(sight: ObservedWorld) -> None:
        sight.invoices["g-invoiced"] = replace(sight.invoices["g-invoiced"], **changes)  # type: ignore[arg-type]  # so

    return doctor


DOCTORED: dict[str, tuple[str, Callable[[ObservedWorld], object]]] = {
    "a hold is gone": ("not as answered", lambda sight: sight.holds.pop("g-held")),
    "a hold has other seats": ("not as answered", change_hold("g-held", seats=(5,))),
    "a hold has another end": ("not as answered", change_hold("g-held", expires_at="2026-11-23T12:16:00.000Z")),
    "a hold expired too early": ("not as answered", change_hold("g-held", status="expired")),
    "a release is gone": ("not as answered", change_hold("g-released", status="held", released_at=None)),
    "a release has another moment": ("not as answered", change_hold("g-released", released_at=AT)),
    "an invoice is gone": ("not as answered", lambda sight: sight.invoices.pop("g-invoiced")),
    "an invoice has another id": ("not as answered", change_invoice(invoice_id="INV-000002")),
    "an invoice has another order": ("not as answered", change_invoice(order_id="o-2")),
    "an invoice has another total": ("not as answered", change_invoice(total="20.00")),
    "a tombstone is gone": ("not as answered", lambda sight: sight.tombstones.clear()),
    "what was refused is there": (
        "not as answered", lambda sight: sight.holds.update({"g-refused": seen_hold("g-refused", "released")}),
    ),
    "nobody asked for a hold": (
        "nobody asked for it",
        lambda sight: sight.holds.update({"g-x": replace(seen_hold("g-held", "released"), global_id="g-x")}),
    ),
    "nobody asked for a tombstone": ("nobody asked for it", lambda sight: sight.tombstones.add("g-x")),
    "a listing does not add up": ("quantity = available + held + sold", change_listing("TG-B", available=4)),
    "more is said to be held": ("held does not add up", change_listing("TG-A", available=2, held=2)),
    "less is said to be sold": ("sold does not add up", change_listing("TG-A", available=4, sold=0)),
    "a sold seat is free": ("seat taken twice", change_listing("TG-A", free=(2, 3, 4))),
    "a seat is lost": ("seat lost", change_listing("TG-B", free=(1, 2, 3, 4))),
    "a listing is gone": ("listings", lambda sight: sight.listings.pop("TG-B")),
    "half of an import is there": ("listings", change_listing("TG-B", mark=mark_of(1))),
    "nobody retired a listing": ("listings", change_listing("TG-B", retired=True)),
    "the clock is off": ("clock", lambda sight: setattr(sight, "offset_ms", 1)),
    "a hold is listed twice": ("stands there twice", lambda sight: sight.twice.append("g-held")),
}  # fmt: skip


@pytest.mark.parametrize("name", DOCTORED)
def test_what_is_not_as_it_was_answered_is_a_finding(name: str) -> None:
    kind, doctor = DOCTORED[name]
    sight = a_sight()
    doctor(sight)
    assert kind in [finding.kind for finding in verdict_on(sight).findings]


def test_an_answer_against_the_rules_is_a_finding() -> None:
    ledger = a_ledger()
    ledger.stories["g-early"].calls.append(hold("g-early", held("g-early")))  # a tombstone was held
    assert "answer against the rules" in [finding.kind for finding in verdict_on(a_sight(), ledger).findings]


@pytest.mark.parametrize("is_there", [True, False])
def test_a_lost_hold_may_be_there_or_not(is_there: bool) -> None:
    ledger, sight = a_ledger(), a_sight()
    ledger.stories["g-held"].calls = [hold("g-held", None)]
    if not is_there:
        del sight.holds["g-held"]
        change_listing("TG-A", available=4, held=0, free=(1, 2, 4, 5))(sight)
    verdict = verdict_on(sight, ledger)
    assert verdict.findings == []
    assert verdict.settled["g-held"].state is (State.HELD if is_there else State.NOTHING)
    assert verdict.resolved == {f"hold: {'took effect' if is_there else 'did not take effect'}": 1}


def test_a_lost_hold_that_is_not_what_was_asked_for_is_a_finding() -> None:
    ledger, sight = a_ledger(), a_sight()
    ledger.stories["g-held"].calls = [hold("g-held", None)]
    change_hold("g-held", quantity=2)(sight)
    assert "not as answered" in [finding.kind for finding in verdict_on(sight, ledger).findings]


@pytest.mark.parametrize("imported", [0, 1])
def test_an_unanswered_import_may_be_wholly_there_or_not_at_all(imported: int) -> None:
    lost = Change(Kind.UPDATE, 1, sent=5.0)
    verdict = verdict_on(a_sight(imported), changes=(lost,))
    assert verdict.findings == []
    assert verdict.hypothesis.lost_is_there is (imported == 1)


def test_half_of_an_unanswered_import_is_a_finding() -> None:
    sight = a_sight(imported=1)
    change_listing("TG-B", mark="")(sight)
    found = verdict_on(sight, changes=(Change(Kind.UPDATE, 1, sent=5.0),)).findings
    assert [finding.kind for finding in found] == ["listings"]


RESET_ANSWER = Answer(200, {})


def an_empty_sight() -> ObservedWorld:
    sight = a_sight()
    sight.holds.clear()
    sight.invoices.clear()
    sight.tombstones.clear()
    change_listing("TG-A", available=5, held=0, sold=0, free=(1, 2, 3, 4, 5))(sight)
    return sight


@pytest.mark.parametrize("kind", [Kind.RESET, Kind.RESTORE])
def test_after_an_answered_reset_or_restore_nothing_of_the_life_before_is_there(kind: Kind) -> None:
    change = Change(kind, 1, sent=5.0, heard=6.0, answer=RESET_ANSWER)
    assert verdict_on(an_empty_sight(), changes=(change,)).findings == []
    assert verdict_on(a_sight(), changes=(change,)).findings != []


def test_a_restore_brings_back_what_was_true_when_the_life_began_and_a_reset_does_not() -> None:
    sight, ledger = an_empty_sight(), a_ledger()
    sight.holds["g-old"] = replace(seen_hold("g-held", "released", released_at=NOW), global_id="g-old")
    assert sight.looked_for is not None
    sight.looked_for.add("g-old")
    ledger.begin("g-old").known = Known(State.RELEASED, "TG-A", 1)
    restored = Change(Kind.RESTORE, 1, sent=5.0, heard=6.0, answer=RESET_ANSWER)
    assert verdict_on(sight, ledger, (restored,)).findings == []
    assert verdict_on(sight, ledger, (replace(restored, kind=Kind.RESET),)).findings != []


def test_half_of_an_unanswered_reset_is_a_finding() -> None:
    sight = a_sight()
    del sight.holds["g-released"]
    assert verdict_on(sight, changes=(Change(Kind.RESET, 1, sent=5.0),)).findings != []


def test_a_call_during_a_reset_may_be_on_either_side_of_it_but_whole() -> None:
    during = Change(Kind.RESET, 1, sent=1.5, heard=2.5, answer=RESET_ANSWER)
    sight, ledger = an_empty_sight(), Ledger()
    ledger.begin("g-held").calls = [hold("g-held", held("g-held"))]
    assert verdict_on(sight, ledger, (during,)).findings == []
    sight.holds["g-held"] = seen_hold("g-held", "held")
    change_listing("TG-A", available=4, held=1, free=(2, 3, 4, 5))(sight)
    assert verdict_on(sight, ledger, (during,)).findings == []
    change_hold("g-held", quantity=2)(sight)
    assert verdict_on(sight, ledger, (during,)).findings != []
