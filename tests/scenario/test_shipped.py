"""What is shipped loads without a warning, covers the catalogue, and is what the code writes."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator  # type: ignore[import-untyped]  # ships no types

import mockpos.scenario
from mockpos.domain.catalogue import Operation
from mockpos.domain.codes import CATALOGUE
from mockpos.files import shipped
from mockpos.scenario.counters import Counters
from mockpos.scenario.engine import decide
from mockpos.scenario.loader import load_scenario, load_scenario_text
from mockpos.scenario.model import Arrival, Facts
from mockpos.scenario.outcomes import Respond
from mockpos.scenario.refusals import documented_pairs, operations_of, pair_name
from mockpos.scenario.registry import SHIPPED_FOLDERS
from mockpos.scenario.schema import FIELDS
from mockpos.yaml_file import read_yaml
from tests.scenario.made_files import files, json_schema

PACKAGE = Path(mockpos.scenario.__path__[0])
SHIPPED = sorted(path for folder in SHIPPED_FOLDERS for path in folder.glob("*.yaml"))
STORIES = [
    *("on-sale-rush", "legacy-pos", "brownout", "nightly-maintenance", "lost-answers", "sold-between-hold-and-invoice"),
    *("invoice-outage", "flapping", "bad-proxy", "slow-average"),
]


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_a_shipped_file_loads_without_a_warning_and_the_json_schema_accepts_it(path: Path) -> None:
    scenario = load_scenario(path)
    assert scenario.warnings == ()
    assert scenario.name == path.stem
    assert scenario.summary
    schema = path.read_text().splitlines()[0].removeprefix("# yaml-language-server: $schema=")
    assert (path.parent / schema).resolve() == PACKAGE / "schema.json"
    document = json.loads(json.dumps(read_yaml(path).content))
    Draft202012Validator(json_schema()).validate(document)


def test_what_is_shipped_is_the_stories_and_one_file_for_each_pair() -> None:
    pairs = [pair_name(operation, code) for operation, code in documented_pairs()]
    assert sorted(path.stem for path in SHIPPED) == sorted([*STORIES, *pairs])


@pytest.mark.parametrize(("operation", "code"), documented_pairs(), ids=lambda part: getattr(part, "code", part))
def test_the_file_of_a_pair_answers_it(operation: Operation, code: object) -> None:
    name = code.code  # type: ignore[attr-defined]  # a ResponseCode
    scenario = load_scenario(shipped("scenarios") / "codes" / f"{operation.value}-{name}.yaml")
    for each in Operation:
        plan = decide(scenario, Facts(each, "g-1"), Arrival(1, 1), Counters())
        if each is operation:
            assert plan is not None
            assert isinstance(plan.outcome, Respond)
            assert plan.outcome.code == name
        else:
            assert plan is None


def test_the_pairs_are_those_of_the_catalogue() -> None:
    assert len(documented_pairs()) == 53
    without = [code.code for code in CATALOGUE if not operations_of(code.code)]
    assert without == ["unknown_endpoint", "method_not_allowed"]


def test_the_committed_files_are_what_the_code_writes(tmp_path: Path) -> None:
    made = files(shipped("scenarios"), PACKAGE)
    for path, text in made.items():
        assert path.read_text(encoding="utf-8") == text, path.name
    subprocess.run([sys.executable, "-m", "tests.scenario.made_files", str(tmp_path)], check=True)
    written = {path.name for path in tmp_path.rglob("*") if path.is_file()}
    assert written == {path.name for path in made}
    assert {path.name for path in shipped("scenarios").glob("codes/*")} == written - {"magic.yaml", "schema.json"}


def test_the_json_schema_is_a_valid_one() -> None:
    Draft202012Validator.check_schema(json_schema())


def test_every_field_that_the_loader_reads_is_documented_with_an_example() -> None:
    assert {note.within for note in FIELDS} == {"scenario", "rule", "when", "delay", "raw", "pos"}
    assert all(note.takes and note.meaning.endswith(".") for note in FIELDS)
    rule = json_schema()["$defs"]["rule"]["properties"]
    assert set(rule) == {note.name for note in FIELDS if note.within == "rule"}


@pytest.mark.parametrize(
    "note", [note for note in FIELDS if note.within in ("rule", "when")], ids=lambda note: note.name
)
def test_the_example_of_a_field_is_accepted(note: object) -> None:
    name, example, within = note.name, note.example, note.within  # type: ignore[attr-defined]  # a FieldNote
    needs = {
        "details": {"respond": "invoice_rejected"},
        "retry_after": {"respond": "pos_unavailable"},
        "delay_at": {"delay": "1s"},
        "phase": {"fault": "reset"},
    }
    rule = {
        "id": "only",
        "on": "invoice",
        **needs.get(name, {}),
        **({name: example} if within == "rule" else {"when": {name: example}}),
    }
    content = {"name": "mine", "rules": [rule]}
    assert load_scenario_text(json.dumps(content), "mine.yaml").warnings == ()
    Draft202012Validator(json_schema()).validate(content)
