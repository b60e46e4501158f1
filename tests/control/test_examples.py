"""The examples of control calls are what the calls answer, run one after the other."""

import json

from mockpos.web.control.examples import EXAMPLES_FILE
from mockpos.web.control.table import CONTROL_CALLS
from tests.guards.control_examples import as_text, make_examples


def test_every_example_still_holds():
    text = EXAMPLES_FILE.read_text("utf-8")
    assert text == as_text(), "run: make format"
    without = {call.endpoint for call in CONTROL_CALLS} - set(json.loads(text))
    assert without == {"get_events", "get_requests_request_id_curl", "get_listings_export"}


def test_an_example_agrees_with_what_its_request_says():
    made = make_examples()
    assert made["patch_sandboxes_sandbox_name"]["key_enabled"] is False
    assert made["post_sandboxes"]["api_key"] == "checkout-17-key"
    assert made["post_reset"]["seed"] == 7
    assert made["patch_listings_remote_id"]["wholesale_price"] == "95.00"
    assert made["post_pos_sell"]["sold_now"] == 2
    assert made["post_pos_expire_hold"]["global_id"] == "checkout-17"
    assert made["post_clock"]["expired"]
    assert made["post_verify"]["found"] == 2
    assert made["get_requests_request_id"]["request_id"] == "b1946ac9-000017"
