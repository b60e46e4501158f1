"""A soak from begin to end: a server, shoppers, the sideshow, samples all the while, and the verdict."""

import json
import signal
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

from tests.torture.client import Client, Lost
from tests.torture.findings import Finding, shortened
from tests.torture.observed import ObservedWorld, look
from tests.torture.server_process import INVENTORY, DidNotStart, ServerProcess
from tests.torture.soak import verdict
from tests.torture.soak.counting import Quota
from tests.torture.soak.samples import Sample, Sampler
from tests.torture.soak.shoppers import LISTINGS, LOST_LISTINGS, MOODY_LISTING, TICKETS, Caller, Ledger
from tests.torture.soak.sideshow import GoesOn, SideLoad

SHOPPERS = 5
LANDLORDS = 2
_CONNECTIONS = SHOPPERS + 2 * (LANDLORDS + 2)
"""Open at most, beside those of a quiet server: everybody's, and a second one for a sandbox or a stream."""

_SAMPLES = 120
_OPTIONS = ("--remember-holds", "2000", "--remember-releases", "500")
"""So that what is remembered is full before half the calls are made."""

_IDLE_S = 15.0
"""How long idle sandboxes and closed connections have to be noticed."""


@dataclass(slots=True)
class SoakResult:
    """What came of a soak. ``growth_kb``: memory for 1,000 calls in the last half, None when it was too short."""

    samples: list[Sample] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    calls: int = 0
    audited: int = 0
    growth_kb: float | None = None
    made: dict[str, int] = field(default_factory=dict)


def soak(calls: int, seconds: float, folder: Path, on_calls: Callable[[int], None] = lambda _: None) -> SoakResult:
    """Make so many calls, in so many seconds at most."""
    server, soaked = ServerProcess(folder, _OPTIONS), SoakResult()
    server.inventory.write_text(json.dumps({"listings": dict(enumerate(_listings(), start=1))}), encoding="utf-8")
    server.start()
    try:
        _soak(server, Quota(calls, seconds), on_calls, soaked)
        server.signal(signal.SIGTERM)
        status, left = server.stopped(), server.leftovers()
        if status != 0 or left != {INVENTORY}:
            soaked.findings.append(Finding("clean stop", f"exit status {status}, left behind {sorted(left)}"))
    except (Lost, DidNotStart) as error:
        soaked.findings.append(Finding("the server is gone", str(error)))
    finally:
        server.end()
    soaked.findings += [Finding("the server's log", line) for line in server.complaints()]
    soaked.findings = shortened(soaked.findings)
    return soaked


def _soak(server: ServerProcess, quota: Quota, on_calls: Callable[[int], None], soaked: SoakResult) -> None:
    """Let everybody work, then judge. Raises Lost or DidNotStart when the server is gone."""
    url = server.url()
    ledger, sideshow = Ledger(), SideLoad(url, quota.calls)
    with Client(url) as client, Sampler(server.pid, server.folder, url) as sampler:
        sideshow.choose_first_scenario(client)
        quiet = sampler.look(0)
        shoppers = [Caller(f"shopper-{number}", url, ledger, quota.calls) for number in range(SHOPPERS)]
        loops = [shopper.work for shopper in shoppers]
        loops += [sideshow.turn_the_clock, sideshow.listen, *[sideshow.make_sandboxes] * LANDLORDS]
        soaked.findings += _work(loops, quota, lambda: _sample(sampler, quota, on_calls, soaked))
        soaked.calls, soaked.made = quota.calls.made, sideshow.made
        soaked.findings += [*ledger.findings, *sideshow.findings]
        end = _when_idle(sampler, quiet, quota.calls.made)
        soaked.growth_kb = verdict.growth_kb(soaked.samples)
        soaked.findings += verdict.of_growth(soaked.growth_kb)
        soaked.findings += verdict.of_samples(quiet, soaked.samples, end, _CONNECTIONS)
        soaked.samples = [quiet, *soaked.samples, end]
        _compare(client, ledger, soaked)


def _work(loops: Sequence[Callable[[GoesOn], None]], quota: Quota, sample: Callable[[], None]) -> list[Finding]:
    """Run the loops side by side until the quota is spent or one of them fails; return what they failed of."""
    with ThreadPoolExecutor(len(loops)) as pool:
        work = [pool.submit(loop, quota.goes_on) for loop in loops]
        try:
            while quota.goes_on() and not any(each.done() for each in work):
                sample()
                time.sleep(min(1.0, quota.seconds / _SAMPLES))
        finally:
            quota.end()
    failures = [failure for each in work if (failure := each.exception()) is not None]
    return [Finding("a client failed", repr(failure)) for failure in failures]


def _sample(sampler: Sampler, quota: Quota, on_calls: Callable[[int], None], soaked: SoakResult) -> None:
    soaked.samples.append(sampler.look(quota.calls.made))
    on_calls(quota.calls.made)


def _when_idle(sampler: Sampler, quiet: Sample, calls: int) -> Sample:
    """Look until nothing is left over, or until it should long have been."""
    deadline = time.monotonic() + _IDLE_S
    while True:
        sample = sampler.look(calls)
        if (sample.descriptors <= quiet.descriptors and sample.sandboxes == 1) or time.monotonic() > deadline:
            return sample
        time.sleep(0.1)


def _compare(client: Client, ledger: Ledger, soaked: SoakResult) -> None:
    """Compare what the server says of itself with what its shoppers know."""
    soaked.audited = len(ledger.expected)
    report = client.call("GET", "/_mock/audit").body
    soaked.findings += verdict.of_audit(report, ledger.expected)
    soaked.findings += verdict.of_metrics(client.text("/metrics"), ledger.calls.made)
    soaked.findings += _adds_up(look(client, ()))


def _adds_up(sight: ObservedWorld) -> list[Finding]:
    """Check rule 1; of what was sold, the server remembers only the last."""
    held = dict.fromkeys(sight.listings, 0)
    for hold in sight.holds.values():
        held[hold.remote_id] += hold.quantity if hold.status == "held" else 0
    return [
        Finding("quantity = available + held + sold", str(listing))
        for listing in sight.listings.values()
        if listing.quantity != listing.available + listing.held + listing.sold
        or listing.held != held[listing.remote_id]
    ]


def _listings() -> list[dict[str, object]]:
    named = {f"TG-{number}": TICKETS for number in range(LISTINGS)}
    named |= {MOODY_LISTING: 50, **{f"TG-L{number}": 4 for number in range(LOST_LISTINGS)}}
    return [
        {"remote_id": remote_id, "section": "1", "quantity": quantity, "wholesale_price": "10.00", "seat_from": 1}
        for remote_id, quantity in named.items()
    ]
