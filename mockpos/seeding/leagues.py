"""Leagues of invented teams, who play each other at home and away."""

from collections.abc import Iterator
from dataclasses import dataclass

from mockpos.seeding.layouts import VenueKind
from mockpos.seeding.odds import Random, one_of
from mockpos.seeding.provider import TicketTradeProvider
from mockpos.seeding.venues import Circuit, KnownVenue

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
    teams: tuple[Team, ...]

    def pairing(self, rng: Random) -> tuple[Team, Iterator[Team]]:
        """Return a home team, and its opponents without end."""
        home = one_of(rng, self.teams)
        others = [team for team in self.teams if team is not home]
        return home, iter(lambda: one_of(rng, others), None)


def found_leagues(trade: TicketTradeProvider, circuit: Circuit) -> list[League]:
    """Return one league a sport. No two teams share a name."""
    names: set[str] = set()
    return [League(sport, dollars, _teams(trade, circuit, kind, names)) for sport, kind, dollars in SPORTS]


def _teams(trade: TicketTradeProvider, circuit: Circuit, kind: VenueKind, names: set[str]) -> tuple[Team, ...]:
    teams: list[Team] = []
    while len(teams) < _TEAMS:
        place = trade.place()
        name = trade.team(place[0])
        if name not in names:
            names.add(name)
            teams.append(Team(name, circuit.build(kind, place)))
    return tuple(teams)
