"""Short bursts of calls by a few clients at once on one or two listings, and the record of what they were answered."""

import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from random import Random
from threading import Barrier
from typing import Protocol

from tests.linearizability.history import History, Record
from tests.machine.calls import Body, Call, call
from tests.machine.clock_model import Clock
from tests.machine.listing_model import Listing, a_model_listing
from tests.machine.model import Policy
from tests.machine.pos_model import Sandbox

TTL = 60_000
LISTINGS = (
    a_model_listing("TG-1", 2),
    a_model_listing("TG-2", 4, first_seat=None, price="35.50"),
)
GLOBAL_IDS = [f"g-{number}" for number in range(1, 10)]
ORDER_IDS = ["o-1", "o-2", "o-3"]

Script = list[Call]


class Client(Protocol):
    """Makes one call after another."""

    def send(self, made: Call) -> Body | None:
        """Return the answer in the model's words; None when it was lost, or says that nobody knows."""


def model_at(now: int, policy: Policy | None = None, listings: Sequence[Listing] = LISTINGS) -> Sandbox:
    """Return the model of an untouched sandbox whose clock stands still at ``now``."""
    model = Sandbox({each.remote_id: each for each in listings}, Clock(now), policy or Policy(ttl_ms=TTL))
    model.answer(call("set_clock", freeze=True))
    return model


def scripts(seed: int) -> list[Script]:
    """Return what each client of a burst will call: four to six clients, three to five calls each."""
    chance = Random(seed)
    remote_ids = chance.choice([["TG-1"], ["TG-2"], ["TG-1", "TG-2"]])
    global_ids = GLOBAL_IDS[: chance.randint(3, 9)]

    def one() -> Call:
        remote_id, global_id = chance.choice(remote_ids), chance.choice(global_ids)
        invoice = call("invoice", global_id=global_id, order_id=chance.choice(ORDER_IDS))
        broker: list[Call] = [
            call("sell", remote_id=remote_id, quantity=1, steal_held=chance.random() < 0.3),
            call("expire_hold", global_id=global_id),
            call("retire", remote_id=remote_id, superseded_by=None),
            call("put_back", remote_id=remote_id),
            call("reprice", remote_id=remote_id, price=chance.choice(["10.00", "20.00"])),
        ]
        kinds: list[tuple[int, Call]] = [
            (9, call("hold", remote_id=remote_id, quantity=chance.choice([1, 1, 2]), global_id=global_id)),
            (4, call("release", global_id=global_id)),
            (4, invoice),
            (3, chance.choice(broker)),
            (3, chance.choice([call("look", remote_id=remote_id), call("look_up", global_id=global_id)])),
            (1, call("set_clock", advance=chance.choice([1, TTL // 2, TTL]))),
        ]
        return chance.choices([made for _, made in kinds], [weight for weight, _ in kinds])[0]

    return [[one() for _ in range(chance.randint(3, 5))] for _ in range(chance.randint(4, 6))]


BEFORE: Script = [
    call("hold", remote_id="TG-1", quantity=1, global_id="g-1"),
    call("hold", remote_id="TG-2", quantity=2, global_id="g-2"),
]
"""What is held before a burst begins, so that there is something to fight for at once."""

AFTER: Script = [
    *(call("look", remote_id=listing.remote_id) for listing in LISTINGS),
    *(call("look_up", global_id=global_id) for global_id in GLOBAL_IDS),
]
"""Looks at all that a burst left behind."""


class Burst:
    """One burst on its way. ``history`` is what was recorded so far; the keeper calls before and after, alone."""

    def __init__(self, keeper: Client, clients: Sequence[Client]) -> None:
        self.clients = clients
        self.began = time.monotonic()
        self.history = [self.record(keeper, "before", made) for made in BEFORE]

    def run(self, pool: ThreadPoolExecutor, several: Sequence[Script], *, until_lost: bool = False) -> None:
        """Play the scripts, each to its end; or, where a lost answer means that the server is dead, until then."""
        start = Barrier(len(several))

        def one(client: Client, name: str, script: Script) -> list[Record]:
            start.wait(timeout=30)
            records: list[Record] = []
            for made in script:
                records.append(self.record(client, name, made))
                if until_lost and records[-1].is_unknown:
                    break
            return records

        names = [f"c{number}" for number in range(1, len(several) + 1)]
        running = [pool.submit(one, *each) for each in zip(self.clients, names, several, strict=False)]
        records = [each for future in running for each in future.result()]
        self.history += sorted(records, key=lambda each: each.start)

    def look(self, keeper: Client) -> None:
        """Look at all that is left."""
        self.history += [self.record(keeper, "after", made) for made in AFTER]

    def record(self, client: Client, name: str, made: Call) -> Record:
        start = time.monotonic() - self.began
        answer = client.send(made)
        end = time.monotonic() - self.began
        return Record(name, made, start) if answer is None else Record(name, made, start, end, answer)


def play(pool: ThreadPoolExecutor, keeper: Client, clients: Sequence[Client], several: Sequence[Script]) -> History:
    """Let each client call what its script says, all beginning at the same moment; then look at what is left."""
    burst = Burst(keeper, clients)
    burst.run(pool, several)
    burst.look(keeper)
    return burst.history


def explains_itself(model: Sandbox, history: History) -> bool:
    """Tell whether the order in which the calls began explains their answers already."""
    known = [each for each in history if each.answer is not None]
    return all(model.answer(each.call) == each.answer for each in known)
