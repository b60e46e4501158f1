"""Environment variables that begin with MOCKPOS_: who reads which, and what to say of one that nobody reads."""

import re
from collections.abc import Callable, Iterable, Mapping
from difflib import get_close_matches

PREFIX = "MOCKPOS_"
_OF_CLIENTS = (
    "MOCKPOS_URL", "MOCKPOS_CONTROL_URL", "MOCKPOS_CONTROL_TOKEN", "MOCKPOS_API_KEY", "MOCKPOS_SANDBOX", "MOCKPOS_JSON",
    "MOCKPOS_KEY", "MOCKPOS_TOKEN", "MOCKPOS_COOKIE",
)  # fmt: skip
"""Variables of client commands, of test runs, and of the commands that ``mockpos requests curl`` writes."""

_OF_KUBERNETES = re.compile(r"MOCKPOS_SERVICE_(HOST|PORT(_\w+)?)|MOCKPOS_PORT_\d+_(TCP|UDP|SCTP)(_\w+)?")


def is_kubernetes_port(name: str, value: str) -> bool:
    """Tell whether a variable is the address that Kubernetes puts into containers for a Service called mockpos."""
    return name == "MOCKPOS_PORT" and "://" in value


def told_of_variables(
    environment: Mapping[str, str], settings: Iterable[str], others: Callable[[], Iterable[str]] = tuple
) -> list[str]:
    """Say which variables are passed over, with the name that was probably meant.

    ``settings`` are those that settings read, ``others`` finds those of commands: it is asked only when it has to be.
    """
    known = {*settings, *_OF_CLIENTS}
    unread = [name for name, value in environment.items() if name.startswith(PREFIX) and value and name not in known]
    if unread:
        known.update(others())
    told = [
        f"{name}: nobody reads this variable{_meant(name, known)}"
        for name in sorted(unread)
        if name not in known and _OF_KUBERNETES.fullmatch(name) is None
    ]
    port = environment.get("MOCKPOS_PORT", "")
    if is_kubernetes_port("MOCKPOS_PORT", port):
        told.append(
            f"MOCKPOS_PORT={port[:80]} is passed over: Kubernetes sets it for a Service called mockpos; "
            "say --port, or give the Service another name"
        )
    return told


def _meant(name: str, known: set[str]) -> str:
    shorter = {variable.removeprefix(PREFIX): variable for variable in sorted(known)}
    close = get_close_matches(name.removeprefix(PREFIX).upper(), shorter, n=1)
    return f"; did you mean {shorter[close[0]]}?" if close else ""
