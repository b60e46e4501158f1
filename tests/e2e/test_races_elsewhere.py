"""The race for the one seat in sandboxes chosen by key and by path, and of calls that a scenario wakes at once."""

import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

from tests.e2e.racers import CLIENTS, ROUNDS, Racer, given_back_once, one_winner, outcomes, racing

LATE = {"name": "late", "rules": [{"id": "late", "on": "any", "delay": "15ms"}]}
VERY_LATE = {"name": "very-late", "rules": [{"id": "late", "on": "hold", "delay": "10m"}]}


@contextmanager
def sandbox(server, name: str, key: str) -> Iterator[Racer]:
    """Make a sandbox of its own; give a client of it, and drop it after."""
    default = Racer(server.url)
    default.control("POST", "/sandboxes", {"name": name, "api_key": key, "from": {"fixture": "tiny"}})
    keeper = Racer(server.url, key)
    yield keeper
    default.control("DELETE", f"/sandboxes/{name}")
    for each in (keeper, default):
        each.connection.close()


def wake_all(wake: Callable[[], dict[str, Any]]) -> None:
    """Wake delayed_calls until every client was woken: who comes after one waking sleeps until the next."""
    woken, deadline = 0, time.monotonic() + 60
    while woken < CLIENTS:
        woken += wake()["sleepers_woken"]
        assert time.monotonic() < deadline, f"only {woken} of {CLIENTS} calls were delayed"
    assert woken == CLIENTS


def test_one_seat_has_one_winner_in_a_sandbox_chosen_by_its_key(racing_server):
    racers = [Racer(racing_server.url, "key-a") for _ in range(CLIENTS)]
    with sandbox(racing_server, "a", "key-a"), racing(racers) as together:
        for turn in range(ROUNDS // 10):
            given_back_once(together, one_winner(together, turn))


def test_one_seat_has_one_winner_in_a_sandbox_chosen_by_its_path(racing_server):
    racers = [Racer(racing_server.url, prefix="/s/a") for _ in range(CLIENTS)]
    with sandbox(racing_server, "a", "key-a"), racing(racers) as together:
        for turn in range(ROUNDS // 10):
            given_back_once(together, one_winner(together, turn))


def test_clients_by_key_and_by_path_race_in_the_same_sandbox_and_nobody_elsewhere_does(racing_server):
    """Some choose sandbox a by its key, some by its path, some sandbox b: each sandbox has one winner."""
    choices = [{"key": "key-a"}, {"prefix": "/s/a"}, {"key": "key-b"}, {"prefix": "/s/b", "key": "key-b"}]
    racers = [Racer(racing_server.url, **choices[n % 4]) for n in range(CLIENTS)]
    half = CLIENTS // 2
    with sandbox(racing_server, "a", "key-a"), sandbox(racing_server, "b", "key-b"), racing(racers) as together:
        for turn in range(ROUNDS // 10):
            answers = together(lambda racer, n, turn=turn: racer.hold("TG-LAST", 1, f"r{turn}-{n}"))
            in_a = [answer for n, answer in enumerate(answers) if n % 4 < 2]
            in_b = [answer for n, answer in enumerate(answers) if n % 4 >= 2]
            for each in (in_a, in_b):
                assert outcomes(each) == {"ok": 1, "held_by_another": half - 1}
            won = [next(said["global_id"] for status, said in each if status == 200) for each in (in_a, in_b)]
            freed = together(lambda racer, n, won=won: racer.release(won[n % 4 // 2]))
            assert outcomes(freed) == {"ok": 2, "replayed": CLIENTS - 2}


def test_one_seat_has_one_winner_when_all_were_delayed_alike(racing_server):
    racers = [Racer(racing_server.url, "key-a") for _ in range(CLIENTS)]
    with sandbox(racing_server, "a", "key-a") as keeper, racing(racers) as together:
        keeper.control("PUT", "/scenario", {"scenario": LATE})
        for turn in range(ROUNDS // 10):
            given_back_once(together, one_winner(together, turn))


def test_one_seat_has_one_winner_when_a_change_of_scenario_wakes_all_at_once(racing_server):
    racers = [Racer(racing_server.url, "key-a") for _ in range(CLIENTS)]
    with sandbox(racing_server, "a", "key-a") as keeper, racing(racers) as together, ThreadPoolExecutor(1) as aside:
        for turn in range(ROUNDS // 20):
            keeper.control("PUT", "/scenario", {"scenario": VERY_LATE})
            racing_on = aside.submit(one_winner, together, turn)
            wake_all(lambda: keeper.control("PUT", "/scenario", {"scenario": VERY_LATE}))
            given_back_once(together, racing_on.result(timeout=60))


def test_nobody_wins_when_a_restored_snapshot_wakes_all_at_once(racing_server):
    racers = [Racer(racing_server.url, "key-a") for _ in range(CLIENTS)]
    with sandbox(racing_server, "a", "key-a") as keeper, racing(racers) as together, ThreadPoolExecutor(1) as aside:
        keeper.control("PUT", "/scenario", {"scenario": VERY_LATE})
        keeper.control("PUT", "/snapshots/before")
        for turn in range(ROUNDS // 20):
            racing_on = aside.submit(together, lambda racer, n, turn=turn: racer.hold("TG-LAST", 1, f"r{turn}-{n}"))
            wake_all(lambda: keeper.control("POST", "/snapshots/before/restore"))
            assert outcomes(racing_on.result(timeout=60)) == {"pos_unavailable": CLIENTS}
            assert keeper.control("GET", "/listings/TG-LAST")["available"] == 1
