"""What tickets cost: the broker's wholesale price, and the retail price above it."""

from decimal import Decimal
from functools import lru_cache

from mockpos.domain.money import parse_price
from mockpos.seeding.odds import Odds, Random, between

_CENTS = Odds((0, 70), (50, 15), (25, 5), (75, 5), (99, 5))
_CHEAPEST = 5


def draw_prices(rng: Random, dollars: int, percent: int) -> tuple[Decimal, Decimal]:
    """Return (wholesale, retail) for one ticket, around this percentage of an ordinary price.

    Retail is 9 to 45 percent above wholesale, in whole dollars, and always the higher.
    """
    about = dollars * percent * between(rng, 80, 125) // 10_000
    wholesale = max(_CHEAPEST, about) * 100 + _CENTS.draw(rng)
    retail = wholesale * between(rng, 109, 145) // 10_000 * 100 + 100
    return _price(wholesale), _price(retail)


@lru_cache(maxsize=65_536)
def _price(cents: int) -> Decimal:
    return parse_price(f"{cents // 100}.{cents % 100:02}")
