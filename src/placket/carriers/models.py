"""Tables of parcels that carriers bring, and of what the carriers told us of them."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from placket.core.db import Base, Big, Key, Money

STATES = ("booked", "picked_up", "failed", "delivered", "returned", "cancelled")


class Shipment(Base):
    """A parcel that a carrier has agreed to bring: booked → picked_up → failed → delivered | returned.

    ``key`` makes booking twice one parcel. ``subject_id`` is what it is for: an order going out, a return coming back;
    ``location_id`` our end of its way. ``cod_vnd`` is what the carrier takes from whoever opens the door: it has taken it
    when the parcel is ``delivered``, and owes it to us from then on.
    """

    __tablename__ = "shipment"

    id: Mapped[Key]
    key: Mapped[str] = mapped_column(unique=True)
    direction: Mapped[str]
    subject_id: Mapped[UUID]
    location_id: Mapped[UUID] = mapped_column(ForeignKey("location.id", ondelete="RESTRICT"))
    carrier: Mapped[str]
    tracking_no: Mapped[str]
    label_url: Mapped[str | None]
    cod_vnd: Mapped[Money]
    state: Mapped[str]
    booked_at: Mapped[datetime]
    state_at: Mapped[datetime]
    version: Mapped[Big] = mapped_column(server_default="1")

    __table_args__ = (
        UniqueConstraint("carrier", "tracking_no"),
        CheckConstraint("direction IN ('out', 'back')", name="direction"),
        CheckConstraint(f"state IN {STATES}", name="state"),
        CheckConstraint("cod_vnd >= 0 AND (cod_vnd = 0 OR direction = 'out')", name="cod"),
        Index("ix_shipment_subject_id", "subject_id"),
    )


class CarrierEvent(Base):
    """What a carrier told us: signed, stored once as it came, applied from the queue; all of them are a parcel's track."""

    __tablename__ = "carrier_event"

    carrier: Mapped[str] = mapped_column(primary_key=True)
    event_id: Mapped[str] = mapped_column(primary_key=True)
    tracking_no: Mapped[str]
    kind: Mapped[str]
    reason: Mapped[str | None]
    body: Mapped[bytes] = mapped_column(LargeBinary)
    made_at: Mapped[datetime]
    received_at: Mapped[datetime]
    heard: Mapped[int] = mapped_column(server_default="1")
    applied_at: Mapped[datetime | None]
    outcome: Mapped[str | None]

    __table_args__ = (
        CheckConstraint("kind IN ('picked_up', 'failed', 'delivered', 'returned')", name="kind"),
        Index("ix_carrier_event_tracking_no", "carrier", "tracking_no", "made_at"),
        Index("ix_carrier_event_waiting", "received_at", postgresql_where=text("applied_at IS NULL")),
    )
