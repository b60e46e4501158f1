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
            "The header X-Mockpos-Scenario, or a control call, names no scenario known here. Nothing was changed.",
        ),
        MockCode(
            "mock_unknown_sandbox",
            404,
            "Unknown sandbox",
            "There is no sandbox of this name: it was never made, was deleted, or was idle too long.",
        ),
        MockCode(
            "mock_fault_unsupported",
            501,
            "Fault not supported here",
            "The scenario breaks the connection, which only `mockpos serve` can do. Nothing was changed.",
        ),
        MockCode("mock_bad_input", 422, "Bad input", "A field of a control call is wrong; the detail names it."),
        MockCode("mock_malformed_request", 400, "Malformed request", "A control call's body is not one JSON object."),
        MockCode(
            "mock_unsupported_media_type", 415, "Unsupported media type", "A control call's body is not sent as JSON."
        ),
        MockCode("mock_request_too_large", 413, "Request too large", "A control call's body is too large."),
        MockCode("mock_unknown_snapshot", 404, "Unknown snapshot", "There is no snapshot of this name."),
        MockCode(
            "mock_unknown_request", 404, "Unknown request", "No call of this id is in the journal, or it was evicted."
        ),
        MockCode(
            "mock_not_as_expected",
            409,
            "Not as expected",
            "Other calls were made than a test says; the answer shows the nearest ones and how they differ.",
        ),
        MockCode("mock_too_many_streams", 503, "Too many streams", "The server has all the event streams it can have."),
        MockCode(
            "mock_too_many_sandboxes",
            429,
            "Too many sandboxes",
            "No more sandboxes by key can be made now: too many are in use, or were made within a second.",
        ),
        MockCode("mock_not_ready", 503, "Not ready", "Nothing could be committed now: the disk refuses to be written."),
        MockCode(
            "mock_other_process",
            503,
            "Opened in another process",
            "The process that answers was forked from the one that opened the inventory: it would sell tickets twice.",
        ),
        MockCode("mock_unknown_listing", 404, "Unknown listing", "There is no listing of this Remote ID."),
        MockCode("mock_unknown_hold", 404, "Unknown hold", "There is no hold of this Global ID, alive or remembered."),
        MockCode(
            "mock_listing_conflict",
            409,
            "Listing in use",
            "The listing is there already, or is built in, or what is held or sold of it forbids the change.",
        ),
        MockCode("mock_pos_refused", 409, "Impossible in the POS", "The broker cannot do this as things stand."),
        MockCode(
            "mock_import_refused", 422, "Import refused", "Rows of the import are bad, or conflict with the inventory."
        ),
        MockCode(
            "mock_host_not_allowed",
            403,
            "Host not allowed",
            "The control plane answers only to loopback names, its own address and the hosts it was told of.",
        ),
        MockCode("mock_cross_site", 403, "Cross-site request", "A page of another site tried to change something."),
        MockCode("mock_token_missing", 401, "Control token missing", "Beyond loopback every control call has a token."),
        MockCode("mock_token_invalid", 401, "Control token invalid", "The control token is not the right one."),
    )
}
"""All of them, by name. Each is answered with the header ``X-Mockpos-Error: true``."""
