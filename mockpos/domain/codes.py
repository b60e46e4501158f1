"""The catalogue of response codes, and the mock's own errors. Source: the project's contract specification.

``detail`` is the example that documentation shows; a live answer names its own ids.
"""

from dataclasses import dataclass
from functools import partial

from mockpos.domain.catalogue import Catalogue, Operation, ResponseCode, Scope, Who, in_words

_any_call = partial(ResponseCode, scope=Scope.ANY_CALL)
_at_hold = partial(ResponseCode, operations=(Operation.HOLD,))
_at_release = partial(ResponseCode, operations=(Operation.RELEASE,))
_at_invoice = partial(ResponseCode, operations=(Operation.INVOICE,))

_TRANSPORT = (
    _any_call(
        code="malformed_request",
        status=400,
        meaning="The bytes are not HTTP, or the body is not one JSON object. Nothing was looked up, nothing changed. "
        "A JSON object that names a member twice is malformed too.",
        detail="The body is not JSON: Expecting value, at line 1 column 15.",
        details={"position": "line 1 column 15"},
        provoke="Send a body that is not JSON.",
    ),
    _any_call(
        code="api_key_missing",
        status=401,
        meaning="The call carries no API key, neither in its own header nor as a Bearer token.",
        detail="Send the API key in the header X-API-Key, or as Authorization: Bearer KEY.",
        provoke="Leave the key header out.",
    ),
    _any_call(
        code="api_key_invalid",
        status=401,
        meaning="The call carries a key that this automator never gave out.",
        detail="This API key is not known here.",
        provoke="Send the key `wrong`.",
    ),
    _any_call(
        code="key_not_allowed",
        status=403,
        meaning="The key is known but switched off.",
        detail="This API key is switched off.",
        who=Who.OPERATOR,
        provoke="Start with `--disabled-key old-key` and send that key.",
    ),
    ResponseCode(
        code="unknown_endpoint",
        status=404,
        meaning="No operation has this path. Doubled and trailing slashes count as other paths; nothing redirects.",
        detail="There is nothing at /v1/hold.",
        scope=Scope.NO_OPERATION,
        details={"did_you_mean": "/v1/holds"},
        provoke="Call a path that no operation has.",
    ),
    ResponseCode(
        code="method_not_allowed",
        status=405,
        meaning="The path exists, but not with this method. The header Allow lists the ones it has.",
        detail="GET is not allowed at /v1/holds; allowed: POST.",
        scope=Scope.NO_OPERATION,
        provoke="Call an operation's path with a method it does not have.",
    ),
    ResponseCode(
        code="request_too_large",
        status=413,
        meaning="The body is larger than 64 KiB.",
        detail="The body is larger than 65536 bytes.",
        scope=Scope.WITH_BODY,
        provoke="Send a body of 70,000 bytes.",
    ),
    _any_call(
        code="uri_too_long",
        status=414,
        meaning="The request line is longer than the server reads.",
        detail="The request line is longer than 4094 bytes.",
        provoke="Call a path of 10,000 characters.",
    ),
    ResponseCode(
        code="unsupported_media_type",
        status=415,
        meaning="The body's Content-Type is missing or is not JSON (application/json or application/*+json).",
        detail="Send the body as application/json, not as text/plain.",
        scope=Scope.WITH_BODY,
        provoke="Send the body with `Content-Type: text/plain`.",
    ),
    _any_call(
        code="validation_failed",
        status=422,
        meaning="A field is missing, or its value is not one the contract allows. The errors name each field.",
        detail="1 field is wrong: quantity.",
        details={"errors": {"quantity": ["Must be a whole number from 1 to 1000."]}},
        provoke="Ask for the quantity 0, or release the Global ID `!`.",
    ),
    _any_call(
        code="rate_limited",
        status=429,
        meaning="The key makes more calls than it is allowed. The header Retry-After says when to come back.",
        detail="More than 5 calls a second with this key.",
        who=Who.CALLER_REPEATS,
        retryable=True,
        retry_after=True,
        provoke="Start with `--rate-limit 1/s` and call twice.",
    ),
    _any_call(
        code="headers_too_large",
        status=431,
        meaning="One header is larger than the server reads, or there are too many of them.",
        detail="A header is larger than 8190 bytes.",
        provoke="Send a header of 10,000 characters.",
    ),
    _any_call(
        code="internal_error",
        status=500,
        meaning="The automator failed and cannot say whether the call took effect.",
        detail="Something went wrong; whether the call took effect is unknown.",
        who=Who.CALLER_REPEATS,
        retryable=True,
        outcome_unknown=True,
        provoke="Hold the magic Remote ID `MOCK-INTERNAL_ERROR`.",
    ),
    _any_call(
        code="pos_unavailable",
        status=503,
        meaning="The automator could not reach the broker's point of sale. Nothing changed. "
        "The header Retry-After says when to come back.",
        detail="The point of sale is not available; nothing was changed.",
        who=Who.CALLER_REPEATS,
        retryable=True,
        retry_after=True,
        provoke="Hold the magic Remote ID `MOCK-POS_UNAVAILABLE`.",
    ),
    _any_call(
        code="pos_timeout",
        status=504,
        meaning="The point of sale was asked and did not answer in time; whether it acted is unknown.",
        detail="The point of sale did not answer in time; whether the call took effect is unknown.",
        who=Who.CALLER_REPEATS,
        retryable=True,
        outcome_unknown=True,
        provoke="Hold the magic Remote ID `MOCK-POS_TIMEOUT`.",
    ),
)

