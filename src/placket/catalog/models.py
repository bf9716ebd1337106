"""Tables of what is sold: styles, variants, barcodes, VAT, prices, pictures."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import ARRAY, CheckConstraint, ForeignKey, Index, LargeBinary, SmallInteger, Text, literal_column, text
from sqlalchemy.orm import Mapped, mapped_column

from placket.core.db import Base, Big, Key, Money


class CatalogueState(Base):
    """Two versions, raised in the transaction that changes the catalogue or a price, and the last own barcode."""

    __tablename__ = "catalogue_state"

    id: Mapped[int] = mapped_column(SmallInteger, primary_key=True)
    catalogue_version: Mapped[Big]
    price_version: Mapped[Big]
    own_barcode_no: Mapped[Big] = mapped_column(server_default="0")

    __table_args__ = (CheckConstraint("id = 1", name="only_one"),)


class Category(Base):
    """A shelf of the shop: Đầm, Áo sơ mi, …."""

    __tablename__ = "category"

    id: Mapped[Key]
    parent_id: Mapped[UUID | None] = mapped_column(ForeignKey("category.id", ondelete="RESTRICT"))
    slug: Mapped[str] = mapped_column(unique=True)
    name_vi: Mapped[str]
    name_en: Mapped[str]
    position: Mapped[int]


class Season(Base):
    """A collection: Thu-Đông 2026."""

    __tablename__ = "season"

    id: Mapped[Key]
    code: Mapped[str] = mapped_column(unique=True)
    name_vi: Mapped[str]
    name_en: Mapped[str]
    starts_on: Mapped[date]
    ends_on: Mapped[date]


class SizeScale(Base):
    """An ordered set of sizes: S–XXL, 26–36, one size."""

    __tablename__ = "size_scale"

    id: Mapped[Key]
    code: Mapped[str] = mapped_column(unique=True)
    name_vi: Mapped[str]
    name_en: Mapped[str]


class Size(Base):
    """One size of a scale, in its order."""

    __tablename__ = "size"

    id: Mapped[Key]
    size_scale_id: Mapped[UUID] = mapped_column(ForeignKey("size_scale.id", ondelete="RESTRICT"))
    code: Mapped[str]
    position: Mapped[int]

    __table_args__ = (Index("uq_size_of_scale", "size_scale_id", "code", unique=True),)


class Colour(Base):
    """A colour with its Vietnamese name and the hex value of its swatch."""

    __tablename__ = "colour"

    id: Mapped[Key]
    code: Mapped[str] = mapped_column(unique=True)
    name_vi: Mapped[str]
    name_en: Mapped[str]
    hex: Mapped[str]


class VatClass(Base):
    """A kind of goods that the law taxes alike."""

    __tablename__ = "vat_class"

    id: Mapped[Key]
    code: Mapped[str] = mapped_column(unique=True)
    name_vi: Mapped[str]
    name_en: Mapped[str]


class VatRate(Base):
    """The rate of a class from a day on, until the next row of the class takes over."""

    __tablename__ = "vat_rate"

    vat_class_id: Mapped[UUID] = mapped_column(ForeignKey("vat_class.id", ondelete="RESTRICT"), primary_key=True)
    starts_on: Mapped[date] = mapped_column(primary_key=True)
    rate_bp: Mapped[int]
    legal_basis: Mapped[str]

    __table_args__ = (CheckConstraint("rate_bp BETWEEN 0 AND 10000", name="rate"),)


class Style(Base):
    """A design that is sold in colours and sizes. ``tags`` are words that promotions and lists choose by."""

    __tablename__ = "style"

    id: Mapped[Key]
    code: Mapped[str] = mapped_column(unique=True)
    name_vi: Mapped[str]
    name_en: Mapped[str]
    category_id: Mapped[UUID] = mapped_column(ForeignKey("category.id", ondelete="RESTRICT"))
    season_id: Mapped[UUID | None] = mapped_column(ForeignKey("season.id", ondelete="RESTRICT"))
    size_scale_id: Mapped[UUID] = mapped_column(ForeignKey("size_scale.id", ondelete="RESTRICT"))
    vat_class_id: Mapped[UUID] = mapped_column(ForeignKey("vat_class.id", ondelete="RESTRICT"))
    description_vi: Mapped[str | None]
    material: Mapped[str | None]
    tags: Mapped[list[str]] = mapped_column(ARRAY(Text), server_default="{}")
    status: Mapped[str] = mapped_column(server_default="active")
    created_at: Mapped[datetime]
    version: Mapped[Big] = mapped_column(server_default="1")

    __table_args__ = (
        CheckConstraint("status IN ('draft', 'active', 'archived')", name="status"),
        Index("ix_style_category_id", "category_id"),
        Index("ix_style_name", text("f_words(name_vi)"), postgresql_using="gin", postgresql_with={"fastupdate": "off"}),
        # Typing errors are looked up among styles: fifteen times fewer rows to compare than there are variants.
        Index(
            "ix_style_name_trigram",
            literal_column("f_fold(name_vi)").label("folded"),
            postgresql_using="gin",
            postgresql_ops={"folded": "gin_trgm_ops"},
        ),
    )


class Variant(Base):
    """A style in one colour and one size: what is counted, priced and sold.

    ``search_text`` is everything a cashier may type (name, code, colour, size) as ``rules.search_text`` writes it, kept
    by the verbs that change any of it. The index holds its words twice, with their marks and without, so that both what
    was typed and what was meant are looked up in it.
    """

    __tablename__ = "variant"

    id: Mapped[Key]
    style_id: Mapped[UUID] = mapped_column(ForeignKey("style.id", ondelete="RESTRICT"))
    colour_id: Mapped[UUID] = mapped_column(ForeignKey("colour.id", ondelete="RESTRICT"))
    size_id: Mapped[UUID] = mapped_column(ForeignKey("size.id", ondelete="RESTRICT"))
    sku: Mapped[str] = mapped_column(unique=True)
    status: Mapped[str] = mapped_column(server_default="active")
    search_text: Mapped[str]

    __table_args__ = (
        CheckConstraint("status IN ('active', 'archived')", name="status"),
        Index("uq_variant_style_colour_size", "style_id", "colour_id", "size_id", unique=True),
        # Without the pending list, which every search would have to read from end to end after an import.
        Index(
            "ix_variant_search",
            text("f_words(search_text)"),
            postgresql_using="gin",
            postgresql_with={"fastupdate": "off"},
        ),
    )


class Barcode(Base):
    """A code on a label; a variant may carry several (the supplier's and ours)."""

    __tablename__ = "barcode"

    code: Mapped[str] = mapped_column(primary_key=True)
    variant_id: Mapped[UUID] = mapped_column(ForeignKey("variant.id", ondelete="RESTRICT"))

    __table_args__ = (
        CheckConstraint("code ~ '^[0-9]{6,14}$'", name="digits"),
        Index("ix_barcode_variant_id", "variant_id"),
    )


class PriceList(Base):
    """A set of prices for a channel, a branch and a period; none of them given means all.

    The price in force is the one of the list with the highest ``priority``, then the more specific list, then the
    later start: see docs/rules/prices.md.
    """

    __tablename__ = "price_list"

    id: Mapped[Key]
    code: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    channel: Mapped[str | None]
    location_id: Mapped[UUID | None] = mapped_column(ForeignKey("location.id", ondelete="RESTRICT"))
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime | None]
    priority: Mapped[int] = mapped_column(server_default="0")
    created_at: Mapped[datetime]

    __table_args__ = (
        CheckConstraint("channel IN ('store', 'web')", name="channel"),
        CheckConstraint("ends_at > starts_at", name="period"),
    )


