"""Every broken automator with the check that is made for it. The published table is made from this one."""

import shlex
import sys
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Any

from tests.conformance import broken_answers as answers
from tests.conformance import broken_holds as holds
from tests.conformance import broken_invoices as invoices
from tests.conformance.good import Automator, make_app, served


@dataclass(frozen=True)
class Fault:
    """One broken automator: what is wrong with it, the check made for it, how it is made and judged."""

    name: str
    check: str
    make: Callable[[], Any]
    options: dict[str, Any] = field(default_factory=dict)
    word: str = "fail"
    serve: Callable[[Any], AbstractContextManager[str]] = served


def _of(automator: Callable[..., Automator], **more: Any) -> Callable[[], Any]:
    return lambda: with_restart(automator(**more))


def with_restart(automator: Automator) -> Any:
    """Return an application that has a way to be restarted from outside."""
    app = make_app(automator)

    def call(environ: Any, start_response: Any) -> Any:
        if environ["PATH_INFO"] == "/restart-for-tests":
            automator.restart()
            start_response("204 No Content", [])
            return []
        return app(environ, start_response)

    return call


def restart_command(url: str) -> str:
    program = f"import urllib.request; urllib.request.urlopen('{url}/restart-for-tests')"
    return f"{shlex.quote(sys.executable)} -S -c {shlex.quote(program)}"


_LAPSES = {"wait_expiry": 5.0}

