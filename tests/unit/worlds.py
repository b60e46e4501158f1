"""Hypothesis strategies for what a world consists of."""

from datetime import date, time
from decimal import Decimal

from hypothesis import strategies as st

from mockpos.domain.clock import Millis
from mockpos.domain.event import Event, EventState, Venue
from mockpos.domain.hold import Hold, HoldStatus, Invoice
from mockpos.domain.listing import Listing, ListingType, SplitType, Stock, TicketFormat, ViewType
from mockpos.domain.money import Money
from mockpos.domain.seats import Numbering, Runs, runs_of, seat_set, size

moments = st.integers(0, 250_000_000_000_000).map(Millis)
prices = st.integers(0, 999_999_999).map(lambda cents: Decimal(cents).scaleb(-2))
words = st.text(st.characters(blacklist_categories=["C"]), max_size=12)
names = words.map(str.strip).filter(bool)
numberings = st.none() | st.builds(
    Numbering, st.integers(0, 500), st.sampled_from([1, 2]), st.sampled_from(["", "A#", "#B", "Box #"])
)


def seats(most: int) -> st.SearchStrategy[Runs]:
    one_by_one = st.sets(st.integers(0, most - 1), min_size=1, max_size=20)
    return one_by_one.map(lambda taken: runs_of(seat_set((seat, seat + 1) for seat in taken)))


@st.composite
def events(draw: st.DrawFn) -> Event:
    tba = draw(st.booleans())
    return Event(
        draw(names), draw(words), Venue(draw(words), draw(words), draw(st.none() | names)), draw(st.dates()),
        time(0, 0) if tba else draw(st.times()), tba, tuple(draw(st.lists(words, max_size=3))),
        draw(st.sampled_from(EventState)), draw(words),
    )  # fmt: skip


@st.composite
def listings(draw: st.DrawFn) -> Listing:
    quantity = draw(st.integers(1, 60))
    numbering = draw(numberings)
    if numbering and quantity == 1:
        numbering = numbering._replace(step=1)  # one seat has no step
    split = draw(st.sampled_from(SplitType))
    superseded_by = draw(st.none() | names)
    return Listing(
        remote_id=draw(names),
        section=draw(names),
        row=draw(words),
        quantity=quantity,
        wholesale_price=draw(prices),
        event=draw(st.none() | events()),
        numbering=numbering,
        split_type=split,
        custom_splits=tuple(sorted(draw(st.sets(st.integers(1, 60), min_size=split is SplitType.CUSTOM)))),
        ticket_format=draw(st.sampled_from(TicketFormat)),
        in_hand=draw(st.booleans()),
        in_hand_on=draw(st.none() | st.dates(date(1970, 1, 1))),
        retail_price=draw(st.none() | prices),
        internal_notes=draw(words),
        broker_notes=draw(words),
        external_notes=draw(words),
        listing_type=draw(st.sampled_from(ListingType)),
        view_type=draw(st.sampled_from(ViewType)),
        broadcast=draw(st.booleans()),
        mapped=draw(st.booleans()),
        retired=superseded_by is not None or draw(st.booleans()),
        superseded_by=superseded_by,
    )


@st.composite
def stocks(draw: st.DrawFn, listing: Listing) -> Stock:
    available = draw(st.integers(0, listing.quantity))
    held = draw(st.integers(0, listing.quantity - available))
    free = 0
    if listing.numbering and available:
        chosen = draw(st.permutations(range(listing.quantity)))[:available]
        free = seat_set((seat, seat + 1) for seat in chosen)
    sold = listing.quantity - available - held
    return Stock(listing.remote_id, available, held, sold, free, draw(moments) if sold else None)


@st.composite
def holds(draw: st.DrawFn) -> Hold:
    numbering = draw(numberings)
    taken = draw(seats(60)) if numbering else ()
    released_at = draw(st.none() | moments)
    return Hold(
        global_id=draw(names),
        remote_id=draw(names),
        quantity=size(taken) or draw(st.integers(1, 1000)),
        status=draw(st.sampled_from(HoldStatus)),
        held_at=draw(moments),
        expires_at=draw(moments),
        unit_price=draw(prices),
        seats=taken,
        numbering=numbering,
        available_after_hold=draw(st.integers(0, 1000)),
        released_at=released_at,
        release_was_late=released_at is not None and draw(st.booleans()),
        available_after_release=0 if released_at is None else draw(st.integers(0, 1000)),
        invoice_id=draw(st.none() | names),
        stolen=draw(st.booleans()),
    )


@st.composite
def invoices(draw: st.DrawFn) -> Invoice:
    numbering = draw(numberings)
    taken = draw(seats(60)) if numbering else ()
    quantity = size(taken) or draw(st.integers(1, 1000))
    return Invoice(
        invoice_id=draw(names),
        order_id=draw(names),
        global_id=draw(names),
        remote_id=draw(names),
        quantity=quantity,
        total=Money(draw(prices)).times(quantity),
        invoiced_at=draw(moments),
        seats=taken,
        numbering=numbering,
        hold_reacquired=draw(st.booleans()),
    )
