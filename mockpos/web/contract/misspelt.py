"""Names the field that was probably misspelt, beside one that is missing."""

from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from typing import Any

from mockpos.validation.problems import shown

REQUIRED = "Is required."

_MOST_COMPARED = 50
_LONGEST = 40


def name_misspelt(errors: dict[str, list[str]], body: Mapping[str, Any], known: Sequence[str]) -> None:
    """Say of each missing field which one of those that were sent, and mean nothing here, was probably meant for it."""
    for place, messages in errors.items():
        if messages != [REQUIRED]:
            continue
        *above, name = place.split(".")
        inside: Any = body
        for step in above:
            inside = inside.get(step) if isinstance(inside, Mapping) else None
        if not isinstance(inside, Mapping) or len(inside) > _MOST_COMPARED:
            continue
        others = {_plain(key): key for key in inside if ".".join((*above, key)) not in known and len(key) <= _LONGEST}
        close = get_close_matches(_plain(name), others, n=1, cutoff=0.75)
        if close:
            messages.append(f"{shown(others[close[0]])} was sent, which is not a field of this call.")


def _plain(name: str) -> str:
    return "".join(character for character in name.lower() if character.isalnum())
