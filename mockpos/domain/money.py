"""Amounts of money: decimal, in a named currency, never a float."""

import re
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache

CURRENCY = "USD"
"""The one currency of TEvo's import file, whose Cost is "the price in US dollars"."""

_CENT = Decimal("0.01")
_PLAIN = re.compile(r"[+-]?(?:[0-9]{1,40}(?:\.[0-9]{0,40})?|\.[0-9]{1,40})")
_LARGEST = Decimal("9999999.99")


@dataclass(frozen=True, slots=True)
class Money:
    """An amount to the cent."""

    amount: Decimal
    currency: str = CURRENCY

    def times(self, quantity: int) -> "Money":
        """Return the price of this many."""
        return Money(self.amount * quantity, self.currency)

    def __str__(self) -> str:
        return f"{self.amount:.2f}"


@lru_cache(maxsize=65_536)
def parse_price(text: str) -> Decimal:
    """Read a price such as ``122``, ``122.5`` or ``122.00`` into whole cents.

    Equal prices share one object: a large inventory holds few different ones.
    Raises ValueError when it is not a plain number from 0 to 9,999,999.99, or is finer than a cent.
    """
    return _read(text, _LARGEST)


def parse_total(text: str) -> Decimal:
    """Read the price of many tickets as ``parse_price`` does that of one; it may be a million times as large."""
    return _read(text, _LARGEST * 1_000_000)


def _read(text: str, largest: Decimal) -> Decimal:
    cleaned = text.strip()
    if _PLAIN.fullmatch(cleaned) is None:
        raise ValueError(f"{text!r} is not a price; write it as 122.00")
    price = Decimal(cleaned)
    if not 0 <= price <= largest:
        raise ValueError(f"{text!r} is not a price between 0 and {largest}")
    cents = price.quantize(_CENT)
    if cents != price:
        raise ValueError(f"{text!r} is finer than a cent")
    return abs(cents)
