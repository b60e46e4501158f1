"""A correct TEvo-like checkout over real HTTP: hold, then invoice or release, through a contract file.

It knows nothing of the server it speaks to. Start here::

    from mockpos.checkout import AutomatorClient, Checkout, Purchase

    client = AutomatorClient("http://127.0.0.1:8000", "mockpos-dev-key")
    receipt = Checkout(client).buy(Purchase("TG-1042", 2))
    print(receipt.outcome, receipt.seats)

``Checkout.events`` gives the same purchase event by event, for a page or a terminal that shows it while it happens.
"""

from mockpos.checkout.checkout import CallAnswered as CallAnswered
from mockpos.checkout.checkout import CallStarted as CallStarted
from mockpos.checkout.checkout import Checkout as Checkout
from mockpos.checkout.checkout import Event as Event
from mockpos.checkout.checkout import Finished as Finished
from mockpos.checkout.checkout import Outcome as Outcome
from mockpos.checkout.checkout import Patience as Patience
from mockpos.checkout.checkout import Purchase as Purchase
from mockpos.checkout.checkout import Receipt as Receipt
from mockpos.checkout.checkout import Waiting as Waiting
from mockpos.checkout.client import AutomatorClient as AutomatorClient
from mockpos.checkout.client import CallResult as CallResult
from mockpos.checkout.client import Heard as Heard