_BUSINESS = (
    _at_hold(
        code="listing_not_found",
        status=404,
        meaning="No listing ever had this Remote ID.",
        detail="No listing has the Remote ID TG-1O42.",
        who=Who.BUYER,
        details={"remote_id": "TG-1O42", "did_you_mean": "TG-1042"},
        provoke="Hold the Remote ID `NO-SUCH-LISTING`.",
    ),
    _at_hold(
        code="listing_retired",
        status=410,
        meaning="The Remote ID was replaced by another, or the listing was withdrawn.",
        detail="TG-1042 was replaced by TG-2042.",
        who=Who.BUYER,
        details={"superseded_by": "TG-2042"},
        provoke="Hold `TG-RETIRED`, which the shipped worlds contain.",
    ),
    _at_hold(
        code="listing_not_for_sale",
        status=409,
        meaning="The listing exists but cannot be sold: it is not mapped to an event or not broadcast, "
        "or its event is over, postponed or canceled.",
        detail="TG-1042 is not for sale: event postponed.",
        who=Who.BROKER,
        details={"reason": "event postponed"},
        provoke="Hold `TG-POSTPONED`, which the shipped worlds contain.",
    ),
    _at_hold(
        code="listing_sold_out",
        status=409,
        meaning="Every ticket of the listing is sold.",
        detail="TG-1042 has no tickets left; the last were sold on 2026-11-23T14:02:07.120Z.",
        who=Who.BUYER,
        provoke="Hold and invoice all of a listing, then hold it again.",
    ),
    _at_hold(
        code="insufficient_quantity",
        status=409,
        meaning="Fewer tickets are unsold than were asked for.",
        detail="TG-1042 has 2 unsold tickets; 4 were asked for.",
        who=Who.BUYER,
        details={"available_quantity": 2},
        provoke="Hold more tickets than a listing has.",
    ),
    _at_hold(
        code="held_by_another",
        status=409,
        meaning="Enough tickets are unsold, but other live holds have them. They may become free when those lapse.",
        detail="TG-1042 has 1 free ticket; 2 were asked for, and 3 are under other holds.",
        who=Who.BUYER,
        details={"available_quantity": 1, "next_expiry_at": "2026-11-23T14:17:07.120Z"},
        provoke="Hold all of a listing, then hold it again under another Global ID.",
    ),
    _at_hold(
        code="invalid_split",
        status=422,
        meaning="The quantity is not one the broker sells out of what is free now.",
        detail="TG-1042 cannot be sold in 3; valid quantities are 2 and 4.",
        who=Who.BUYER,
        details={"valid_quantities": [2, 4]},
        provoke="Hold 3 of a listing that sells in pairs.",
    ),
    _at_hold(
        code="global_id_conflict",
        status=409,
        meaning="This Global ID holds something else right now.",
        detail="The Global ID order-1 holds 2 of TG-1042 right now.",
        provoke="Hold with one Global ID twice, with another quantity the second time.",
    ),
    _at_hold(
        code="global_id_closed",
        status=409,
        meaning="This Global ID was released, expired or invoiced, or released before its hold came; "
        "it can never hold again.",
        detail="The Global ID order-1 was released; hold with a new one.",
        details={"hold_status": "released"},
        provoke="Hold, release, then hold again with the same Global ID.",
    ),
    ResponseCode(
        code="hold_not_found",
        status=404,
        meaning="This Global ID never held anything. "
        "A release of it is remembered: a hold that arrives later is refused.",
        detail="The Global ID order-1 never held anything.",
        operations=(Operation.RELEASE, Operation.INVOICE),
        provoke="Release or invoice a Global ID that was never held.",
    ),
    _at_release(
        code="hold_already_invoiced",
        status=409,
        meaning="The tickets are sold. A release does not undo a sale.",
        detail="The Global ID order-1 was invoiced as INV-000001; a release does not undo a sale.",
        who=Who.BROKER,
        details={"invoice_id": "INV-000001"},
        provoke="Hold, invoice, then release.",
    ),
    _at_invoice(
        code="hold_expired",
        status=410,
        meaning="The hold lapsed before the invoice came, and the tickets were not taken again for it.",
        detail="The hold of order-1 expired at 2026-11-23T14:17:07.120Z.",
        who=Who.BROKER,
        details={"expired_at": "2026-11-23T14:17:07.120Z"},
        provoke="Start with `--hold-ttl 1s`, hold, wait two seconds, invoice.",
    ),
    _at_invoice(
        code="hold_released",
        status=409,
        meaning="The hold was released before the invoice came.",
        detail="The hold of order-1 was released at 2026-11-23T14:05:00.000Z.",
        who=Who.BROKER,
        provoke="Hold, release, then invoice.",
    ),
    _at_invoice(
        code="order_id_conflict",
        status=409,
        meaning="The hold is invoiced under another order already, or the order belongs to another hold.",
        detail="The hold of order-1 is invoiced under order 199401-473339 already.",
        who=Who.BROKER,
        provoke="Hold, invoice, then invoice with another Order ID.",
    ),
    _at_invoice(
        code="invoice_rejected",
        status=422,
        meaning="The point of sale refuses the sale: a credit limit, a closed period, or seats sold elsewhere.",
        detail="The point of sale rejected the invoice: credit limit reached.",
        who=Who.BROKER,
        details={"reason": "credit limit reached"},
        provoke="Hold the magic Remote ID `MOCK-INVOICE_REJECTED`, then invoice that hold.",
    ),
)

