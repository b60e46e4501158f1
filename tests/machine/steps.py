"""What a machine may do next, as Hypothesis strategies. Most calls are about Global IDs that the machine knows."""

from collections.abc import Callable
from typing import Any

from hypothesis import strategies as st

from tests.conftest import NOON
from tests.machine.calls import Call, call
from tests.machine.model import Policy

TTL = 100
RECENT = 5
"""So many of the last calls, and of the holds that ended last, are called again."""

Calls = st.SearchStrategy[Call]

policies = st.builds(
    Policy,
    ttl_ms=st.just(TTL),
    reacquire=st.booleans(),
    orders_may_repeat=st.booleans(),
    remember_holds=st.sampled_from([1_000_000, 1_000_000, 3]),
    remember_releases=st.sampled_from([100_000, 100_000, 2]),
)
durations = st.sampled_from([1, 1, 1, 10, 10, TTL // 2, TTL - 1, TTL])
remote_ids = st.sampled_from(["TG-1", "TG-2", "TG-3", "TG-4"])
order_ids = st.sampled_from([f"o-{number}" for number in range(1, 9)])


def drawn_by(choices: Callable[[Any], list[Any]]) -> st.SearchStrategy[Any]:
    """Draw from what the machine that runs knows."""
    return st.runner().flatmap(lambda machine: st.sampled_from(choices(machine)))


def known(machine: Any) -> list[str]:
    """Return Global IDs that are worth a call: live ones, some that ended, one that never held."""
    model = machine.model
    live = [hold.global_id for hold in model.live() for _ in range(3 if hold.stolen else 1)]
    return [*live, *list(model.ended)[-RECENT:], *list(model.released_early)[-1:], *machine.used_ids[-1:]] or ["g-none"]


known_ids = drawn_by(known)
new_ids = drawn_by(lambda machine: [f"g-{len(machine.used_ids)}"])


def weighted(*strategies: tuple[int, st.SearchStrategy[Any]]) -> st.SearchStrategy[Any]:
    """Draw from several strategies, from some more often than from others."""
    return st.sampled_from([each for weight, each in strategies for _ in range(weight)]).flatmap(lambda each: each)


def calls(name: str, **arguments: st.SearchStrategy[Any]) -> Calls:
    return st.fixed_dictionaries(arguments).map(lambda given: call(name, **given))


global_ids = weighted((9, known_ids), (1, new_ids))
holds = calls(
    "hold",
    remote_id=weighted((19, remote_ids), (1, st.just("TG-0"))),
    quantity=weighted((4, st.integers(1, 3)), (1, st.integers(1, 7))),
    global_id=weighted((5, new_ids), (2, known_ids)),
)
again = drawn_by(lambda machine: machine.made[-RECENT:] or [call("look", remote_id="TG-1")])
"""A call that was made already, once more: a replay, if nothing came in between."""

operations = weighted(
    (6, holds),
    (2, calls("release", global_id=global_ids)),
    (3, calls("invoice", global_id=global_ids, order_id=order_ids)),
    (2, again),
)


def thefts_of(machine: Any) -> list[Call]:
    """Return sales that break a hold, or are refused for want of one."""
    stock = [(listing.remote_id, listing.available) for listing in machine.model.listings.values()]
    more = [(remote_id, available + beyond) for remote_id, available in stock for beyond in (1, 2, 3)]
    return [call("sell", remote_id=remote_id, quantity=quantity, steal_held=True) for remote_id, quantity in more]


broker_acts = weighted(
    (3, calls("sell", remote_id=remote_ids, quantity=st.integers(1, 3), steal_held=st.just(False))),
    (5, drawn_by(thefts_of)),
    (2, calls("expire_hold", global_id=global_ids)),
    (1, calls("retire", remote_id=remote_ids, superseded_by=st.sampled_from([None, "TG-9"]))),
    (3, calls("put_back", remote_id=remote_ids)),
    (1, calls("reprice", remote_id=remote_ids, price=st.sampled_from(["120.00", "99.50", "0.01"]))),
    (1, calls("broadcast", remote_id=remote_ids, on=st.just(False))),
    (3, calls("broadcast", remote_id=remote_ids, on=st.just(True))),
)
looks = weighted((1, calls("look", remote_id=remote_ids)), (1, calls("look_up", global_id=global_ids)))
clock_changes = weighted(
    (4, calls("set_clock", advance=durations)),
    (2, calls("set_clock", to=st.sampled_from([NOON - TTL, NOON, NOON + TTL, NOON + 3 * TTL]))),
    (2, calls("set_clock", freeze=st.booleans())),
    (1, calls("set_clock", reset=st.just(True))),
)
passing = durations.map(lambda milliseconds: ["let_time_pass", milliseconds])
jumps = st.sampled_from([1, TTL, 10 * TTL]).map(lambda milliseconds: ["let_time_pass", -milliseconds])
deaths = st.integers(0, 12).map(lambda slices: ["die_and_start", slices])
"""Steps that are no calls: the name of the machine's method, and its arguments."""
