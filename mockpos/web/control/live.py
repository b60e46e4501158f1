"""The control call that tells of everything as it happens: server-sent events of one sandbox."""

from flask import Response, request

from mockpos.domain.errors import BadInput
from mockpos.sandboxes.telemetry import WORLD_REPLACED
from mockpos.telemetry.events.state import CLOCK_CHANGED, KINDS, SCENARIO_CHANGED
from mockpos.telemetry.events.subscription import CONTENT_TYPE, HEADERS, SERVER, stream
from mockpos.web.control.calls import Context, ControlCall
from mockpos.web.control.listing_fields import whole_number

_LONGEST = 18


def follow(context: Context) -> Response:
    """Stream the events from now on, or from where a former stream was cut off."""
    telemetry = context.sandbox.telemetry
    subscription = telemetry.events.subscribe(_last_event_id(request.headers.get("Last-Event-ID", "")))
    return Response(stream(subscription, telemetry.server), 200, HEADERS, content_type=CONTENT_TYPE)


def _last_event_id(text: str) -> int | None:
    if not text:
        return None
    number = whole_number(text, _LONGEST)
    if number is None:
        raise BadInput(f"Last-Event-ID: {text[:80]!r} is not the id of an event, which is a whole number")
    return number


CALLS = (
    ControlCall(
        area="live", method="GET", path="/events", summary="Follow everything as it happens", serve=follow,
        media_type=CONTENT_TYPE, errors=("mock_too_many_streams",),
        description="Server-sent events of the sandbox: every committed change and every answered call, numbered. Send "
        "the number of the last one as Last-Event-ID to go on after it, as browsers do by themselves; the newest 1,000 "
        "are kept. Who reads too slowly gets an event dropped that says how many were missed. A stream opens with "
        f"an event {SERVER}, without a number: instance, version and sandbox; another instance has begun at 1 again. "
        "link leads to the call, or to the calls of the Global ID. A comment comes every 15 seconds. "
        f"Kinds: {', '.join((*KINDS, WORLD_REPLACED, SCENARIO_CHANGED, CLOCK_CHANGED, SERVER, 'dropped'))}.",
    ),
)  # fmt: skip
