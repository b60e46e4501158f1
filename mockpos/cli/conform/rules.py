"""``mockpos conform rules``: the rules, from the data that the checks are made of."""

import json

import click

from mockpos.domain.errors import BadInput


@click.command("rules")
@click.argument("check", required=False)
@click.option("--json", "as_json", is_flag=True, help="Print them as JSON.")
@click.option("--markdown", "as_markdown", is_flag=True, help="Print them as a page.")
def command(check: str | None, *, as_json: bool, as_markdown: bool) -> None:
    """Show the rules that an automator is judged by, or one of them in full.

    \b
    Examples:
      mockpos conform rules
      mockpos conform rules HOLD-03
    """
    from mockpos.conformance.checks import CHECKS, RULESET, meant
    from mockpos.conformance.rules import in_groups, markdown, rule_document

    by_id = {each.id: each for each in CHECKS}
    if check is not None and check.upper() not in by_id:
        raise BadInput(f"no check is called {check}{meant(check)}")
    chosen = [by_id[check.upper()]] if check else list(CHECKS)
    if as_json:
        documents = [rule_document(each) for each in chosen]
        click.echo(json.dumps({"ruleset": RULESET, "rules": documents}, indent=2, ensure_ascii=False))
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
