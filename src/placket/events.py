"""Every event of the company in one file: the table of contents of the business.

An event is written in the transaction that caused it, and tells what has happened in the past tense. It carries the
full state of its key with a version given under the row's lock, so duplicates and reordering are harmless. The tail
(`realtime`) reads the table by snapshot difference; nothing is notified and nothing is enqueued in the sale's transaction.
Events are kept seven days. The rules: docs/rules/events.md.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import BigInteger, Identity, Index, insert, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, Session, mapped_column
from sqlalchemy.types import UserDefinedType

from placket.core.db import Base

STOCK_CHANGED: Final = "stock.changed"
"""Key ``location:variant``; state {location_id, variant_id, on_hand, promised, bagged, asked, short}. For all staff."""
SALE_COMPLETED: Final = "sale.completed"
"""Key sale id; state is the sale's summary. For its branch and the roles that may read its sales."""
SALE_VOIDED: Final = "sale.voided"
"""Key sale id; state says that it was voided. For whoever hears of the sale."""
PROMISE_CHANGED: Final = "promise.changed"
"""Key promise id; state {id, ref, location_id, variant_id, qty, phase, …}. For its location and whoever asked for it."""
BOARD_CHANGED: Final = "board.changed"
"""Key branch id, version the board's number; state is the whole board. The branch's tills answer with their word."""
CATALOGUE_CHANGED: Final = "catalogue.changed"
"""Key ``catalogue``; state {catalogue_version}. Terminals refetch what they hold."""
PRICES_CHANGED: Final = "prices.changed"
"""Key ``prices``; state {price_version}. Price books in memory are replaced."""
PROMOTIONS_CHANGED: Final = "promotions.changed"
"""Key ``promotions``; state {promo_version}. Whoever prices reads the book of promotions anew."""
PROMOTION_USED: Final = "promotion.used"
"""Key promotion id; state {promotion_id, uses, pieces, spent_vnd}. What its limits have left, for all staff."""
LOCATION_CHANGED: Final = "location.changed"
"""Key location id; state {location_id}. Branches and depots in memory are read anew."""
SETTINGS_CHANGED: Final = "settings.changed"
"""Key ``settings``; state {cash_rounding_vnd}. What processes and tills hold of the company's settings is read anew."""
SESSION_REVOKED: Final = "session.revoked"
"""Key session id; tokens held in memory are dropped within a second."""
TILL_CHANGED: Final = "till.changed"
"""Key till id; state {till_id, location_id, status}. For its branch; who sits at it is looked up anew."""
STAFF_CHANGED: Final = "staff.changed"
"""Key staff id; state {staff_id}. What everybody may do is looked up anew."""
IMPORT_CHANGED: Final = "import.changed"
"""Key import id; state is how far it has come. For whoever may import."""

CUSTOMER_CHANGED: Final = "customer.changed"
"""Key customer id; state {customer_id, location_ids}: which branches know somebody whose details, points or credit are new.
It names nobody: whoever holds the customer asks for what has changed since their cursor."""
PARKED_CHANGED: Final = "parked.changed"
"""Key parked cart id; state {id, location_id, state}. For the tills of its branch, which ask for the list anew."""
MATTERS_CHANGED: Final = "matters.changed"
"""Key location id (or ``chain``); state {location_id}. What waits for a person there has changed: lists are read anew."""
SHIFT_CHANGED: Final = "shift.changed"
"""Key shift id; state {id, location_id, till_id, state}. For whoever reads the shifts of its branch."""
ORDER_CHANGED: Final = "order.changed"
"""Key order id; state {id, code, state, total_vnd}. For whoever may read online orders."""
LACK_CHANGED: Final = "lack.changed"
"""Key lack id; state {id, state, sale_id}. Pieces sold from a depot that lacks them: for that depot, the branch that sold
them and the place they left from. Lists are read anew."""
PAYMENT_CHANGED: Final = "payment.changed"
"""Key payment id; state {id, till_id, cart_id, kind, state, amount_vnd, received_vnd, sale_id}. For its branch."""
TRANSFER_CHANGED: Final = "transfer.changed"
"""Key transfer id; state {id, state, from_id, to_id}. Written once for each of its ends, for whoever may see stock there."""
COUNT_CHANGED: Final = "count.changed"
"""Key count id; state {id, state, location_id}. For whoever may see stock at its place; counts are read anew."""
BOOKS_CHANGED: Final = "books.changed"
"""Key ``books``; state {wrong}. The watch has found something, or what was wrong is right again."""
JOBS_CHANGED: Final = "jobs.changed"
"""Key ``jobs``; no state. A job has failed, or a failed one was seen to: lists are read anew."""
CREDIT_CHANGED: Final = "credit.changed"
"""Key credit id; state {id}. For whoever reads what banks say came in; lists are read anew."""
CAMPAIGN_CHANGED: Final = "campaign.changed"
"""Key campaign id; state {id, state}. For whoever may read campaigns: how far it has come is read anew."""


class Xid8(UserDefinedType[int]):
    """PostgreSQL's 64-bit transaction id."""

    cache_ok = True

    def get_col_spec(self, **_kwargs: object) -> str:
        """The column's type in DDL."""
        return "xid8"


class Event(Base):
    """One thing that happened. ``location_id`` is the branch whose staff may see it; none means every staff device."""

    __tablename__ = "event"

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    xid: Mapped[int] = mapped_column(Xid8, server_default=text("pg_current_xact_id()"))
    topic: Mapped[str]
    key: Mapped[str]
    key_version: Mapped[int] = mapped_column(BigInteger)
    location_id: Mapped[UUID | None]
    payload: Mapped[dict[str, Any]] = mapped_column(JSONB)
    # The statement's moment, not the transaction's: retention cuts by it, nothing else reads it.
    recorded_at: Mapped[datetime] = mapped_column(server_default=text("clock_timestamp()"))

    __table_args__ = (
        Index("ix_event_xid", "xid"),
        # A sale shows its events; only these topics are looked up by key, and the other rows pay nothing for it.
        Index("ix_event_sale", "key", postgresql_where=text("topic IN ('sale.completed', 'sale.voided')")),
    )


def publish(
    tx: Session, topic: str, *, key: str, key_version: int, payload: Mapping[str, Any], location_id: UUID | None = None
) -> None:
    """Write an event in the caller's transaction."""
    publish_all(
        tx, [{"topic": topic, "key": key, "key_version": key_version, "payload": dict(payload), "location_id": location_id}]
    )


def publish_all(tx: Session, told: Sequence[Mapping[str, Any]]) -> None:
    """Write events, given as rows of ``Event``, in the caller's transaction and in one go."""
    tx.execute(insert(Event), told)
