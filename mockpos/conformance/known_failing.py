"""Known failures: they are run all the same, and a reason that is out of date fails the run."""

from collections.abc import Sequence
from datetime import date
from pathlib import Path

from mockpos.conformance.checks import CHECKS, meant
from mockpos.conformance.options import KnownFailing
from mockpos.conformance.run import CheckResult
from mockpos.conformance.words import TESTED, Word
from mockpos.yaml_file import read_yaml


def read_known_failing(path: Path) -> dict[str, KnownFailing]:
    """Read ``HOLD-07: {why: ..., until: 2027-01-31}`` lines. Raises BadInput with file and line."""
    document = read_yaml(path)
    ids = [check.id for check in CHECKS]
    known = {}
    for name, entry in document.content.items():
        if name not in ids:
            raise document.bad((name,), f"no check has this id{meant(str(name))}")
        if not isinstance(entry, dict) or set(entry) != {"why", "until"} or not str(entry["why"]).strip():
            raise document.bad((name,), "write {why: REASON, until: YYYY-MM-DD}")
        try:
            until = date.fromisoformat(str(entry["until"]))
        except ValueError:
            raise document.bad((name, "until"), f"{entry['until']} is no date; write it as 2027-01-31") from None
        known[str(name)] = KnownFailing(str(entry["why"]).strip(), until.isoformat())
    return known


def stale(results: Sequence[CheckResult], today: date) -> list[str]:
    """Say which known failures are out of date: those that pass, and those whose day is past."""
    found = []
    for result in results:
        if result.known is None:
            continue
        if result.word in TESTED and result.word is not Word.FAIL:
            found.append(f"{result.check.id} is known to fail ({result.known.why}), and passes: take it off the list")
        elif date.fromisoformat(result.known.until) < today:
            found.append(f"{result.check.id} is known to fail until {result.known.until}, and that is past")
    return found
