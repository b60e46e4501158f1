"""Answers of the control plane as JSON. Long lists are made and written in slices, so that no other call waits long."""

from collections.abc import Iterator, Mapping
from typing import Any

from mockpos.server.slices import in_slices
from mockpos.web.replies import dump

_PIECE = 64 * 1024


def written(answer: Mapping[str, Any]) -> list[bytes]:
    """Write an answer in pieces. A member whose value is an iterator becomes an array, item by item."""
    if not any(isinstance(value, Iterator) for value in answer.values()):
        return [dump(answer)]
    between = in_slices()
    pieces: list[bytes] = []
    piece = bytearray()
    for name, value in answer.items():
        piece += b'%b"%b":' % (b"," if piece or pieces else b"{", name.encode())
        if not isinstance(value, Iterator):
            piece += dump(value)
            continue
        separator = b"["
        for item in value:
            piece += separator + dump(item)
            separator = b","
            if len(piece) >= _PIECE:
                pieces.append(bytes(piece))
                piece.clear()
            between()
        piece += b"[]" if separator == b"[" else b"]"
    return [*pieces, bytes(piece + b"}")]
