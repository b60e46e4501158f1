"""The quick way to read a body reads only what the strict one reads as well, and to the same."""

import json

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from mockpos.web.contract.bodies import _read_plain, _read_strictly

NAMES = st.sampled_from(["remote_id", "quantity", "a", "", "\u00e4", 'x":1,"x', "\ud800"])
VALUES = st.one_of(
    st.text(max_size=5),
    st.integers(-(2**70), 2**70),
    st.booleans(),
    st.none(),
    st.floats(),
    st.lists(st.integers(), max_size=2),
    st.dictionaries(st.text(max_size=2), st.integers(), max_size=2),
)
SPACES = st.sampled_from(["", " ", "\n\t"])


@st.composite
def bodies(draw: st.DrawFn) -> bytes:
    """Write an object, with names that may stand there twice, and spaces anywhere."""
    members = [
        f"{draw(SPACES)}{json.dumps(name, ensure_ascii=draw(st.booleans()))}{draw(SPACES)}:{draw(SPACES)}"
        f"{json.dumps(value)}{draw(SPACES)}"
        for name, value in draw(st.lists(st.tuples(NAMES, VALUES), max_size=4))
    ]
    return ("{" + ",".join(members) + "}").encode("utf-8", "surrogatepass")


@given(bodies())
@example(b'{"a":1,"b" :2,"a":3}')
@example(b'{"a":1,"\\u0061":2}')
@example(b'{"a":{"a":1}}')
@example(b'{"a":1,"b":"x:y","a":2}')
@example(b'{"quantity":2.0}')
@example(b'{"quantity":123456789012345678901234567890}')
@example(b'\xef\xbb\xbf{"a":1}')
@example(b'{"a":1} ')
def test_what_is_read_quickly_is_what_the_strict_reader_reads(body: bytes) -> None:
    quick = _read_plain(body)
    if quick is not None:
        strict = _read_strictly(body)
        assert quick == strict
        assert list(map(type, quick.values())) == list(map(type, strict.values()))


@pytest.mark.parametrize(
    "body",
    [
        b'{"remote_id":"TG-1","quantity":2,"global_id":"g-1"}',
        b'{"order_id": 77,\n "global_id": "g-1"}',
    ],
)
def test_an_ordinary_body_is_read_quickly(body: bytes) -> None:
    assert _read_plain(body) == json.loads(body)