FAULTS = (
    Fault("oversells when holds race", "RACE-01", _of(holds.OversellsWhenHoldsRace)),
    Fault("never counts down what is free", "HOLD-02", _of(holds.NeverCountsDown)),
    Fault("takes tickets again when a hold is repeated", "HOLD-03", _of(holds.TakesAgainOnReplay)),
    Fault("answers a repeated hold with other seats", "HOLD-03", _of(holds.NewSeatsOnReplay)),
    Fault("lets another quantity replace a hold", "HOLD-04", _of(holds.ChangesTheHold)),
    Fault("answers 500 to an unknown Remote ID", "HOLD-05", _of(holds.UnknownListingCrashes)),
    Fault("holds an unknown Remote ID", "HOLD-05", _of(holds.UnknownListingIsHeld)),
    Fault("holds fewer tickets than were asked for", "HOLD-06", _of(holds.HoldsFewer)),
    Fault("takes a ticket although it refuses the hold", "HOLD-06", _of(holds.RefusedHoldTakesOne)),
    Fault("holds a sold-out listing", "HOLD-07", _of(holds.SoldOutIsHeld)),
    Fault("ignores splits", "HOLD-08", _of(holds.IgnoresSplits)),
    Fault("accepts quantity 0", "HOLD-09", lambda: answers.lax_quantity(lambda value: value == 0)),
    Fault("accepts quantity -1", "HOLD-10", lambda: answers.lax_quantity(lambda value: value == -1)),
    Fault("accepts quantity 2.5", "HOLD-11", lambda: answers.lax_quantity(lambda value: value == 2.5)),
    Fault("holds again under a released Global ID", "HOLD-12", _of(holds.HoldsReleasedIdsAgain), word="warn"),
    Fault("forgets holds at a restart", "HOLD-13", _of(holds.ForgetsAtRestart), {"restart": True}),
    Fault("answers a hold with another Global ID", "HOLD-14", _of(holds.AnotherGlobalId)),
    Fault("answers a hold with another quantity", "HOLD-14", _of(holds.AnotherQuantity)),
    Fault("answers 500 to releases", "REL-01", _of(holds.ReleaseCrashes)),
    Fault("keeps tickets that were released", "REL-02", _of(holds.ReleaseLeaks)),
    Fault("frees tickets twice when a release is repeated", "REL-03", _of(holds.FreesTwice)),
    Fault("answers 500 to a repeated release", "REL-03", _of(holds.RepeatedReleaseCrashes)),
    Fault("answers 500 to the release of an unknown Global ID", "REL-04", _of(holds.UnknownReleaseCrashes)),
    Fault("lets a late hold stay after its release", "REL-05", _of(holds.LateHoldStays)),
    Fault("un-sells on a release after the invoice", "REL-06", _of(invoices.UnSells)),
    Fault("answers a release after the invoice with success", "REL-06", _of(invoices.ReleasesSold)),
    Fault("takes tickets twice when replays race", "RACE-02", _of(holds.ReplaysRace)),
    Fault("answers 500 to invoices", "INV-01", _of(invoices.InvoiceCrashes)),
    Fault("puts sold tickets back on sale", "INV-02", _of(invoices.SoldIsFree)),
    Fault("sells again when an invoice is repeated", "INV-03", _of(invoices.SellsAgainOnReplay)),
    Fault("writes a second invoice for one order", "INV-03", _of(invoices.NewInvoiceOnReplay)),
    Fault("invoices an unknown Global ID", "INV-04", _of(invoices.UnknownIsInvoiced)),
    Fault("sells another hold at the invoice of an unknown Global ID", "INV-04", _of(invoices.UnknownSellsAnother)),
    Fault("invoices a released hold", "INV-05", _of(invoices.ReleasedIsInvoiced)),
    Fault("takes a second order for a sold hold", "INV-06", _of(invoices.TwoOrders)),
    Fault("sells a lapsed hold that others have", "INV-07", _of(invoices.LapsedIsSold, hold_seconds=3), _LAPSES),
    Fault("puts the tickets of a lapsed hold on sale twice", "INV-07", _of(invoices.LapseFreesTwice, hold_seconds=3),
          _LAPSES),
    Fault("keeps tickets beyond the stated expiry", "INV-07", _of(invoices.NeverLapses, hold_seconds=3), _LAPSES),
    Fault("sells one hold to two orders that race", "RACE-03", _of(invoices.InvoicesRace)),
    Fault("sells a hold while a release frees it", "RACE-04", _of(invoices.InvoiceRacesRelease)),
    Fault("takes calls without a key", "KEY-01",
          lambda: answers.without_key_check(lambda environ: "HTTP_X_API_KEY" not in environ and not _sells(environ))),
    Fault("takes any key", "KEY-02",
          lambda: answers.without_key_check(lambda environ: environ.get("HTTP_X_API_KEY") and not _sells(environ))),
    Fault("invoices without a key", "KEY-03",
          lambda: answers.without_key_check(lambda environ: "HTTP_X_API_KEY" not in environ and _sells(environ))),
    Fault("answers errors in HTML", "JSON-02", lambda: answers.changed(answers.html_errors)),
    Fault("sends truncated JSON", "JSON-01", lambda: answers.changed(answers.truncated)),
    Fault("sends NaN, which is no JSON", "JSON-01", lambda: answers.changed(answers.not_a_number)),
    Fault("answers a success with an array", "JSON-01", lambda: answers.changed(answers.arrays)),
    Fault("labels JSON as text/plain", "JSON-01", lambda: answers.changed(answers.plain_text)),
    Fault("answers a page to unknown paths", "JSON-03", lambda: answers.changed(answers.page_for_everything)),
    Fault("answers 202 in the place of 200", "HOLD-01", lambda: answers.changed(answers.success_is_202), word="warn"),
    Fault("refuses with an undocumented code", "DOC-01", lambda: answers.changed(answers.undocumented)),
    Fault("shows a stack trace", "SAFE-01", lambda: answers.changed(answers.stack_trace)),
    Fault("shows the API key in an error", "SAFE-01", lambda: answers.changed(answers.echoes_key)),
    Fault("answers 500 to malformed bodies", "NET-03", lambda: answers.changed(answers.malformed_crashes)),
    Fault("forgets a hold whose client left", "NET-01", answers.forgets_when_client_leaves),
    Fault("takes a request in pieces for a broken one", "NET-02", _of(Automator), serve=answers.served_in_one_piece),
    Fault("loses one answer in 40", "NET-04", lambda: answers.loses_answers(40)),
    Fault("answers 503 to one call in 20", "NET-05", lambda: answers.changed(answers.every_so_often(20, 503))),
    Fault("answers 500 under load", "LOAD-01", lambda: answers.crashes_under_load(2)),
    Fault("is slow on average", "TIME-01", lambda: answers.slow(0.03), {"average": 0.02}),
    Fault("is very slow now and then", "TIME-02", lambda: answers.slow(0.6, only_every=70), {"worst": 0.5}),
)  # fmt: skip


def _sells(environ: Any) -> bool:
    return str(environ["PATH_INFO"]).endswith("/invoices")
