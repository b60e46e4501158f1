"""Every misuse is refused with its line, the fault, and what is allowed; what JSON Schema can say, it says too."""

import json
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator  # type: ignore[import-untyped]  # ships no types

import mockpos.scenario
from mockpos.domain.errors import BadInput
from mockpos.scenario.loader import load_scenario, load_scenario_text, scenario_from_dict
from mockpos.yaml_file import parse_yaml

SCHEMA = json.loads((Path(mockpos.scenario.__path__[0]) / "schema.json").read_text())
HEAD = "name: mine\nrules:\n  - id: first\n    on: hold\n"

# What is added below the head (line 5 on), the line complained about, and words of the complaint.
IN_A_RULE = [
    ("    thymes: 5", 5, "rules.0.thymes: is not a field that belongs here; did you mean times?"),
    ("    chance: 0.5", 5, "rules.0.chance: is not a field that belongs here; it belongs under when"),
    ("    7: 5", 5, "rules.0.7: is not a field that belongs here; allowed: id, on, when"),
    ("    when: {chanse: 0.5}", 5, "rules.0.when.chanse: is not a field that belongs here; did you mean chance?"),
    ("    when:\n      quantity: 2\n      chance: 1.01", 7, "1.01 is not a chance; it must be a number from 0 to 1"),
    ("    when: {chance: -0.1}", 5, "-0.1 is not a chance"),
    ("    when: {chance: .nan}", 5, "nan is not a chance"),
    ("    when: {chance: '0.5'}", 5, '"0.5" is not a chance'),
    ("    when: {chance: true}", 5, "true is not a chance"),
    ("    when: {chance: 33%}", 5, '"33%" is not a chance'),
    ("    when:", 5, "rules.0.when: must not be empty or null"),
    ("    when: always", 5, "rules.0.when: must be a mapping"),
    ("    when: {remote_id: 1042}", 5, "1042 is not text; write it in quotes"),
    ("    when: {remote_id: []}", 5, "must be one glob, or a list of 1 to 100"),
    ("    when: {global_id: ['a', 7]}", 5, "7 is not text"),
    ("    when: {order_id: ''}", 5, "must have 1 to 200 characters"),
    ("    when: {quantity: 0}", 5, "0 is not allowed; it must be a whole number from 1 to 1000"),
    ("    when: {quantity: 2.5}", 5, "2.5 is not allowed"),
    ("    when: {quantity: {min: 0}}", 5, "rules.0.when.quantity.min: 0 is not allowed"),
    ("    when: {quantity: {least: 2}}", 5, "rules.0.when.quantity.least: is not known here; allowed: min, max"),
    ("    when: {quantity: {}}", 5, "is empty; it must be a number, or have min, max or both"),
    ("    when: {attempt: '2'}", 5, '"2" is not allowed; it must be a whole number of at least 1'),
    ("    when: {call: true}", 5, "true is not allowed"),
    ("    when: {header: X-Buyer}", 5, "must be a mapping of header names to globs"),
    ("    when: {header: {'X Buyer': vip}}", 5, '"X Buyer" is not the name of a header'),
    ("    when: {header: {X-Buyer: 1}}", 5, "rules.0.when.header.X-Buyer: 1 is not text"),
    ("    draw_by: remote", 5, '"remote" is not something to key draws on; did you mean remote_id?'),
    ("    times: 0", 5, "0 is not allowed; it must be a whole number of at least 1"),
    ("    times: many", 5, '"many" is not allowed'),
    ("    delay: 250", 5, "250 is not a duration; did you mean 250ms?"),
    ("    delay: 2 seconds", 5, '"2 seconds" is not a duration; did you mean 2s?'),
    ("    delay: 5 parsecs", 5, "is not a duration; allowed: a number with ms, s, m, h or d"),
    ("    delay: 1h", 5, "1h is not allowed; 0ms to 10m is"),
    ("    delay: {min: 1s}", 5, "must be a duration such as 250ms, or {min, max}, or {median, p99}"),
    ("    delay: {min: 1s, p99: 2s}", 5, "or {min, max}, or {median, p99}"),
    ("    delay:\n      median: 1s\n      p98: 2s", 7, "rules.0.delay.p98: is not known here; did you mean p99?"),
    ("    delay: {min: 1s, max: 2 sec}", 5, 'rules.0.delay.max: "2 sec" is not a duration; did you mean 2s?'),
    ("    delay: 1s\n    delay_at: after", 6, '"after" is not a phase; allowed: before_commit, after_commit'),
    ("    delay: 1s\n    delay_at: after_comit", 6, "did you mean after_commit?"),
    ("    delay_at: after_commit", 5, "says when to wait, but the rule has no delay"),
    (
        "    respond: listing_soldout",
        5,
        '"listing_soldout" is not a code that an operation documents; did you mean listing_sold_out?',
    ),
    ("    respond: unknown_endpoint", 5, '"unknown_endpoint" is not a code that an operation documents'),
    ("    respond: method_not_allowed", 5, "is not a code that an operation documents"),
    ("    respond: 409", 5, "409 is not a code that an operation documents"),
    (
        "    respond: invoice_rejected",
        5,
        "is not documented for hold; allowed: on: [invoice], or for hold: malformed_request",
    ),
    ("    respond: listing_sold_out\n    details: {a: 1}", 6, "rules.0.details.a: listing_sold_out has no details"),
    (
        "    respond: listing_retired\n    details: {superceded_by: A}",
        6,
        "is not a detail of listing_retired; did you mean superseded_by?",
    ),
    (
        "    respond: insufficient_quantity\n    details: {available_quantity: few}",
        6,
        "it must be a whole number or null",
    ),
    ("    respond: invalid_split\n    details: {valid_quantities: [2, x]}", 6, "it must be a list of whole numbers"),
    (
        "    respond: held_by_another\n    details: {next_expiry_at: soon}",
        6,
        "a moment such as 2026-11-23T14:17:07.120Z",
    ),
    (
        "    respond: validation_failed\n    details: {errors: {quantity: wrong}}",
        6,
        "a mapping of fields to lists of messages",
    ),
    ("    respond: listing_retired\n    details: [A]", 6, "rules.0.details: must be a mapping of members to values"),
    ("    details: {reason: no}", 5, "belongs to respond, which this rule does not have"),
    ("    retry_after: 2s", 5, "belongs to respond, which this rule does not have"),
    ("    respond: rate_limited\n    retry_after: 2", 6, "2 is not a duration; did you mean 2ms?"),
    ("    respond: rate_limited\n    retry_after: 2d", 6, "2d is not allowed; 1ms to 1d is"),
    ("    fault: rest", 5, '"rest" is not a fault; did you mean reset?'),
    ("    fault: reset\n    phase: later", 6, '"later" is not a phase'),
    (
        "    respond: pos_unavailable\n    phase: after_commit",
        6,
        "allowed with internal_error, pos_timeout, raw and faults",
    ),
    ("    phase: after_commit", 5, "but the rule has none; allowed with"),
    (
        "    respond: pos_timeout\n    fault: reset",
        6,
        "a rule has one outcome, and this one has respond already; allowed: respond, fault or raw",
    ),
    ("    fault: reset\n    raw: {status: 502}", 6, "this one has fault already"),
    ("    raw: {body: x}", 5, "rules.0.raw.status: is missing"),
    ("    raw: {status: 99}", 5, "must be a whole number from 200 to 599"),
    ("    raw: {status: 502, content_type: html}", 5, "it must be a media type such as text/html"),
    ('    raw: {status: 502, content_type: "text/html\\r\\nX: y"}', 5, "it must be a media type"),
    ("    raw: {status: 502, bodi: x}", 5, "did you mean body?"),
    ("    raw: {status: 502, body: 7}", 5, "7 is not text"),
    (f"    raw: {{status: 502, body: {'x' * 65_537}}}", 5, "must be Unicode text of at most 65536 bytes"),
    ("    pos: {sell_rest: true}", 5, "must be a list of 1 to 10 actions"),
    ("    pos: []", 5, "must be a list of 1 to 10 actions"),
    ("    pos: [sell_rest]", 5, "must be one action, such as sell: 2; allowed: sell_rest"),
    ("    pos: [{sell_rest: true, steal: true}]", 5, "must be one action"),
    (
        "    pos:\n      - sell: 1\n      - stael: true",
        7,
        "rules.0.pos.1.stael: is not something a broker does; did you mean steal?",
    ),
    ("    pos: [{steal: yes}]", 5, '"yes" is not allowed; it can only be true'),
    ("    pos: [{sell: 0}]", 5, "0 is not allowed; it must be a whole number from 1"),
    ("    pos: [{reprice: 99.0}]", 5, '99.0 is not a price; write it in quotes, such as "99.00"'),
    ("    pos: [{reprice: '-1'}]", 5, "rules.0.pos.0.reprice: '-1' is not a price"),
    ("    pos: [{retire: true}]", 5, "must be {superseded_by: ID}, or {superseded_by: null}"),
    ("    pos: [{retire: {}}]", 5, "must be {superseded_by: ID}"),
    ("    pos: [{retire: {superseded_by: 7}}]", 5, "7 is not a Remote ID"),
]

