"""Puts goods, prices and stock together into what pages and API show; one place for both, so that they agree."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from placket import catalog, inventory
from placket.core.db import Database
from placket.shop import queries, rules, shapes
from placket.shop.prices import Tags, price_tags
from placket.shop.rules import Design, Piece, Tag, Wanted
from placket.shop.window import Show, window

PAGE: Final = 24
FOUND_MAX: Final = 12
VARIANTS_SEARCHED: Final = 200


@dataclass(frozen=True, slots=True)
class Glance:
    """The goods and their prices of one request."""

    show: Show
    tags: Tags

    def tag_of(self, design: Design) -> Tag | None:
        """What a style costs now."""
        return self.tags.of(design)


def glance(database: Database, now: datetime) -> Glance:
    """Look at the shop window as it is now."""
    return Glance(window.show(database), price_tags.at(now))


def listed(seen: Glance, wanted: Wanted, *, page: int) -> shapes.StyleList:
    """A page of the styles that answer a filter."""
    in_category = [each for each in seen.show.designs if wanted.category in (None, each.category)]
    found = rules.choose(in_category, wanted, left=seen.show.left, tag_of=seen.tag_of)
    pages = max(1, -(-len(found.designs) // PAGE))
    first = (min(page, pages) - 1) * PAGE
    return shapes.StyleList(
        items=cards(seen, found.designs[first : first + PAGE], wanted),
        total=len(found.designs),
        page=min(page, pages),
        pages=pages,
        facets=_facets(seen, in_category, found, wanted),
    )


def cards(seen: Glance, designs: Iterable[Design], wanted: Wanted | None = None) -> list[shapes.Card]:
    """Cards of styles that have a price, in their order; a colour that was asked for is the one shown."""
    return [
        shapes.Card(**_face(seen, design, tag, wanted)) for design in designs if (tag := seen.tag_of(design)) is not None
    ]


def style(seen: Glance, code: str) -> shapes.ShopStyle | None:
    """A style with all that is said of it; none when it is not on show or has no price."""
    design = seen.show.by_code.get(code)
    tag = None if design is None else seen.tag_of(design)
    if design is None or tag is None:
        return None
    return shapes.ShopStyle(
        **_face(seen, design, tag, None),
        description_vi=design.description_vi,
        material=design.material,
        occasions=list(design.occasions),
        season=design.season,
        all_sizes=list(design.sizes),
        variants=[
            shapes.ShopVariant(
                sku=piece.sku, colour=piece.colour, size=piece.size, **_live(seen, piece, own), off_bp=own.off_bp
            )
            for piece in design.pieces
            if (own := seen.tags.of_piece(piece)) is not None
        ],
        pictures=[
            shapes.ShopPicture(colour=colour, address=address)
            for colour, addresses in design.pictures.items()
            for address in addresses
        ],
    )


def live(seen: Glance, variant_ids: Sequence[UUID], now: datetime) -> shapes.Live:
    """Prices and stock of some variants; one that is not on show is out."""
    asked = set(variant_ids)
    pieces = {piece.id: piece for design in seen.show.designs for piece in design.pieces if piece.id in asked}
    return shapes.Live(
        items=[_now(seen, variant_id, pieces.get(variant_id)) for variant_id in dict.fromkeys(variant_ids)],
        now_ms=_ms(now),
        turns_at_ms=_ms(seen.tags.until),
    )


def searched(database: Database, seen: Glance, q: str) -> shapes.ShopFound:
    """The styles that answer typed words, those that are left first, and the categories that are called so."""
    with database.transaction() as tx:
        variant_ids = catalog.find_variants(tx, q=q, limit=VARIANTS_SEARCHED)
        style_ids = queries.styles_of(tx, variant_ids)
    designs = [design for style_id in style_ids if (design := seen.show.by_id.get(style_id)) is not None]
    designs.sort(key=lambda design: not any(seen.show.free(piece) for piece in design.pieces))
    words = rules.plain_words(q)
    hit = [each for each in seen.show.categories if words and words <= rules.plain_words(f"{each.name_vi} {each.name_en}")]
    return shapes.ShopFound(
        styles=cards(seen, designs[:FOUND_MAX]),
        categories=[
            shapes.Facet(
                code=each.slug,
                name_vi=each.name_vi,
                name_en=each.name_en,
                styles=sum(design.category == each.slug for design in seen.show.designs),
                chosen=False,
            )
            for each in hit
        ],
        alike=bool(designs) and not any(words <= _words_of(design) for design in designs[:FOUND_MAX]),
    )


def branches(seen: Glance, now: datetime) -> list[shapes.ShopBranch]:
    """Every branch."""
    return [shapes.ShopBranch(**_branch(branch, now)) for branch in seen.show.branches]


def stock_at_branches(database: Database, seen: Glance, variant_id: UUID, now: datetime) -> list[shapes.BranchStock] | None:
    """A variant at every branch, where there is one first; none when it is not on show. Read from the books."""
    if not any(piece.id == variant_id for design in seen.show.designs for piece in design.pieces):
        return None
    with database.transaction() as tx:
        free = {
            row.location_id: row.on_hand - row.promised - row.asked
            for row in inventory.balances_of(tx, variant_ids=[variant_id])
        }
        asks = {each.location_id: each.reachable for each in inventory.reach(tx, now=now)}
    found = [
        shapes.BranchStock(
            **_branch(branch, now),
            stock=rules.said(free.get(branch.id, 0)),
            left=rules.told(free.get(branch.id, 0)),
            asks=asks.get(branch.id, False),
        )
        for branch in seen.show.branches
    ]
    return sorted(found, key=lambda each: each.stock == "out")


def path_of(design: Design, language: str) -> str:
    """The address of a style's page."""
    if language == "en":
        return f"/en/p/{rules.slug_of(design.name_en, design.code)}"
    return f"/p/{rules.slug_of(design.name_vi, design.code)}"


