"""``mockpos conform URL``: judge an automator's server."""

import secrets
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from mockpos.cli.conform.reports import LEVEL, report_options, write_reports
from mockpos.cli.options import api_key_option, contract_option
from mockpos.cli.terminal import mark
from mockpos.domain.errors import BadInput

if TYPE_CHECKING:
    from mockpos.conformance.options import Options
    from mockpos.conformance.run import Run

_FILE = click.Path(path_type=Path)


@click.command("run")
@click.argument("url", metavar="URL")
@api_key_option("The automator's API key.")
@click.option(
    "--listing",
    "listings",
    metavar="ID:QUANTITY[:SPLITS]",
    multiple=True,
    help="A listing that may be used, and how many tickets are free on it; repeatable.",
)
@click.option("--sold-out", metavar="ID", help="A listing that is sold out.")
@contract_option("The automator's contract file, where it is not the default one.")
@click.option(
    "--profile",
    type=click.Choice(("quick", "read-only", "full")),
    default="full",
    show_default=True,
    help="quick: one hold and its release. read-only: holds nothing that exists.",
)
@click.option("--allow-invoice", is_flag=True, help="Buy some tickets of the listings: sales cannot be taken back.")
@click.option(
    "--only", metavar="CHECK", multiple=True, help="Only this check (or HOLD-*), with what it rests on; repeatable."
)
@click.option("--rerun", metavar="REPORT", type=_FILE, help="Only what did not pass in this report.")
@LEVEL
@click.option("--codes", metavar="FILE|URL", help="The documented codes: one a line, or an OpenAPI document.")
@click.option(
    "--known-failing", metavar="FILE", type=_FILE, help="Checks that are known to fail, with reasons (conform.yaml)."
)
@click.option("--restart", metavar="COMMAND", help="Restarts the automator, to see whether holds survive that.")
@click.option(
    "--wait-expiry",
    type=click.FloatRange(0),
    metavar="SECONDS",
    default=30.0,
    show_default=True,
    help="Wait so long at most for a hold to lapse.",
)
@click.option(
    "--load", type=click.IntRange(1, 64), default=4, show_default=True, help="Buyers side by side, for the times."
)
@click.option(
    "--time-limit",
    type=click.FloatRange(1),
    metavar="SECONDS",
    default=180.0,
    show_default=True,
    help="End the run after so long.",
)
@click.option("--seed", type=int, help="Shuffle the races as another run did.")
@click.option("--dry-run", is_flag=True, help="Say what would be done, and do nothing.")
@click.option("--trace", is_flag=True, help="Show every call and answer.")
@report_options
@click.option("--ledger", metavar="FILE", type=_FILE, help="Where holds are written down before they are asked for.")
def run(url: str, **given: Any) -> None:
    """Judge an automator's server, black box, over HTTP.

    It uses only the listings it is given, releases what it holds and says what it will do beforehand. Every request
    carries X-Conform-Check and a Global ID that names run and check, so the automator's own log can be searched.

    \b
    Exit status: 0 conformant; 1 not conformant; 3 partial (nothing failed, something
    could not be tested); 4 nothing tested.

    \b
    Examples:
      mockpos conform http://127.0.0.1:8000 --profile quick --listing 4711:12
      mockpos conform http://127.0.0.1:8000 --listing 4711:12 --allow-invoice --sold-out 4712 --html report.html
      mockpos conform http://127.0.0.1:8000 --listing 4711:12 --only HOLD-03 --trace
    """
    sys.exit(_conform(url, given))


def _conform(url: str, given: dict[str, Any]) -> int:
    from mockpos.cli.conform.screen import Screen
    from mockpos.cli.process import patiently_ended
    from mockpos.conformance.ledger import Ledger
    from mockpos.conformance.plan import plan_of
    from mockpos.conformance.run import Run, select
    from mockpos.conformance.target import Target

    options = _options(url, given)
    selected = select(options)
    screen = Screen(trace=given["trace"], quiet=str(given["json_file"]) == "-")
    run_id = _run_id()
    plan = plan_of(selected, options)
    screen.begin(options, plan, run_id, dry_run=given["dry_run"])
    if given["dry_run"]:
        return 0
    path = given["ledger"] or Path(tempfile.gettempdir()) / f"mockpos-conform-{run_id}.jsonl"
    with _ledger_file(path) as file:
        ledger = Ledger(file)
        ledger.write_head(url=url, contract=given["contract_path"] and str(given["contract_path"].resolve()))
        target = Target(options, ledger, run_id, on_exchange=screen.on_exchange)
        run = Run(target, options, selected, on_result=screen.on_result, on_check=screen.on_check)
        run.on_preflight = lambda call: screen.on_preflight(plan, call, options.time_limit)
        with patiently_ended(target.stop) as signals:
            screen.say(f"  should this be killed: mockpos conform cleanup {path}\n")
            run.carry_out()
    status = _report(run, screen, given, signals.status)
    if run.left_behind:
        screen.say(f"once it answers again: mockpos conform cleanup {path}")
    else:
        path.unlink(missing_ok=True)
    return status


