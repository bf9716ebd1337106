"""Tables of the shop: its story and size guides, and shoppers who are signed in."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, SmallInteger
from sqlalchemy.orm import Mapped, mapped_column

from placket.core.db import Base, Key


class ShopStory(Base):
    """What the first page tells of the house: one row, in both languages; without it the page tells of the goods only.

    ``parts_vi`` and ``parts_en`` are the page of the story: pairs of a heading (or none) and a paragraph.
    """

    __tablename__ = "shop_story"

    id: Mapped[int] = mapped_column(SmallInteger, primary_key=True)
    title_vi: Mapped[str]
    title_en: Mapped[str]
    lead_vi: Mapped[str]
    lead_en: Mapped[str]
    band_title_vi: Mapped[str]
    band_title_en: Mapped[str]
    band_text_vi: Mapped[str]
    band_text_en: Mapped[str]
    parts_vi: Mapped[list[Any]]
    parts_en: Mapped[list[Any]]
    sha256: Mapped[str | None] = mapped_column(ForeignKey("picture_blob.sha256", ondelete="RESTRICT"))

    __table_args__ = (CheckConstraint("id = 1", name="only_one"),)


class SizeGuide(Base):
    """What the garments of a category measure, in centimetres.

    ``measures`` is ``{"S": {"bust": 84, "waist": 68}, …}``, every size with the same measures.
    """

    __tablename__ = "size_guide"

    category_id: Mapped[UUID] = mapped_column(ForeignKey("category.id", ondelete="RESTRICT"), primary_key=True)
    measures: Mapped[dict[str, Any]]


class ShopperCode(Base):
    """A one-time code sent to a phone or an e-mail address; the database keeps its hash, and how often it was guessed."""

    __tablename__ = "shopper_code"

    id: Mapped[Key]
    address: Mapped[str]
    code_hash: Mapped[bytes] = mapped_column(LargeBinary)
    attempts: Mapped[int] = mapped_column(SmallInteger, server_default="0")
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]

    __table_args__ = (
        CheckConstraint("attempts BETWEEN 0 AND 5", name="attempts"),
        Index("ix_shopper_code_address", "address", "created_at"),
    )


class ShopperSession(Base):
    """A shopper who is signed in on one device, by a verified phone or e-mail address."""

    __tablename__ = "shopper_session"

    id: Mapped[Key]
    token_hash: Mapped[bytes] = mapped_column(LargeBinary, unique=True)
    customer_id: Mapped[UUID] = mapped_column(ForeignKey("customer.id", ondelete="RESTRICT"))
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]

    __table_args__ = (
        Index("ix_shopper_session_customer_id", "customer_id"),
        Index("ix_shopper_session_expires_at", "expires_at"),
    )