def _face(seen: Glance, design: Design, tag: Tag, wanted: Wanted | None) -> dict[str, Any]:
    free_of = dict.fromkeys(design.sizes, 0)
    for piece in design.pieces:
        free_of[piece.size] += seen.show.free(piece)
    free = sum(free_of.values())
    colours = list(design.colours)
    if wanted is not None and wanted.colours:
        colours.sort(key=lambda tint: tint.code not in wanted.colours)
    return {
        "id": design.id,
        "code": design.code,
        "path_vi": path_of(design, "vi"),
        "path_en": path_of(design, "en"),
        "name_vi": design.name_vi,
        "name_en": design.name_en,
        "category": design.category,
        "price_vnd": tag.now_vnd,
        "was_vnd": tag.was_vnd if tag.off_bp else None,
        "off_bp": tag.off_bp,
        "offers": _named(seen, tag.offers),
        "near": _named(seen, tag.near),
        "swatches": [
            shapes.Swatch(
                code=tint.code,
                name_vi=tint.name_vi,
                name_en=tint.name_en,
                hex=tint.hex,
                picture=design.picture(tint.code),
            )
            for tint in colours
        ],
        "sizes": [size for size, left in free_of.items() if left > 0],
        "stock": rules.said(free),
        "left": rules.told(free),
    }


def _now(seen: Glance, variant_id: UUID, piece: Piece | None) -> shapes.LiveVariant:
    if piece is None:
        return shapes.LiveVariant(id=variant_id, price_vnd=None, was_vnd=None, stock="out", left=None, near=[])
    tag = seen.tags.of_piece(piece)
    return shapes.LiveVariant(**_live(seen, piece, tag), near=_named(seen, () if tag is None else tag.near))


def _named(seen: Glance, promotion_ids: Iterable[str]) -> list[shapes.ShopOffer]:
    return [shapes.ShopOffer(name_vi=vi, name_en=en) for vi, en in seen.tags.names(promotion_ids)]


def _live(seen: Glance, piece: Piece, tag: Tag | None) -> dict[str, Any]:
    free = seen.show.free(piece)
    return {
        "id": piece.id,
        "price_vnd": None if tag is None else tag.now_vnd,
        "was_vnd": tag.was_vnd if tag is not None and tag.off_bp else None,
        "stock": rules.said(free),
        "left": rules.told(free),
    }


def _branch(branch: queries.Branch, now: datetime) -> dict[str, Any]:
    return {
        "id": branch.id,
        "code": branch.code,
        "name": branch.name,
        "city": branch.city,
        "address": branch.address,
        "phone": branch.phone,
        "opening_hours": branch.opening_hours,
        "open_now": inventory.is_open(branch.opening_hours, now),
    }


def _facets(seen: Glance, designs: Sequence[Design], found: rules.Found, wanted: Wanted) -> shapes.Facets:
    tints = {tint.code: tint for design in designs for tint in design.colours}
    sizes = dict.fromkeys(size for design in designs for size in design.sizes)
    bits = {branch.code: seen.show.bit_of.get(branch.id) for branch in seen.show.branches}
    return shapes.Facets(
        sizes=[_plain_facet(size, found.sizes, size in wanted.sizes) for size in sorted(sizes, key=_size_order(designs))],
        colours=[
            shapes.Facet(
                code=code,
                name_vi=tint.name_vi,
                name_en=tint.name_en,
                hex=tint.hex,
                styles=found.colours.get(code, 0),
                chosen=code in wanted.colours,
            )
            for code, tint in sorted(tints.items(), key=lambda row: (-found.colours.get(row[0], 0), row[1].name_vi))
        ],
        categories=[
            shapes.Facet(
                code=each.slug,
                name_vi=each.name_vi,
                name_en=each.name_en,
                styles=sum(design.category == each.slug for design in seen.show.designs),
                chosen=each.slug == wanted.category,
            )
            for each in seen.show.categories
        ],
        occasions=[
            _plain_facet(word, found.occasions, word == wanted.occasion)
            for word in sorted({word for design in designs for word in design.occasions})
        ],
        branches=[
            shapes.Facet(
                code=branch.code,
                name_vi=branch.name,
                name_en=branch.name,
                styles=0 if (bit := bits[branch.code]) is None else found.branches.get(bit, 0),
                chosen=wanted.branch is not None and bits[branch.code] == wanted.branch,
            )
            for branch in seen.show.branches
        ],
        reduced=found.reduced,
        lowest_vnd=found.lowest_vnd,
        highest_vnd=found.highest_vnd,
    )


def _plain_facet(code: str, counts: Mapping[str, int], chosen: bool) -> shapes.Facet:  # noqa: FBT001 - as it is shown
    return shapes.Facet(code=code, name_vi=code, name_en=code, styles=counts.get(code, 0), chosen=chosen)


def _size_order(designs: Sequence[Design]) -> Callable[[str], tuple[bool, int, str]]:
    """Sizes in the order of their scales, the commonest scale first."""
    order: dict[str, int] = {}
    for design in designs:
        for place, size in enumerate(design.sizes):
            order[size] = max(order.get(size, 0), place)
    return lambda size: (size.isdigit(), order[size], size)


def _words_of(design: Design) -> set[str]:
    tints = " ".join(f"{tint.name_vi} {tint.name_en}" for tint in design.colours)
    return rules.plain_words(f"{design.name_vi} {design.name_en} {design.code} {tints} {' '.join(design.sizes)}")


def _ms(at: datetime) -> int:
    return int(at.timestamp() * 1000)
