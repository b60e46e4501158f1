"""A correct TEvo-like checkout over real HTTP: hold, then invoice or release, through a contract file.

It knows nothing of the server it speaks to. Start here::

    from mockpos.checkout import AutomatorClient, Checkout, Purchase

    client = AutomatorClient("http://127.0.0.1:8000", "mockpos-dev-key")
    receipt = Checkout(client).buy(Purchase("TG-1042", 2))
    print(receipt.outcome, receipt.seats)

``Checkout.events`` gives the same purchase event by event, for a page or a terminal that shows it while it happens.
"""

from mockpos.checkout.checkout import Checkout, Outcome, Patience, Purchase, Receipt
from mockpos.checkout.client import AutomatorClient, CallResult, Heard
from mockpos.checkout.events import CallAnswered, CallStarted, Event, Finished, Waiting

__all__ = [
    "AutomatorClient",
    "CallAnswered",
    "CallResult",
    "CallStarted",
    "Checkout",
    "Event",
    "Finished",
    "Heard",
    "Outcome",
    "Patience",
    "Purchase",
    "Receipt",
    "Waiting",
]