# These only the loader can refuse: JSON Schema compares no two values and looks into no code's details.
BEYOND_JSON_SCHEMA = [
    ("    when: {quantity: {min: 4, max: 2}}", 5, "min 4 is more than max 2"),
    ("    delay: {min: 2s, max: 1s}", 5, "min 2s is more than max 1s"),
    ("    delay: {median: 2s, p99: 2s}", 5, "the median, 2s, must be over 0 and less than the p99, 2s"),
    ("    delay: {median: 0s, p99: 2s}", 5, "must be over 0"),
    ("    raw: {status: 204, body: x}", 5, "an answer with status 204 has no body"),
    ("    respond: pos_timeout\n  - id: first\n    on: release", 6, "rules.1.id: first is the id of rule 1 already"),
]
LOADER_KNOWS_MORE = ("1h is", "2d is")

WHOLE_FILES = [
    ("", 1, "expected a mapping"),
    ("[1, 2]", 1, "expected a mapping"),
    ("nmae: a\nname: b\nrules:\n  - {id: a, on: any}", 1, "nmae: is not a field that belongs here; did you mean name?"),
    ("rules:\n  - {id: a, on: any}", 1, "name: is missing"),
    ("name: a", 1, "rules: is missing"),
    ("name: a\nrules:", 2, "rules: is empty"),
    ("name: a\nrules: []", 2, "rules: has 0 rules; a scenario has 1 to 1000"),
    ("name: a\nrules: {id: x}", 2, "rules: must be a list of rules"),
    ("name: a\nrules:\n  -", 3, "rules.0: is empty"),
    ("name: a\nrules:\n  - word", 3, "rules.0: must be a mapping"),
    ("name: a b\nrules:\n  - {id: a, on: any}", 1, "1 to 64 letters, digits"),
    ("name: none\nrules:\n  - {id: a, on: any}", 1, "none means that no scenario applies"),
    ("name: a\nseed: lucky\nrules:\n  - {id: a, on: any}", 2, "must be a whole number from 0"),
    ("name: a\nsummary: 7\nrules:\n  - {id: a, on: any}", 2, "7 is not text"),
    (
        "name: a\non: hold\nrules:\n  - {id: a, on: any}",
        2,
        "on: is not a field that belongs here; it belongs in a rule",
    ),
    ("name: a\nrules:\n  - {on: any}", 3, "rules.0.id: is missing"),
    ("name: a\nrules:\n  - {id: a}", 3, "rules.0.on: is missing"),
    ("name: a\nrules:\n  - {id: a b, on: any}", 3, "1 to 64 letters, digits"),
    (
        "name: a\nrules:\n  - id: a\n    on: hodl",
        4,
        '"hodl" is not an operation; did you mean hold? allowed: hold, release, invoice, any',
    ),
    ("name: a\nrules:\n  - id: a\n    on: [hold, buy]", 4, '"buy" is not an operation'),
    ("name: a\nrules:\n  - id: a\n    on: []", 4, "is empty; allowed: hold, release, invoice, any"),
    (
        "name: a\nrules:\n  - id: a\n    on: any\n    respond: hold_expired",
        5,
        "is not documented for hold and release; allowed: on: [invoice]",
    ),
    ("name: a\nrules:\n  - id: a\n    on: release\n    respond: request_too_large", 5, "not documented for release"),
]


