"""What the shop's API answers about goods and branches. Version 1: fields are added, never taken away."""

from typing import Literal
from uuid import UUID

from placket.core.http import Answer
from placket.shop.rules import Said


class Swatch(Answer):
    """A colour of a style, with the address of its first picture."""

    code: str
    name_vi: str
    name_en: str
    hex: str
    picture: str | None


class ShopOffer(Answer):
    """A promotion by name."""

    name_vi: str
    name_en: str


class Card(Answer):
    """A style in a list: one card, whatever its colours. ``was_vnd`` is struck; ``left`` is told up to three."""

    id: UUID
    code: str
    path_vi: str
    path_en: str
    name_vi: str
    name_en: str
    category: str
    price_vnd: int
    was_vnd: int | None
    off_bp: int
    offers: list[ShopOffer]
    near: list[ShopOffer]
    swatches: list[Swatch]
    sizes: list[str]
    stock: Said
    left: int | None


class Facet(Answer):
    """A value to filter by: how many styles it would leave, and whether it is chosen."""

    code: str
    name_vi: str
    name_en: str
    hex: str | None = None
    styles: int
    chosen: bool


class Facets(Answer):
    """Everything a list can be filtered by."""

    sizes: list[Facet]
    colours: list[Facet]
    categories: list[Facet]
    occasions: list[Facet]
    branches: list[Facet]
    reduced: int
    lowest_vnd: int | None
    highest_vnd: int | None


class StyleList(Answer):
    """A page of cards, the number of all that answer, and the facets."""

    items: list[Card]
    total: int
    page: int
    pages: int
    facets: Facets


class ShopVariant(Answer):
    """One colour and size: what to put into a cart."""

    id: UUID
    sku: str
    colour: str
    size: str
    price_vnd: int
    was_vnd: int | None
    off_bp: int
    stock: Said
    left: int | None


class ShopPicture(Answer):
    """A picture of the style, or of one colour of it."""

    colour: str | None
    address: str


class ShopStyle(Card):
    """A style with all that a product page says."""

    description_vi: str | None
    material: str | None
    occasions: list[str]
    season: str | None
    all_sizes: list[str]
    variants: list[ShopVariant]
    pictures: list[ShopPicture]


class ShopBranch(Answer):
    """A branch: where it is, and when it is open (``{"mon": "09:00-22:00"}``; a day that is missing is closed)."""

    id: UUID
    code: str
    name: str
    city: str
    address: str | None
    phone: str | None
    opening_hours: dict[str, str]
    open_now: bool


class BranchStock(ShopBranch):
    """A variant at a branch. ``asks`` is false while the branch cannot be reached, so nothing can be promised there."""

    stock: Said
    left: int | None
    asks: bool


class ShopFound(Answer):
    """What was found: styles, the best first, and categories. ``alike`` says that nothing has exactly these words."""

    styles: list[Card]
    categories: list[Facet]
    alike: bool


class Branches(Answer):
    """Every branch, in the order of the chain."""

    items: list[ShopBranch]


class StockAtBranches(Answer):
    """A variant at every branch, where it is first."""

    items: list[BranchStock]


class LiveVariant(Answer):
    """What may have changed of a variant since a page was made; ``near`` are promotions that need more than one piece."""

    id: UUID
    price_vnd: int | None
    was_vnd: int | None
    stock: Said
    left: int | None
    near: list[ShopOffer]


class Live(Answer):
    """Prices and stock of some variants now; ``turns_at_ms`` is when a price may next turn, by the shop's clock."""

    items: list[LiveVariant]
    now_ms: int
    turns_at_ms: int


SortAsked = Literal["new", "price", "price_desc", "discount"]
