"""SplitType and SplitValue: in which quantities the broker sells, and back."""

import re
from functools import lru_cache

from mockpos.broker.notices import Notices
from mockpos.broker.row import Row
from mockpos.broker.words import positive, split_type
from mockpos.domain.split import SplitType

_BETWEEN = re.compile(r"[:,|;/&\s]+")
_UNUSED_VALUES = "SplitValue counts for CUSTOM only, and was passed over beside another SplitType"


def read_splits(row: Row, quantity: int, notices: Notices) -> tuple[SplitType, tuple[int, ...]]:
    """Read how a listing of this many tickets is split. Without a SplitType, values make it custom.

    A custom split of which no value fits is refused: nothing of it could ever be bought.
    """
    none: tuple[int, ...] = ()
    values = row.read("SplitValue", split_values, none)
    kind = row.read("SplitType", split_type, SplitType.CUSTOM if values else SplitType.ANY)
    if kind is not SplitType.CUSTOM:
        if values:
            notices.add(_UNUSED_VALUES, row.line, f"{row.text('SplitType')} beside {row.text('SplitValue')}"[:60])
        return kind, none
    if not values and not row.text("SplitValue"):
        row.refuse("SplitType is CUSTOM, but SplitValue is empty: list the quantities, as 1:2:4.")
    elif values and quantity and values[0] > quantity:
        row.refuse(
            f"SplitValue: none of {row.text('SplitValue')} fits a Quantity of {quantity}, so nothing could be bought."
        )
    return kind, values


@lru_cache(maxsize=1024)
def split_values(cell: str) -> tuple[int, ...]:
    """Read ``1:2:4``, also with ``,`` or ``|``, in any order. Equal lists share one tuple. Raises ValueError."""
    try:
        return tuple(sorted({positive(value) for value in _BETWEEN.split(cell.strip("[](){}")) if value}))
    except ValueError as error:
        raise ValueError(f"{error}; write the quantities as 1:2:4") from None


def split_cells(kind: SplitType, values: tuple[int, ...]) -> tuple[str, str]:
    """Write SplitType and SplitValue, in the brokers' spelling."""
    return kind.value.replace("_", "").upper(), ":".join(map(str, values)) if kind is SplitType.CUSTOM else ""
