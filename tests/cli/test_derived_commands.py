"""The commands made from the table of control calls, and the three calls of the contract, against a real server."""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from click.testing import CliRunner, Result

from mockpos.cli import cli
from tests.conftest import RunningServer, running_server

Run = Callable[..., Result]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    with running_server(tmp_path_factory.mktemp("served"), "--quiet", "--fixture", "tiny") as running:
        yield running


@pytest.fixture
def run(server: RunningServer, request: pytest.FixtureRequest) -> Iterator[Run]:
    """Run a command about a sandbox of the test's own, in this process."""
    name = f"t-{abs(hash(request.node.nodeid)) % 10**8}"
    environment = {"MOCKPOS_URL": server.url, "COLUMNS": "80", "MOCKPOS_API_KEY": None, "MOCKPOS_CONTRACT": None}

    def run(*words: object, sandbox: str | None = name) -> Result:
        arguments = [*map(str, words), *(("--sandbox", sandbox) if sandbox else ())]
        return CliRunner(env=environment).invoke(cli, arguments)

    assert run("sandbox", "create", "--name", name, sandbox=None).exit_code == 0
    yield run
    run("sandbox", "delete", name, sandbox=None)


def told(result: Result) -> Any:
    assert result.exit_code == 0, (result.output, result.exception)
    return json.loads(result.stdout)


def fine(result: Result) -> str:
    assert result.exit_code == 0, (result.output, result.exception)
    return result.stdout


def test_a_purchase_by_hand_is_held_shown_sold_and_listed(run: Run) -> None:
    assert "held" in fine(run("hold", "TG-1042", 2, "--global-id", "by-hand"))
    assert "by-hand" in fine(run("holds"))
    assert told(run("holds", "show", "by-hand", "--json"))["quantity"] == 2
    assert told(run("invoice", "by-hand", "o-1", "--json"))["code"] == "invoiced"
    (invoice,) = told(run("invoices", "--json"))["invoices"]
    assert (invoice["global_id"], invoice["order_id"]) == ("by-hand", "o-1")
    refused = run("release", "by-hand")
    assert refused.exit_code == 1
    assert "hold_already_invoiced" in refused.stdout


def test_a_refused_hold_says_what_was_meant_and_ends_with_1(run: Run) -> None:
    refused = run("hold", "MOCK-SOLD_OUT", 1)
    assert refused.exit_code == 1
    assert "Did you mean MOCK-LISTING_SOLD_OUT?" in refused.stdout


def test_the_broker_sells_steals_reprices_retires_and_lets_a_hold_lapse(run: Run) -> None:
    run("hold", "TG-1042", 2, "--global-id", "held")
    fine(run("sell", "TG-1042", 1))
    fine(run("reprice", "TG-1042", "99.00"))
    fine(run("expire", "held"))
    run("hold", "TG-1042", 5, "--global-id", "whole")
    assert "5 are held" in str(run("sell", "TG-1042", 8).exception)
    fine(run("steal", "TG-1042", 4))
    fine(run("retire", "TG-1042"))
    listing = told(run("listings", "show", "TG-1042", "--json"))
    assert (listing["wholesale_price"], listing["retired"]) == ("99.00", True)


def test_listings_are_listed_added_changed_deleted_exported_and_imported(run: Run, tmp_path: Path) -> None:
    assert "TG-1042" in fine(run("listings", "--limit", 2))
    fine(
        run(
            "listings",
            "add",
            "NEW-1",
            "109",
            4,
            "50.00",
            "--row",
            "A",
            "--custom-splits",
            "2,4",
            "--split-type",
            "custom",
        )
    )
    assert told(run("listings", "show", "NEW-1", "--json"))["custom_splits"] == [2, 4]
    event = json.dumps(told(run("listings", "show", "TG-1042", "--json"))["event"])
    fine(run("listings", "change", "NEW-1", "--no-broadcast", "--event", event))
    assert told(run("listings", "show", "NEW-1", "--json"))["broadcast"] is False
    exported = fine(run("listings", "export", "--format", "csv"))
    file = tmp_path / "tickets.csv"
    file.write_text(exported)
    fine(run("listings", "delete", "NEW-1"))
    assert "1" in fine(run("listings", "import", file, "--mode", "update"))
    assert told(run("listings", "show", "NEW-1", "--json"))["remote_id"] == "NEW-1"


