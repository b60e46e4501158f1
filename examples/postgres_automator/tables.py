"""What stands in the database: the broker's listings, and one row for every Global ID that was ever seen."""

import os
from datetime import datetime
from decimal import Decimal

from sqlalchemy import JSON, BigInteger, CheckConstraint, DateTime, ForeignKey, Index, Numeric, String, create_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column, sessionmaker

URL = os.environ.get("DATABASE_URL", "postgresql+psycopg:///automator")

HELD, RELEASED, EXPIRED, INVOICED, NEVER_HELD = "held", "released", "expired", "invoiced", "released before its hold"


class Row(DeclarativeBase):
    """The base of all tables."""


class Listing(Row):
    """A ticket group. Its row is locked by whoever changes how many of its tickets are free."""

    __tablename__ = "listings"
    __table_args__ = (CheckConstraint("free between 0 and quantity", name="never_oversold"),)

    remote_id: Mapped[str] = mapped_column(String(128), primary_key=True)
    quantity: Mapped[int] = mapped_column(BigInteger)
    free: Mapped[int] = mapped_column(BigInteger)
    price: Mapped[Decimal] = mapped_column(Numeric(12, 2))
    splits: Mapped[str] = mapped_column(String(200), default="ANY")

    def allows(self, quantity: int) -> bool:
        """Tell whether so many of the free tickets may be sold together."""
        match self.splits:
            case "ANY" | "":
                return True
            case "ALL":
                return quantity == self.free
            case "NEVERLEAVEONE":
                return self.free - quantity != 1
        return str(quantity) in self.splits.split(":") or quantity == self.free


class Hold(Row):
    """One Global ID. ``answer`` and ``sale`` are what was answered the first time, for callers that did not hear it."""

    __tablename__ = "holds"
    __table_args__ = (Index("live_holds", "remote_id", "expires_at", postgresql_where="state = 'held'"),)

    global_id: Mapped[str] = mapped_column(String(128), primary_key=True)
    remote_id: Mapped[str | None] = mapped_column(ForeignKey("listings.remote_id"))
    quantity: Mapped[int] = mapped_column(BigInteger, default=0)
    state: Mapped[str] = mapped_column(String(40))
    expires_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    order_id: Mapped[str | None] = mapped_column(String(128), unique=True)
    answer: Mapped[dict[str, object] | None] = mapped_column(JSON)
    sale: Mapped[dict[str, object] | None] = mapped_column(JSON)


def open_database(url: str = URL) -> sessionmaker[Session]:
    """Return a way to begin transactions. Every worker process has connections of its own."""
    engine = create_engine(url, pool_pre_ping=True, pool_size=4, max_overflow=8)
    return sessionmaker(engine, expire_on_commit=False)
