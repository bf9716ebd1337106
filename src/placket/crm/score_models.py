"""Tables of what customers have bought in sums, their scores and groups, their tier, and the segments they are in."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    BigInteger,
    CheckConstraint,
    Date,
    ForeignKey,
    Index,
    Integer,
    SmallInteger,
    UniqueConstraint,
    Uuid,
    func,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from placket.core.db import Base, Key, Money


class RfmCell(Base):
    """Which group a pair of R and F is: the grid, twenty-five rows."""

    __tablename__ = "rfm_cell"

    r: Mapped[int] = mapped_column(SmallInteger, primary_key=True)
    f: Mapped[int] = mapped_column(SmallInteger, primary_key=True)
    group_key: Mapped[str]

    __table_args__ = (CheckConstraint("r BETWEEN 1 AND 5", name="r"), CheckConstraint("f BETWEEN 1 AND 5", name="f"))


class RfmBorders(Base):
    """From which day, order and đồng on a score is 2, 3, 4 and 5. Taken at night; they hold until the next."""

    __tablename__ = "rfm_borders"

    on_date: Mapped[date] = mapped_column(primary_key=True)
    r_from: Mapped[list[date]] = mapped_column(ARRAY(Date))
    f_from: Mapped[list[int]] = mapped_column(ARRAY(Integer))
    m_from: Mapped[list[int]] = mapped_column(ARRAY(BigInteger))
    buyers: Mapped[int]
    taken_at: Mapped[datetime]

    __table_args__ = (
        CheckConstraint("cardinality(r_from) = 4 AND cardinality(f_from) = 4 AND cardinality(m_from) = 4", name="four"),
    )


class CustomerScore(Base):
    """What a person has bought, under every id they had, and how that scores. Who wants no profile has sums and no score.

    ``sold_days`` are the days on which they bought or brought back, ``orders_until`` and ``vnd_until`` what it had come to
    by the end of each: what they bought within any number of days is one subtraction (decision 0010).
    """

    __tablename__ = "customer_score"

    customer_id: Mapped[UUID] = mapped_column(ForeignKey("customer.id", ondelete="RESTRICT"), primary_key=True)
    orders: Mapped[int]
    first_sold_on: Mapped[date]
    last_sold_on: Mapped[date]
    net_vnd: Mapped[Money]
    sold_days: Mapped[list[date]] = mapped_column(ARRAY(Date), server_default="{}")
    orders_until: Mapped[list[int]] = mapped_column(ARRAY(Integer), server_default="{}")
    vnd_until: Mapped[list[int]] = mapped_column(ARRAY(BigInteger), server_default="{}")
    in_shops: Mapped[bool] = mapped_column(server_default="false")
    on_web: Mapped[bool] = mapped_column(server_default="false")
    profiled: Mapped[bool]
    r: Mapped[int | None] = mapped_column(SmallInteger)
    f: Mapped[int | None] = mapped_column(SmallInteger)
    m: Mapped[int | None] = mapped_column(SmallInteger)
    group_key: Mapped[str | None]
    scored_at: Mapped[datetime]

    __table_args__ = (
        CheckConstraint("orders > 0", name="orders"),
        CheckConstraint(
            "cardinality(sold_days) = cardinality(orders_until) AND cardinality(sold_days) = cardinality(vnd_until)",
            name="days",
        ),
        CheckConstraint(
            "(r IS NULL) = (f IS NULL) AND (r IS NULL) = (m IS NULL) AND (r IS NULL) = (group_key IS NULL) "
            "AND (profiled OR r IS NULL)",
            name="scores",
        ),
        Index("ix_customer_score_cell", "r", "f", "net_vnd", "customer_id"),
    )


class CustomerBought(Base):
    """What a person has bought, under every id they had: each category with the last day, in the order of those days.

    Kept from the sales themselves as the scores are, so that a sentence about goods reads a row a person and no lines.
    """

    __tablename__ = "customer_bought"

    customer_id: Mapped[UUID] = mapped_column(ForeignKey("customer.id", ondelete="RESTRICT"), primary_key=True)
    categories: Mapped[list[UUID]] = mapped_column(ARRAY(Uuid))
    last_on: Mapped[list[date]] = mapped_column(ARRAY(Date))

    __table_args__ = (CheckConstraint("cardinality(categories) = cardinality(last_on)", name="pairs"),)


class CustomerMove(Base):
    """A day on which somebody went to another group: from the one of the day before to the one at its end."""

    __tablename__ = "customer_move"

    customer_id: Mapped[UUID] = mapped_column(ForeignKey("customer.id", ondelete="RESTRICT"), primary_key=True)
    on_date: Mapped[date] = mapped_column(primary_key=True)
    from_group: Mapped[str | None]
    to_group: Mapped[str | None]
    r: Mapped[int | None] = mapped_column(SmallInteger)
    f: Mapped[int | None] = mapped_column(SmallInteger)
    m: Mapped[int | None] = mapped_column(SmallInteger)

    __table_args__ = (Index("ix_customer_move_on_date", "on_date"),)


class TierRule(Base):
    """A tier from a day on: how much must have been bought in a year. The youngest set that has begun is in force."""

    __tablename__ = "tier_rule"

    valid_from: Mapped[date] = mapped_column(primary_key=True)
    tier: Mapped[str] = mapped_column(primary_key=True)
    rank: Mapped[int] = mapped_column(SmallInteger)
    name_vi: Mapped[str]
    name_en: Mapped[str]
    spend_vnd_min: Mapped[Money]
    written_by: Mapped[UUID | None] = mapped_column(ForeignKey("staff.id", ondelete="RESTRICT"))
    written_at: Mapped[datetime | None]

    __table_args__ = (
        UniqueConstraint("valid_from", "rank"),
        CheckConstraint("spend_vnd_min >= 0 AND (rank > 0 OR spend_vnd_min = 0)", name="spend"),
    )


class CustomerTier(Base):
    """The tier of somebody who collects points: since which day, and when it is looked at again."""

    __tablename__ = "customer_tier"

    customer_id: Mapped[UUID] = mapped_column(ForeignKey("customer.id", ondelete="RESTRICT"), primary_key=True)
    tier: Mapped[str]
    qualified_on: Mapped[date]
    review_on: Mapped[date]

    __table_args__ = (
        CheckConstraint("review_on > qualified_on", name="review"),
        Index("ix_customer_tier_review_on", "review_on"),
    )


class Segment(Base):
    """People described by what must be true of them (docs/rules/segments.md); who they are is kept in ``segment_member``."""

    __tablename__ = "segment"

    id: Mapped[Key]
    name: Mapped[str]
    terms: Mapped[dict[str, Any]]
    state: Mapped[str] = mapped_column(server_default="live")
    version: Mapped[int] = mapped_column(server_default="1")
    people: Mapped[int]
    counted_at: Mapped[datetime]
    written_by: Mapped[UUID | None] = mapped_column(ForeignKey("staff.id", ondelete="RESTRICT"))
    written_at: Mapped[datetime]

    __table_args__ = (
        CheckConstraint("state IN ('live', 'archived')", name="state"),
        Index("uq_segment_name", func.lower(text("name")), unique=True, postgresql_where=text("state = 'live'")),
    )


class SegmentMember(Base):
    """Somebody a segment's sentence is true of."""

    __tablename__ = "segment_member"

    segment_id: Mapped[UUID] = mapped_column(ForeignKey("segment.id", ondelete="RESTRICT"), primary_key=True)
    customer_id: Mapped[UUID] = mapped_column(ForeignKey("customer.id", ondelete="RESTRICT"), primary_key=True)

    __table_args__ = (Index("ix_segment_member_customer_id", "customer_id"),)


