"""``GET /listings/export``: the listings as a file, to import again here or to look at."""

from collections.abc import Iterable
from io import BytesIO, StringIO

from flask import Response
from marshmallow import fields, validate

from mockpos.broker.writer import NOT_CARRIED, write_broker_file
from mockpos.codecs.file_layout import write_world
from mockpos.codecs.listings import event_document, listing_document
from mockpos.domain.listing import Listing, Stock
from mockpos.server.greenlets import offload
from mockpos.services.ports import distinct_events
from mockpos.validation.schema import Strict
from mockpos.web.control.calls import Context, ControlCall

_MEDIA_TYPES = {"json": "application/json", "csv": "text/csv; charset=utf-8"}


class Asked(Strict):
    """Which kind of file."""

    format = fields.String(load_default="json", validate=validate.OneOf(list(_MEDIA_TYPES)))


def export(context: Context) -> Response:
    """Export the listings of one moment."""
    context.sandbox.store.expire_due()
    kind = context.query["format"]
    listings = context.sandbox.store.listings()
    body = offload(lambda: _csv(listings) if kind == "csv" else _json(listings))
    name = f'attachment; filename="listings.{kind}"'
    return Response(body, headers={"Content-Disposition": name}, content_type=_MEDIA_TYPES[kind])


def _csv(listings: Iterable[tuple[Listing, Stock]]) -> bytes:
    stream = StringIO(newline="")
    write_broker_file(stream, listings)
    return stream.getvalue().encode("utf-8", "replace")


def _json(listings: Iterable[tuple[Listing, Stock]]) -> bytes:
    pairs = list(listings)
    stream = BytesIO()
    events = distinct_events(listing for listing, _ in pairs).values()
    tables = (
        ("events", (event_document(event) for event in events)),
        ("listings", (listing_document(listing, stock) for listing, stock in pairs)),
    )
    write_world(stream, tables)
    return stream.getvalue()


CALLS = (
    ControlCall(
        area="listings", method="GET", path="/listings/export", summary="Export the listings", serve=export,
        query=Asked,
        description="As JSON in the layout of inventory files, or (format=csv) as a broker's CSV, which does not "
        f"carry: {'; '.join(NOT_CARRIED)}.",
    ),
)  # fmt: skip
