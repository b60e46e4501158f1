"""What a run shows in a terminal while it goes on, and at its end."""

import os
import sys
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import click

from mockpos import __version__
from mockpos.conformance.check import Check
from mockpos.conformance.checks import RULESET
from mockpos.conformance.evidence import HOST_MARK, Exchange
from mockpos.conformance.plan import Plan, described
from mockpos.conformance.report import lines
from mockpos.conformance.report.document import proof_of, result_document
from mockpos.conformance.words import Level

if TYPE_CHECKING:
    from mockpos.conformance.options import Options
    from mockpos.conformance.run import CheckResult

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

    def begin(self, options: "Options", plan: Plan, run_id: str, *, dry_run: bool) -> None:
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

    def on_result(self, result: "CheckResult") -> None:
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
        asked = f" in the {len(document['results'])} checks that were asked for"
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
