"""``mockpos conform URL``: judge an automator's server."""

import os
import secrets
import sys
import tempfile
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import click

from mockpos import __version__
from mockpos.cli.conform.reports import LEVEL, report_options, write_reports
from mockpos.cli.options import PATH, api_key_option, contract_option
from mockpos.cli.terminal import mark, patiently_ended
from mockpos.conformance.check import Check, Level
from mockpos.conformance.checks import RULESET
from mockpos.conformance.evidence import HOST_MARK, Exchange
from mockpos.conformance.give_back import release_all
from mockpos.conformance.ledger import Ledger, read_ledger
from mockpos.conformance.options import Options, Profile, read_codes, read_known_failing, read_listing, stale
from mockpos.conformance.plan import Plan, described, plan_of
from mockpos.conformance.report import lines
from mockpos.conformance.report.document import document_of, exit_status, proof_of, read_report, result_document
from mockpos.conformance.run import CheckResult, Run, select
from mockpos.conformance.target import Target
from mockpos.contract.loader import DEFAULT_CONTRACT, load_contract
from mockpos.domain.counted import counted, were
from mockpos.domain.errors import BadInput
from mockpos.http_client import HttpClient

_AS_GIVEN = ("api_key", "sold_out", "allow_invoice", "restart", "wait_expiry", "time_limit", "load")


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
@click.option("--rerun", metavar="REPORT", type=PATH, help="Only what did not pass in this report.")
@LEVEL
@click.option("--codes", metavar="FILE|URL", help="The documented codes: one a line, or an OpenAPI document.")
@click.option(
    "--known-failing", metavar="FILE", type=PATH, help="Checks that are known to fail, with reasons (conform.yaml)."
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
@click.option("--ledger", metavar="FILE", type=PATH, help="Where holds are written down before they are asked for.")
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


def _report(run: Run, screen: "Screen", given: dict[str, Any], interrupted: int) -> int:
    today = datetime.now(UTC).date()  # noqa: TID251  # known failures end on a day of the calendar
    document = document_of(run, stale(run.results, today))
    screen.end(document, run.options.level)
    write_reports(document, given)
    return interrupted or exit_status(document, Level(run.options.level))


def _options(url: str, given: dict[str, Any]) -> Options:
    HttpClient(url)  # refuses what is no address
    contract_path = given["contract_path"]
    only = [*given["only"], *(_unsettled(given["rerun"]) if given["rerun"] else [])]
    return Options(
        url=url,
        contract=load_contract(contract_path),
        contract_text=(contract_path or DEFAULT_CONTRACT).read_text("utf-8-sig"),
        listings=tuple(read_listing(text) for text in given["listings"]),
        profile=Profile(given["profile"]),
        only=tuple(only),
        level=Level(given["level"]),
        seed=given["seed"] if given["seed"] is not None else secrets.randbelow(1_000_000),
        codes=read_codes(given["codes"]) if given["codes"] else None,
        known_failing=read_known_failing(given["known_failing"]) if given["known_failing"] else {},
        **{name: given[name] for name in _AS_GIVEN},
    )


def _unsettled(path: Path) -> Sequence[str]:
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
@click.argument("ledger", type=PATH)
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
    head, entries = read_ledger(ledger)
    path = contract_path or (Path(head["contract"]) if head.get("contract") else None)
    options = Options(url=url or str(head["url"]), api_key=api_key, contract=load_contract(path))
    target = Target(options, entries, "cleanup")
    open_before = len(entries.open_entries())
    left = release_all(target)
    for entry in left:
        click.echo(f"{mark(False)} {entry.global_id}: {entry.quantity:g} of {entry.remote_id}; {entry.detail}")
    click.echo(
        f"{open_before - len(left)} of {counted(open_before, 'hold')} given back; left behind: {len(left) or 'nothing'}"
    )
    if not left:
        ledger.unlink(missing_ok=True)
    sys.exit(1 if left else 0)


_LONGEST = 78
_MOST_PROOF = 4
_MOST_NAMED = 6
_LONGER = 1.3


class Screen:
    """A terminal or a pipe. ``quiet``: standard output is the report's, so everything else goes to standard error."""

    def __init__(self, *, trace: bool, quiet: bool) -> None:
        self._trace = trace
        self._to_stderr = quiet
        self._host = ""
        stream = sys.stderr if quiet else sys.stdout
        self._live = stream.isatty() and not trace and "NO_COLOR" not in os.environ

    def begin(self, options: Options, plan: Plan, run_id: str, *, dry_run: bool) -> None:
        """Say what will be done."""
        self._host = urlsplit(options.url).netloc
        self.say(f"mockpos conform {__version__}, ruleset {RULESET}, run {run_id}, seed {options.seed}")
        contract = f"{options.contract.name} {options.contract.version}"
        self.say(f"  {options.url}, contract {contract}, profile {options.profile.value}")
        for line in plan.lines(options):
            self.say(f"  {line}")
        if dry_run:
            for check in plan.checks:
                self.say(f"\n{check.id}  {check.level.value}  {check.rule}")
                for step in described(check):
                    self.say(f"    {step}")
            self.say("\ndry run: nothing was sent")

    def on_preflight(self, plan: Plan, call: float, time_limit: float) -> None:
        """Say how long the run takes, where calls take longer than was thought."""
        if plan.seconds(call) > _LONGER * plan.seconds() + 1:
            limit = f"; --time-limit {time_limit:g} ends it" if plan.seconds(call) > time_limit else ""
            self.say(f"  a call takes {call * 1000:,.0f} ms here: {plan.duration(call)}{limit}\n")

    def on_check(self, check: Check) -> None:
        """Show which check is under way, where lines can be replaced."""
        if self._live:
            text = f"  {check.id}  {check.rule}"
            click.echo(f"\r\033[K{text[:_LONGEST]}", nl=False, err=self._to_stderr)

    def on_exchange(self, exchange: Exchange) -> None:
        """Show a call, when every call is to be shown."""
        if self._trace:
            document = exchange.document()
            first, *rest = lines.exchange_lines(document)
            self.say(f"    {exchange.at:7.3f} s  {first}")
            for line in rest:
                self.say(f"               {line}")

    def on_result(self, result: CheckResult) -> None:
        """Show what a check came to."""
        document = result_document(result)
        if self._live:
            click.echo("\r\033[K", nl=False, err=self._to_stderr)
        colour = lines.COLOURS[document["word"]]
        mark = click.style(f"{lines.MARKS[document['word']]} {result.check.id:8}", fg=colour)
        self.say(f"{mark} {lines.shortened(result.check.rule, _LONGEST - 11)}")
        said = lines.said_of(document)
        if said:
            self.say(click.style(f"           {lines.shortened(said, 400)}", fg=colour))

    def end(self, document: dict[str, Any], level: Level) -> None:
        """Show the reasons, the sums and the verdict."""
        if document["preflight"]:
            message = document["preflight"].replace(HOST_MARK, self._host)
            self.say(click.style(f"pre-flight failed: {lines.shortened(message, 600)}", fg="red"))
        self._say_proof(document)
        self.say("")
        if not document["preflight"]:
            for why, checks in lines.gaps(document):
                shown = ", ".join(checks) if len(checks) <= _MOST_NAMED else f"{len(checks)} checks"
                self.say(f"cannot test {shown}: {lines.shortened(why, 300)}")
        for note in document["notes"]:
            self.say(f"note: {lines.shortened(note)}")
        for line in document["stale_known_failing"]:
            self.say(click.style(f"out of date: {line}", fg="red"))
        for line in lines.sums(document):
            self.say(line)
        self.say(lines.left_behind(document))
        verdict = document["verdict"][level.value]
        many = len(document["results"])
        asked = f" in the {counted(many, 'check')} that {were(many)} asked for"
        scope = asked if document["checks_not_asked_for"] else ""
        self.say(click.style(f"{verdict}{scope}", fg=lines.VERDICT_COLOURS[verdict], bold=True))

    def _say_proof(self, document: dict[str, Any]) -> None:
        exchanges = proof_of(document)
        for result in document["results"]:
            if result["word"] != "fail" or not result["proof"]:
                continue
            self.say(f"\n{result['id']} in calls:")
            for number in result["proof"][:_MOST_PROOF]:
                for line in lines.exchange_lines(exchanges[number]):
                    self.say(f"    {line}")

    def say(self, text: str) -> None:
        """Print a line."""
        click.echo(text, err=self._to_stderr)
