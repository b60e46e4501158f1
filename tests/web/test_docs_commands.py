"""Every command on the response-code page answers the code it stands under: pasted into a shell, on a real server."""

import html
import re
import shutil
import subprocess
import urllib.request

import pytest

from mockpos.domain.codes import CATALOGUE
from mockpos.scenario.refusals import operations_of
from tests.conftest import ROOT, running_server

needs_curl = pytest.mark.skipif(not shutil.which("curl") or not shutil.which("bash"), reason="no curl or bash here")
CONTRACTS = {
    "default": (),
    "different": ("--contract", str(ROOT / "fixtures" / "contracts" / "everything-different.yaml")),
}
STARTED_FOR = {
    "rate_limited": ("--rate-limit", "1/m"),
    "hold_expired": ("--hold-ttl", "1s"),
    "key_not_allowed": ("--disabled-key", "old-key"),
}
"""Codes whose text says to start the server with a setting."""

NOT_ON_REQUEST = {"internal_error", "pos_unavailable", "pos_timeout", "invoice_rejected"}
"""Codes that a scenario only brings about."""

BLOCK = re.compile(r'<pre class="shell"[^>]*><code>(.*?)</code>', re.DOTALL)


def sections(url: str) -> dict[str, tuple[str, str]]:
    """The part of each code on the page: what the state answers, and what scenarios do."""
    page = urllib.request.urlopen(f"{url}/docs/codes").read().decode()
    found = {}
    for name, section in re.findall(r'<article class="code" id="(\w+)"(.*?)</article>', page, re.DOTALL):
        plain, _, forced = section.partition('<details class="way"')
        found[name] = (plain, forced)
    return found


def commands(url: str) -> dict[str, str]:
    """The shell commands of each code that need no scenario."""
    found = {name: BLOCK.search(plain) for name, (plain, _) in sections(url).items()}
    return {name: html.unescape(block[1]) for name, block in found.items() if block}


def forced_commands(url: str) -> dict[str, list[str]]:
    """The shell commands of each code by magic Remote ID, then by header at each operation."""
    return {
        name: [html.unescape(text) for text in BLOCK.findall(forced)] for name, (_, forced) in sections(url).items()
    }


def answer_to(command: str) -> str:
    done = subprocess.run(["bash", "-c", command], capture_output=True, text=True, timeout=60)
    return done.stdout


@needs_curl
@pytest.mark.parametrize("contract", CONTRACTS)
def test_every_command_answers_its_code_twice(tmp_path, contract):
    with running_server(tmp_path, *CONTRACTS[contract]) as server:
        found = commands(server.url)
        assert set(found) == set(CATALOGUE.names()) - NOT_ON_REQUEST
        for name in [*found, *found]:
            if name not in STARTED_FOR:
                answer = answer_to(found[name])
                assert f'/docs/codes#{name}"' in answer, f"{found[name]}\n\n{answer}"


@needs_curl
@pytest.mark.parametrize("contract", CONTRACTS)
def test_every_command_by_scenario_answers_its_code(tmp_path, contract):
    with running_server(tmp_path, *CONTRACTS[contract]) as server:
        found = forced_commands(server.url)
        for name in CATALOGUE.names():
            operations = operations_of(name)
            assert len(found[name]) == (1 + len(operations) if operations else 0), name
            for command in found[name]:
                answer = answer_to(command)
                assert f'/docs/codes#{name}"' in answer, f"{command}\n\n{answer}"
                assert "x-mockpos-rule: " in answer.lower()


@needs_curl
def test_every_command_that_needs_a_setting_answers_its_code_with_it(tmp_path):
    for name, options in STARTED_FOR.items():
        with running_server(tmp_path, *options) as server:
            command = commands(server.url)[name]
            answer = answer_to(command)
            assert f'/docs/codes#{name}"' in answer, f"{command}\n\n{answer}"
            assert options[0] in CATALOGUE[name].provoke
