"""Reads a broker's CSV into the database: TicketID, Quantity, Cost, SplitType, SplitValue.

python load.py broker.csv
"""

import csv
import sys
from decimal import Decimal
from pathlib import Path

from sqlalchemy.dialects.postgresql import insert
from tables import Listing, Row, open_database


def load(path: Path) -> int:
    """Put every row into the database. A listing that is there already keeps what is held and sold of it."""
    begin = open_database()
    with begin.begin() as session, path.open(newline="", encoding="utf-8-sig") as file:
        Row.metadata.create_all(session.connection())
        count = 0
        for row in csv.DictReader(file):
            cells = {name.strip().lower(): (value or "").strip() for name, value in row.items() if name}
            quantity = int(cells["quantity"])
            split = cells.get("splittype", "").upper() or "ANY"
            values = {
                "remote_id": cells["ticketid"],
                "quantity": quantity,
                "free": quantity,
                "price": Decimal(cells["cost"]),
                "splits": cells.get("splitvalue", "") if split == "CUSTOM" else split,
            }
            kept = {"price": values["price"], "splits": values["splits"]}
            session.execute(
                insert(Listing).values(values).on_conflict_do_update(index_elements=["remote_id"], set_=kept)
            )
            count += 1
    return count


if __name__ == "__main__":
    sys.stdout.write(f"{load(Path(sys.argv[1]))} listings loaded\n")
