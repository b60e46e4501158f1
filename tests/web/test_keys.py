"""Who may call: keys in the contract's header or as Bearer, a switched-off key, and how often a key may call."""

import sys
from contextlib import suppress
from threading import Thread

import pytest

from mockpos.domain.errors import Refusal
from mockpos.web.keys import RateLimit
from tests.conftest import KEY, ROOT

DEFAULT = (ROOT / "mockpos/contract/default.yaml").read_text()


def ask(bed, **headers):
    """Call with exactly these headers; the hold is a good one."""
    body = {"remote_id": "TG-1", "quantity": 1, "global_id": "g-1"}
    return bed.client.post("/v1/holds", json=body, headers={name.replace("_", "-"): v for name, v in headers.items()})


def code(reply):
    return "ok" if reply.status_code == 200 else reply.json["code"]


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ({"X_API_Key": KEY}, "ok"),
        ({"x_api_key": KEY}, "ok"),
        ({"X_API_Key": f"  {KEY} "}, "ok"),
        ({"Authorization": f"Bearer {KEY}"}, "ok"),
        ({"Authorization": f"bearer {KEY}"}, "ok"),
        ({"Authorization": f"BEARER   {KEY}"}, "ok"),
        ({"X_API_Key": KEY, "Authorization": f"Bearer {KEY}"}, "ok"),
        ({"X_API_Key": KEY, "Authorization": "Basic dTpw"}, "ok"),
        ({"X_API_Key": "", "Authorization": f"Bearer {KEY}"}, "ok"),
        ({"X_API_Key": "wrong", "Authorization": f"Bearer {KEY}"}, "api_key_invalid"),
        ({"X_API_Key": KEY, "Authorization": "Bearer wrong"}, "ok"),
        ({}, "api_key_missing"),
        ({"X_API_Key": ""}, "api_key_missing"),
        ({"X_API_Key": "   "}, "api_key_missing"),
        ({"Authorization": ""}, "api_key_missing"),
        ({"Authorization": "Bearer"}, "api_key_missing"),
        ({"Authorization": "Bearer "}, "api_key_missing"),
        ({"Authorization": KEY}, "api_key_missing"),
        ({"Authorization": f"Token {KEY}"}, "api_key_missing"),
        ({"Authorization": f"Bearer{KEY}"}, "api_key_missing"),
        ({"Authorization": f"Bearer Bearer {KEY}"}, "api_key_invalid"),
        ({"X_API_Key": KEY.upper()}, "api_key_invalid"),
        ({"X_API_Key": KEY[:-1]}, "api_key_invalid"),
        ({"X_API_Key": KEY + "x"}, "api_key_invalid"),
        ({"X_API_Key": f"Bearer {KEY}"}, "api_key_invalid"),
        ({"X_API_Key": f"{KEY},{KEY}"}, "api_key_invalid"),
        ({"X_API_Key": "k" * 8000}, "api_key_invalid"),
        ({"X_API_Key": "clé-privée"}, "api_key_invalid"),
        ({"X_API_Key": "ключ"}, "api_key_invalid"),
        ({"Authorization": "Bearer \xff\xfe"}, "api_key_invalid"),
    ],
)
def test_a_key_is_taken_from_its_header_or_as_bearer(bed, headers, expected):
    sent = {name: value if value.isascii() else value.encode().decode("latin-1") for name, value in headers.items()}
    reply = ask(bed, **sent)
    assert code(reply) == expected
    if expected != "ok":
        assert reply.status_code == 401
        assert reply.headers["WWW-Authenticate"]
        assert len(reply.data) < 500, "a refusal does not repeat the key"


def test_a_key_of_any_printable_characters_works(make_bed):
    key = r"""a key, with "quotes" & 100% =;:\ signs~"""
    bed = make_bed(api_key=key)
    assert code(ask(bed, X_API_Key=key)) == "ok"
    assert code(ask(bed, Authorization=f"Bearer {key}")) == "ok"
    assert code(ask(bed, X_API_Key=KEY)) == "api_key_invalid"


def test_a_question_mark_does_not_stand_for_what_latin_1_cannot_say(make_bed):
    bed = make_bed(api_key="?")
    environ = {"HTTP_X_API_KEY": "\u20ac"}  # no server sends it; the ring must not fold it all the same
    reply = bed.client.post("/v1/holds", json={}, environ_overrides=environ)
    assert code(reply) == "api_key_invalid"


def test_a_switched_off_key_is_known_but_not_allowed(make_bed):
    bed = make_bed(disabled_key="old-key")
    for headers in ({"X_API_Key": "old-key"}, {"Authorization": "Bearer old-key"}):
        reply = ask(bed, **headers)
        assert (reply.status_code, code(reply)) == (403, "key_not_allowed")
    assert code(ask(bed, X_API_Key=KEY)) == "ok"


