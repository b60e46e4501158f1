"""``mockpos checkout-plan`` from a shell, with a real checkout that buys where it is told to."""

import json
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from click.testing import CliRunner

from mockpos.checkout import AutomatorClient, Checkout, Purchase
from mockpos.checkout_plan.plan import plan_names
from mockpos.cli import cli
from tests.control.clients_over_http import OverHttp, new_ids
from tests.telemetry.clients import LeaksHolds

QUICK = ("--port", "0", "--settled", "0.3", "--patience", "1")


def invoke(*words: str) -> str:
    done = CliRunner().invoke(cli, ["checkout-plan", *words])
    return f"{done.output}{done.exception or ''}"


@contextmanager
def running(*words: str) -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, "-u", "-m", "mockpos", "checkout-plan", "run", *QUICK, *words]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as process:
        try:
            yield process
        finally:
            process.kill()


def read_until(process: subprocess.Popen[str], pattern: str) -> str:
    """Read what it says to the line that a pattern fits; return what the pattern's group is there."""
    assert process.stdout is not None
    for line in process.stdout:
        if match := re.search(pattern, line):
            return match[match.re.groups]
    raise AssertionError(f"it never said {pattern}")


def test_a_correct_checkout_is_conformant_and_the_reports_hold_no_key_and_no_host(tmp_path: Path) -> None:
    files = [tmp_path / name for name in ("r.html", "r.json", "r.xml")]
    options = [word for file in files for word in (f"--{file.suffix[1:].replace('xml', 'junit')}", str(file))]
    with running("good-purchase", "lost-hold-answer", *options) as process:
        url = read_until(process, r"address +(\S+)")
        key = read_until(process, r"key +(\S+)")
        checkout = Checkout(AutomatorClient(url, key))
        for _ in range(2):
            listing = read_until(process, r"now: Buy 2 of (\S+)\.")
            checkout.buy(Purchase(listing, 2))
        assert process.stdout is not None
        told = process.stdout.read()
        assert process.wait(20) == 0, told
    assert re.search(r"should 8 pass, 8 not offered +-> +conformant\nconformant\n\Z", told)
    document = json.loads(files[1].read_text())
    assert document["verdict"] == {"should": "conformant"}
    assert document["bought"] == 4
    assert {result["word"] for result in document["results"]} == {"pass", "not offered"}
    numbers = {exchange["number"] for exchange in document["exchanges"]}
    assert all(set(result["exchanges"]) <= numbers for result in document["results"])
    for file in files:
        assert key not in file.read_text()
        assert url.partition("//")[2] not in file.read_text()
    assert "Conformance of a checkout" in files[0].read_text()
    for words in (["verify", str(files[0])], ["matrix", str(files[1])]):
        done = CliRunner().invoke(cli, ["conform", *words])
        assert "the report of a checkout" in str(done.exception)


def test_a_wrong_checkout_is_told_what_it_did_with_the_calls_that_prove_it(tmp_path: Path) -> None:
    report = tmp_path / "r.json"
    with running("failed-order", "--json", str(report)) as process:
        url, key = read_until(process, r"address +(\S+)"), read_until(process, r"key +(\S+)")
        read_until(process, "now: (.*)")
        LeaksHolds(OverHttp(url, key), new_ids()).buy("TG-1042", 2, "order-1", order_fails=True)
        assert process.stdout is not None
        told = process.stdout.read()
        assert process.wait(20) == 1
    assert "✗ BUY-02" in told
    assert "2 of TG-1042 were held for gid-1 and neither released nor invoiced" in " ".join(told.split())
    leaked = next(each for each in json.loads(report.read_text())["results"] if each["id"] == "failed-order:BUY-02")
    assert leaked["proof"] == [1]
    assert max(map(len, told.splitlines())) <= 80


def test_where_nobody_calls_nothing_is_tested() -> None:
    with running("sold-out", "--wait", "0.2") as process:
        assert process.stdout is not None
        told = process.stdout.read()
        assert process.wait(20) == 4
    assert "cannot test (timed out): no hold came" in told
    assert told.endswith("nothing tested\n")


@pytest.mark.parametrize("sign", [signal.SIGINT, signal.SIGTERM])
def test_one_that_is_stopped_says_so_and_writes_its_report(tmp_path: Path, sign: signal.Signals) -> None:
    report = tmp_path / "r.json"
    with running("all", "--json", str(report)) as process:
        read_until(process, "now: (.*)")
        process.send_signal(sign)
        assert process.stdout is not None
        told = process.stdout.read()
        assert process.wait(20) == 128 + sign
    assert "Traceback" not in told
    document = json.loads(report.read_text())
    assert document["interrupted"]
    assert len(document["results"]) == 8 * len(plan_names())
    assert {result["reason"] for result in document["results"]} == {"interrupted"}


def test_plans_are_listed_in_80_columns_and_as_json() -> None:
    told = invoke("list")
    assert all(name in told for name in plan_names())
    assert max(map(len, told.splitlines())) <= 80
    assert [each["name"] for each in json.loads(invoke("list", "--json"))] == plan_names()


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["lst"], "did you mean list?"),
        (["run", "good-purchse"], "no checkout plan called 'good-purchse'; did you mean good-purchase?"),
        (["good-purchse"], "no checkout plan called 'good-purchse'; did you mean good-purchase?"),
        (["run", "none.yaml"], "none.yaml: there is no such file"),
        (["run"], "Missing argument 'PLAN...'"),
        (["run", "sold-out", "--lising", "x"], "Did you mean '--listing'?"),
        (["run", "sold-out", "--contract", "none.yaml"], "none.yaml: there is no such file"),
    ],
)
def test_a_misspelt_command_plan_or_option_is_answered_with_what_was_meant(words: list[str], message: str) -> None:
    assert message in invoke(*words)


def test_every_fault_of_a_plan_is_told_with_its_line(tmp_path: Path) -> None:
    plan = tmp_path / "mine.yaml"
    plan.write_text("name: mine\nsummary: Mine.\ndo: Buy.\nends: [sold]\nquantty: 3\n")
    told = invoke("run", str(plan))
    assert f"{plan}:4: ends.0: " in told
    assert f"{plan}:5: quantty: " in told
    plan.write_text("name: mine\nsummary: Mine.\ndo: Buy.\nends: [bought]\nrules:\n  - {id: a, on: hold, dely: 1s}\n")
    assert "rules.0.dely" in invoke("run", str(plan))


def test_a_listing_without_enough_tickets_is_refused_before_anything_is_waited_for(tmp_path: Path) -> None:
    plan = tmp_path / "mine.yaml"
    plan.write_text("name: mine\nsummary: Mine.\ndo: Buy.\nends: [bought]\nquantity: 90\n")
    assert "TG-1042: 8 tickets are free there, and the plan buys 90" in invoke("run", str(plan), "--port", "0")