def accepted_by_json_schema(text: str) -> bool:
    document: Any = json.loads(json.dumps(parse_yaml(text, "mine.yaml").content))
    return bool(Draft202012Validator(SCHEMA).is_valid(document))


@pytest.mark.parametrize(("added", "line", "words"), [*IN_A_RULE, *BEYOND_JSON_SCHEMA])
def test_a_misused_rule_is_refused_with_its_line(added: str, line: int, words: str) -> None:
    with pytest.raises(BadInput) as refused:
        load_scenario_text(HEAD + added + "\n", "mine.yaml")
    assert str(refused.value).startswith(f"mine.yaml:{line}: ")
    assert words in str(refused.value)
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize(("text", "line", "words"), WHOLE_FILES)
def test_a_misused_file_is_refused_with_its_line(text: str, line: int, words: str) -> None:
    with pytest.raises(BadInput) as refused:
        load_scenario_text(text, "mine.yaml")
    assert str(refused.value).startswith(f"mine.yaml:{line}: ")
    assert words in str(refused.value)


@pytest.mark.parametrize(
    "added",
    [
        added
        for added, _, words in IN_A_RULE
        if not words.startswith(LOADER_KNOWS_MORE) and "nan" not in words and "7:" not in added
    ],
)
def test_the_json_schema_refuses_it_too(added: str) -> None:
    assert not accepted_by_json_schema(HEAD + added + "\n")


