"""What the catalogue's routes answer with."""

from datetime import date, datetime
from uuid import UUID

from placket.core.http import Answer

Hash = str

VariantRow = tuple[UUID, int, int, str, int, str, int | None, int | None, datetime | None, int | None, list[str]]
"""Id, place of style, place of colour, size, place of the size in its scale, SKU, price, VAT in basis points, when the
price next changes and to what, barcodes."""
VariantOfStyle = tuple[UUID, int, str, int, str, int | None, int | None, datetime | None, int | None, list[str]]
"""The same without the place of the style."""


class SwatchShown(Answer):
    """A colour."""

    code: str
    name_vi: str
    name_en: str
    hex: str


class CategoryShown(Answer):
    """A category; ``parent_id`` is none at the top."""

    id: UUID
    parent_id: UUID | None
    slug: str
    name_vi: str
    name_en: str
    position: int


class StyleHeld(Answer):
    """A style as a till holds it; pictures are (colour code or none, address)."""

    id: UUID
    code: str
    name_vi: str
    name_en: str
    category_id: UUID
    season: str | None
    tags: list[str]
    pictures: list[tuple[str | None, Hash]]


class CatalogueSnapshot(Answer):
    """Everything a till needs to find, show and price goods without network. Prices are those of ``server_time``."""

    catalogue_version: int
    price_version: int
    server_time: datetime
    colours: list[SwatchShown]
    categories: list[CategoryShown]
    styles: list[StyleHeld]
    variants: list[VariantRow]


class CataloguePart(Answer):
    """A part of it: the first has the lists and how many follow, each other one variants. All of one edition."""

    edition: str
    parts: int | None = None
    variants_total: int | None = None
    catalogue_version: int | None = None
    price_version: int | None = None
    server_time: datetime | None = None
    colours: list[SwatchShown] | None = None
    categories: list[CategoryShown] | None = None
    styles: list[StyleHeld] | None = None
    variants: list[VariantRow] | None = None


class StyleChanged(StyleHeld):
    """A style that is new or has changed, with all its variants; their rows are those of the snapshot without the style."""

    variants: list[VariantOfStyle]


class CatalogueChanges(Answer):
    """What turns the edition asked about into ``edition``. ``snapshot``: nobody knows, take all of it.

    Colours and categories are the whole lists, and empty when nothing has changed.
    """

    edition: str
    snapshot: bool
    catalogue_version: int
    price_version: int
    server_time: datetime
    colours: list[SwatchShown]
    categories: list[CategoryShown]
    styles: list[StyleChanged]
    removed: list[UUID]


class StyleListed(Answer):
    """A style in the office's list; the price is the lowest of its variants in the chain's own lists."""

    id: UUID
    code: str
    name_vi: str
    name_en: str
    category_id: UUID
    category_vi: str
    category_en: str
    season: str | None
    tags: list[str]
    status: str
    picture: Hash | None
    colours: list[SwatchShown]
    variants: int
    price_vnd: int | None
    version: int


class VariantShown(Answer):
    """A variant of a style, with its price in the chain's own lists."""

    id: UUID
    sku: str
    status: str
    colour_id: UUID
    colour_code: str
    colour_vi: str
    colour_en: str
    hex: str
    size_id: UUID
    size: str
    barcodes: list[str]
    price_vnd: int | None


class PictureShown(Answer):
    """A picture, served at ``/media/{sha256}``."""

    id: UUID
    sha256: Hash
    colour_id: UUID | None
    colour_code: str | None
    position: int


class PriceShown(Answer):
    """A price in a list: of the style, or of one variant."""

    price_list_id: UUID
    list_code: str
    list_name: str
    variant_id: UUID | None
    price_vnd: int


class StyleShown(StyleListed):
    """A style with everything that belongs to it."""

    season_id: UUID | None
    size_scale_id: UUID
    vat_class_id: UUID
    description_vi: str | None
    material: str | None
    created_at: datetime
    all_variants: list[VariantShown]
    pictures: list[PictureShown]
    prices: list[PriceShown]


class VariantFound(Answer):
    """A variant as search answers it."""

    id: UUID
    style_id: UUID
    style_code: str
    name_vi: str
    name_en: str
    colour_code: str
    colour_vi: str
    colour_en: str
    hex: str
    size: str
    sku: str
    barcode: str | None
    picture: Hash | None


class SeasonShown(Answer):
    """A season."""

    id: UUID
    code: str
    name_vi: str
    name_en: str
    starts_on: date
    ends_on: date


class ColourShown(SwatchShown):
    """A colour with its id."""

    id: UUID


class SizeShown(Answer):
    """A size."""

    id: UUID
    code: str
    position: int


class SizeScaleShown(Answer):
    """A size scale with its sizes in their order."""

    id: UUID
    code: str
    name_vi: str
    name_en: str
    sizes: list[SizeShown]


class VatRateShown(Answer):
    """A rate from a day on, with the law it rests on."""

    starts_on: date
    rate_bp: int
    legal_basis: str


class VatClassShown(Answer):
    """A VAT class with its dated rates."""

    id: UUID
    code: str
    name_vi: str
    name_en: str
    rates: list[VatRateShown]


class References(Answer):
    """What styles refer to."""

    categories: list[CategoryShown]
    seasons: list[SeasonShown]
    colours: list[ColourShown]
    size_scales: list[SizeScaleShown]
    vat_classes: list[VatClassShown]
    tags: list[str]


class PriceListShown(Answer):
    """A price list: where and when its prices hold."""

    id: UUID
    code: str
    name: str
    channel: str | None
    location_id: UUID | None
    starts_at: datetime
    ends_at: datetime | None
    priority: int


class TillHearsPrices(Answer):
    """Which prices a paired till holds by its own word."""

    till_id: UUID
    code: str
    location_id: UUID
    location_name: str
    price_version: int | None
    at: datetime | None
    attached: bool


class PriceConfirmations(Answer):
    """The number of the prices in force, and which tills have them."""

    price_version: int
    tills: list[TillHearsPrices]
