"""A visit to a page: its language, the goods and prices of the moment, and what several pages say of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from typing import Any, Final, Protocol
from uuid import UUID

from fastapi import Request, Response

from placket import identity
from placket.shop import shapes
from placket.shop.browse_api import ListAsked, look
from placket.shop.browsing import Glance
from placket.shop.house import House, houses
from placket.shop.page import Page, base_of, language_of, localised, number, rendered, with_query
from placket.shop.rules import Design
from placket.shop.words import measures, word

BESIDE: Final = 8
OF_KIND: Final = 2


class Named(Protocol):
    """A thing with a name in both languages."""

    @property
    def name_vi(self) -> str:
        """In Vietnamese."""
        ...

    @property
    def name_en(self) -> str:
        """In English."""
        ...


@dataclass(frozen=True, slots=True)
class Visit:
    """A request for a page: who is told what, in which language, of which moment."""

    request: Request
    language: str
    seen: Glance
    house: House
    now: datetime

    def word(self, key: str, **facts: object) -> str:
        """A word in the language of the page."""
        return word(key, self.language, **facts)

    def name(self, one: Named) -> str:
        """The name of a thing in the language of the page."""
        return str(one.name_en if self.language == "en" else one.name_vi)

    def page(self, name: str, path: str, *, title: str, description: str, **more: object) -> Page:
        """The head of a page at a path that is the same in both languages, unless told otherwise."""
        told: dict[str, Any] = {"path_vi": path, "path_en": localised(path, "en"), "base": base_of(self.request)} | more
        whole = title if self.house.name in title else f"{title} · {self.house.name}"
        return Page(name=name, title=whole, description=description, language=self.language, path=path, **told)

    def send(self, template: str, page: Page, status: HTTPStatus = HTTPStatus.OK, **facts: object) -> Response:
        """The page."""
        return rendered(
            self.request, template, page, house=self.house, seen=self.seen, now=self.now, status=status, facts=facts
        )


def come(request: Request) -> Visit:
    """Whoever comes to a page."""
    seen, now = look(request)
    return Visit(request, language_of(request), seen, houses.at(identity.database_of(request), now), now)


def kinds(at: Visit) -> list[dict[str, Any]]:
    """Every category with a picture of its newest style."""
    found = []
    for each in at.seen.show.categories:
        first = next((design for design in at.seen.show.designs if design.category == each.slug and design.pictures), None)
        picture = None if first is None else first.picture()
        found.append({"slug": each.slug, "name": at.name(each), "picture": picture})
    return found


def season(at: Visit) -> str | None:
    """The season of the newest goods, by name."""
    newest = next((design.season for design in at.seen.show.designs if design.season), None)
    return at.seen.show.seasons.get(newest, {}).get(at.language) if newest else None


def choices(asked: ListAsked) -> list[tuple[str, str]]:
    """What is asked for, as an address says it; what is not asked for is not said."""
    chosen = [("size", each) for each in asked.size] + [("colour", each) for each in asked.colour]
    for key in ("occasion", "from_vnd", "to_vnd", "branch"):
        value = getattr(asked, key)
        if value is not None:
            chosen.append((key, str(value)))
    chosen += [(key, "true") for key in ("reduced", "sold_out_too") if getattr(asked, key)]
    if asked.sort != "new":
        chosen.append(("sort", asked.sort))
    if asked.page > 1:
        chosen.append(("page", str(asked.page)))
    return chosen


def chips(at: Visit, asked: ListAsked, facets: shapes.Facets, plain: str) -> list[dict[str, str]]:
    """What is chosen, each with the address without it."""
    values = [value for value in choices(asked) if value[0] not in {"page", "sort"}]
    sort: list[tuple[str, str]] = [("sort", asked.sort)] if asked.sort != "new" else []
    return [
        {
            "word": told(at, key, code, facets),
            "without": with_query(plain, [each for each in values if each != (key, code)] + sort),
        }
        for key, code in values
    ]


def told(at: Visit, key: str, code: str, facets: shapes.Facets) -> str:
    """A choice in words."""
    match key:
        case "size":
            return f"{at.word('by_size')} {code}"
        case "from_vnd":
            return at.word("from_price", price=number(int(code)))
        case "to_vnd":
            return at.word("to_price", price=number(int(code)))
        case "reduced":
            return at.word("only_reduced")
        case "sold_out_too":
            return at.word("sold_out_too")
    named = {"colour": facets.colours, "branch": facets.branches}.get(key, [])
    return next((at.name(each) for each in named if each.code == code), code)


def first_left(style: shapes.ShopStyle) -> shapes.Swatch:
    """The first colour that is left, else the first."""
    left = {each.colour for each in style.variants if each.stock != "out"}
    return next((each for each in style.swatches if each.code in left), style.swatches[0])


def frames(at: Visit, style: shapes.ShopStyle, colour: str) -> list[dict[str, Any]]:
    """The pictures, those of the chosen colour first."""
    names = {each.code: at.name(each) for each in style.swatches}
    pictures = sorted(style.pictures, key=lambda each: each.colour != colour)
    return [
        {"address": each.address, "colour": each.colour, "colour_name": names.get(each.colour or "")} for each in pictures
    ]


def guide(at: Visit, design: Design) -> dict[str, Any] | None:
    """What the garments of a style measure, for the sizes it has."""
    known = at.house.guides.get(design.category, {})
    rows = [(size, known[size]) for size in design.sizes if size in known]
    if not rows:
        return None
    taken = [kind for kind in measures() if kind in rows[0][1]]
    return {
        "measures": [at.word(kind) for kind in taken],
        "rows": [{"size": size, "cells": [row[kind] for kind in taken]} for size, row in rows],
    }


def beside(at: Visit, design: Design, kept: Sequence[UUID]) -> list[Design]:
    """What people keep with it and is left somewhere, the closest first; then other categories in a colour of this one."""
    show = at.seen.show
    near = [show.by_id[each] for each in kept if each in show.by_id and any(map(show.free, show.by_id[each].pieces))]
    return [*near, *(each for each in _worn_with(at, design) if each not in near)][:BESIDE]


def _worn_with(at: Visit, design: Design) -> list[Design]:
    """Goods of other categories in a colour of this one, the newest first: what may be worn with it."""
    own = {tint.code for tint in design.colours}
    fitting = [
        each
        for each in at.seen.show.designs
        if each.category != design.category
        and own & {tint.code for tint in each.colours}
        and any(at.seen.show.free(piece) for piece in each.pieces)
    ]
    of_kind: dict[str, int] = {}
    beside_it = []
    for each in fitting:
        of_kind[each.category] = of_kind.get(each.category, 0) + 1
        if of_kind[each.category] <= OF_KIND:
            beside_it.append(each)
    return beside_it