@pytest.mark.parametrize("text", [text for text, _, words in WHOLE_FILES if "expected a mapping" not in words])
def test_the_json_schema_refuses_the_file_too(text: str) -> None:
    assert not accepted_by_json_schema(text)


def test_every_fault_of_a_file_is_told_at_once_in_the_order_of_lines() -> None:
    rules = "  - id: a\n    on: hodl\n    times: 0\n  - id: b\n    on: any\n    delay: 3 sec\n    fault: hung\n"
    text = f"seed: -1\nname: mine\nrules:\n{rules}"
    with pytest.raises(BadInput) as refused:
        load_scenario_text(text, "mine.yaml")
    assert [line.split(": ")[0] for line in str(refused.value).splitlines()] == [
        f"mine.yaml:{n}" for n in (1, 5, 6, 9, 10)
    ]


@pytest.mark.parametrize(
    "text", ["name: [", "name: a\nname: b\nrules: []", "a: \x00", "name: a\n---\nname: b", "a: *b"]
)
def test_what_is_no_yaml_is_refused_with_the_name_of_the_file(text: str) -> None:
    with pytest.raises(BadInput, match=r"mine\.yaml"):
        load_scenario_text(text, "mine.yaml")


def test_nested_aliases_are_refused_without_unfolding_them() -> None:
    levels = ["a0: &a0 [x]"] + [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 12)]
    with pytest.raises(BadInput):
        load_scenario_text("\n".join([*levels, "name: a", "rules: *a11"]), "mine.yaml")
    used = (
        HEAD.replace("rules:", "x: &x {y: [1, 2]}\nrules:")
        + "    respond: listing_retired\n    details: {superseded_by: *x}\n"
    )
    with pytest.raises(BadInput):
        load_scenario_text(used, "mine.yaml")


@pytest.mark.parametrize(
    "added", ["    respond: listing_retired\n    details: {superseded_by: &a [*a]}", "    pos: &a [*a]"]
)
def test_a_list_within_itself_is_refused(added: str) -> None:
    with pytest.raises(BadInput):
        load_scenario_text(HEAD + added + "\n", "mine.yaml")


def test_parsed_json_is_refused_with_places() -> None:
    content = {"name": "mine", "rules": [{"id": "a", "on": "hold", "delay": {"min": "1s", "max": 5}}, {"id": "b"}]}
    with pytest.raises(BadInput) as refused:
        scenario_from_dict(content)
    assert str(refused.value).splitlines() == [
        "rules.0.delay.max: 5 is not a duration; did you mean 5ms? "
        "allowed: a number with ms, s, m, h or d, such as 250ms or 2s",
        "rules.1.on: is missing",
    ]


def test_parsed_json_and_yaml_make_equal_scenarios() -> None:
    content = {
        "name": "mine",
        "seed": 3,
        "rules": [{"id": "a", "on": ["hold"], "when": {"chance": 1}, "fault": "reset"}],
    }
    assert scenario_from_dict(content) == load_scenario_text(json.dumps(content), "x")


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=r"nothing\.yaml: there is no such file"):
        load_scenario(tmp_path / "nothing.yaml")
