"""16 clients at once against a real server while the broker acts in the point of sale, or the clock moves.

In each turn one of them does the one thing, the others the other. One among so many seldom comes first, so in every
second turn the others call for something else before. That both came first at times is checked.
"""

from collections import Counter

from tests.e2e.racers import CLIENTS, ROUNDS, outcome, outcomes

OTHERS = CLIENTS - 1
SOLD = {"ok": 1, "replayed": OTHERS - 1}
HELD = {"ok": 1, "held_by_another": OTHERS - 1}
TURNS = ROUNDS // 10


def advance(racer, _):
    return racer.advance("15m")


def hold_the_seat(racer, turn, n):
    return racer.hold("TG-LAST", 1, f"g-{turn}-{n}")


def invoice(racer, turn, _):
    return racer.invoice(f"g-{turn}", f"o-{turn}")


def steal(racer, _):
    return racer.pos("sell", remote_id="TG-LAST", quantity=1, steal_held=True)


def one_against_all(together, turn, one, others):
    """Return the answer to the one who did ``one(racer, turn)``, and those to ``others(racer, turn, n)``."""
    place = turn % CLIENTS

    def act(racer, n):
        if n == place:
            return one(racer, turn)
        if turn % 2:
            racer.call("GET", "/healthz")
        return others(racer, turn, n)

    answers = together(act)
    return answers[place], answers[:place] + answers[place + 1 :]


def held_by_all(together, remote_id, global_id):
    """Let there be one hold, whoever made it."""
    answers = together(lambda racer, _: racer.hold(remote_id, 1, global_id))
    assert outcomes(answers) == {"ok": 1, "replayed": OTHERS}


def both_came_first(first):
    assert len(first) == 2 or sum(first.values()) < 20, first


def test_holds_racing_the_expiry_of_the_hold_before_have_one_winner_at_most(together):
    first = Counter()
    for turn in range(TURNS):
        held_by_all(together, "TG-LAST", f"old-{turn}")
        (_, clock), answers = one_against_all(together, turn, advance, hold_the_seat)
        assert [each["global_id"] for each in clock["expired"]] == [f"old-{turn}"]
        assert outcomes(answers) in ({"held_by_another": OTHERS}, HELD)
        winners = [said["global_id"] for status, said in answers if status == 200]
        late = together(lambda racer, n, turn=turn: racer.hold("TG-LAST", 1, f"late-{turn}-{n}"))
        assert outcomes(late)["ok"] == (0 if winners else 1)
        first[bool(winners)] += 1
        winners += [said["global_id"] for status, said in late if status == 200]
        together(lambda racer, _, winner=winners[0]: racer.release(winner))
    assert first[True], "no hold ever came after the expiry"


def test_an_invoice_racing_the_expiry_of_its_hold_sells_or_is_told_that_it_expired(together):
    first = Counter()
    for turn in range(TURNS):
        held_by_all(together, "TG-GA", f"g-{turn}")
        (_, clock), answers = one_against_all(together, turn, advance, invoice)
        first[bool(clock["expired"])] += 1
        assert outcomes(answers) == ({"hold_expired": OTHERS} if clock["expired"] else SOLD)
    both_came_first(first)


def test_a_release_racing_the_expiry_of_its_hold_is_late_or_is_not_and_says_so(together):
    first = Counter()
    for turn in range(TURNS):
        held_by_all(together, "TG-LAST", f"g-{turn}")
        (_, clock), answers = one_against_all(
            together, turn, advance, lambda racer, turn, _: racer.release(f"g-{turn}")
        )
        first[bool(clock["expired"])] += 1
        assert outcomes(answers) == SOLD
        assert {said["expired"] for _, said in answers} == {bool(clock["expired"])}
        assert {said["available_quantity"] for _, said in answers} == {1}
    both_came_first(first)


def test_holds_racing_a_sale_elsewhere_have_one_winner(together, renew):
    first = Counter()
    for turn in range(TURNS):
        renew()
        sale, answers = one_against_all(
            together, turn, lambda racer, _: racer.pos("sell", remote_id="TG-LAST", quantity=1), hold_the_seat
        )
        first[outcome(sale)] += 1
        assert outcomes(answers) == ({"listing_sold_out": OTHERS} if outcome(sale) == "ok" else HELD)
    assert first.keys() <= {"ok", "mock_pos_refused"}
    both_came_first(first)


def test_a_hold_racing_a_thief_is_sold_out_or_its_invoice_is_rejected(together, renew):
    first = Counter()
    for turn in range(TURNS):
        renew()
        (status, sale), answers = one_against_all(
            together, turn, steal, lambda racer, turn, _: racer.hold("TG-LAST", 1, f"g-{turn}")
        )
        assert status == 200
        stolen = bool(sale["broken_holds"])
        first[stolen] += 1
        assert outcomes(answers) == (SOLD if stolen else {"listing_sold_out": OTHERS})
        invoiced = outcomes(together(lambda racer, n, turn=turn: invoice(racer, turn, n)))
        assert invoiced == {"invoice_rejected" if stolen else "hold_not_found": CLIENTS}
    both_came_first(first)


def test_an_invoice_racing_a_thief_has_one_winner(together, renew):
    first = Counter()
    for turn in range(TURNS):
        renew()
        held_by_all(together, "TG-LAST", f"g-{turn}")
        sale, answers = one_against_all(together, turn, steal, invoice)
        first[outcome(sale)] += 1
        assert outcomes(answers) == ({"invoice_rejected": OTHERS} if outcome(sale) == "ok" else SOLD)
    assert first.keys() <= {"ok", "mock_pos_refused"}
    both_came_first(first)


def test_holds_racing_a_withdrawal_come_before_it_or_are_refused(together, renew):
    first = Counter()
    for turn in range(TURNS):
        renew()
        (status, _), answers = one_against_all(
            together, turn, lambda racer, _: racer.pos("retire", remote_id="TG-LAST"), hold_the_seat
        )
        assert status == 200
        seen = outcomes(answers)
        first[seen["ok"]] += 1
        assert seen.keys() <= {"ok", "held_by_another", "listing_retired"}
        assert seen["ok"] == (0 if seen["listing_retired"] == OTHERS else 1)
        for winner in [said["global_id"] for status, said in answers if status == 200]:
            invoices = together(lambda racer, _, winner=winner: racer.invoice(winner, "o"))
            assert outcomes(invoices) == {"ok": 1, "replayed": OTHERS}
    both_came_first(first)


def test_an_invoice_racing_the_end_of_its_hold_in_the_pos_has_one_winner(together):
    first = Counter()
    for turn in range(TURNS):
        held_by_all(together, "TG-GA", f"g-{turn}")
        ended, answers = one_against_all(
            together, turn, lambda racer, turn: racer.pos("expire-hold", global_id=f"g-{turn}"), invoice
        )
        first[outcome(ended)] += 1
        assert outcomes(answers) == ({"hold_expired": OTHERS} if outcome(ended) == "ok" else SOLD)
    assert first.keys() <= {"ok", "mock_pos_refused"}
    both_came_first(first)
