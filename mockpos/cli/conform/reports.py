"""``mockpos conform rules``, ``verify`` and ``matrix``, all offline, and where reports go, whoever was judged."""

import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import click

from mockpos import __version__
from mockpos.cli.options import PATH, write_file
from mockpos.cli.table import show_json, show_table
from mockpos.conformance.check import Level
from mockpos.conformance.checks import CHECKS, RULESET, meant
from mockpos.conformance.report import html, lines
from mockpos.conformance.report.document import dumps, read_report
from mockpos.conformance.report.document import verify as judged_again
from mockpos.conformance.report.html import html_of
from mockpos.conformance.report.lines import junit_of
from mockpos.conformance.rules import in_groups, markdown, rule_document
from mockpos.domain.errors import BadInput

_OPTIONS = (
    click.option("--html", "html_file", metavar="FILE", type=PATH, help="Write the report as one HTML file."),
    click.option(
        "--json", "json_file", metavar="FILE", type=PATH, help="Write the report as JSON; - for standard output."
    ),
    click.option("--junit", "junit_file", metavar="FILE", type=PATH, help="Write the results as JUnit XML."),
)


LEVEL = click.option(
    "--level",
    type=click.Choice(("must", "should")),
    default="should",
    show_default=True,
    help="Which rules count for the exit status.",
)


def report_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options that name the files."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


def write_reports(document: dict[str, Any], given: Mapping[str, Any]) -> None:
    """Write a report to the files that were named, or to standard output. Raises BadInput."""
    for name, write in {"html_file": html_of, "json_file": dumps, "junit_file": junit_of}.items():
        path = given[name]
        if path is None:
            continue
        text = write(document)
        if str(path) == "-":
            click.echo(text.encode("utf-8", "backslashreplace"))
        else:
            write_file(path, text)


@click.command("rules")
@click.argument("check", required=False)
@click.option("--json", "as_json", is_flag=True, help="Print them as JSON.")
@click.option("--markdown", "as_markdown", is_flag=True, help="Print them as a page.")
def rules(check: str | None, *, as_json: bool, as_markdown: bool) -> None:
    """Show the rules that an automator is judged by, or one of them in full.

    \b
    Examples:
      mockpos conform rules
      mockpos conform rules HOLD-03
    """
    by_id = {each.id: each for each in CHECKS}
    if check is not None and check.upper() not in by_id:
        raise BadInput(f"no check is called {check}{meant(check)}")
    chosen = [by_id[check.upper()]] if check else list(CHECKS)
    if as_json:
        documents = [rule_document(each) for each in chosen]
        show_json({"ruleset": RULESET, "rules": documents})
    elif as_markdown:
        click.echo(markdown(), nl=False)
    elif check:
        _show_one(rule_document(chosen[0]))
    else:
        for title, checks in in_groups():
            click.echo(click.style(title, bold=True))
            for each in checks:
                click.echo(f"  {each.id:8} {each.level.value:6} {each.rule}")
        click.echo(f"\n{len(CHECKS)} rules, ruleset {RULESET}; one in full: mockpos conform rules HOLD-03")


def _show_one(rule: dict[str, object]) -> None:
    source = rule["source"]
    assert isinstance(source, dict)
    click.echo(f"{rule['id']}  {rule['level']}\n{rule['rule']}\n")
    if source["address"]:
        click.echo(f'Ticket Evolution: "{source["text"]}"\n  {source["address"]}')
    else:
        click.echo(f"mockpos recommendation: {source['text']}")
    for name in ("needs", "after", "steps", "acceptable", "catches"):
        values = rule[name]
        assert isinstance(values, list)
        if values:
            click.echo(f"{name}:")
            for value in values:
                click.echo(f"  {value}")


@click.command("verify")
@click.argument("report", type=PATH)
@LEVEL
def verify(report: Path, level: str) -> None:
    """Judge the evidence inside a report (HTML or JSON) again, under the ruleset that it names.

    Exit status as of the run itself; 1 too when the report says other than its evidence.

    \b
    Example:
      mockpos conform verify report.html
    """
    verification = judged_again(read_report(report))
    document = verification.document
    click.echo(
        f"{report}: run {document['run']} of {document['began_at'][:10]}, ruleset {document['ruleset']}, "
        f"judged again by mockpos conform {__version__} (ruleset {RULESET})"
    )
    for line in verification.altered:
        click.echo(click.style(f"altered: {lines.shortened(line, 300)}", fg="red"))
    for name, checks in (
        ("left out of the report", verification.missing),
        ("newer rules that it lacks", verification.lacking),
    ):
        if checks:
            click.echo(f"{name}: {', '.join(checks)}")
    for each in Level:
        click.echo(f"{each.value:6} {verification.verdict(each).value}")
    if verification.certificate:
        click.echo(click.style(lines.shortened(verification.certificate, 400), fg="green"))
    else:
        click.echo("no certificate: not every must passed" if not verification.altered else "no certificate")
    sys.exit(1 if verification.altered else verification.verdict(Level(level)).exit_status)


@click.command("matrix")
@click.argument("reports", metavar="REPORT...", nargs=-1, required=True, type=PATH)
@click.option("--html", "html_file", metavar="FILE", type=PATH, help="Write it as a page.")
def matrix(reports: tuple[Path, ...], html_file: Path | None) -> None:
    """Show reports side by side: one row a rule, one column an automator.

    \b
    Example:
      mockpos conform matrix reports/*.json
    """
    read = [(path.stem, read_report(path)) for path in reports]
    headings, rows = html.matrix(read)
    show_table([dict(zip(headings, row, strict=True)) for row in rows], headings, keep=headings)
    click.echo("\n✓ pass  ! passed with a remark  ✗ fail  ? cannot test  - not offered; empty: not asked for")
    if html_file is not None:
        write_file(html_file, html.matrix_page(read))
