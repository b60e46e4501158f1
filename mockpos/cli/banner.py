"""What ``mockpos serve`` says when it is ready: what is really active, and one call to try."""

import click

from mockpos.bootstrap import Mock, quick_start
from mockpos.contract.bodies import write_call
from mockpos.contract.model import Contract
from mockpos.control_client import TOKEN_HEADER
from mockpos.domain.catalogue import Operation
from mockpos.domain.clock import show_duration, stands_still
from mockpos.services.quick_start import count_over
from mockpos.settings import MadeToken, Settings
from mockpos.web.control.guard import is_loopback

_EMPTY = "it holds no listings: stop, and fill it with `mockpos import FILE`, or remove it to start from a fixture"
_WIDTH = 11
_EARLIER_RUN = "of an earlier run: `mockpos reset` begins anew"


def over_and_what_to_do(over: int, count: int, *, kept: bool = False) -> str:
    """Say how many listings cannot be sold any more, and the ways out. ``kept``: they would move, but were not to."""
    way_out = "serve with --dates ahead" if kept else "import a newer file, or set the clock back (mockpos clock set)"
    return f"{over:,} of {count:,} listings are over: {way_out}"


def banner(mock: Mock, contract: Contract, url: str) -> str:
    """Return the lines, for a person and for whoever greps them."""
    settings = mock.settings
    count = mock.sandboxes.default.store.listing_count()
    live, remembered = mock.sandboxes.default.store.hold_counts()
    over = count_over((listing for listing, _ in mock.inventory.listings()), mock.sandboxes.default.clock.now())
    rows = [
        ("URL", url),
        ("API key", f"{settings.api_key}  ({contract.key.header}: {contract.key.value('KEY')})"),
        ("inventory", f"{_source(settings)}  ({count:,} listings, {live:,} live holds, {remembered:,} ended)"),
        *(
            [
                (
                    "over",
                    over_and_what_to_do(
                        over, count, kept=mock.inventory.anchor is not None and settings.dates == "keep"
                    ),
                )
            ]
            if over
            else []
        ),
        *([("warning", _EMPTY)] if not count else []),
        *([("state", _EARLIER_RUN)] if live or remembered else []),
        ("hold TTL", f"{show_duration(settings.hold_ttl)}, then {settings.lapsed_hold}"),
        ("contract", f"{contract.name} {contract.version}"),
        ("scenario", _scenario(mock)),
        ("control", _control(mock, url)),
        ("docs", f"{url}/docs  and  {url}/docs/codes"),
    ]
    if mock.inventory.stands_still_ms():
        rows.insert(3, ("clock", stands_still(mock.inventory.stands_still_ms())))
    if settings.memory:
        rows.insert(3, ("state", "in memory only: nothing is written, a stop throws it away"))
    if settings.rate_limit is not None:
        rows.append(("rate limit", f"{settings.rate_limit[0]} calls in {settings.rate_limit[1]:g} s a key"))
    if settings.durability == "disk":
        rows.append(("durability", "disk: every answer waits for it"))
    lines = [click.style("mockpos", bold=True) + " is ready"]
    lines += [f"  {name:{_WIDTH}}{value}" for name, value in rows]
    return "\n".join([*lines, "", "Hold some tickets:", f"  {example_curl(mock, contract, url)}", ""])


def _source(settings: Settings) -> str:
    """Say where the listings are from."""
    is_fixture = settings.memory and "inventory" not in settings.given
    return f"the fixture {settings.fixture}" if is_fixture else str(settings.inventory)


def _control(mock: Mock, url: str) -> str:
    """Say how to reach the control plane. The token itself is shown only where it was made up, and once."""
    settings = mock.settings
    is_made = isinstance(settings.control_token, MadeToken)
    if is_made and is_loopback(settings.host):
        return f"{url}/_mock/  (open: only this machine reaches it)"
    shown = settings.control_token if is_made else "the token you gave"
    return f"{url}/_mock/  ({TOKEN_HEADER}: {shown})"


def _scenario(mock: Mock) -> str:
    selector = mock.sandboxes.default.selector
    active = selector.active
    shown = f"{active.name}  ({active.summary})" if active is not None else "none"
    return f"{shown}; the magic Remote IDs are {'on' if selector.magic else 'off'}"


def example_curl(mock: Mock, contract: Contract, url: str) -> str:
    """Return a hold that succeeds, ready to paste into a shell."""
    try_it = quick_start(mock.inventory).purchase()
    values = {"remote_id": try_it.remote_id, "quantity": try_it.quantity, "global_id": try_it.global_id}
    request = write_call(contract, Operation.HOLD, values, mock.settings.api_key)
    headers = " ".join(f"-H '{name}: {value}'" for name, value in request.headers if name != "Accept")
    body = (request.body or b"").decode()
    return f"curl -X {request.method} '{url}{request.target}' {headers} -d {_quoted(body)}"


def _quoted(text: str) -> str:
    """Quote for a POSIX shell."""
    return "'" + text.replace("'", "'\\''") + "'"
