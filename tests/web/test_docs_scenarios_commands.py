"""Every command on the page of scenarios does what stands beside it: pasted into a shell, on a real server."""

import html
import os
import re
import shutil
import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest

from mockpos.domain.catalogue import Operation
from mockpos.domain.codes import CATALOGUE
from mockpos.scenario.engine import dry_run
from mockpos.scenario.magic import MAGIC, MagicId, magic_scenario
from mockpos.scenario.model import Facts
from mockpos.scenario.outcomes import Fixed
from mockpos.web.docs import scenarios as guide
from tests.conftest import ROOT, RunningServer, running_server

pytestmark = pytest.mark.skipif(not shutil.which("curl") or not shutil.which("bash"), reason="no curl or bash here")
CONTRACTS = {
    "default": (),
    "different": ("--contract", str(ROOT / "fixtures" / "contracts" / "everything-different.yaml")),
}
SHELL = re.compile(r'<pre class="shell"[^>]*><code>(.*?)</code>', re.S)


@pytest.fixture(scope="module", params=CONTRACTS)
def server(request, tmp_path_factory):
    with running_server(tmp_path_factory.mktemp("docs"), *CONTRACTS[request.param]) as running:
        yield running


def page_of(server: RunningServer, path: str = "/docs/scenarios") -> str:
    return urllib.request.urlopen(server.url + path).read().decode()


def commands_in(part: str) -> list[str]:
    return [html.unescape(found) for found in SHELL.findall(part)]


def pasted(command: str, folder: Path | None = None) -> subprocess.CompletedProcess[str]:
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    return subprocess.run(
        ["bash", "-c", command],
        capture_output=True,
        text=True,
        timeout=60,
        cwd=folder,
        env={**os.environ, "PATH": path},
    )


def shown_steps(magic: MagicId) -> list[str]:
    """What the calls meet that are no silent preparation: a code, ``replayed``, ``success`` or ``reset``."""
    words = {"success, replayed": "replayed", "connection reset": "reset"}
    return [
        step.code or words.get(step.meets, step.meets)
        for step in magic.how_to_try
        if step.code or step.operation in magic.operations
    ]


def met(done: subprocess.CompletedProcess[str]) -> list[str]:
    """What the calls met, the broken ones first: an answer of theirs is not in the output."""
    found = ["reset" for _ in re.findall(r"curl: \(56\)", done.stderr)]
    for answer in re.split(r"(?=HTTP/1\.1 \d)", done.stdout)[1:]:
        codes = [code for code in CATALOGUE.names() if f'/docs/codes#{code}"' in answer]
        if re.match(r"HTTP/1\.1 2", answer):
            found.append("replayed" if re.search(r'"(replayed|repeated)":true', answer) else "success")
        else:
            found.append(codes[0] if codes else answer)
    return found


def test_every_magic_row_meets_what_it_says(server):
    page = page_of(server)
    for magic in MAGIC:
        if magic.rule is not None and magic.rule.delay is not None:
            continue  # by its plan, below
        part = re.search(f'<tbody id="{magic.remote_id}">(.*?)</tbody>', page, re.S)[1]
        by_id, *by_header = commands_in(part)
        done = pasted(by_id)
        expected = shown_steps(magic)
        assert met(done) == expected, f"{by_id}\n\n{done.stdout}\n{done.stderr}"
        if magic.rule is not None and magic.code is not None:
            assert done.stdout.lower().count("x-mockpos-scenario: magic") == expected.count(magic.code)
        for command in by_header:
            answer = pasted(command).stdout
            assert f'/docs/codes#{magic.code}"' in answer, f"{command}\n\n{answer}"
            assert "x-mockpos-rule" in answer.lower()


def test_the_slow_row_is_five_seconds_late_by_its_plan():
    slow = next(magic for magic in MAGIC if magic.rule is not None and magic.rule.delay is not None)
    assert slow.rule is not None
    assert slow.rule.delay == Fixed(5000)
    calls = [Facts(operation, "g", slow.remote_id) for operation in Operation]
    assert [fate.plan.delay_ms for fate in dry_run(magic_scenario(), calls) if fate.plan] == [5000] * 3


def test_the_three_ways_and_the_errors_of_the_mock_answer_as_told(server):
    page = page_of(server)
    by_header, _active, by_magic = commands_in(page[page.index('id="ways"') : page.index('id="magic"')])
    for command in (by_header, by_magic):
        assert '"listing_sold_out"' in pasted(command).stdout
    errors = re.findall(r'<article class="mock-error" id="(\w+)"(.*?)</article>', page, re.S)
    for name, part in errors:
        for command in commands_in(part):
            answer = pasted(command).stdout
            assert f'"/docs/codes#{name}"' in answer
            assert "x-mockpos-error: true" in answer.lower()


def test_after_commit_the_repeat_returns_the_sale(server):
    page = page_of(server)
    (command,) = commands_in(page[page.index('id="phases"') : page.index('id="guide"')])
    assert met(pasted(command)) == ["pos_timeout", "replayed"]


def test_the_table_of_faults_tells_curls_exit_codes(tmp_path):
    (tmp_path / "faults.yaml").write_text(guide.FAULTS_FILE)
    with running_server(tmp_path, "--scenario", "faults.yaml") as server:
        assert html.escape(guide.FAULTS_FILE, quote=False).split("\n")[0].removeprefix("name: ") in page_of(server)
        for fault in guide.FAULTS:
            hold = f'{{"remote_id":"TG-GA","quantity":1,"global_id":"{fault.kind}-1"}}'
            done = pasted(
                f"curl -s -m 3 {server.url}/v1/holds -H 'X-API-Key: mockpos-dev-key' "
                f"-H 'Content-Type: application/json' -d '{hold}'"
            )
            assert done.returncode == int(re.match(r"\d+", fault.exit_code)[0]), fault.kind


def test_the_guide_can_be_followed_word_for_word(tmp_path):
    with running_server(tmp_path) as first:
        page = page_of(first)
    part = page[page.index('id="guide"') : page.index('id="fields"')]
    write, check, plan, serve, calls, _schema = commands_in(part)
    assert pasted(write, tmp_path).returncode == 0
    assert pasted(check, tmp_path).stdout.strip() == guide.GUIDE_CHECKED
    planned = [line.rstrip() for line in pasted(plan, tmp_path).stdout.splitlines()]
    assert planned[: len(guide.GUIDE_PLANNED.splitlines())] == guide.GUIDE_PLANNED.splitlines()
    assert planned[5:] == ["note: attempts of one Global ID that arrive together are numbered as they arrive"]
    with running_server(tmp_path, *serve.split()[2:]) as second:
        answer = pasted(calls.replace(first.url, second.url)).stdout
        assert met(subprocess.CompletedProcess("", 0, answer, "")) == ["pos_unavailable", "success"]
        assert "x-mockpos-rule: busy" in answer.lower()
