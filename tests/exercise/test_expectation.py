"""An answer that differs from the documented one in any part is told apart, in every shape of error."""

import json
from dataclasses import replace

import pytest

from mockpos.contract.loader import load_contract
from mockpos.contract.model import Contract, ErrorRule, ErrorShape
from mockpos.domain.codes import CATALOGUE
from mockpos.domain.errors import Refusal
from mockpos.exercise.case_run import Expectation, code_in
from mockpos.exercise.cases import Marks
from mockpos.http_client import Response
from mockpos.web.replies import Replies
from tests.conftest import ROOT

DEFAULT = load_contract()
CONTRACTS = {
    "problem": DEFAULT,
    "envelope": replace(DEFAULT, errors=ErrorRule("application/json", ErrorShape.ENVELOPE)),
    "template": load_contract(ROOT / "fixtures" / "contracts" / "everything-different.yaml"),
}


def answer(contract: Contract, code: str, **headers: str) -> Response:
    """Return what mockpos answers."""
    refusal = Refusal(code, "For a reason.", **CATALOGUE[code].details)
    reply = Replies(contract).refusal(refusal, "req-1")
    lower = {name.lower().replace("_", "-"): value for name, value in [*reply.headers, *headers.items()]}
    allow = {"allow": "POST"} if code == "method_not_allowed" else {}
    assert isinstance(reply.body, bytes)
    return Response(reply.status, tuple({"x-request-id": "req-1", **allow, **lower}.items()), reply.body, took=0.0)


@pytest.mark.parametrize("contract", CONTRACTS.values(), ids=CONTRACTS)
@pytest.mark.parametrize("code", CATALOGUE.names())
def test_what_mockpos_answers_is_what_is_expected_and_no_other_code(contract: Contract, code: str) -> None:
    given = answer(contract, code)
    assert Expectation(contract, code, None).faults(given) == []
    assert code_in(contract, given) == code
    for other in CATALOGUE.names():
        assert other == code or Expectation(contract, other, None).faults(given)


@pytest.mark.parametrize("contract", CONTRACTS.values(), ids=CONTRACTS)
def test_each_part_that_is_wrong_is_named(contract: Contract) -> None:
    expectation = Expectation(contract, "rate_limited", Marks("magic", "rate_limited"))
    right = answer(contract, "rate_limited", X_Mockpos_Scenario="magic", X_Mockpos_Rule="rate_limited", Retry_After="1")
    assert expectation.faults(right) == []
    assert "the status is 500" in told(expectation, replace(right, status=500))
    assert "the Content-Type is text/html" in told(expectation, with_header(right, "content-type", "text/html"))
    assert "there is no Retry-After" in told(expectation, with_header(right, "retry-after", "soon"))
    assert "there is no X-Request-Id" in told(expectation, with_header(right, "x-request-id", ""))
    assert "req-1" in told(expectation, with_header(right, "x-request-id", "req-2"))
    assert "X-Mockpos-Rule is missing" in told(expectation, with_header(right, "x-mockpos-rule", ""))
    assert "X-Mockpos-Scenario is magic, not missing" in told(Expectation(contract, "rate_limited", None), right)
    for body in (b"", b"[]", b"null", b'"rate_limited"', b"<html>", b"7"):
        assert "is missing" in told(expectation, replace(right, body=body))


@pytest.mark.parametrize("name", list(json.loads(answer(DEFAULT, "listing_not_found").body)))
def test_a_member_that_is_missing_is_named(name: str) -> None:
    given = answer(DEFAULT, "listing_not_found")
    body = json.loads(given.body)
    del body[name]
    faults = Expectation(DEFAULT, "listing_not_found", None).faults(replace(given, body=json.dumps(body).encode()))
    assert faults == [f"{name} is missing"]


def test_a_refused_key_comes_with_a_challenge_and_a_refused_method_with_what_is_allowed() -> None:
    for code, name in (("api_key_missing", "www-authenticate"), ("method_not_allowed", "allow")):
        given = with_header(answer(DEFAULT, code), name, "")
        assert name in told(Expectation(DEFAULT, code, None), given).lower()


def told(expectation: Expectation, given: Response) -> str:
    return "; ".join(expectation.faults(given))


def with_header(given: Response, name: str, value: str) -> Response:
    return replace(given, headers=tuple({**dict(given.headers), name: value}.items()))
