"""``mockpos checkout-plan``: judge a checkout, such as Ticket Evolution's own, while mockpos plays the automator."""

import secrets
import signal
import sys
from collections.abc import Sequence
from difflib import get_close_matches
from textwrap import fill
from typing import Any

import click
from click.shell_completion import CompletionItem

from mockpos.checkout_plan.judge import Evidence, Result, judge
from mockpos.checkout_plan.plan import Plan, find_plan, load_plan, plan_names
from mockpos.checkout_plan.run import CheckoutRun, Play, Waiting
from mockpos.cli.conform.reports import report_options, write_reports
from mockpos.cli.options import SuggestingGroup, contract_option
from mockpos.cli.table import show_json
from mockpos.cli.terminal import handled
from mockpos.conformance.check import Level, Reason
from mockpos.conformance.report import lines
from mockpos.conformance.report.document import exit_status, finding_document
from mockpos.conformance.report.lines import shortened
from mockpos.contract.loader import DEFAULT_CONTRACT, load_contract
from mockpos.domain.counted import counted
from mockpos.testing import serve

_OWN = ("list", "run")
_ALL = "all"


class PlanGroup(SuggestingGroup):
    """Takes the name of a plan for the command that runs it."""

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command; whatever is not like one of them is a plan, which is run."""
        is_command = args[0].startswith("-") or get_close_matches(args[0], _OWN)
        return super().resolve_command(ctx, args if is_command else ["run", *args])


@click.group("checkout-plan", cls=PlanGroup)
def command() -> None:
    """Judge a checkout: mockpos plays the automator, says what to buy, and watches what the checkout does.

    \b
    Examples:
      mockpos checkout-plan list
      mockpos checkout-plan run lost-hold-answer
      mockpos checkout-plan run all --html checkout.html
      mockpos checkout-plan run mine.yaml --wait 60
    """


@command.command("list")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def list_plans(as_json: bool) -> None:
    """List the plans that come with mockpos."""
    plans = [load_plan(find_plan(name)) for name in plan_names()]
    if as_json:
        listed = [{"name": plan.name, "summary": plan.summary, "do": plan.do} for plan in plans]
        show_json(listed)
        return
    for plan in plans:
        click.echo(f"{click.style(plan.name, bold=True)}\n{_wrapped(plan.summary, '  ')}")
    click.echo("\nHint: `mockpos checkout-plan run all` runs one after the other.", err=True)


def _complete(context: click.Context, parameter: click.Parameter, begun: str) -> list[CompletionItem]:
    found = [CompletionItem(name) for name in (*plan_names(), _ALL) if name.startswith(begun)]
    return found or [CompletionItem(begun, type="file")]


@command.command("run")
@click.argument("names", metavar="PLAN...", nargs=-1, required=True, shell_complete=_complete)
@click.option("--listing", metavar="REMOTE_ID", default="TG-1042", show_default=True,
              help="What the checkout buys; one that is not there is added.")  # fmt: skip
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", default="8000", show_default=True, help="Port to listen on; 0 picks a free one.")
@click.option("--api-key", default="checkout-plan-key", show_default=True, help="The key that the checkout sends.")
@contract_option("The contract that it speaks, where it is not the default one.")
@click.option("--wait", type=click.FloatRange(0), metavar="SECONDS", default=300.0, show_default=True,
              help="Wait so long for the first call of a plan.")  # fmt: skip
@click.option("--settled", type=click.FloatRange(0), metavar="SECONDS", default=3.0, show_default=True,
              help="Wait so long for more once nothing is open.")  # fmt: skip
@click.option("--patience", type=click.FloatRange(0), metavar="SECONDS",
              help="Wait so long for more while something is open, in the place of the plan's own time.")  # fmt: skip
@report_options
def run(names: Sequence[str], **given: Any) -> None:
    """Run plans, one after the other.

    mockpos serves, says what to do now, watches and judges. PLAN is one of `mockpos checkout-plan list`, a YAML file
    of your own, or all. Point your checkout at the address and key that are shown; they stay the same for all plans.

    \b
    Exit status: 0 conformant; 1 not conformant; 3 partial (nothing failed,
    something could not be tested); 4 nothing tested.

    \b
    Examples:
      mockpos checkout-plan run good-purchase
      mockpos checkout-plan run all --port 8123 --html checkout.html --junit checkout.xml
    """
    sys.exit(_run(names, given))


def _run(names: Sequence[str], given: dict[str, Any]) -> int:
    wanted = [each for name in names for each in (plan_names() if name == _ALL else [name])]
    plans = [load_plan(find_plan(name)) for name in dict.fromkeys(wanted)]
    path = given["contract_path"]
    contract = load_contract(path)
    text = (path or DEFAULT_CONTRACT).read_text("utf-8-sig")
    course = CheckoutRun(secrets.token_hex(3), contract, text, given["listing"])
    say = _Say(quiet=str(given["json_file"]) == "-")
    stopped = 0

    def interrupt(number: int, frame: object) -> None:
        nonlocal stopped
        stopped = 128 + number
        raise KeyboardInterrupt

    with serve(host=given["host"], port=given["port"], contract=path) as server, handled(interrupt):
        say.begin(server.url, given["api_key"], course, len(plans))
        try:
            _play_all(server, plans, course, given, say)
        except KeyboardInterrupt:
            stopped = stopped or 128 + signal.SIGINT
    document = course.document()
    say.end(document)
    write_reports(document, given)
    return stopped or exit_status(document, Level.SHOULD)


def _play_all(server: Any, plans: Sequence[Plan], course: CheckoutRun, given: dict[str, Any], say: "_Say") -> None:
    waiting = Waiting(first=given["wait"], settled=given["settled"], open=given["patience"])
    with server.sandbox(api_key=given["api_key"]) as sandbox:
        for number, plan in enumerate(plans, 1):
            play = Play(sandbox, plan, given["listing"], waiting, say.call, course.next_number)
            try:
                play.prepare()
                say.plan(number, len(plans), plan, given["listing"], waiting)
                evidence = play.watch()
            except KeyboardInterrupt:
                course.interrupted = True
                for left in plans[number - 1 :]:
                    course.add(left, judge(left, Evidence((), (), 0, 0, Reason.INTERRUPTED)), (), 0)
                raise
            results = judge(plan, evidence)
            course.add(plan, results, evidence.calls, evidence.sold)
            say.results(results)


class _Say:
    """What stands in the terminal. ``quiet``: standard output is the report's, so all goes to standard error."""

    def __init__(self, *, quiet: bool) -> None:
        self._err = quiet

    def begin(self, url: str, api_key: str, course: CheckoutRun, count: int) -> None:
        key = course.contract.key
        self._line(f"mockpos checkout-plan: {counted(count, 'plan')}, run {course.run_id}")
        self._line(f"  address  {url}\n  key      {api_key} (header {key.header})")

    def plan(self, number: int, count: int, plan: Plan, listing: str, waiting: Any) -> None:
        open_for = plan.patience / 1000 if waiting.open is None else waiting.open
        self._line(f"\n{click.style(f'{number} of {count}  {plan.name}', bold=True)}")
        self._line(_wrapped(plan.summary, "  "))
        self._line(f"  now: {click.style(_wrapped(plan.instruction(listing), '       ').lstrip(), bold=True)}")
        self._line(f"  waits {waiting.first:g} s for the first call; judges {waiting.settled:g} s after the last one,")
        self._line(f"  {open_for:g} s where something is open")

    def call(self, call: dict[str, Any]) -> None:
        lost = "" if call["sent"] == "complete" else f", answer lost ({call['sent']})"
        again = ", as before" if call["replayed"] else ""
        told = f"{call['operation']:8} {shortened(call['global_id'] or '-', 40)}  {call['code']}{again}{lost}"
        self._line(f"    {told}")

    def results(self, results: Sequence[Result]) -> None:
        if len({result.finding for result in results}) == 1:  # nothing came: one line says it all
            said = lines.said_of(finding_document(results[0].finding))
            self._line(click.style(f"  ? {said}", fg="cyan"))
            return
        for result in results:
            document = finding_document(result.finding)
            if document["word"] == "not offered":
                continue
            colour = lines.COLOURS[document["word"]]
            mark = click.style(f"{lines.MARKS[document['word']]} {result.rule.id}", fg=colour)
            self._line(f"  {mark} {_wrapped(result.rule.rule).lstrip()}")
            said = lines.said_of(document)
            if said:
                self._line(click.style(_wrapped(lines.shortened(said, 400)), fg=colour))

    def end(self, document: dict[str, Any]) -> None:
        verdict = document["verdict"]["should"]
        self._line("")
        for line in lines.sums(document):
            self._line(line)
        self._line(click.style(verdict, fg=lines.VERDICT_COLOURS[verdict], bold=True))

    def _line(self, text: str) -> None:
        click.echo(text, err=self._err)


def _wrapped(text: str, indent: str = " " * 11) -> str:
    return fill(text, 79, initial_indent=indent, subsequent_indent=indent, break_on_hyphens=False)
