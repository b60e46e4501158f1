"""A scenario file becomes exactly what it says, and what is unwise in it is warned of."""

from decimal import Decimal

import pytest

from mockpos.domain.catalogue import Operation
from mockpos.scenario.loader import load_scenario_text
from mockpos.scenario.model import Between, Conditions, DrawBy, Globs, Rule
from mockpos.scenario.outcomes import (
    Fault,
    FaultKind,
    Fixed,
    LogNormal,
    Phase,
    PlainAction,
    Raw,
    Reprice,
    Respond,
    Retire,
    Sell,
    Uniform,
)

HOLD, RELEASE, INVOICE = Operation

FROM_THE_SPECIFICATION = """\
# yaml-language-server: $schema=../mockpos/scenario/schema.json
name: flaky-invoice
summary: One invoice in three is refused, and holds are slow.
seed: 7
rules:
  - id: slow-holds
    on: hold                              # hold | release | invoice | any, or a list
    when:                                 # all must match; left out = always
      remote_id: "TG-1*"                  # glob, or a list of globs (release, invoice: of the stored hold)
      quantity: {min: 2, max: 4}          # or a number
      global_id: "*"                      # glob
      order_id: "*"                       # glob (invoice)
      header: {X-Buyer: "vip*"}
      attempt: {max: 2}                   # nth call of this operation with this Global ID, from 1
      call: {min: 3}                      # nth call of this operation in this sandbox, from 1
      chance: 0.33                        # seeded, see below
    draw_by: global_id                    # global_id (default) | remote_id | call: what a draw is keyed on
    times: 5                              # fires at most so often
    delay: {median: 400ms, p99: 2s}       # 250ms | {min, max} uniform | {median, p99} log-normal
    delay_at: before_commit               # or after_commit: committed at once, answered late
  - id: refuse-a-third
    on: invoice
    when: {chance: 0.33}
    respond: invoice_rejected             # a code of the catalogue that this operation documents
    details: {reason: credit limit reached}
    retry_after: 2s                       # for codes that carry Retry-After
"""


def one_rule(lines: str, on: str = "any") -> Rule:
    text = f"name: mine\nrules:\n  - id: only\n    on: {on}\n{lines}"
    (rule,) = load_scenario_text(text, "mine.yaml").rules
    return rule


def test_the_example_of_the_specification_is_read_as_it_stands() -> None:
    scenario = load_scenario_text(FROM_THE_SPECIFICATION, "flaky-invoice.yaml")
    slow, refuse = scenario.rules
    assert (scenario.name, scenario.seed) == ("flaky-invoice", 7)
    assert slow == Rule(
        id="slow-holds",
        on=frozenset({HOLD}),
        when=Conditions(
            remote_id=Globs(("TG-1*",)),
            quantity=Between(2, 4),
            global_id=Globs(("*",)),
            order_id=Globs(("*",)),
            header=(("X-Buyer", Globs(("vip*",))),),
            attempt=Between(1, 2),
            call=Between(3),
            chance=0.33,
        ),
        times=5,
        delay=LogNormal(400, 2000),
    )
    assert refuse.outcome == Respond("invoice_rejected", {"reason": "credit limit reached"}, 2)
    assert (slow.line, refuse.line) == (6, 21)
    assert [warning.split(": ")[0] for warning in scenario.warnings] == [
        "flaky-invoice.yaml:12",
        "flaky-invoice.yaml:26",
    ]


@pytest.mark.parametrize(
    ("lines", "field", "value"),
    [
        ("    delay: 250ms", "delay", Fixed(250)),
        ("    delay: {min: 2s, max: 8s}", "delay", Uniform(2000, 8000)),
        ("    delay: {min: 2s, max: 2s}", "delay", Uniform(2000, 2000)),
        ("    delay: 1s\n    delay_at: after_commit", "delay_at", Phase.AFTER_COMMIT),
        ("    draw_by: call", "draw_by", DrawBy.CALL),
        ("    fault: drip", "outcome", Fault(FaultKind.DRIP)),
        ("    fault: hang\n    phase: after_commit", "phase", Phase.AFTER_COMMIT),
        ("    respond: pos_timeout\n    phase: after_commit", "outcome", Respond("pos_timeout")),
        ("    respond: pos_unavailable\n    retry_after: 2500ms", "outcome", Respond("pos_unavailable", {}, 3)),
        ("    raw: {status: 502, content_type: text/html, body: '<p>'}", "outcome", Raw(502, "text/html", "<p>")),
        ("    raw: {status: 502}", "outcome", Raw(502)),
        ("    pos: [{sell_rest: true}, {sell: 2}]", "pos", (PlainAction.SELL_REST, Sell(2))),
        ("    pos: [{steal: true}, {expire_hold: true}]", "pos", (PlainAction.STEAL, PlainAction.EXPIRE_HOLD)),
        ("    pos: [{retire: {superseded_by: TG-2}}]", "pos", (Retire("TG-2"),)),
        ("    pos: [{retire: {superseded_by: null}}]", "pos", (Retire(None),)),
        ('    pos: [{reprice: "99.00"}]', "pos", (Reprice(Decimal("99.00")),)),
        ("    when: {quantity: 2}", "when", Conditions(quantity=Between(2, 2))),
        ("    when: {remote_id: [A, B*]}", "when", Conditions(remote_id=Globs(("A", "B*")))),
        ("    when: {chance: 1}", "when", Conditions(chance=1.0)),
        ("    when: {}", "when", Conditions()),
    ],
)
def test_a_field_is_read(lines: str, field: str, value: object) -> None:
    assert getattr(one_rule(lines), field) == value


