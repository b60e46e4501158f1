"""Pages of other origins call the operations where that was asked for, and nothing else."""

import pytest

from mockpos.domain.errors import BadInput
from tests.conftest import KEY

PAGE = "http://localhost:3000"


@pytest.fixture
def open_bed(make_bed):
    return make_bed(cors_origin=f"{PAGE},https://shop.test")


def preflight(bed, path="/v1/holds", origin=PAGE, method="POST"):
    headers = {"Origin": origin, "Access-Control-Request-Method": method, "Access-Control-Request-Headers": "x-api-key"}
    return bed.client.options(path, headers=headers)


def test_off_by_default(bed):
    assert preflight(bed).status_code == 405
    assert "Access-Control-Allow-Origin" not in bed.call("POST", "/v1/holds", {}, Origin=PAGE).headers


@pytest.mark.parametrize(
    ("path", "methods"), [("/v1/holds", "POST"), ("/v1/invoices", "POST"), ("/v1/holds/g", "DELETE")]
)
def test_a_browser_is_told_what_it_may_do(open_bed, path, methods):
    answer = preflight(open_bed, path)
    assert (answer.status_code, answer.data) == (204, b"")
    assert answer.headers["Access-Control-Allow-Origin"] == PAGE
    assert answer.headers["Access-Control-Allow-Methods"] == methods
    assert answer.headers["Access-Control-Allow-Headers"] == "x-api-key"
    assert answer.headers["Vary"] == "Origin"


def test_answers_and_refusals_can_be_read(open_bed):
    for answer in (open_bed.call("POST", "/v1/holds", {}, Origin=PAGE), open_bed.call("POST", "/v1/hold", Origin=PAGE)):
        assert answer.headers["Access-Control-Allow-Origin"] == PAGE
        assert "X-Request-Id" in answer.headers["Access-Control-Expose-Headers"]


def test_of_nobody_else(open_bed):
    assert preflight(open_bed, origin="http://evil.test").status_code == 405
    answer = open_bed.call("POST", "/v1/holds", {}, Origin="http://evil.test")
    assert "Access-Control-Allow-Origin" not in answer.headers


def test_never_at_the_control_plane(open_bed):
    assert preflight(open_bed, "/_mock/reset").status_code == 405
    answer = open_bed.client.get("/_mock/clock", headers={"Origin": PAGE, "X-API-Key": KEY})
    assert "Access-Control-Allow-Origin" not in answer.headers


def test_a_star_is_everybody(make_bed):
    assert preflight(make_bed(cors_origin="*"), origin="http://any.test").headers["Access-Control-Allow-Origin"] == (
        "http://any.test"
    )


@pytest.mark.parametrize("wrong", ["localhost:3000", "shop.test", "http://a/b", "http://", "null"])
def test_what_is_no_origin_is_refused_at_the_start(make_bed, wrong):
    with pytest.raises(BadInput, match=r"^--cors-origin: .* is no origin"):
        make_bed(cors_origin=wrong)
