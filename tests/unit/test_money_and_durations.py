"""Prices, durations and rates as people write them."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockpos.domain.clock import parse_duration, parse_rate, show_duration
from mockpos.domain.money import Money, parse_price


@pytest.mark.parametrize(
    ("text", "price"),
    [("122", "122.00"), ("122.5", "122.50"), (" 122.00 ", "122.00"), ("0", "0.00"), ("-0", "0.00"), ("+5", "5.00"),
     (".5", "0.50"), ("5.", "5.00"), ("122.5000", "122.50"), ("9999999.99", "9999999.99"), ("007", "7.00")],
)  # fmt: skip
def test_prices_are_read_to_the_cent(text: str, price: str) -> None:
    assert str(Money(parse_price(text))) == price
    assert parse_price(text).is_signed() is False


@pytest.mark.parametrize(
    "text",
    ["", " ", ".", "-1", "122.005", "0.001", "10000000", "9999999.991", "1e2", "1E+2", "1_000", "1,000", "$5", "NaN",
     "sNaN", "Infinity", "-Infinity", "٣", "\uff11\uff12", "5 USD", "1" * 5000, "0." + "0" * 5000 + "1", "1e999999999"],
)  # fmt: skip
def test_what_is_no_price_is_refused_with_the_text(text: str) -> None:
    with pytest.raises(ValueError, match=r"price|finer than a cent"):
        parse_price(text)


@given(st.integers(0, 999_999_999), st.integers(1, 1000))
def test_money_never_loses_a_cent(cents: int, quantity: int) -> None:
    price = parse_price(f"{cents // 100}.{cents % 100:02d}")
    assert price == Decimal(cents).scaleb(-2)
    assert Money(price).times(quantity).amount == Decimal(cents * quantity).scaleb(-2)


def test_equal_prices_share_one_object() -> None:
    assert parse_price("122.00") is parse_price("122.00")


@pytest.mark.parametrize(
    ("text", "milliseconds"),
    [("250ms", 250), ("2s", 2000), ("15m", 900_000), ("1.5h", 5_400_000), ("1d", 86_400_000), ("0s", 0),
     (" 15 M ", 900_000), ("1.001s", 1001), ("0.1s", 100)],
)  # fmt: skip
def test_durations(text: str, milliseconds: int) -> None:
    assert parse_duration(text) == milliseconds


@pytest.mark.parametrize(
    "text", ["", "15", "m", "-1s", "1w", "1h30m", "1e3s", "1.2345s", "1" * 13 + "s", "infs", ".5s"]
)
def test_what_is_no_duration_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(ValueError, match="write it as 250ms"):
        parse_duration(text)


@given(st.integers(0, 10**11))
def test_a_shown_duration_reads_as_itself(milliseconds: int) -> None:
    assert parse_duration(show_duration(milliseconds)) == milliseconds


@pytest.mark.parametrize(("text", "rate"), [("5/s", (5, 1.0)), ("100 / m", (100, 60.0)), ("1000/H", (1000, 3600.0))])
def test_rates(text: str, rate: tuple[int, float]) -> None:
    assert parse_rate(text) == rate


@pytest.mark.parametrize("text", ["", "5", "0/s", "-1/s", "5/d", "1.5/s", "/s"])
def test_what_is_no_rate_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(ValueError, match="write it as 5/s"):
        parse_rate(text)
