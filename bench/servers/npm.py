"""Where the other tools are: npm packages under bench/peers, whose lock file pins them."""

from pathlib import Path

FOLDER = Path(__file__).parents[1] / "peers"
MODULES = FOLDER / "node_modules"


def program(name: str) -> str:
    """Return the path of a program that npm installed."""
    return str(MODULES / ".bin" / name)
