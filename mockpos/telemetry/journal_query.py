"""Reads a filter of the journal from the text of a query. Must not know where the query comes from."""

from collections.abc import Mapping

from mockpos.domain.clock import Millis, parse_rfc3339
from mockpos.domain.identifiers import is_global_id
from mockpos.telemetry.journal_filter import PATTERN_FIELDS, CallPattern, JournalFilter
from mockpos.telemetry.journal_input import Errors, WrongFields, read_fields, refuse_unknown

FILTER_FIELDS = (*PATTERN_FIELDS, "since", "limit")
MOST = 10_000
USUAL = 100


def read_filter(given: Mapping[str, str]) -> JournalFilter:
    """Read a filter; ``limit`` is 100 when it is left out.

    Raises WrongFields, naming every field that is wrong.
    """
    errors: Errors = {}
    refuse_unknown(given, FILTER_FIELDS, errors)
    fields = read_fields(given, errors)
    since = limit = None
    try:
        since = _since(given["since"]) if "since" in given else None
    except ValueError as error:
        errors["since"] = [str(error)]
    try:
        limit = _limit(given.get("limit", str(USUAL)))
    except ValueError as error:
        errors["limit"] = [str(error)]
    if errors:
        raise WrongFields(errors)
    pattern = CallPattern(**fields)  # type: ignore[arg-type]  # each reader returns what its field is
    return JournalFilter(pattern=pattern, since=since, limit=limit)


def _since(text: str) -> Millis | str:
    try:
        return parse_rfc3339(text)
    except (ValueError, OverflowError):
        if is_global_id(text):
            return text
    hint = " (a + in a query is written %2B)" if " " in text else ""
    raise ValueError(f"Must be a time such as 2026-11-23T14:02:07.120Z, or the id of a request{hint}.")


def _limit(text: str) -> int:
    if not (text.isascii() and text.isdecimal() and len(text) <= len(str(MOST)) and 1 <= int(text) <= MOST):
        raise ValueError(f"Must be a whole number from 1 to {MOST}.")
    return int(text)
