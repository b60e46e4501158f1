"""Checks of the key, and of what every answer has to be."""

from mockpos.conformance.check import Check, Elsewhere, KeyUse, Kind, Need, Outcome
from mockpos.conformance.checks.steps import hold, invoice, release
from mockpos.conformance.judge_run import (
    codes_are_documented,
    errors_are_json,
    errors_tell_no_secrets,
    successes_are_json,
)
from mockpos.conformance.sources import CODES, JSON_BODY, recommendation
from mockpos.conformance.words import Level

_KEY_REFUSED = (Outcome(name="as expected", kind=Kind.REFUSED, statuses=(401, 403)),)
_WHY_KEY = recommendation("whoever reaches the automator without its key could hold and sell a broker's tickets")

ACCESS = (
    Check(
        id="KEY-01",
        rule="A call without an API key is refused with 401 or 403.",
        source=_WHY_KEY,
        holds=False,
        steps=(
            release("release without a key", "unknown", key=KeyUse.NONE, expect=_KEY_REFUSED),
            hold("hold without a key", key=KeyUse.NONE, listing="any", expect=_KEY_REFUSED),
        ),
    ),
    Check(
        id="KEY-02",
        rule="A call with a wrong API key is refused with 401 or 403.",
        source=_WHY_KEY,
        holds=False,
        steps=(
            release("release with a wrong key", "unknown", key=KeyUse.WRONG, expect=_KEY_REFUSED),
            hold("hold with a wrong key", key=KeyUse.WRONG, listing="any", expect=_KEY_REFUSED),
        ),
    ),
    Check(
        id="KEY-03",
        rule="An invoice without an API key, or with a wrong one, is refused with 401 or 403.",
        source=_WHY_KEY,
        needs=(Need.INVOICE,),
        holds=False,
        steps=(
            invoice("invoice without a key", "unknown", key=KeyUse.NONE, expect=_KEY_REFUSED),
            invoice("invoice with a wrong key", "unknown", key=KeyUse.WRONG, expect=_KEY_REFUSED),
        ),
    ),
)

ANSWERS = (
    Check(
        id="JSON-01",
        rule="Every success has a JSON body.",
        level=Level.MUST,
        source=JSON_BODY,
        whole_run=True,
        judge=successes_are_json,
    ),
    Check(
        id="JSON-02",
        rule="Every error of the three calls has a JSON body.",
        level=Level.MUST,
        source=JSON_BODY,
        whole_run=True,
        judge=errors_are_json,
    ),
    Check(
        id="JSON-03",
        rule="A path or method that no call has is refused, and not with a server error.",
        source=recommendation("a misconfigured caller should learn of it from the first answer"),
        holds=False,
        steps=(
            Elsewhere("a path that is not there", "GET", "/conform-no-such-path"),
            Elsewhere("a method that the hold has not", "PROPFIND", ""),
        ),
    ),
    Check(
        id="DOC-01",
        rule="Every refusal carries a code that the automator's documentation names.",
        level=Level.MUST,
        source=CODES,
        whole_run=True,
        needs=(Need.CODES,),
        judge=codes_are_documented,
    ),
    Check(
        id="SAFE-01",
        rule="No answer carries a stack trace, a database's message or the API key.",
        source=recommendation("an error that shows the inside tells strangers where to attack"),
        whole_run=True,
        judge=errors_tell_no_secrets,
    ),
)
