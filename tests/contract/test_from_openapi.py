"""A contract is proposed from OpenAPI documents of unlike shape, and what is proposed can be served."""

import json
import re
from pathlib import Path

import pytest
from click.testing import CliRunner

from mockpos.checkout.client import AutomatorClient
from mockpos.cli import cli
from mockpos.contract.loader import load_contract
from mockpos.domain.catalogue import Operation
from tests.conftest import KEY, running_server

DOCUMENTS = Path(__file__).parent / "openapi"
HOLD, RELEASE, INVOICE = Operation


def proposed(tmp_path, name):
    file = tmp_path / "mine.yaml"
    done = CliRunner().invoke(cli, ["contract", "from-openapi", str(DOCUMENTS / name), "-o", str(file)])
    assert done.exit_code == 0, done.output
    assert "cannot be served" not in done.output
    text = file.read_text()
    marked = [line.partition("# ?")[0].strip() or line.strip() for line in text.splitlines() if "# ?" in line]
    assert f"{len(marked) - 1} line" in done.output, done.output
    return load_contract(file), marked[1:], text


def test_a_plain_document_with_named_codes(tmp_path):
    contract, marked, _ = proposed(tmp_path, "larch.yaml")
    hold, release, invoice = contract.operations.values()
    assert (contract.name, contract.version, contract.refuse_unknown_fields) == ("Larch Automator API", "2.4", True)
    assert (contract.key.header, contract.key.bearer) == ("X-Larch-Key", False)
    assert (hold.method, hold.path, hold.success) == ("POST", "/api/v2/holds", 201)
    assert hold.request == {"remote_id": ("ticketGroupId",), "quantity": ("quantity",), "global_id": ("holdId",)}
    assert (release.path, release.success) == ("/api/v2/holds/{global_id}", 204)
    assert invoice.response["invoice_id"] == ("invoiceNumber",)
    assert (invoice.response_constants, invoice.state, hold.state) == ({("apiVersion",): 2}, "SOLD", "RESERVED")
    assert contract.errors.codes == {
        "listing_not_found": "TICKET_GROUP_NOT_FOUND", "listing_sold_out": "SOLD_OUT",
        "insufficient_quantity": "NOT_ENOUGH_TICKETS", "invalid_split": "SPLIT_NOT_ALLOWED",
        "hold_not_found": "HOLD_NOT_FOUND", "hold_expired": "HOLD_EXPIRED", "hold_already_invoiced": "ALREADY_SOLD",
    }  # fmt: skip
    assert [line for line in marked if "WRONG_SHOE_SIZE" in line]
    assert {line.partition(":")[0] for line in marked if not line.startswith("#")} == {
        "listing_retired", "hold_expired", "invoice_rejected", "hold_already_invoiced",
    }  # fmt: skip


def test_an_error_of_the_server_has_a_code_like_any_other(tmp_path):
    text = (DOCUMENTS / "larch.yaml").read_text()
    down = "{type: object, properties: {code: {enum: [POS_UNAVAILABLE]}, message: {type: string}}}"
    schema = f"{{type: object, properties: {{error: {down}}}}}"
    answer = f'"503": {{description: Down, content: {{application/json: {{schema: {schema}}}}}}}'
    (file := tmp_path / "down.yaml").write_text(text.replace('        "204":', f'        {answer}\n        "204":'))
    contract, _, _ = proposed(tmp_path, file)
    assert contract.errors.codes["pos_unavailable"] == "POS_UNAVAILABLE"


def test_a_nested_document_with_constants_and_numbered_errors(tmp_path):
    contract, marked, _ = proposed(tmp_path, "kestrel.json")
    hold, release, invoice = contract.operations.values()
    assert (contract.key.header, contract.key.scheme) == ("Authorization", "Bearer")
    assert (hold.method, hold.request["quantity"], hold.state) == ("PUT", ("data", "reservation", "qty"), 1)
    assert hold.request_constants == hold.response_constants == {("meta", "version"): 3}
    assert hold.response["expires_at"] == ("data", "reservation", "valid_until")
    assert (release.path, release.global_id_in) == ("/gateway/cancellations", "query")
    assert (invoice.path, invoice.success) == ("/gateway/reservations/{global_id}/purchase", 202)
    assert invoice.request_constants == {("order", "channel"): "TEVO"}
    assert contract.errors.template == {
        "ok": False, "fault": {"id": "$code", "text": "$detail", "severity": ""}, "trace": "$request_id",
    }  # fmt: skip
    assert {"purchase.price.unit: null", 'severity: ""', "codes: {}"} <= set(marked)


def test_a_document_of_jsonapi_bodies_with_errors_by_range(tmp_path):
    contract, marked, _ = proposed(tmp_path, "heron.json")
    hold, release, invoice = contract.operations.values()
    assert hold.request == {
        "remote_id": ("data", "attributes", "remote_listing_id"),
        "quantity": ("data", "attributes", "ticket_count"),
        "global_id": ("data", "attributes", "transaction_guid"),
    }
    assert (release.path, release.global_id_in) == ("/auto/release_tickets", "body")
    assert invoice.request == {"global_id": ("transaction_guid",), "order_id": ("tevo_order_id",)}
    assert contract.errors.media_type == "application/json"
    assert contract.errors.template == {"errors": [{"code": "$code", "detail": "$detail"}]}
    assert [line.partition(":")[0] for line in marked] == ["response", "codes"]


