"""Tables of recommendations, taken anew every night: which styles the same people keep, and what most people keep."""

from uuid import UUID

from sqlalchemy import CheckConstraint, Float, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from placket.core.db import Base


class StylePair(Base):
    """So many people kept both styles in a year; the score is their cosine, shrunk where they are few."""

    __tablename__ = "style_pair"

    style_id: Mapped[UUID] = mapped_column(ForeignKey("style.id", ondelete="CASCADE"), primary_key=True)
    other_id: Mapped[UUID] = mapped_column(ForeignKey("style.id", ondelete="CASCADE"), primary_key=True)
    people: Mapped[int]
    score: Mapped[float] = mapped_column(Float(53))

    __table_args__ = (CheckConstraint("style_id <> other_id", name="others"),)


class StyleRank(Base):
    """How many people kept a style in the last ninety days."""

    __tablename__ = "style_rank"

    style_id: Mapped[UUID] = mapped_column(ForeignKey("style.id", ondelete="CASCADE"), primary_key=True)
    people: Mapped[int]