def test_a_workbook_is_imported_as_what_its_name_says(run: Run, tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    assert book.active is not None
    book.active.append(
        [
            "Event",
            "Venue",
            "EventDate",
            "EventTime",
            "Quantity",
            "Section",
            "Row",
            "Seat From",
            "Seat Thru",
            "Cost",
            "TicketID",
        ]
    )
    book.active.append(["Larch", "Larch Hall", "2030-01-01", "20:00", 2, "A", "1", 1, 2, 12.5, "XL-1"])
    book.save(tmp_path / "tickets.XLSX")
    fine(run("listings", "import", tmp_path / "tickets.XLSX", "--mode", "update"))
    assert told(run("listings", "show", "XL-1", "--json"))["quantity"] == 2


def test_a_bad_row_of_an_import_is_named_with_its_line(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "bad.csv"
    file.write_text(
        "Event,Venue,EventDate,EventTime,Quantity,Section,Row,SeatFrom,SeatThru,Cost,TicketID\n"
        "A,B,2030-01-01,20:00,x,1,1,1,2,1,T\n"
    )
    done = run("listings", "import", file, "--mode", "update")
    assert done.exit_code == 1
    assert "line 2" in str(done.exception)


def test_a_scenario_is_activated_by_name_or_file_and_stopped(run: Run, tmp_path: Path) -> None:
    fine(run("scenarios", "use", "brownout"))
    assert told(run("scenarios", "active", "--json"))["active"] == "brownout"
    file = tmp_path / "mine.yaml"
    file.write_text("name: mine\nsummary: S.\nrules:\n  - {id: a, on: hold, respond: pos_unavailable}\n")
    fine(run("scenarios", "use", "--scenario", f"@{file}"))
    assert run("hold", "TG-1042", 1).exit_code == 1
    fine(run("scenarios", "stop"))
    assert told(run("scenarios", "active", "--json"))["active"] is None
    assert "brownout" in fine(run("scenarios", "served"))
    assert "MOCK-OK" in fine(run("magic"))


def test_an_unknown_scenario_names_those_that_are_near(run: Run) -> None:
    done = run("scenarios", "use", "brownuot")
    assert done.exit_code == 1
    assert "brownout" in str(done.exception)


def test_snapshots_are_taken_listed_restored_and_deleted(run: Run) -> None:
    assert fine(run("snapshots")) == "no snapshots\n"
    fine(run("snapshots", "take", "before"))
    run("hold", "TG-1042", 1, "--global-id", "later")
    fine(run("snapshots", "restore", "before"))
    assert run("holds", "show", "later").exit_code == 1
    assert "before" in fine(run("snapshots"))
    fine(run("snapshots", "delete", "before"))


def test_timing_and_coverage_of_one_sandbox_and_of_all(run: Run) -> None:
    run("hold", "TG-1042", 1)
    assert "5 seconds" in fine(run("timing"))
    assert told(run("coverage", "--json"))["seen"] == 1
    assert told(run("coverage", "--sandboxes", "all", "--json", sandbox=None))["sandboxes"]["live"] >= 2


def test_sandboxes_are_shown_and_made_anew(run: Run) -> None:
    made = told(run("sandbox", "renew", "again", "--seed", 7, "--from", '{"fixture": "tiny"}', "--json", sandbox=None))
    assert told(run("sandbox", "show", "again", "--json", sandbox=None))["seed"] == made["seed"] == 7
    run("sandbox", "delete", "again", sandbox=None)


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["listings", "add", "X"], "Missing argument 'SECTION'"),
        (["listings", "add", "X", "1", "two", "3"], "not a valid integer"),
        (["listings", "change", "TG-1042", "--event", "{"], "is not JSON"),
        (["listings", "change", "TG-1042", "--event", "@nowhere.yaml"], "cannot be read"),
        (["listings", "import", "nowhere.csv"], "cannot be read"),
        (["listings", "shwo"], "did you mean show?"),
        (["holds", "--status", "hold"], "is not one of"),
        (["sell", "nowhere", 1], "nowhere"),
    ],
)
def test_what_is_wrong_is_named_with_the_way_out(run: Run, words: list[object], says: str) -> None:
    done = run(*words)
    assert done.exit_code in (1, 2)
    assert says in done.output + str(done.exception)


def test_events_are_followed(run: Run, server: RunningServer) -> None:
    code = "from mockpos.cli import main; main(['events', '--json', '--since', '0'])"
    with subprocess.Popen(
        [sys.executable, "-u", "-c", code],
        env={**os.environ, "MOCKPOS_URL": server.url},
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        run("hold", "TG-1042", 1, "--global-id", "followed", sandbox=None)
        assert process.stdout is not None
        kinds = [json.loads(process.stdout.readline())["kind"] for _ in range(4)]
        process.kill()
    assert kinds[0] == "server"
    assert kinds[-1] == "call"


@pytest.mark.parametrize("words", [["holds"], ["hold", "A", 1], ["events"], ["listings", "add", "A", "1", 1, "1"]])
def test_a_server_that_is_not_there_is_named(words: list[object]) -> None:
    done = CliRunner(env={"MOCKPOS_URL": "http://127.0.0.1:1"}).invoke(cli, list(map(str, words)))
    assert done.exit_code == 1
    assert "is `mockpos serve` running there?" in str(done.exception)