CATALOGUE = Catalogue(_TRANSPORT + _BUSINESS)


@dataclass(frozen=True, slots=True)
class MockCode:
    """An error the mock makes about its own use. It is no part of any contract: its code begins with ``mock_``."""

    code: str
    status: int
    meaning: str
    title: str = ""

    def __post_init__(self) -> None:
        object.__setattr__(self, "title", self.title or in_words(self.code.removeprefix("mock_")))


MOCK_CODES = {
    code.code: code
    for code in (
        MockCode(
            "mock_unknown_scenario",
            400,
            "The header X-Mockpos-Scenario, or a control call, names no scenario known here. Nothing was changed.",
        ),
        MockCode(
            "mock_unknown_sandbox",
            404,
            "There is no sandbox of this name: it was never made, was deleted, or was idle too long.",
        ),
        MockCode(
            "mock_fault_unsupported",
            501,
            "The scenario breaks the connection, which only `mockpos serve` can do. Nothing was changed.",
            title="Fault not supported here",
        ),
        MockCode("mock_bad_input", 422, "A field of a control call is wrong; the detail names it."),
        MockCode("mock_malformed_request", 400, "A control call's body is not one JSON object."),
        MockCode("mock_unsupported_media_type", 415, "A control call's body is not sent as JSON."),
        MockCode("mock_request_too_large", 413, "A control call's body is too large."),
        MockCode("mock_unknown_snapshot", 404, "There is no snapshot of this name."),
        MockCode("mock_unknown_request", 404, "No call of this id is in the journal, or it was evicted."),
        MockCode(
            "mock_not_as_expected",
            409,
            "Other calls were made than a test says; the answer shows the nearest ones and how they differ.",
        ),
        MockCode("mock_too_many_streams", 503, "The server has all the event streams it can have."),
        MockCode(
            "mock_too_many_sandboxes",
            429,
            "No more sandboxes by key can be made now: too many are in use, or were made within a second.",
        ),
        MockCode("mock_not_ready", 503, "Nothing could be committed now: the disk refuses to be written."),
        MockCode(
            "mock_other_process",
            503,
            "The process that answers was forked from the one that opened the inventory: it would sell tickets twice.",
            title="Opened in another process",
        ),
        MockCode("mock_unknown_listing", 404, "There is no listing of this Remote ID."),
        MockCode("mock_unknown_hold", 404, "There is no hold of this Global ID, alive or remembered."),
        MockCode(
            "mock_listing_conflict",
            409,
            "The listing is there already, or is built in, or what is held or sold of it forbids the change.",
            title="Listing in use",
        ),
        MockCode("mock_pos_refused", 409, "The broker cannot do this as things stand.", title="Impossible in the POS"),
        MockCode("mock_import_refused", 422, "Rows of the import are bad, or conflict with the inventory."),
        MockCode(
            "mock_host_not_allowed",
            403,
            "The control plane answers only to loopback names, its own address and the hosts it was told of.",
        ),
        MockCode(
            "mock_cross_site", 403, "A page of another site tried to change something.", title="Cross-site request"
        ),
        MockCode(
            "mock_token_missing", 401, "Beyond loopback every control call has a token.", title="Control token missing"
        ),
        MockCode("mock_token_invalid", 401, "The control token is not the right one.", title="Control token invalid"),
    )
}
"""All of them, by name. Each is answered with the header ``X-Mockpos-Error: true``."""
