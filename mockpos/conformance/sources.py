"""Where rules come from: TEvo's public pages, quoted, or mockpos's own recommendation."""

from dataclasses import dataclass

_WIKI = "https://ticketevolution.atlassian.net/wiki/spaces/API/pages/"
_AUTO_CONFIRM = f"{_WIKI}2321547302/TEvo+Order+Integration%3A+supporting+auto-confirm"
_PARTNER = f"{_WIKI}4799365126/API+Partner+Order+Integration"


@dataclass(frozen=True, slots=True)
class Source:
    """A quotation with its address, or the reason for a recommendation."""

    text: str
    address: str = ""

    def __str__(self) -> str:
        """Write it for people, on one line."""
        return f'TEvo: "{self.text}" ({self.address})' if self.address else f"mockpos recommendation: {self.text}"


def recommendation(why: str) -> Source:
    """Return a rule's reason where no page of TEvo's states the rule."""
    return Source(why)


HOLD = Source("will put the inventory on hold in the system of record", _AUTO_CONFIRM)
RELEASE = Source("will release the hold for that inventory", _AUTO_CONFIRM)
INVOICE = Source("will sell out the inventory in the system of record as TEvo as the buyer", _AUTO_CONFIRM)
JSON_BODY = Source("JSON formatted response body", _AUTO_CONFIRM)
AVERAGE = Source("All response times will return on average within 5 seconds.", _AUTO_CONFIRM)
CODES = Source(
    "Automators will provide documentation which will include but not be limited to response codes for each endpoint "
    "with details on what each code means.",
    _AUTO_CONFIRM,
)
WORST = Source("The hold call may add up to 30 seconds to the checkout process.", _PARTNER)