@pytest.mark.parametrize(
    ("on", "expected"),
    [
        ("hold", {HOLD}),
        ("any", {HOLD, RELEASE, INVOICE}),
        ("[release, invoice]", {RELEASE, INVOICE}),
        ("[any]", set(Operation)),
    ],
)
def test_operations_are_read(on: str, expected: set[Operation]) -> None:
    assert one_rule("", on).on == expected


def warned(rules: str) -> list[str]:
    return list(load_scenario_text(f"name: mine\nrules:\n{rules}", "mine.yaml").warnings)


@pytest.mark.parametrize(
    ("earlier", "later"),
    [
        ("on: any", "on: hold"),
        ("on: any", "on: any, when: {remote_id: A, quantity: 2, chance: 0.5}"),
        ("on: any, when: {chance: 1}", "on: invoice"),
        ("on: hold, when: {remote_id: '*'}", "on: hold, when: {remote_id: A}"),
        ("on: hold, when: {remote_id: 'TG-*'}", "on: hold, when: {remote_id: 'TG-1?'}"),
        ("on: hold, when: {remote_id: ['A*', 'B*']}", "on: hold, when: {remote_id: ['B1', 'A*']}"),
        ("on: any, when: {quantity: {min: 2}}", "on: hold, when: {quantity: {min: 3, max: 5}}"),
        ("on: any, when: {attempt: {max: 3}}", "on: any, when: {attempt: 2, header: {X: y}}"),
        ("on: any, when: {header: {X-Buyer: 'v*'}}", "on: any, when: {header: {x-buyer: 'vip*', Y: z}}"),
    ],
)
def test_a_rule_that_can_never_be_reached_is_warned_of(earlier: str, later: str) -> None:
    (warning,) = warned(f"  - {{id: first, {earlier}}}\n  - {{id: second, {later}}}\n")
    assert warning == "mine.yaml:4: rules.1: can never be reached: first before it takes every call it would match"


def test_rules_that_together_take_every_call_are_named() -> None:
    (warning,) = warned("  - {id: a, on: hold}\n  - {id: b, on: [release, invoice]}\n  - {id: c, on: any}\n")
    assert "a and b before it take" in warning


@pytest.mark.parametrize(
    ("earlier", "later"),
    [
        ("on: hold", "on: any"),
        ("on: any, when: {chance: 0.5}", "on: any"),
        ("on: any, times: 5", "on: any"),
        ("on: any, when: {remote_id: 'A*'}", "on: any"),
        ("on: any, when: {remote_id: 'A*'}", "on: any, when: {remote_id: ['A1', 'B1']}"),
        ("on: any, when: {remote_id: 'A?'}", "on: any, when: {remote_id: 'A*'}"),
        ("on: any, when: {remote_id: 'A*'}", "on: any, when: {remote_id: '[AB]*'}"),
        ("on: any, when: {quantity: {max: 4}}", "on: any, when: {quantity: {min: 3}}"),
        ("on: any, when: {header: {X: '*'}}", "on: any"),
        ("on: any, when: {attempt: {max: 2}}", "on: any, when: {call: {max: 2}}"),
        ("on: any, delay: {min: 1s, max: 2s}, draw_by: remote_id", "on: any"),
    ],
)
def test_overlap_is_normal(earlier: str, later: str) -> None:
    assert warned(f"  - {{id: first, {earlier}}}\n  - {{id: second, {later}}}\n") == []


@pytest.mark.parametrize(
    ("rule", "words"),
    [
        ("on: any, when: {chance: 0}", "0 never happens"),
        ("on: hold, when: {order_id: '*'}", "is known only at an invoice"),
        ("on: hold, respond: listing_sold_out, pos: [{sell: 1}]", "acts only when the call commits"),
        ("on: hold, fault: reset, delay: 1s, delay_at: after_commit", "waits after the commit"),
        (
            "on: hold, respond: listing_sold_out, retry_after: 2s",
            "is not sent: listing_sold_out carries no Retry-After",
        ),
    ],
)
def test_what_can_never_act_is_warned_of(rule: str, words: str) -> None:
    (warning,) = warned(f"  - {{id: first, {rule}}}\n")
    assert warning.startswith("mine.yaml:3: rules.0")
    assert words in warning
