"""``mockpos scenarios``: list, show, check, plan."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from mockpos.cli.scenarios import command
from mockpos.domain.errors import BadInput

SHIPPED_STORY = (
    "name: mine\nseed: 7\nrules:\n  - {id: half, on: [hold, invoice], when: {chance: 0.5}, respond: pos_timeout}\n"
)


def run(*arguments: object, stdin: str | None = None, status: int = 0) -> Result:
    result = CliRunner().invoke(command, [str(argument) for argument in arguments], input=stdin)
    assert result.exit_code == status, result.output
    return result


def planned(name: object, ids: str, *options: object) -> dict[str, list[dict[str, object]]]:
    told: dict[str, list[dict[str, object]]] = json.loads(
        run("plan", name, "--global-ids", "-", "--json", *options, stdin=ids).stdout
    )
    return told


@pytest.fixture
def mine(tmp_path: Path) -> Path:
    path = tmp_path / "mine.yaml"
    path.write_text(SHIPPED_STORY)
    return path


def test_list_shows_every_scenario_stories_first(mine: Path) -> None:
    lines = run("list", "--scenarios", mine.parent).stdout.splitlines()
    names = [line.split()[0] for line in lines[1:] if line]
    assert names[0] == "bad-proxy"
    assert names.index("mine") < names.index("hold-api_key_invalid")
    told = json.loads(run("list", "--json", "--scenarios", mine.parent).stdout)
    assert {"name": "mine", "summary": "", "seed": 7, "rules": ["half"], "file": str(mine)} in told


def test_show_prints_the_file(mine: Path) -> None:
    assert run("show", "mine", "--scenarios", mine.parent).stdout == SHIPPED_STORY
    assert "id: invoice-pos_timeout" in run("show", "magic").stdout


def test_check_ticks_what_is_good_and_crosses_what_is_not(mine: Path, tmp_path: Path) -> None:
    assert run("check", mine).stdout == f"✓ {mine}  (mine, 1 rule)\n"
    bad = tmp_path / "bad.yaml"
    bad.write_text("name: bad\nrules:\n  - id: a\n    on: hodl\n    delay: 3 sec\n")
    lines = run("check", mine, bad, tmp_path / "gone.yaml", status=2).stdout.splitlines()
    assert [line[0] for line in lines if not line.startswith(" ")] == ["✓", "✗", "✗"]
    assert lines[2].startswith(f"    {bad}:4: rules.0.on: ")
    assert lines[3].startswith(f"    {bad}:5: rules.0.delay: ")
    assert lines[5] == f"    {tmp_path / 'gone.yaml'}: there is no such file"


def test_check_warns_without_failing(tmp_path: Path) -> None:
    path = tmp_path / "draft.yaml"
    path.write_text("name: mine\nrules:\n  - {id: a, on: any}\n  - {id: b, on: hold}\n")
    output = run("check", path).stdout
    assert f"warning: {path}:4: rules.1: can never be reached" in output
    assert "must be called mine.yaml" in output


def test_plan_tells_the_same_again_and_follows_the_seeds(mine: Path) -> None:
    ids = "\n".join(f"g-{number}" for number in range(50))
    first = planned(mine, ids, "--operation", "hold")
    assert first == planned(mine, ids, "--operation", "hold")
    assert first != planned(mine, ids, "--operation", "hold", "--sandbox-seed", 1)
    hit = [call for call in first["calls"] if call["rule"]]
    assert 10 < len(hit) < 40
    assert {call["meets"] for call in hit} == {"respond pos_timeout"}
    assert not any(call["depends_on_order"] for call in first["calls"])
    backwards = planned(mine, "\n".join(reversed(ids.split())), "--operation", "hold")
    assert sorted(map(str, first["calls"])) == sorted(map(str, backwards["calls"]))


def test_plan_covers_the_operations_and_attempts_of_the_scenario(mine: Path) -> None:
    calls = planned(mine, "a\n\nb\n", "--attempts", 2)["calls"]
    assert [(call["operation"], call["global_id"], call["attempt"]) for call in calls] == [
        *(("hold", "a", 1), ("hold", "b", 1), ("invoice", "a", 1), ("invoice", "b", 1)),
        *(("hold", "a", 2), ("hold", "b", 2), ("invoice", "a", 2), ("invoice", "b", 2)),
    ]


def test_plan_marks_what_depends_on_the_order_of_arrival(tmp_path: Path) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text(
        "name: mine\nrules:\n"
        "  - {id: vip, on: hold, when: {header: {X-Buyer: vip}}}\n"
        "  - {id: one, on: hold, when: {global_id: 'a*'}, times: 1}\n"
        "  - {id: numbered, on: invoice, when: {chance: 0.5, call: {min: 2}}, draw_by: call}\n"
        "  - {id: rest, on: hold, delay: 1s}\n"
    )
    told = planned(path, "a1\na2\nb1\n", "--operation", "hold")
    assert [(call["rule"], call["depends_on_order"]) for call in told["calls"]] == [
        ("one", True),
        ("rest", True),
        ("rest", False),
    ]
    assert [str(note).split(":")[0] for note in told["notes"]] == [
        "* rule one depends on the order of arrival (times)",
        "* rule numbered depends on the order of arrival (call and draw_by",
    ]
    table = run(
        "plan", path, "--global-ids", "-", "--operation", "hold", "--header", "x-buyer:vip", stdin="a1\n"
    ).stdout
    assert table.splitlines()[1].split() == ["hold", "a1", "1", "vip", "nothing"]


def test_plan_says_what_it_was_not_told(tmp_path: Path) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text("name: mine\nrules:\n  - {id: a, on: hold, when: {remote_id: 'TG-*', quantity: 2}, delay: 1s}\n")
    table = run("plan", path, "--global-ids", "-", stdin="a1\n").stdout
    assert "pass these calls by; tell it with --remote-id" in table
    options = ("--remote-id", "TG-1", "--quantity", 2)
    assert "delay 1s" in run("plan", path, "--global-ids", "-", *options, stdin="a1\n").stdout


@pytest.mark.parametrize(
    ("arguments", "stdin", "words"),
    [
        (("plan", "bronwout", "--global-ids", "-"), "a", "did you mean brownout?"),
        (("plan", "brownout", "--global-ids", "-"), "a\n!\n", "<stdin>:2: '!' is not a Global ID"),
        (("plan", "brownout", "--global-ids", "-"), "\n", "there is no Global ID in it"),
        (("plan", "brownout", "--global-ids", "-", "--header", "X"), "a", "write it as NAME:VALUE"),
        (("show", "nothing"), None, "there is no scenario called 'nothing'"),
        (("list", "--scenarios", "/nowhere"), None, "there is no such folder"),
    ],
)
def test_a_wrong_argument_is_told(arguments: tuple[str, ...], stdin: str | None, words: str) -> None:
    result = CliRunner().invoke(command, arguments, input=stdin)
    assert isinstance(result.exception, BadInput)
    assert words in str(result.exception)
