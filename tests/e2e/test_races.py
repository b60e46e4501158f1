"""16 clients at once against a real server: one winner each time, and no ticket sold twice (contract rule 8).

``MOCKPOS_ROUNDS`` sets how often the race for the one seat is run (300); the other races are run in proportion.
"""

from collections import Counter

from tests.e2e.racers import CLIENTS, ROUNDS, given_back_once, one_winner, outcomes


def test_one_seat_has_one_winner_every_time(together):
    for turn in range(ROUNDS):
        given_back_once(together, one_winner(together, turn))


def test_thousands_of_holds_on_few_seats_never_overlap(together):
    """Each client holds, gives back and buys at random; the seats bought are all different, the rest adds up."""

    def act(racer, number):
        bought = []
        for turn in range(ROUNDS // 2):
            global_id = f"c{number}-{turn}"
            status, answer = racer.hold("TG-1042", 1 + (turn + number) % 3, global_id)
            if status != 200:
                assert answer["code"] in ("held_by_another", "insufficient_quantity", "listing_sold_out")
            elif turn % 40 == 39:
                status, invoice = racer.invoice(global_id, f"o-{global_id}")
                assert (status, invoice["seats"]) == (200, answer["seats"])
                bought += invoice["seats"]
            else:
                assert racer.release(global_id)[0] == 200
        return bought

    bought = [seat for seats in together(act) for seat in seats]
    assert len(set(bought)) == len(bought)
    assert set(bought) <= {str(number) for number in range(5, 13)}
    left = 8 - len(bought)
    answers = together(lambda racer, n: racer.hold("TG-1042", left or 1, f"last-{n}"))
    assert Counter(status for status, _ in answers)[200] == (1 if left else 0)


def test_one_global_id_at_the_same_moment_is_one_hold(together):
    for turn in range(ROUNDS // 15):
        answers = together(lambda racer, _, turn=turn: racer.hold("TG-GA", 3, f"same-{turn}"))
        assert outcomes(answers) == {"ok": 1, "replayed": CLIENTS - 1}
        first = {key: value for key, value in answers[0][1].items() if key != "replayed"}
        assert all({**answer, "replayed": False} == {**first, "replayed": False} for _, answer in answers)
        assert first["available_quantity"] == 250 - 3 * (turn + 1)


def test_one_global_id_with_other_content_at_the_same_moment_is_one_hold(together):
    for turn in range(ROUNDS // 15):
        answers = together(lambda racer, n, turn=turn: racer.hold("TG-GA", 1 + n, f"mixed-{turn}"))
        assert outcomes(answers) == {"ok": 1, "global_id_conflict": CLIENTS - 1}
        given_back_once(together, f"mixed-{turn}")


def test_one_order_for_16_holds_at_the_same_moment_buys_one(together):
    for turn in range(ROUNDS // 20):
        together(lambda racer, n, turn=turn: racer.hold("TG-GA", 1, f"w{turn}-{n}"))
        answers = together(lambda racer, n, turn=turn: racer.invoice(f"w{turn}-{n}", f"order-{turn}"))
        assert outcomes(answers) == {"ok": 1, "order_id_conflict": CLIENTS - 1}
        freed = together(lambda racer, n, turn=turn: racer.release(f"w{turn}-{n}"))
        assert outcomes(freed) == {"ok": CLIENTS - 1, "hold_already_invoiced": 1}


def test_16_orders_for_one_hold_at_the_same_moment_buy_it_once(together):
    for turn in range(ROUNDS // 10):
        assert together(lambda racer, n, turn=turn: racer.hold("TG-GA", 1, f"one-{turn}"))[0][0] == 200
        answers = together(lambda racer, n, turn=turn: racer.invoice(f"one-{turn}", f"order-{turn}-{n}"))
        assert outcomes(answers) == {"ok": 1, "order_id_conflict": CLIENTS - 1}


def test_one_order_for_one_hold_16_times_at_the_same_moment_is_one_invoice(together):
    numbers = set()
    for turn in range(ROUNDS // 10):
        together(lambda racer, _, turn=turn: racer.hold("TG-GA", 2, f"one-{turn}"))
        answers = together(lambda racer, _, turn=turn: racer.invoice(f"one-{turn}", f"order-{turn}"))
        assert outcomes(answers) == {"ok": 1, "replayed": CLIENTS - 1}
        invoices = {answer["invoice_id"] for _, answer in answers}
        assert len(invoices) == 1
        numbers |= invoices
    assert len(numbers) == ROUNDS // 10


def test_release_and_invoice_of_one_hold_at_once_have_one_winner(together):
    for turn in range(ROUNDS // 10):
        together(lambda racer, _, turn=turn: racer.hold("TG-GA", 1, f"end-{turn}"))

        def act(racer, n, global_id=f"end-{turn}"):
            return racer.release(global_id) if n % 2 else racer.invoice(global_id, f"o-{global_id}")

        seen = outcomes(together(act))
        half = CLIENTS // 2
        assert seen in (
            {"ok": 1, "replayed": half - 1, "hold_already_invoiced": half},
            {"ok": 1, "replayed": half - 1, "hold_released": half},
        )


def test_hold_release_and_invoice_of_one_id_at_once_end_as_some_order_would(together):
    for turn in range(ROUNDS // 10):
        global_id = f"mix-{turn}"

        def act(racer, n, global_id=global_id):
            if n % 3 == 0:
                return "hold", racer.hold("TG-GA", 1, global_id)
            return ("release", racer.release(global_id)) if n % 3 == 1 else ("invoice", racer.invoice(global_id, "o"))

        answers = together(act)
        done = Counter(what for what, (status, answer) in answers if status == 200 and not answer["replayed"])
        assert done["hold"] <= 1
        assert done["release"] + done["invoice"] <= done["hold"], "a hold ends once, and only what was held ends"
        codes = {answer["code"] for _, (status, answer) in answers if status != 200}
        ended = {"hold_not_found", "hold_released", "hold_already_invoiced", "global_id_closed", "order_id_conflict"}
        assert codes <= ended
        if done["invoice"]:
            assert "hold_released" not in codes
        if done["release"]:
            assert "hold_already_invoiced" not in codes
