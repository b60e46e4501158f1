"""The Faker provider of the trade gives words that fit together."""

from zoneinfo import ZoneInfo

import pytest
from faker import Faker

from mockpos.seeding.provider import NICKNAMES, VENUE_KINDS, TicketTradeProvider
from mockpos.seeding.venues import LAYOUTS, VenueKind


@pytest.fixture
def fake() -> Faker:
    fake = Faker("en_US")
    fake.add_provider(TicketTradeProvider)
    fake.seed_instance(1)
    return fake


@pytest.mark.parametrize("word", ["team", "person", "performer", "tour", "show", "festival"])
def test_a_word_is_the_same_for_the_same_seed(fake: Faker, word: str) -> None:
    first = [getattr(fake, word)() for _ in range(20)]
    fake.seed_instance(1)
    assert [getattr(fake, word)() for _ in range(20)] == first
    assert all(first)
    assert len(set(first)) > 1


def test_a_team_is_of_a_city(fake: Faker) -> None:
    city, _, nickname = fake.team("Toledo").partition(" ")
    assert city == "Toledo"
    assert nickname in NICKNAMES


@pytest.mark.parametrize("kind", VenueKind)
def test_a_venue_is_named_for_its_kind_and_has_its_citys_time_zone(fake: Faker, kind: VenueKind) -> None:
    venue = fake.venue(kind)
    assert venue.name.endswith(VENUE_KINDS[kind])
    assert not venue.name.endswith(tuple(end for each in VENUE_KINDS if each != kind for end in VENUE_KINDS[each]))
    assert venue.city
    assert ZoneInfo(venue.time_zone)


@pytest.mark.parametrize(
    ("kind", "names"),
    [
        (VenueKind.ARENA, {"101", "120", "201", "232", "Floor A", "Floor D", "Floor GA"}),
        (VenueKind.STADIUM, {"101", "140", "301"}),
        (VenueKind.THEATRE, {"Orchestra Center", "Mezzanine Left", "Balcony Right"}),
        (VenueKind.CLUB, {"General Admission"}),
        (VenueKind.GROUNDS, {"General Admission", "VIP"}),
    ],
)
def test_venues_have_the_sections_one_expects(kind: VenueKind, names: set[str]) -> None:
    assert names <= {section.name for section in LAYOUTS[kind].sections}
