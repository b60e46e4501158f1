"""The pages of contracts and settings: every key and setting, a sketch that can be served, the active contract."""

import html
import re

from mockpos.contract.loader import contract_from_text, load_contract
from mockpos.contract.schema import ContractSchema, ErrorsSchema, KeySchema, OperationSchema
from mockpos.settings import SETTINGS
from mockpos.web.docs.guides import SKETCH
from tests.conftest import ROOT


def test_every_key_of_a_contract_is_explained(bed):
    page = bed.client.get("/docs/contracts").get_data(as_text=True)
    for schema in (ContractSchema, KeySchema, OperationSchema, ErrorsSchema):
        for name in schema().fields:
            assert f"<dt><code>{name}</code></dt>" in page, name


def test_the_sketch_on_the_page_is_a_contract(bed):
    assert html.escape(SKETCH, quote=True).replace("&#x27;", "&#39;").replace("&quot;", "&#34;") in bed.client.get(
        "/docs/contracts"
    ).get_data(as_text=True)
    contract = contract_from_text(SKETCH, "sketch")
    assert [rule.path for rule in contract.operations.values()] == [
        "/reservations", "/reservations/{global_id}/cancel", "/v1/invoices",
    ]  # fmt: skip
    assert contract.code_name("listing_sold_out") == "SOLD_OUT"


def test_the_active_contract_is_shown_as_its_file_stands_with_what_it_leaves_out(make_bed, tmp_path):
    different = ROOT / "fixtures" / "contracts" / "everything-different.yaml"
    page = make_bed(contract=different).client.get("/docs/contracts").get_data(as_text=True)
    assert "Kestrel Automation" in page
    assert "# the word before the key; null where the key stands alone" in page
    sketch = tmp_path / "sketch.yaml"
    sketch.write_text("name: Mine\n")
    page = make_bed(contract=sketch).client.get("/docs/contracts").get_data(as_text=True)
    assert "<li>operations is left out, all as in the default contract</li>" in page
    assert "<ul>" not in re.search(r'id="active".*', make_bed().client.get("/docs/contracts").text, re.S)[0]
    assert load_contract().defaults == ()


def test_every_setting_is_on_its_page(bed):
    page = bed.client.get("/docs/settings").get_data(as_text=True)
    for setting in SETTINGS:
        assert f'id="{setting.name}"' in page
        assert setting.env in page


def test_the_pages_are_linked_and_framed_like_the_others(bed):
    for path in ("/docs/contracts", "/docs/settings"):
        answer = bed.client.get(path)
        assert f'<a href="{path}" aria-current="page">' in answer.get_data(as_text=True)
        assert (
            answer.headers["Content-Security-Policy"]
            == bed.client.get("/docs/codes").headers["Content-Security-Policy"]
        )
