"""Many purchases, some of them at the same time."""

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed

from mockpos.checkout.checkout import Checkout, Purchase, Receipt


def buy_many(checkout: Checkout, purchases: Sequence[Purchase], concurrency: int) -> Iterator[Receipt]:
    """Make all purchases, at most ``concurrency`` at a time; yield each receipt as its purchase ends.

    Once the checkout is told to stop, purchases that have not begun are left out.
    """
    with ThreadPoolExecutor(concurrency) as pool:
        begun = [pool.submit(_buy_unless_stopped, checkout, purchase) for purchase in purchases]
        for done in as_completed(begun):
            receipt = done.result()
            if receipt is not None:
                yield receipt


def _buy_unless_stopped(checkout: Checkout, purchase: Purchase) -> Receipt | None:
    return None if checkout.is_stopped else checkout.buy(purchase)
