"""What each kind of fault means, and what to do about it: one table for the file, its documents and its logs."""

from mockpos.store.faults import FaultKind

_RESTORE = "restore the file and its logs from one backup"
_BY_HAND = "correct it by hand, a document is a line"
_PUT_BACK = "Put the version that is meant back from a backup, or move {logs} away to go on without those commits."

CUT = "`--repair` cuts the log before this place, keeping a copy; or restore all from one backup."

REPAIRABLE = frozenset({FaultKind.DAMAGED_LINE, FaultKind.DAMAGED_HEADER, FaultKind.LINES_MISSING})
"""Faults at a place in a log, before which it can be cut."""

MEANINGS: dict[FaultKind, tuple[str, str]] = {
    FaultKind.UNREADABLE: ("Nothing can be said about what is in it.", "Make it a file that you may read."),
    FaultKind.NOT_AN_INVENTORY: (
        "Nothing in the file can be used, and no commit in the logs can be applied without it.",
        f"Correct the place by hand, or {_RESTORE}. To begin anew without it, move file and logs away.",
    ),
    FaultKind.BAD_DOCUMENT: (
        "What this document stands for cannot be read, so the whole file is refused.",
        f"Look at the document and {_BY_HAND}; or {_RESTORE}.",
    ),
    FaultKind.BAD_STOCK: (
        "How many of its tickets are free, held and sold cannot be told from its document.",
        f"Look at the document and {_BY_HAND}; or {_RESTORE}.",
    ),
    FaultKind.STANDS_TWICE: ("Which of the two counts cannot be told.", "Remove one of the two documents."),
    FaultKind.UNPAIRED: (
        "One half of a sale is missing: its order, its total or its price cannot be told from the other half.",
        f"Put the missing document back from a backup, or remove the half that is there; or {_RESTORE}.",
    ),
    FaultKind.UNKNOWN_LISTING: (
        "The tickets that are held for it do not exist, so it can neither be released nor invoiced.",
        "Put the listing back from a backup, or remove the hold.",
    ),
    FaultKind.HELD_DIFFERS: (
        "Holds are missing or too many: tickets are kept from sale for nobody, or would be sold twice.",
        f"Look at the listing and its holds and {_BY_HAND}; or {_RESTORE}.",
    ),
    FaultKind.SEATS_DIFFER: (
        "A seat could be sold twice.",
        f"Look at the listing's free_seats and at its live holds and {_BY_HAND}; or {_RESTORE}.",
    ),
    FaultKind.DOES_NOT_ADD_UP: (
        "Lines are missing from the logs, or stand in another order, and no checksum tells where.",
        f"Put the logs back as they were, or {_RESTORE}. To go on without their commits, move the logs away.",
    ),
    FaultKind.SOLD_DIFFERS: (
        "Sold tickets could be sold again.",
        f"Look at the listing and its invoices and {_BY_HAND}; or {_RESTORE}.",
    ),
    FaultKind.SOLD_TWICE: (
        "Two callers were told that this seat is theirs. A start does not refuse it, and no repair can choose.",
        "Find out which order counts, and take the other one back where it was made.",
    ),
    FaultKind.SOLD_AND_FREE: (
        "A sold seat would be sold again.",
        f"Look at the listing's free_seats and {_BY_HAND}; or {_RESTORE}.",
    ),
    FaultKind.SOLD_AND_HELD: (
        "A seat is promised to two callers.",
        f"Find out whose it is: release the hold, or {_RESTORE}.",
    ),
    FaultKind.INVOICE_ID_TWICE: (
        "The invoice's number does not tell which sale is meant. A start does not refuse it.",
        "Give one of the two another number by hand.",
    ),
    FaultKind.DAMAGED_LINE: ("At least 1 acknowledged commit is lost.", CUT),
    FaultKind.DAMAGED_HEADER: ("Which version of the file its commits were made to cannot be told.", CUT),
    FaultKind.LINES_MISSING: (
        "Acknowledged commits are lost here; how many cannot be told. A loss of power does that under --durability os.",
        CUT,
    ),
    FaultKind.OTHER_FORMAT: ("This version cannot read it.", "Start and stop the version that wrote it once."),
    FaultKind.CHANGED_BY_HAND: ("The commits cannot be applied to what the file is now.", _PUT_BACK),
    FaultKind.OTHER_VERSION: ("Commits are missing between the two, or the file is newer than the log.", _PUT_BACK),
    FaultKind.FILE_MISSING: ("Nothing can be applied without the file.", _PUT_BACK),
}

PROVEN = (
    "That it belongs to the file is proven by the fingerprint in it. No commit is lost.",
    "`--repair` writes the line anew, keeping a copy of the log.",
)
"""Of a damaged header that still names the file."""