class Price(Base):
    """The VAT-inclusive price of a style, or of one variant of it, in a list."""

    __tablename__ = "price"

    id: Mapped[Key]
    price_list_id: Mapped[UUID] = mapped_column(ForeignKey("price_list.id", ondelete="RESTRICT"))
    style_id: Mapped[UUID] = mapped_column(ForeignKey("style.id", ondelete="RESTRICT"))
    variant_id: Mapped[UUID | None] = mapped_column(ForeignKey("variant.id", ondelete="RESTRICT"))
    price_vnd: Mapped[Money]

    __table_args__ = (
        CheckConstraint("price_vnd >= 0", name="not_negative"),
        Index(
            "uq_price_list_style_variant",
            "price_list_id",
            "style_id",
            "variant_id",
            unique=True,
            postgresql_nulls_not_distinct=True,
        ),
    )


class PictureBlob(Base):
    """The bytes of a picture, addressed by their SHA-256, so that equal pictures are stored once."""

    __tablename__ = "picture_blob"

    sha256: Mapped[str] = mapped_column(primary_key=True)
    media_type: Mapped[str]
    body: Mapped[bytes] = mapped_column(LargeBinary)

    __table_args__ = (CheckConstraint("octet_length(body) <= 5242880", name="size"),)


class Picture(Base):
    """A picture of a style, or of one colour of it, in display order."""

    __tablename__ = "picture"

    id: Mapped[Key]
    style_id: Mapped[UUID] = mapped_column(ForeignKey("style.id", ondelete="RESTRICT"))
    colour_id: Mapped[UUID | None] = mapped_column(ForeignKey("colour.id", ondelete="RESTRICT"))
    position: Mapped[int]
    sha256: Mapped[str] = mapped_column(ForeignKey("picture_blob.sha256", ondelete="RESTRICT"))

    __table_args__ = (Index("ix_picture_style_id", "style_id"),)


class PriceHeard(Base):
    """Which prices a till has confirmed to hold."""

    __tablename__ = "price_heard"

    till_id: Mapped[UUID] = mapped_column(ForeignKey("till.id", ondelete="RESTRICT"), primary_key=True)
    price_version: Mapped[Big]
    at: Mapped[datetime]
