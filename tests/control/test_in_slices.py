"""Long lists are written in slices: in many pieces, and as the same JSON."""

import json
from collections.abc import Iterator

from hypothesis import given
from hypothesis import strategies as st

from mockpos.web.control.calls import written

JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


@given(st.lists(st.dictionaries(st.text(), JSON), max_size=5), JSON, JSON)
def test_an_iterator_is_written_as_an_array_wherever_it_stands(
    items: list[object], before: object, after: object
) -> None:
    answer = {"before": before, "items": iter(items), "after": after}
    assert json.loads(b"".join(written(answer))) == {"before": before, "items": items, "after": after}
    assert json.loads(b"".join(written({"items": iter(items)}))) == {"items": items}


def test_a_long_list_is_written_in_pieces_that_a_slow_reader_can_take() -> None:
    def items() -> Iterator[dict[str, object]]:
        for number in range(5000):
            yield {"number": number, "text": "x" * 100}

    pieces = written({"items": items()})
    assert len(pieces) > 5
    assert max(map(len, pieces)) < 70_000
    assert len(json.loads(b"".join(pieces))["items"]) == 5000