@pytest.mark.parametrize(
    ("header", "scheme", "bearer", "sent", "expected"),
    [
        ("X-Token", "null", "false", {"X_Token": KEY}, "ok"),
        ("X-Token", "null", "false", {"X_API_Key": KEY}, "api_key_missing"),
        ("X-Token", "null", "false", {"Authorization": f"Bearer {KEY}"}, "api_key_missing"),
        ("X-Token", "Token", "false", {"X_Token": f"Token {KEY}"}, "ok"),
        ("X-Token", "Token", "false", {"X_Token": f"token {KEY}"}, "ok"),
        ("X-Token", "Token", "false", {"X_Token": KEY}, "api_key_missing"),
        ("X-Token", "Token", "true", {"X_Token": KEY, "Authorization": f"Bearer {KEY}"}, "ok"),
        ("Authorization", "Token", "false", {"Authorization": f"Token {KEY}"}, "ok"),
        ("Authorization", "Token", "false", {"Authorization": f"Bearer {KEY}"}, "api_key_missing"),
        ("Authorization", "Token", "true", {"Authorization": f"Bearer {KEY}"}, "ok"),
        ("Authorization", "null", "true", {"Authorization": f"Bearer {KEY}"}, "ok"),
        ("Authorization", "null", "true", {"Authorization": KEY}, "ok"),
        ("Authorization", "Bearer", "false", {"Authorization": f"Bearer {KEY}"}, "ok"),
        ("Authorization", "Bearer", "true", {"Authorization": f"Bearer {KEY}"}, "ok"),
    ],
)
def test_a_contract_names_the_header_and_the_word_before_the_key(
    make_bed, tmp_path, header, scheme, bearer, sent, expected
):
    text = DEFAULT.replace("header: X-API-Key ", f"header: {header} ").replace("scheme: null ", f"scheme: {scheme} ")
    file = tmp_path / "contract.yaml"
    file.write_text(text.replace("bearer: true ", f"bearer: {bearer} "))
    reply = ask(make_bed(contract=file), **sent)
    assert code(reply) == expected
    if expected == "api_key_missing":
        assert f"in the header {header}" in reply.json["detail"]
        assert ("Bearer" in reply.json["detail"]) == (bearer == "true")


class Monotonic:
    """Seconds that pass when told."""

    def __init__(self):
        self.at = 1000.0

    def __call__(self):
        return self.at


def test_a_key_may_call_so_often_and_is_told_when_to_come_back(make_bed):
    seconds = Monotonic()
    bed = make_bed(rate_limit="3/s", monotonic=seconds)
    assert [bed.hold(quantity=1).status_code for _ in range(5)] == [200, 200, 200, 429, 429]
    refused = bed.release("g-1")
    assert (refused.status_code, refused.json["code"], refused.json["retryable"]) == (429, "rate_limited", True)
    assert refused.headers["Retry-After"] == "1"
    seconds.at += 0.25
    assert bed.release("g-1").status_code == 429
    seconds.at += 0.125
    assert bed.release("g-1").status_code == 200
    assert bed.release("g-1").status_code == 429


@pytest.mark.parametrize(("rate", "wait"), [("1/s", 1), ("1/m", 60), ("2/m", 30), ("7/m", 9), ("1/h", 3600)])
def test_coming_back_after_retry_after_is_enough_and_before_is_not(make_bed, rate, wait):
    seconds = Monotonic()
    bed = make_bed(rate_limit=rate, monotonic=seconds)
    while (reply := bed.release("x")).status_code != 429:
        assert reply.status_code == 404
    assert reply.headers["Retry-After"] == str(wait)
    seconds.at += wait - 1
    assert bed.release("x").status_code == 429
    seconds.at += 1
    assert bed.release("x").status_code == 404


def test_a_long_rest_gives_one_burst_and_not_more(make_bed):
    seconds = Monotonic()
    bed = make_bed(rate_limit="2/s", monotonic=seconds)
    bed.release("x")
    seconds.at += 1_000_000
    assert [bed.release("x").status_code for _ in range(3)] == [404, 404, 429]


def test_threads_together_may_not_call_more_often():
    limit, passed = RateLimit(1000, 3600.0, lambda: 1.0), []

    def act():
        for _ in range(2000):
            with suppress(Refusal):
                limit.count(b"key")
                passed.append(1)

    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        threads = [Thread(target=act) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    finally:
        sys.setswitchinterval(before)
    assert len(passed) == 1000


def test_calls_with_a_wrong_key_count_for_nobody(make_bed):
    bed = make_bed(rate_limit="1/h", disabled_key="old-key", monotonic=Monotonic())
    for key in ("wrong", "old-key", ""):
        for _ in range(3):
            assert ask(bed, X_API_Key=key).status_code in (401, 403)
    assert code(ask(bed, X_API_Key=KEY)) == "ok"
    assert code(ask(bed, Authorization=f"Bearer {KEY}")) == "rate_limited", "one key, whichever way it comes"


def test_calls_to_no_operation_are_not_counted(make_bed):
    bed = make_bed(rate_limit="1/h", monotonic=Monotonic())
    for path in ("/nothing", "/v1/invoices"):
        assert bed.call("GET", path).status_code in (404, 405)
    assert bed.hold().status_code == 200


def test_without_a_limit_nothing_is_limited(bed):
    assert {bed.release("x").status_code for _ in range(500)} == {404}
