"""The programme of a world: home games, tours, theatre runs and festivals, and how many listings each event has."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, time, timedelta

from faker import Faker

from mockpos.domain.event import Event, EventState
from mockpos.seeding.odds import Odds, Random, between, happens, one_of, stream
from mockpos.seeding.provider import TicketTradeProvider
from mockpos.seeding.venues import FOR_A_GAME, LAYOUTS, Circuit, KnownVenue, Layout, VenueKind

_TEAMS = 12

SPORTS = (
    ("Basketball", VenueKind.ARENA, 85),
    ("Hockey", VenueKind.ARENA, 80),
    ("Football", VenueKind.STADIUM, 130),
    ("Soccer", VenueKind.STADIUM, 55),
    ("Baseball", VenueKind.STADIUM, 45),
)
"""Each sport with where it is played, and a usual price in dollars."""


@dataclass(frozen=True, slots=True)
class Team:
    """A team and its home."""

    name: str
    home: KnownVenue


@dataclass(frozen=True, slots=True)
class League:
    """Teams of one sport."""

    sport: str
    dollars: int
    teams: list[Team]


def found_leagues(trade: TicketTradeProvider, circuit: Circuit) -> list[League]:
    """Return one league a sport. No two teams share a name."""
    names: set[str] = set()
    leagues: list[League] = []
    for sport, kind, dollars in SPORTS:
        teams: list[Team] = []
        while len(teams) < _TEAMS:
            place = trade.place()
            name = trade.team(place[0])
            if name not in names:
                names.add(name)
                teams.append(Team(name, circuit.build(kind, place)))
        leagues.append(League(sport, dollars, teams))
    return leagues


_FIRST_DAY = 4
"""How far ahead of the anchor things are put on at least."""

_MONDAY, _WEDNESDAY, _SATURDAY, _SUNDAY = 0, 2, 5, 6
_EVENINGS = (time(19, 0), time(19, 30), time(20, 0))
_AFTERNOONS = (time(13, 0), time(14, 0), time(15, 30))
_TOURS = Odds(
    (("Pop / Rock", (VenueKind.ARENA, VenueKind.STADIUM), 110), 4),
    (("Country", (VenueKind.ARENA,), 90), 2),
    (("Alternative", (VenueKind.CLUB, VenueKind.THEATRE), 55), 3),
    (("Comedy", (VenueKind.THEATRE, VenueKind.CLUB), 65), 2),
)


@dataclass(frozen=True, slots=True)
class Performance:
    """One thing on one day. ``dollars`` is what an ordinary ticket costs."""

    name: str
    house: KnownVenue
    layout: Layout
    day: date
    at: time
    performers: tuple[str, ...]
    category: str
    dollars: int


@dataclass(frozen=True, slots=True)
class SeasonContext:
    """What the acts of one world draw on."""

    rng: Random
    trade: TicketTradeProvider
    circuit: Circuit
    leagues: list[League]
    anchor: date

    def day(self, last: int) -> date:
        """Return a day ahead of the anchor, by so many days at most."""
        return self.anchor + timedelta(days=between(self.rng, _FIRST_DAY, last))


Act = Callable[[SeasonContext], Iterator[Performance]]


def home_games(season: SeasonContext) -> Iterator[Performance]:
    """Put on a team's next home games."""
    rng = season.rng
    league = one_of(rng, season.leagues)
    home = one_of(rng, league.teams)
    others = [team for team in league.teams if team is not home]
    layout = FOR_A_GAME[home.home.kind]
    day = season.day(220)
    for _ in range(between(rng, 3, 9)):
        away = one_of(rng, others)
        at = one_of(rng, _AFTERNOONS + _EVENINGS if day.weekday() >= _SATURDAY else _EVENINGS)
        dollars = league.dollars * between(rng, 70, 160) // 100
        names = (home.name, away.name)
        yield Performance(f"{away.name} at {home.name}", home.home, layout, day, at, names, league.sport, dollars)
        day += timedelta(days=between(rng, 2, 7))


def tour(season: SeasonContext) -> Iterator[Performance]:
    """Send one performer through several cities."""
    rng = season.rng
    category, kinds, usual = _TOURS.draw(rng)
    performer = season.trade.performer()
    name = f"{performer}: {season.trade.tour()}"
    dollars = usual * between(rng, 60, 240) // 100
    day = season.day(230)
    for _ in range(between(rng, 4, 10)):
        house = season.circuit.house(one_of(rng, kinds))
        yield Performance(
            name, house, LAYOUTS[house.kind], day, one_of(rng, _EVENINGS), (performer,), category, dollars
        )
        day += timedelta(days=between(rng, 1, 4))


def theatre_run(season: SeasonContext) -> Iterator[Performance]:
    """Play one show in one theatre: dark on Mondays, matinees on Wednesdays and at the weekend."""
    rng = season.rng
    house = season.circuit.house(VenueKind.THEATRE)
    show = season.trade.show()
    dollars = between(rng, 70, 180)
    first = season.day(240)
    for day in (first + timedelta(days=number) for number in range(between(rng, 5, 20))):
        weekday = day.weekday()
        hours = [time(14, 0)] if weekday in (_WEDNESDAY, _SATURDAY, _SUNDAY) else []
        hours += [time(19, 30)] if weekday not in (_MONDAY, _SUNDAY) else []
        for at in hours:
            yield Performance(show, house, LAYOUTS[house.kind], day, at, (show,), "Theatre", dollars)


def festival(season: SeasonContext) -> Iterator[Performance]:
    """Hold a festival of two or three days, each with its own ticket."""
    rng = season.rng
    house = season.circuit.house(VenueKind.GROUNDS)
    name = season.trade.festival()
    dollars = between(rng, 80, 190)
    first = season.day(260)
    for number in range(between(rng, 2, 3)):
        headliner, *others = dict.fromkeys(season.trade.performer() for _ in range(3))
        bill = (headliner, *others)
        day = first + timedelta(days=number)
        title = f"{name}, Day {number + 1}"
        yield Performance(title, house, LAYOUTS[house.kind], day, time(12, 0), bill, "Festival", dollars)


ACTS: Odds[Act] = Odds((home_games, 9), (tour, 6), (theatre_run, 3), (festival, 1))
"""How often each is put on; the longer ones then have more events."""


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