def test_a_thin_document_marks_what_it_lacks(tmp_path):
    contract, marked, text = proposed(tmp_path, "tevo.yaml")
    assert contract.operations[HOLD].path == contract.operations[RELEASE].path == "/v9/brokers/1/inventory_holds"
    assert contract.operations[INVOICE].path == "/v1/invoices"
    assert contract.errors.codes == {
        "listing_sold_out": "sold_out", "insufficient_quantity": "insufficient", "invalid_split": "bad_split",
    }  # fmt: skip
    assert contract.errors.statuses["invalid_split"] == 400
    assert {"header: X-API-Key", "released: open", "path: /v1/invoices", "response:"} <= set(marked)
    assert "# ? other.yaml#/Problem was not read" in text


@pytest.mark.parametrize("name", sorted(path.name for path in DOCUMENTS.iterdir()))
def test_what_is_proposed_is_served_and_spoken(tmp_path, name):
    contract, _, _ = proposed(tmp_path, name)
    with running_server(tmp_path, "--quiet", "--memory", "--contract", str(tmp_path / "mine.yaml")) as server:
        client = AutomatorClient(server.url, KEY, contract)
        assert client.hold("TG-GA", 2, "g-1").code == "held"
        assert client.invoice("g-1", "o-1").code == "invoiced"
        assert client.release("g-1").code == "hold_already_invoiced"
        assert client.hold("TG-GA", 1, "g-2").code == "held"
        assert client.release("g-2").code == "released"
        assert client.hold("NO-SUCH", 1, "g-3").code == "listing_not_found"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("openapi: 2", "not an OpenAPI 3 document"),
        ("swagger: '2.0'", "Swagger 2.0 is converted with"),
        ("openapi: 3.1.0", "has no paths"),
        ("- a", "it is no mapping"),
        ("a: [", "neither JSON nor YAML"),
        ('{"a": ', "neither JSON nor YAML"),
    ],
)
def test_what_is_no_document_is_refused_by_name(tmp_path, text, message):
    file = tmp_path / "api.yaml"
    file.write_text(text)
    done = CliRunner().invoke(cli, ["contract", "from-openapi", str(file)])
    assert message in str(done.exception)
    assert str(file) in str(done.exception)


@pytest.mark.parametrize(
    "damage",
    [
        {"paths": {"/x": {"post": None, "put": {"parameters": [3], "requestBody": [], "responses": {"200": 7}}}}},
        {"paths": {"/x": {"post": {"requestBody": {"$ref": "#/x"}}}}, "x": {"$ref": "#/x"}},
        {
            "paths": {"/x": {"post": {"requestBody": {"content": {"application/json": {"schema": {"$ref": "#/x"}}}}}}},
            "x": {"allOf": [{"$ref": "#/x"}], "properties": {"a": {"$ref": "#/x"}}},
        },
        {"paths": {}, "servers": "here", "components": [], "info": []},
        {"paths": {"/holds": {"post": {"responses": {"default": {"content": {"text/plain": {}}}, "4XX": {}}}}}},
        {"paths": {"/holds/{a}/{b}": {"delete": {}}}, "security": [{"k": []}]},
    ],
)
def test_a_damaged_document_still_gives_a_proposal(tmp_path, damage):
    file = tmp_path / "api.json"
    file.write_text(json.dumps({"openapi": "3.0.0", **damage}))
    done = CliRunner().invoke(cli, ["contract", "from-openapi", str(file)])
    assert done.exit_code == 0, done.exception
    assert "operations:" in done.output


def test_mockpos_own_document_gives_its_contract_back(tmp_path):
    document, file = tmp_path / "openapi.json", tmp_path / "mine.yaml"
    for arguments in (["openapi", "-o", str(document)], ["contract", "from-openapi", str(document), "-o", str(file)]):
        assert CliRunner().invoke(cli, arguments).exit_code == 0
    contract = load_contract(file)
    assert "# ?" not in file.read_text().partition("\nname:")[2]
    assert contract.operations == load_contract().operations
    assert (contract.key, contract.errors) == (load_contract().key, load_contract().errors)
    assert (contract.states, contract.defaults) == ({}, ())


def test_details_of_an_error_are_one_member_and_a_word_before_the_key_is_asked_for(tmp_path):
    document, file = tmp_path / "openapi.json", tmp_path / "mine.yaml"
    different = Path("fixtures/contracts/everything-different.yaml")
    for arguments in (
        ["openapi", "--contract", str(DOCUMENTS.parents[2] / different), "-o", str(document)],
        ["contract", "from-openapi", str(document), "-o", str(file)],
    ):
        assert CliRunner().invoke(cli, arguments).exit_code == 0
    contract = load_contract(file)
    original = load_contract(DOCUMENTS.parents[2] / different)
    assert contract.errors.template["fault"] == original.errors.template["fault"]
    assert contract.errors.codes == {"insufficient_quantity": "TOO_FEW"}
    assert contract.states == original.states
    assert [rule.path for rule in contract.operations.values()] == [rule.path for rule in original.operations.values()]
    assert re.search(r"scheme: null +# \? a word before the key, such as Token\?", file.read_text())
