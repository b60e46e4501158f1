"""A number with its noun, and the verb behind them."""


def counted(count: int, noun: str) -> str:
    """Write a number and its noun, which takes an s in the plural: 1 commit, 2,000 commits."""
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


def are(count: int) -> str:
    """Write the verb for so many: is, are."""
    return "is" if count == 1 else "are"


def were(count: int) -> str:
    """Write the verb for so many in the past: was, were."""
    return "was" if count == 1 else "were"
