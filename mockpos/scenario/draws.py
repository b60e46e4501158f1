"""Seeded draws. What a call draws follows from its own key, never from the order in which calls arrive."""

from hashlib import blake2b

_PERSON = b"mockpos draw"
_STEP = 2.0**-53


def draw(*key: str) -> float:
    """Return the number in [0, 1) that belongs to this key: the same in every process, on every machine.

    Each part is hashed with its length before it, so that no two keys run together into the same bytes.
    """
    data = "".join([f"{len(part)}:{part}" for part in key]).encode("utf-8", "surrogatepass")
    digest = blake2b(data, digest_size=8, person=_PERSON).digest()
    return (int.from_bytes(digest, "big") >> 11) * _STEP
