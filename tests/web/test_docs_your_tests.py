"""The page "In your tests" and the texts for programs: they name all there is, and nothing that is not."""

import re
from html import unescape

import pytest

from mockpos.cli.exec import command as exec_command
from mockpos.contract.loader import load_contract
from mockpos.domain.codes import CATALOGUE
from mockpos.scenario.magic import MAGIC
from mockpos.settings import SETTINGS
from mockpos.testing.plugin.one_test import Wanted
from mockpos.testing.sandbox import Clock, Sandbox
from mockpos.web.control.table import CONTROL_CALLS
from tests.conftest import ROOT, TestBed
from tests.web.docs_client import client_of

EXAMPLES = ROOT / "examples" / "in_your_tests"


@pytest.fixture
def page(bed: TestBed) -> str:
    return unescape(bed.client.get("/docs/tests").text)


def codes_of(page: str) -> str:
    return "\n".join(re.findall(r"<code>(.*?)</code>", page, re.S))


def test_every_example_stands_there_word_for_word(page: str) -> None:
    files = [path for path in EXAMPLES.rglob("*") if path.is_file() and "__pycache__" not in path.parts]
    assert len(files) > 10
    assert [path.name for path in files if path.read_text() not in page] == []


def test_everything_of_a_sandbox_and_its_clock_is_named(page: str) -> None:
    named = codes_of(page)
    attributes = {"url", "api_key", "name", "seed", "clock"}
    members = {name for kind in (Sandbox, Clock) for name in vars(kind) if not name.startswith("_")} | attributes
    assert {name for name in members if not re.search(rf"\b{name}\b", named)} == set()


def test_every_option_and_argument_is_named_and_each_that_is_named_exists(page: str) -> None:
    own = {
        option for parameter in exec_command.params for option in parameter.opts
        if option.startswith("--") and option not in {setting.option for setting in SETTINGS}
    }  # fmt: skip
    assert {option for option in own if option not in page} == set()
    assert all(f"<code>{name}</code>" in page for name in Wanted.__dataclass_fields__)
    hooks = (ROOT / "mockpos" / "testing" / "plugin" / "hooks.py").read_text()
    plugin = set(re.findall(r'"(--mockpos-[a-z-]+)"', hooks))
    assert plugin == set(re.findall(r"--mockpos-[a-z-]+", page))


def test_anchors_lead_somewhere_and_nothing_is_inline(page: str) -> None:
    anchors = re.findall(r'\bid="([^"]+)"', page)
    assert len(anchors) == len(set(anchors))
    assert set(re.findall(r'href="#([^"]+)"', page)) <= set(anchors)
    assert re.search(r"<style|\sstyle=|<script(?![^>]*\ssrc=)", page) is None


def test_llms_txt_leads_to_pages_that_are_there(bed: TestBed) -> None:
    reply = bed.client.get("/llms.txt")
    assert reply.content_type == "text/plain; charset=utf-8"
    assert reply.text.startswith("# mockpos\n\n> ")
    links = re.findall(r"\]\(http://localhost(/[^)]*)\)", reply.text)
    assert {"/llms-full.txt", "/docs/codes", "/docs/contracts", "/docs/settings"} <= set(links)
    for link in links:
        with bed.client.get(link) as page:
            assert page.status_code == 200, link


def test_llms_full_txt_has_every_code_call_setting_and_magic_id(bed: TestBed) -> None:
    text = bed.client.get("/llms-full.txt").text
    assert [code.code for code in CATALOGUE if f"| {code.code} |" not in text] == []
    assert [call.path for call in CONTROL_CALLS if f"### {call.method} /_mock{call.path}\n" not in text] == []
    assert [setting.option for setting in SETTINGS if f"| `{setting.option}" not in text] == []
    assert [magic.remote_id for magic in MAGIC if f"| {magic.remote_id} |" not in text] == []
    assert "&#" not in text
    assert "&lt;" not in text
    assert "mockpos.invalid" not in text
    for table in re.findall(r"(?:^\|.*\n)+", text, re.M):
        rows = [re.split(r"(?<!\\)\|", line) for line in table.splitlines()]
        assert len({len(row) for row in rows}) == 1, table


def test_they_follow_the_contract() -> None:
    different = ROOT / "fixtures" / "contracts" / "everything-different.yaml"
    assert load_contract(different).name in client_of(different).get("/llms-full.txt").text
