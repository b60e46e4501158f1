"""A number with its noun."""


def counted(count: int, noun: str) -> str:
    """Write a number and its noun, which takes an s in the plural: 1 commit, 2,000 commits."""
    return f"{count:,} {noun}{'' if count == 1 else 's'}"
