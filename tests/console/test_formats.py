"""How the console writes durations, names, prices and splits."""

from decimal import Decimal
from typing import Any

import pytest

from mockpos.domain.listing import SplitType, Stock
from mockpos.web.console.formats import dollars, duration, sentence, short, splits, usual_quantity
from tests.conftest import a_listing


@pytest.mark.parametrize(
    ("milliseconds", "shown"),
    [
        (0, "0 ms"), (0.4, "0.4 ms"), (9.5, "9.5 ms"), (10, "10 ms"), (12.4, "12 ms"), (999, "999 ms"),
        (1_000, "1.0 s"), (1_440, "1.4 s"), (59_900, "59.9 s"), (60_000, "1 min"), (3_599_000, "60 min"),
        (3_600_000, "1.0 h"), (5_400_000, "1.5 h"), (7_200_000_000, "2,000.0 h"),
    ],
)  # fmt: skip
def test_a_duration_has_the_unit_that_people_say(milliseconds: float, shown: str) -> None:
    assert duration(milliseconds) == shown


def test_a_long_name_is_cut_in_its_middle_so_that_its_end_can_be_told_from_others(bed: Any) -> None:
    assert short("n" * 40) == "n" * 40
    ends = ("0-first", "0-second")
    for end in ends:
        bed.hold(quantity=1, global_id="g" * 60 + end)
    text = bed.client.get("/_mock/console/calls", headers={"Accept": "text/html"}).text
    for end in ends:
        assert f"{'g' * 26}…{('g' * 10 + end)[-10:]}<" in text


def test_names_from_outside_are_escaped_after_they_were_cut() -> None:
    assert short("<b>" * 20, 6) == "&lt;b&gt;&lt;…b&gt;"


@pytest.mark.parametrize(
    ("amount", "decimals", "shown"), [("1234.5", 2, "$1,234.50"), ("0", 2, "$0.00"), ("96420.49", 0, "$96,420")]
)
def test_prices_have_cents_and_their_sums_have_none(amount: str, decimals: int, shown: str) -> None:
    assert dollars(Decimal(amount), decimals) == shown


@pytest.mark.parametrize(("text", "written"), [("", ""), ("try again", "Try again."), ("It ended.", "It ended.")])
def test_a_sentence_has_a_capital_and_one_full_stop(text: str, written: str) -> None:
    assert sentence(text) == written


@pytest.mark.parametrize(
    ("split", "custom", "available", "said", "usual"),
    [
        (SplitType.ANY, (), 4, "any number", 2),
        (SplitType.ANY, (), 1, "any number", 1),
        (SplitType.ANY, (), 0, "any number", 2),
        (SplitType.NEVER_LEAVE_ONE, (), 3, "never leaves one", 1),
        (SplitType.AVOID_ONE_AND_THREE, (), 4, "avoid one and three", 2),
        (SplitType.ALL, (), 4, "all", 4),
        (SplitType.CUSTOM, (1, 3, 4), 4, "splits 1, 3, 4", 1),
    ],
)
def test_how_a_listing_is_split_is_said_and_decides_how_many_are_bought(
    split: SplitType, custom: tuple[int, ...], available: int, said: str, usual: int
) -> None:
    listing = a_listing(split_type=split, custom_splits=custom)
    stock = Stock(listing.remote_id, available, 0, 4 - available, (1 << available) - 1, None)
    assert (splits(listing), usual_quantity(listing, stock)) == (said, usual)
