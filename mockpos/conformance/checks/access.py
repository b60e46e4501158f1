"""Checks of the key, and of what every answer has to be."""

from mockpos.conformance.check import (
    CODES,
    JSON_BODY,
    Elsewhere,
    KeyUse,
    Kind,
    Need,
    Outcome,
    hold,
    invoice,
    must,
    recommendation,
    release,
    should,
)
from mockpos.conformance.judge_run import (
    codes_are_documented,
    errors_are_json,
    errors_tell_no_secrets,
    successes_are_json,
)

_KEY_REFUSED = (Outcome(name="as expected", kind=Kind.REFUSED, statuses=(401, 403)),)
_WHY_KEY = recommendation("whoever reaches the automator without its key could hold and sell a broker's tickets")

ACCESS = (
    should(
        "KEY-01",
        "A call without an API key is refused with 401 or 403.",
        _WHY_KEY,
        release("release without a key", "unknown", key=KeyUse.NONE, expect=_KEY_REFUSED),
        hold("hold without a key", key=KeyUse.NONE, listing="any", expect=_KEY_REFUSED),
        holds=False,
    ),
    should(
        "KEY-02",
        "A call with a wrong API key is refused with 401 or 403.",
        _WHY_KEY,
        release("release with a wrong key", "unknown", key=KeyUse.WRONG, expect=_KEY_REFUSED),
        hold("hold with a wrong key", key=KeyUse.WRONG, listing="any", expect=_KEY_REFUSED),
        holds=False,
    ),
    should(
        "KEY-03",
        "An invoice without an API key, or with a wrong one, is refused with 401 or 403.",
        _WHY_KEY,
        invoice("invoice without a key", "unknown", key=KeyUse.NONE, expect=_KEY_REFUSED),
        invoice("invoice with a wrong key", "unknown", key=KeyUse.WRONG, expect=_KEY_REFUSED),
        needs=(Need.INVOICE,),
        holds=False,
    ),
)

ANSWERS = (
    must(
        "JSON-01",
        "Every success has a JSON object for its body.",
        JSON_BODY,
        whole_run=True,
        judge=successes_are_json,
    ),
    must(
        "JSON-02",
        "Every error of the three calls has a JSON body.",
        JSON_BODY,
        whole_run=True,
        judge=errors_are_json,
    ),
    should(
        "JSON-03",
        "A path or method that no call has is refused, and not with a server error.",
        recommendation("a misconfigured caller should learn of it from the first answer"),
        Elsewhere("a path that is not there", "GET", "/conform-no-such-path"),
        Elsewhere("a method that the hold has not", "PROPFIND", ""),
        holds=False,
    ),
    must(
        "DOC-01",
        "Every refusal carries a code that the automator's documentation names.",
        CODES,
        whole_run=True,
        needs=(Need.CODES,),
        judge=codes_are_documented,
    ),
    should(
        "SAFE-01",
        "No answer carries a stack trace, a database's message or the API key.",
        recommendation("an error that shows the inside tells strangers where to attack"),
        whole_run=True,
        judge=errors_tell_no_secrets,
    ),
)
