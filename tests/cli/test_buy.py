import json
import signal
import subprocess
import sys
import time

from click.testing import CliRunner, Result

from mockpos.cli import cli
from tests.conftest import RunningServer
from tests.control.clients_over_http import control


def buy(server: RunningServer, *words: str) -> Result:
    return CliRunner().invoke(cli, ["buy", *words, "--url", server.url], catch_exceptions=False)


def test_each_step_of_a_purchase_is_shown(server: RunningServer) -> None:
    done = buy(server, "TG-1042", "2")
    lines = done.output.splitlines()
    assert done.exit_code == 0
    assert lines[0].startswith("hold     200 held")
    assert "seats 5, 6" in lines[0]
    assert lines[1].startswith("invoice  200 invoiced")
    assert lines[2].startswith("✓ 2 of TG-1042: bought under order ORDER-")
    assert max(map(len, lines)) <= 80

    refused = buy(server, "nowhere", "1")
    assert refused.exit_code == 1
    assert "✗ 1 of nowhere: not available: nothing was taken" in refused.output

    failing = buy(server, "TG-1042", "2", "--order-fails")
    assert failing.exit_code == 1
    assert "✗ 2 of TG-1042: not bought: nothing is held any more" in failing.output


def test_many_purchases_are_summed_up_and_json_has_one_line_each(server: RunningServer) -> None:
    done = buy(server, "MOCK-OK", "1", "--count", "20", "--concurrency", "4")
    assert done.exit_code == 0
    assert done.output.startswith("20 bought\n40 calls: median")
    lines = buy(server, "MOCK-INVOICE_REJECTED", "1", "--count", "3", "--json").output.splitlines()
    receipts = [json.loads(line) for line in lines]
    assert [receipt["outcome"] for receipt in receipts] == ["released"] * 3
    assert [call["code"] for call in receipts[0]["calls"]] == ["held", "invoice_rejected", "released"]
    summed = buy(server, "MOCK-INVOICE_REJECTED", "1", "--count", "3")
    assert summed.exit_code == 1
    assert "3 x invoice_rejected" in summed.output


def test_ctrl_c_gives_back_what_is_held(server: RunningServer) -> None:
    command = [sys.executable, "-m", "mockpos", "buy", "MOCK-INVOICE-POS_TIMEOUT", "1", "--url", server.url]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as buyer:
        assert buyer.stdout is not None
        while "again in" not in buyer.stdout.readline():
            time.sleep(0.01)
        buyer.send_signal(signal.SIGINT)
        rest, _ = buyer.communicate(timeout=20)
    assert buyer.returncode == 130
    assert "release  200 released" in rest
    holds = control(server.url, "GET", "/_mock/holds?status=held")[1]
    assert holds["holds"] == []


def test_a_wrong_address_is_said_in_one_line() -> None:
    done = CliRunner().invoke(cli, ["buy", "TG-1042", "2", "--url", "localhost:8000"])
    assert done.exit_code != 0
    assert "write the address as http://HOST:PORT" in str(done.exception)
