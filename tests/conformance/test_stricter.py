"""Automators that are correct, and stricter or otherwise than mockpos: none of them fails."""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest

from mockpos.conformance.options import ListingOption, Profile
from mockpos.contract.loader import load_contract
from tests.conformance.broken_answers import Wsgi, changed
from tests.conformance.good import Automator, Refused, make_app, served
from tests.conformance.kit import conform, failed, told, words
from tests.conftest import KEY, ROOT, running_server

UNLIKE = ROOT / "fixtures/contracts/everything-different.yaml"


class RefusesRepeats(Automator):
    """Knows no replay: whatever comes a second time is refused."""

    def hold(self, remote_id: str, quantity: int, global_id: str) -> Any:
        with self.lock:
            if self.find(global_id):
                raise Refused(409, "global_id_conflict", "Once only.")
            return super().hold(remote_id, quantity, global_id)

    def invoice(self, global_id: str, order_id: str) -> Any:
        with self.lock:
            if self.holds.get(global_id, {}).get("status") == "invoiced":
                raise Refused(409, "order_id_conflict", "Once only.")
            return super().invoice(global_id, order_id)

    def release(self, global_id: str) -> Any:
        with self.lock:
            if self.holds.get(global_id, {}).get("status") == "released":
                raise Refused(410, "hold_not_found", "Once only.")
            return super().release(global_id)


class FourAtMost(Automator):
    """Takes no more than four tickets into one hold."""

    def hold(self, remote_id: str, quantity: int, global_id: str) -> Any:
        if quantity > 4:
            raise Refused(422, "invalid_split", "Four at most.")
        return super().hold(remote_id, quantity, global_id)


class DigitsOnly(Automator):
    """Takes Order IDs of digits and short Global IDs only."""

    def hold(self, remote_id: str, quantity: int, global_id: str) -> Any:
        assert len(global_id) <= 36
        return super().hold(remote_id, quantity, global_id)

    def invoice(self, global_id: str, order_id: str) -> Any:
        if not order_id.isdecimal():
            raise Refused(422, "validation_failed", "Digits only.")
        return super().invoice(global_id, order_id)


@pytest.mark.parametrize("automator", [RefusesRepeats, FourAtMost, DigitsOnly])
def test_a_stricter_automator_fails_nothing(automator: type[Automator]) -> None:
    with served(make_app(automator())) as url:
        run = conform(url)
    assert failed(run) == [], told(run)
    assert "cannot test" not in words(run).values(), told(run)


def test_numbers_for_remote_ids_are_found_out() -> None:
    app = make_app(Automator())

    def numbers_only(environ: Any, start_response: Any) -> Iterable[bytes]:
        if environ["REQUEST_METHOD"] == "POST":
            import io

            data = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
            try:
                body = json.loads(data)
            except (ValueError, RecursionError):
                body = None
            if isinstance(body, dict) and "remote_id" in body:
                is_number = isinstance(body["remote_id"], int)
                data = json.dumps({**body, "remote_id": str(body["remote_id"]) if is_number else 0}).encode()
            environ = {**environ, "wsgi.input": io.BytesIO(data), "CONTENT_LENGTH": str(len(data))}
        return app(environ, start_response)  # type: ignore[no-any-return]  # a WSGI application

    with served(numbers_only) as url:
        run = conform(url)
    assert failed(run) == [], told(run)


def answers(change: Any) -> Wsgi:
    return changed(change)


def test_statuses_that_are_usual_elsewhere_are_named_and_pass() -> None:
    def all_400(environ: Any, status: int, headers: dict[str, str], body: bytes) -> Any:
        return (400 if status in (404, 409, 422) else status), headers, body

    with served(answers(all_400)) as url:
        run = conform(url)
    assert failed(run) == [], told(run)
    outcomes = {result.check.id: result.finding.outcome for result in run.results}
    assert outcomes["HOLD-05"] == "differs: 400"


@pytest.mark.parametrize(("status", "left"), [(404, False), (410, False), (400, True)])
def test_a_hold_that_is_not_known_when_it_is_given_back_is_not_left_behind(status: int, left: bool) -> None:
    def no_release(environ: Any, answered: int, headers: dict[str, str], body: bytes) -> Any:
        return (status if environ["REQUEST_METHOD"] == "DELETE" else answered), headers, body

    with served(answers(no_release)) as url:
        run = conform(url, profile=Profile.QUICK)
    assert bool(run.left_behind) is left


def test_a_refusal_as_if_the_key_were_wrong_is_remarked_on() -> None:
    def all_401(environ: Any, status: int, headers: dict[str, str], body: bytes) -> Any:
        return (401 if status in (404, 409, 422) else status), headers, body

    with served(answers(all_401)) as url:
        run = conform(url)
    assert failed(run) == [], told(run)
    assert words(run)["HOLD-07"] == "warn"


def test_rate_limits_are_obeyed() -> None:
    count = 0

    def limited(environ: Any, status: int, headers: dict[str, str], body: bytes) -> Any:
        nonlocal count
        count += 1
        return (429, {**headers, "Retry-After": "1"}, b'{"code": "validation_failed"}') if count % 10 == 0 else (
            status, headers, body,
        )  # fmt: skip

    with served(answers(limited)) as url:
        run = conform(url)
    assert failed(run) == [], told(run)


def test_another_contract_is_judged_through_its_file(tmp_path: Path) -> None:
    with running_server(tmp_path, "--memory", "--contract", str(UNLIKE)) as server:
        run = conform(
            server.url, api_key=KEY, contract=load_contract(UNLIKE), listings=(ListingOption("TG-5000", 60),),
            sold_out="MOCK-LISTING_SOLD_OUT", codes=None,
        )  # fmt: skip
    assert failed(run) == [], told(run)
    assert [name for name, word in words(run).items() if word == "cannot test"] == ["DOC-01"], told(run)


def test_a_release_without_a_body_is_judged_through_the_contract(tmp_path: Path) -> None:
    contract = tmp_path / "bodiless.yaml"
    contract.write_text("name: Bodiless\noperations:\n  release:\n    success: 204\n")
    with running_server(tmp_path, "--memory", "--contract", str(contract)) as server:
        run = conform(
            server.url, api_key=KEY, contract=load_contract(contract), listings=(ListingOption("TG-5000", 60),),
            sold_out="MOCK-LISTING_SOLD_OUT",
        )  # fmt: skip
    assert failed(run) in ([], ["DOC-01"]), told(run)
    assert {result.check.id: result.finding.outcome for result in run.results}["JSON-01"] == "differs: 204"
