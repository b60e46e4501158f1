"""What each control call answers, as ``mockpos.web.docs.make_examples`` saw it. Lists show their first entries."""

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

EXAMPLES_FILE = Path(__file__).with_name("examples.json")


def example_of(endpoint: str) -> Mapping[str, Any] | None:
    """Return the example of a call by its name; None for what answers no JSON."""
    return _examples().get(endpoint)


@cache
def _examples() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(EXAMPLES_FILE.read_text("utf-8"))
    return found