class SegmentSize(Base):
    """How many people a segment had at the end of a night."""

    __tablename__ = "segment_size"

    segment_id: Mapped[UUID] = mapped_column(ForeignKey("segment.id", ondelete="RESTRICT"), primary_key=True)
    on_date: Mapped[date] = mapped_column(primary_key=True)
    people: Mapped[int]


class StyleBought(Base):
    """The category under which what was bought of a style stands in ``customer_bought``: its own, as of the last night."""

    __tablename__ = "style_bought"

    style_id: Mapped[UUID] = mapped_column(ForeignKey("style.id", ondelete="RESTRICT"), primary_key=True)
    category_id: Mapped[UUID] = mapped_column(ForeignKey("category.id", ondelete="RESTRICT"))


class ScoreCursor(Base):
    """Up to where changes of customers have been scored: a snapshot of this life of the data.

    ``recounted`` are those whose sales were all read after that snapshot (none named: everybody's): of theirs a sale
    that the next round hears of may be in the sums already.
    """

    __tablename__ = "score_cursor"

    id: Mapped[int] = mapped_column(SmallInteger, primary_key=True, autoincrement=False)
    incarnation: Mapped[UUID]
    snapshot: Mapped[str]
    scored_at: Mapped[datetime]
    recounted: Mapped[list[UUID] | None] = mapped_column(ARRAY(Uuid))

    __table_args__ = (CheckConstraint("id = 1", name="one"),)
