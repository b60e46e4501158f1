"""Errors the mock makes about its own use. They are no part of any contract: each begins with ``mock_``."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class MockCode:
    """One such error, for the documentation and its answers."""

    code: str
    status: int
    title: str
    meaning: str


MOCK_CODES = {
    code.code: code
    for code in (
        MockCode(
            "mock_unknown_scenario",
            400,
            "Unknown scenario",
            "The header X-Mockpos-Scenario names a scenario that is not known here. Nothing was changed.",
        ),
        MockCode(
            "mock_fault_unsupported",
            501,
            "Fault not supported here",
            "The scenario breaks the connection, which only `mockpos serve` can do. Nothing was changed.",
        ),
    )
}
"""All of them, by name. Each is answered with the header ``X-Mockpos-Error: true``."""