def _report(run: "Run", screen: Any, given: dict[str, Any], interrupted: int) -> int:
    from datetime import UTC, datetime

    from mockpos.conformance.options import stale
    from mockpos.conformance.report.document import document_of, exit_status
    from mockpos.conformance.words import Level

    today = datetime.now(UTC).date()  # noqa: TID251  # known failures end on a day of the calendar
    document = document_of(run, stale(run.results, today))
    screen.end(document, run.options.level)
    write_reports(document, given)
    return interrupted or exit_status(document, Level(run.options.level))


def _options(url: str, given: dict[str, Any]) -> "Options":
    from mockpos.conformance.codes import read_codes
    from mockpos.conformance.options import Options, Profile, read_known_failing, read_listing
    from mockpos.conformance.words import Level
    from mockpos.contract.loader import DEFAULT_CONTRACT, load_contract
    from mockpos.http_client import HttpClient

    HttpClient(url)  # refuses what is no address
    contract_path = given["contract_path"]
    only = [*given["only"], *(_unsettled(given["rerun"]) if given["rerun"] else [])]
    return Options(
        url=url,
        api_key=given["api_key"],
        contract=load_contract(contract_path),
        contract_text=(contract_path or DEFAULT_CONTRACT).read_text("utf-8-sig"),
        listings=tuple(read_listing(text) for text in given["listings"]),
        sold_out=given["sold_out"],
        profile=Profile(given["profile"]),
        allow_invoice=given["allow_invoice"],
        only=tuple(only),
        level=Level(given["level"]),
        seed=given["seed"] if given["seed"] is not None else secrets.randbelow(1_000_000),
        codes=read_codes(given["codes"]) if given["codes"] else None,
        restart=given["restart"],
        wait_expiry=given["wait_expiry"],
        time_limit=given["time_limit"],
        load=given["load"],
        known_failing=read_known_failing(given["known_failing"]) if given["known_failing"] else {},
    )


def _unsettled(path: Path) -> Sequence[str]:
    from mockpos.conformance.verify import read_report

    document = read_report(path)
    left = [result["id"] for result in document["results"] if result["word"] not in ("pass", "warn", "not offered")]
    if not left:
        raise BadInput(f"--rerun {path}: everything passed there; nothing is left to run again")
    return left


def _run_id() -> str:
    letters = "0123456789abcdefghijklmnopqrstuvwxyz"
    return "".join(secrets.choice(letters) for _ in range(6))


def _ledger_file(path: Path) -> Any:
    try:
        return path.open("x", encoding="utf-8")
    except OSError as error:
        raise BadInput(
            f"the ledger {path} cannot be written ({error.strerror}); choose another place with --ledger"
        ) from None


@click.command("cleanup")
@click.argument("ledger", type=click.Path(path_type=Path))
@click.option("--url", help="The automator, where it is no longer at the address in the ledger.")
@api_key_option("The automator's API key, which no ledger holds.")
@contract_option("Its contract file, where the ledger's is no longer there.")
def cleanup(ledger: Path, url: str | None, api_key: str, contract_path: Path | None) -> None:
    """Release every hold that a ledger says may still be there.

    Exit status 0 when nothing is left behind, 1 when something is. The ledger is removed once nothing is.

    \b
    Example:
      mockpos conform cleanup /tmp/mockpos-conform-k7f2a9.jsonl
    """
    from mockpos.conformance.give_back import release_all
    from mockpos.conformance.ledger import read_ledger
    from mockpos.conformance.options import Options
    from mockpos.conformance.target import Target
    from mockpos.contract.loader import load_contract

    head, entries = read_ledger(ledger)
    path = contract_path or (Path(head["contract"]) if head.get("contract") else None)
    options = Options(url=url or str(head["url"]), api_key=api_key, contract=load_contract(path))
    target = Target(options, entries, "cleanup")
    open_before = len(entries.open_entries())
    left = release_all(target)
    for entry in left:
        click.echo(f"{mark(False)} {entry.global_id}: {entry.quantity:g} of {entry.remote_id}; {entry.detail}")
    click.echo(f"{open_before - len(left)} of {open_before} holds given back; left behind: {len(left) or 'nothing'}")
    if not left:
        ledger.unlink(missing_ok=True)
    sys.exit(1 if left else 0)
