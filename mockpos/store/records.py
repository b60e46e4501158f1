"""Entities as JSON arrays of their fields, in order: how the commit log and the memory of a world have them.

A remembered hold is 130 bytes that the garbage collector need not look through, where the entity takes 500. The log's
header carries RECORD_FORMAT, so a change of the fields cannot go unseen.
"""

from msgspec.json import Decoder, Encoder

from mockpos.domain.hold import Hold, Invoice

RECORD_FORMAT = 4

write = Encoder().encode
"""Write a hold or an invoice."""

read_hold = Decoder(Hold).decode
"""Read a hold. Raises msgspec's DecodeError."""

_STOLEN = b",true]"  # the last field says so


def gives_back(record: bytes | None) -> bool:
    """Tell whether a hold is alive, and its end would give tickets back, without reading its record."""
    return record is not None and not record.endswith(_STOLEN)


read_invoice = Decoder(Invoice).decode
"""Read an invoice. Raises msgspec's DecodeError."""
