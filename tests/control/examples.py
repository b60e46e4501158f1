"""The documented example of a call, and whether an answer has its members."""

from collections.abc import Mapping
from typing import Any

from mockpos.web.control import examples
from mockpos.web.control.table import CONTROL_CALLS


def example_of(method: str, path: str) -> Mapping[str, Any]:
    call = next(call for call in CONTROL_CALLS if (call.method, call.path) == (method, path))
    example = examples.examples().get(call.endpoint)
    assert example is not None
    return example


def differences(example: Any, real: Any, at: str = "") -> list[str]:
    """Name the members that only one of the two has. Of lists the first elements are compared, where both have one."""
    if isinstance(example, Mapping) and isinstance(real, Mapping):
        found = [f"{at}.{name}" for name in set(example) ^ set(real)]
        for name in set(example) & set(real):
            found += differences(example[name], real[name], f"{at}.{name}")
        return found
    if isinstance(example, list | tuple) and isinstance(real, list) and example and real:
        return differences(example[0], real[0], f"{at}[0]")
    return []
