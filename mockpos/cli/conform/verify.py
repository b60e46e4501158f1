"""``mockpos conform verify``: judge a report again, offline."""

import sys
from pathlib import Path

import click


@click.command("verify")
@click.argument("report", type=click.Path(path_type=Path))
@click.option(
    "--level",
    type=click.Choice(("must", "should")),
    default="should",
    show_default=True,
    help="Which rules count for the exit status.",
)
def command(report: Path, level: str) -> None:
    """Judge the evidence inside a report (HTML or JSON) again, under the ruleset that it names.

    Exit status as of the run itself; 1 too when the report says other than its evidence.

    \b
    Example:
      mockpos conform verify report.html
    """
    from mockpos import __version__
    from mockpos.conformance.checks import RULESET
    from mockpos.conformance.report import lines
    from mockpos.conformance.verify import read_report, verify
    from mockpos.conformance.words import Level

    verification = verify(read_report(report))
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
