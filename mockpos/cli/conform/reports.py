"""Options that commands of the kit share, and the files that a report goes to, whoever was judged."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import click

from mockpos.cli.options import write_file

_FILE = click.Path(path_type=Path)
_OPTIONS = (
    click.option("--html", "html_file", metavar="FILE", type=_FILE, help="Write the report as one HTML file."),
    click.option(
        "--json", "json_file", metavar="FILE", type=_FILE, help="Write the report as JSON; - for standard output."
    ),
    click.option("--junit", "junit_file", metavar="FILE", type=_FILE, help="Write the results as JUnit XML."),
)


LEVEL = click.option(
    "--level",
    type=click.Choice(("must", "should")),
    default="should",
    show_default=True,
    help="Which rules count for the exit status.",
)


def api_key_option(told: str) -> Callable[..., Any]:
    """Return the option for the automator's key."""
    return click.option(
        "--api-key", envvar="MOCKPOS_API_KEY", default="mockpos-dev-key", show_default=True, show_envvar=True, help=told
    )


def contract_option(told: str) -> Callable[..., Any]:
    """Return the option for the contract file."""
    return click.option("--contract", "contract_path", envvar="MOCKPOS_CONTRACT", type=_FILE, help=told)


def report_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options that name the files."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


def write_reports(document: dict[str, Any], given: Mapping[str, Any]) -> None:
    """Write a report to the files that were named, or to standard output. Raises BadInput."""
    from mockpos.conformance.report.document import dumps
    from mockpos.conformance.report.html import html_of
    from mockpos.conformance.report.junit import junit_of

    for name, write in {"html_file": html_of, "json_file": dumps, "junit_file": junit_of}.items():
        path = given[name]
        if path is None:
            continue
        text = write(document)
        if str(path) == "-":
            click.echo(text.encode("utf-8", "backslashreplace"))
        else:
            write_file(path, text)
