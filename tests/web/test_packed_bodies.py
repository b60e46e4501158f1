"""Bodies as clients pack them: gzip, byte order marks, other encodings; bounded by what they unpack to."""

import gzip
import json

import pytest

from tests.conftest import KEY

HOLD = {"remote_id": "TG-1", "quantity": 1, "global_id": "packed"}
PLAIN = json.dumps(HOLD).encode()
PACKED = gzip.compress(PLAIN)


def send(bed, body, path="/v1/holds", **headers):
    sent = {
        "X-API-Key": KEY,
        "Content-Type": "application/json",
        **{k.replace("_", "-"): v for k, v in headers.items()},
    }
    return bed.client.post(path, data=body, headers=sent)


@pytest.mark.parametrize("coding", ["gzip", "GZIP", "x-gzip", " gzip "])
def test_a_gzip_body_is_unpacked(bed, coding):
    assert send(bed, gzip.compress(PLAIN), Content_Encoding=coding).json["global_id"] == "packed"


def test_a_gzip_of_several_members_is_one_body(bed):
    halves = gzip.compress(PLAIN[:10]) + gzip.compress(PLAIN[10:])
    assert send(bed, halves, Content_Encoding="gzip").status_code == 200


def test_identity_is_no_coding(bed):
    assert send(bed, PLAIN, Content_Encoding="identity").status_code == 200


def test_the_limit_counts_what_is_unpacked(bed):
    bomb = gzip.compress(PLAIN + b" " * 100_000_000)
    assert len(bomb) < 150_000
    answer = send(bed, bomb[:60_000] if len(bomb) > 65_536 else bomb, Content_Encoding="gzip")
    assert (answer.status_code, answer.json["code"]) == (413, "request_too_large")
    fits = gzip.compress(PLAIN.ljust(65_536))
    assert send(bed, fits, Content_Encoding="gzip").status_code == 200


@pytest.mark.parametrize(
    "body", [PLAIN, PACKED[:-9], b"\x1f\x8b", PACKED[:-4] + b"abcd"], ids=["plain", "cut", "shorter", "wrong"]
)
def test_what_is_no_gzip_is_malformed(bed, body):
    answer = send(bed, body, Content_Encoding="gzip")
    assert (answer.status_code, answer.json["code"]) == (400, "malformed_request")
    assert "gzip" in answer.json["detail"]


@pytest.mark.parametrize("coding", ["br", "deflate", "zstd", "gzip, gzip", "chunked"])
def test_another_coding_is_named_with_what_is_understood(bed, coding):
    answer = send(bed, PLAIN, Content_Encoding=coding)
    assert (answer.status_code, answer.json["code"]) == (415, "unsupported_media_type")
    assert repr(coding) in answer.json["detail"]
    assert answer.headers["Accept-Encoding"] == "gzip"


def test_control_calls_unpack_too(bed):
    frozen = gzip.compress(b'{"freeze": true}')
    assert send(bed, frozen, "/_mock/clock", Content_Encoding="gzip").json["frozen"] is True
    answer = send(bed, frozen, "/_mock/clock", Content_Encoding="br")
    assert (answer.status_code, answer.json["code"]) == (415, "mock_unsupported_media_type")
    assert answer.headers["Accept-Encoding"] == "gzip"
    assert send(bed, b"x", "/_mock/clock", Content_Encoding="gzip").json["code"] == "mock_malformed_request"


def test_another_media_type_says_nothing_of_codings(bed):
    answer = send(bed, PLAIN, Content_Type="text/plain")
    assert answer.status_code == 415
    assert "Accept-Encoding" not in answer.headers


def test_a_byte_order_mark_is_passed_over(bed):
    assert send(bed, b"\xef\xbb\xbf" + PLAIN).status_code == 200
    assert send(bed, b'\xef\xbb\xbf{"freeze": true}', "/_mock/clock").json["frozen"] is True


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-le", "utf-32-be"])
def test_utf_16_and_32_are_named(bed, encoding):
    answer = send(bed, json.dumps(HOLD).encode(encoding))
    assert (answer.status_code, answer.json["code"]) == (400, "malformed_request")
    assert f"{encoding[:6].upper()}; send UTF-8" in answer.json["detail"]
