"""Pure rules of the shop window: addresses from names, what stock is said in words, which goods answer a filter."""

import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal
from uuid import UUID

FEW: Final = 3
"""So many pieces or fewer are told by number; of more we say only that there are some."""
HALF_BP: Final = 50
STEP_BP: Final = 100

Said = Literal["out", "few", "in"]
Sort = Literal["new", "price", "price_desc", "discount"]


@dataclass(frozen=True, slots=True)
class Tint:
    """A colour of the catalogue."""

    code: str
    name_vi: str
    name_en: str
    hex: str


@dataclass(frozen=True, slots=True)
class Piece:
    """A variant as shoppers choose it; ``place`` is its row in the table of stock."""

    id: UUID
    sku: str
    colour: str
    size: str
    place: int


@dataclass(frozen=True, slots=True)
class Design:
    """A style as the window shows it: one card, whatever its colours."""

    id: UUID
    code: str
    name_vi: str
    name_en: str
    description_vi: str | None
    material: str | None
    category: str
    occasions: tuple[str, ...]
    season: str | None
    colours: tuple[Tint, ...]
    sizes: tuple[str, ...]
    pieces: tuple[Piece, ...]
    pictures: Mapping[str | None, tuple[str, ...]]
    launched_at: datetime

    def picture(self, colour: str | None = None) -> str | None:
        """The first picture of a colour, else the first there is."""
        own = self.pictures.get(colour) if colour is not None else None
        return next(iter(own or next(iter(self.pictures.values()), ())), None)


@dataclass(frozen=True, slots=True)
class Tag:
    """What a style costs now: ``was_vnd`` is struck when it is higher, and ``offers`` say why (promotion ids)."""

    now_vnd: int
    was_vnd: int
    offers: tuple[str, ...] = ()
    near: tuple[str, ...] = ()

    @property
    def off_bp(self) -> int:
        """What is off, in basis points, on whole per cent as a price tag says it."""
        if self.now_vnd >= self.was_vnd:
            return 0
        exact = (self.was_vnd - self.now_vnd) * 10_000 // self.was_vnd
        return (exact + HALF_BP) // STEP_BP * STEP_BP


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a shopper filters by; nothing given means everything that is left somewhere."""

    category: str | None = None
    occasion: str | None = None
    sizes: frozenset[str] = frozenset()
    colours: frozenset[str] = frozenset()
    branch: int | None = None
    from_vnd: int | None = None
    to_vnd: int | None = None
    reduced: bool = False
    sold_out_too: bool = False
    sort: Sort = "new"


@dataclass(frozen=True, slots=True)
class Found:
    """The styles that answer, in their order, and of every facet how many styles each of its values would leave."""

    designs: Sequence[Design]
    sizes: Mapping[str, int]
    colours: Mapping[str, int]
    branches: Mapping[int, int]
    occasions: Mapping[str, int]
    reduced: int
    lowest_vnd: int | None
    highest_vnd: int | None


class Left:
    """How much is free, by a variant's row and a location's bit: what filters and cards ask."""

    def __init__(self, total: Sequence[int], where: Sequence[int]) -> None:
        self.total = total
        self.where = where

    def is_free(self, place: int, branch: int | None = None) -> bool:
        """Whether there is one anywhere, or at a branch."""
        return self.total[place] > 0 if branch is None else bool(self.where[place] >> branch & 1)


def slug_of(name: str, code: str) -> str:
    """A style's address: ``dam-lua-to-tam-co-do-dm2041``. The code at its end is what finds it; the rest may change."""
    return f"{_plain(name)}-{code.lower()}" if _plain(name) else code.lower()


def plain_words(text: str) -> set[str]:
    """The words of a text without marks and case."""
    return set(_plain(text).split("-")) - {""}


def code_in(slug: str) -> list[str]:
    """The codes that may stand at the end of an address, the longest first: codes may hold dashes themselves."""
    words = slug.upper().split("-")
    return ["-".join(words[first:]) for first in range(len(words))]


def said(free: int) -> Said:
    """How a quantity is told."""
    return "out" if free <= 0 else "few" if free <= FEW else "in"


def told(free: int) -> int | None:
    """The number, where it is told at all."""
    return free if said(free) == "few" else None


def choose(designs: Iterable[Design], wanted: Wanted, *, left: Left, tag_of: Callable[[Design], Tag | None]) -> Found:
    """The styles that answer a filter, with the counts of every facet under the other ones."""
    found: list[tuple[Design, Tag]] = []
    sizes, colours = Counter[str](), Counter[str]()
    branches, occasions = Counter[int](), Counter[str]()
    reduced = 0
    prices: list[int] = []
    for design in designs:
        tag = tag_of(design)
        if tag is None or (wanted.category is not None and design.category != wanted.category):
            continue
        cells = _cells(design, wanted, left)
        in_price = _in_price(tag, wanted)
        in_occasion = wanted.occasion is None or wanted.occasion in design.occasions
        cut = tag.off_bp > 0
        fits = bool(cells.fitting) and (cut or not wanted.reduced)
        if fits and in_occasion:
            prices.append(tag.now_vnd)
        if fits and in_price:
            occasions.update(design.occasions)
        if not in_price or not in_occasion:
            continue
        if cells.fitting and cut:
            reduced += 1
        if wanted.reduced and not cut:
            continue
        sizes.update(cells.sizes)
        colours.update(cells.colours)
        branches.update(cells.branches)
        if cells.fitting:
            found.append((design, tag))
    return Found(
        [design for design, _ in sorted(found, key=_order(wanted.sort))],
        sizes,
        colours,
        branches,
        occasions,
        reduced,
        min(prices, default=None),
        max(prices, default=None),
    )


@dataclass(frozen=True, slots=True)
class _Cells:
    """The variants of one style under a filter, and what each facet would still find among them."""

    fitting: bool
    sizes: set[str]
    colours: set[str]
    branches: set[int]


def _cells(design: Design, wanted: Wanted, left: Left) -> _Cells:
    fitting, sizes, colours, bits = False, set[str](), set[str](), 0
    for piece in design.pieces:
        size = not wanted.sizes or piece.size in wanted.sizes
        colour = not wanted.colours or piece.colour in wanted.colours
        if size and colour:
            bits |= left.where[piece.place]
        if not (wanted.sold_out_too and wanted.branch is None) and not left.is_free(piece.place, wanted.branch):
            continue
        if colour:
            sizes.add(piece.size)
        if size:
            colours.add(piece.colour)
        fitting = fitting or (size and colour)
    return _Cells(fitting, sizes, colours, {bit for bit in range(bits.bit_length()) if bits >> bit & 1})


def _in_price(tag: Tag, wanted: Wanted) -> bool:
    return (wanted.from_vnd is None or tag.now_vnd >= wanted.from_vnd) and (
        wanted.to_vnd is None or tag.now_vnd <= wanted.to_vnd
    )


def _order(sort: Sort) -> Callable[[tuple[Design, Tag]], tuple[float, str]]:
    def key(found: tuple[Design, Tag]) -> tuple[float, str]:
        design, tag = found
        rank = {
            "new": -design.launched_at.timestamp(),
            "price": tag.now_vnd,
            "price_desc": -tag.now_vnd,
            "discount": -tag.off_bp,
        }
        return rank[sort], design.code

    return key


def _plain(text: str) -> str:
    marks = unicodedata.normalize("NFD", text.lower().replace("đ", "d"))
    return "-".join(re.findall(r"[a-z0-9]+", "".join(c for c in marks if not unicodedata.combining(c))))
