"""``mockpos conform cleanup``: give back what an interrupted run held."""

import sys
from pathlib import Path

import click

from mockpos.cli.conform.reports import api_key_option, contract_option
from mockpos.cli.terminal import mark


@click.command("cleanup")
@click.argument("ledger", type=click.Path(path_type=Path))
@click.option("--url", help="The automator, where it is no longer at the address in the ledger.")
@api_key_option("The automator's API key, which no ledger holds.")
@contract_option("Its contract file, where the ledger's is no longer there.")
def command(ledger: Path, url: str | None, api_key: str, contract_path: Path | None) -> None:
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
