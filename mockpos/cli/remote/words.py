"""Values as people read them, safe to print in a terminal."""

from mockpos.cli.terminal import safe


def shown(value: object) -> str:
    """Return a value as people read it: nothing in it moves the cursor or breaks the line."""
    if value is None:
        return "-"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int):
        return f"{value:,}"
    return safe(str(value))
