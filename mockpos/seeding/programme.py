"""The programme of a world: its events, and how many listings each has."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, time

from faker import Faker

from mockpos.domain.event import Event, EventState
from mockpos.seeding.acts import ACTS, Performance, SeasonContext, found_leagues
from mockpos.seeding.layouts import Layout
from mockpos.seeding.odds import Odds, Random, between, happens, one_of, stream
from mockpos.seeding.provider import TicketTradeProvider
from mockpos.seeding.venues import Circuit

MOST_LISTINGS, FEWEST_LISTINGS = 400, 40
"""Of one event, in a large world. A small world has fewer for each, so that it has events to choose from."""

_RUNNING_AT_ONCE = 6
_HOLDERS = 60
_TBA = 40
_STATES = Odds((EventState.SHOWN, 970), (EventState.POSTPONED, 18), (EventState.CANCELED, 12))


@dataclass(frozen=True, slots=True)
class Booking:
    """An event, where its seats are, what an ordinary ticket costs, and how many listings there are."""

    event: Event
    layout: Layout
    dollars: int
    listings: int


@dataclass(frozen=True, slots=True)
class Programme:
    """All that is put on in a world, and the people whose tickets brokers sell."""

    bookings: tuple[Booking, ...]
    ticket_holders: tuple[str, ...]


def draw_programme(*, count: int, seed: int, anchor: date) -> Programme:
    """Draw the events of a world with this many listings. Names have a generator of their own."""
    fake = Faker("en_US", use_weighting=False)
    fake.seed_instance(f"{seed}/names")
    trade = TicketTradeProvider(fake.factories[0])
    rng = stream(seed, "events")
    circuit = Circuit(rng, trade)
    season = SeasonContext(rng, trade, circuit, found_leagues(trade, circuit), anchor)
    holders = tuple(trade.person() for _ in range(_HOLDERS))
    return Programme(tuple(_bookings(season, count)), holders)


def _bookings(season: SeasonContext, count: int) -> Iterator[Booking]:
    most = max(1, min(MOST_LISTINGS, count // 10))
    fewest = max(1, most * FEWEST_LISTINGS // MOST_LISTINGS)
    performances = _performances(season)
    number = 1000
    while count > 0:
        performance = next(performances)
        if not season.circuit.book(performance.house.venue, performance.day, performance.at):
            continue
        number += 1
        listings = min(count, performance.layout.most_listings, between(season.rng, fewest, most))
        count -= listings
        event = _event(season.rng, f"EV-{number}", performance)
        yield Booking(event, performance.layout, performance.dollars, listings)


def _performances(season: SeasonContext) -> Iterator[Performance]:
    """Take turns among a few acts, so that a small world has some of each."""
    running = [ACTS.draw(season.rng)(season) for _ in range(_RUNNING_AT_ONCE)]
    while True:
        act = one_of(season.rng, running)
        performance = next(act, None)
        if performance is None:
            running[running.index(act)] = ACTS.draw(season.rng)(season)
        else:
            yield performance


def _event(rng: Random, event_id: str, performance: Performance) -> Event:
    tba = happens(rng, _TBA)
    return Event(
        event_id=event_id,
        name=performance.name,
        venue=performance.house.venue,
        local_date=performance.day,
        local_time=time(0, 0) if tba else performance.at,
        time_tba=tba,
        performers=performance.performers,
        state=_STATES.draw(rng),
        category=performance.category,
    )
