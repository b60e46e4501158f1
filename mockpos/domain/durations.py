"""Durations and rates as people write them: ``250ms``, ``15m``, ``5/s``."""

import re

_UNITS = {"ms": 1, "s": 1000, "m": 60_000, "h": 3_600_000, "d": 86_400_000}
_DURATION = re.compile(r"(\d{1,12}(?:\.\d{1,3})?)\s*(ms|s|m|h|d)")
_RATE = re.compile(r"(\d{1,9})\s*/\s*(s|m|h)")


def parse_duration(text: str) -> int:
    """Read a duration into whole milliseconds. Raises ValueError that says how to write one."""
    match = _DURATION.fullmatch(text.strip().lower())
    if match is None:
        meant = f"; did you mean {text.strip()}s?" if re.fullmatch(r"\s*\d{1,12}\s*", text) else ";"
        raise ValueError(f"{text[:60]!r} is not a duration{meant} write it as 250ms, 2s, 15m, 1.5h or 1d")
    return round(float(match[1]) * _UNITS[match[2]])


def show_duration(milliseconds: int) -> str:
    """Write milliseconds the shortest exact way: 900000 is ``15m``."""
    for unit in ("d", "h", "m", "s"):
        if milliseconds and milliseconds % _UNITS[unit] == 0:
            return f"{milliseconds // _UNITS[unit]}{unit}"
    return f"{milliseconds}ms"


def parse_rate(text: str) -> tuple[int, float]:
    """Read a rate into (calls, in so many seconds). Raises ValueError that says how to write one."""
    match = _RATE.fullmatch(text.strip().lower())
    if match is None or int(match[1]) == 0:
        raise ValueError(f"{text!r} is not a rate; write it as 5/s, 100/m or 1000/h")
    return int(match[1]), _UNITS[match[2]] / 1000
