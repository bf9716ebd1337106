"""The pages of the shop, as HTML that needs no script to be read: home, lists, products, search, stores, the story.

Carts, checkout and accounts are pages of the app in web/apps/shop; here they are a heading that the app fills.
"""

from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import Annotated, Final

from fastapi import APIRouter, Depends, Query, Request, Response
from fastapi.responses import RedirectResponse

from placket import identity, sales
from placket.core.refusals import NotFound
from placket.shop import browsing, rules, structured, visit
from placket.shop.browse_api import ListAsked, wanted_of
from placket.shop.bundle import bundles
from placket.shop.flash import flash_of
from placket.shop.pace import paced
from placket.shop.page import base_of, localised, vnd, with_query
from placket.shop.rules import Wanted

router = APIRouter(include_in_schema=False, dependencies=[Depends(paced)])

PUBLIC: Final = {"x-permission": "public"}
EVERYTHING: Final = "all"
NEWEST: Final = 8
KEPT_WITH: Final = 16
KINDS_TOLD: Final = 4
OTHERS: Final = ("/api/", "/pos", "/office", "/shop/", "/media/", "/r/", "/ws")
"""Addresses that are no page of the shop."""
SHOPPERS: Final = ("/api/shop/", "/media/", "/r/")
PROGRAMS: Final = ("/health", "/ready", "/metrics")
CART: Final = "cart"
"""The cookie by which a browser says that there is something in its cart, and nothing else."""
APP_PAGES: Final[Mapping[str, str]] = {
    "/cart": "cart",
    "/checkout": "checkout",
    "/checkout/processing": "order",
    "/orders/{order_id}": "order",
    "/account": "account",
    "/account/card": "my_card",
}


Visiting = Annotated[visit.Visit, Depends(visit.come)]
Handler = Callable[..., Response]


def both(path: str) -> Callable[[Handler], Handler]:
    """A page in Vietnamese at its path, and in English below ``/en``."""

    def add(handler: Handler) -> Handler:
        for each in (path, localised(path, "en")):
            router.add_api_route(each, handler, methods=["GET"], openapi_extra=PUBLIC)
        return handler

    return add


@both("/")
def home(at: Visiting) -> Response:
    """The story, what is on now, what is new."""
    everything = browsing.listed(at.seen, Wanted(), page=1)
    cut = browsing.listed(at.seen, Wanted(reduced=True, sort="discount"), page=1)
    kinds = visit.kinds(at)
    told = ", ".join(str(each["name"]).lower() for each in kinds[:KINDS_TOLD])
    company, stores = at.house.name, len(at.seen.show.branches)
    page = at.page(
        "home",
        "/",
        title=at.word("home_title", company=company, kinds=told),
        description=at.word(
            "home_says", company=company, kinds=told, n=everything.total, stores=stores, days=at.house.return_days
        ),
        structured=structured.of_house(at.house, base_of(at.request), localised("/search", at.language)),
    )
    return at.send(
        "home.html",
        page,
        total=everything.total,
        season=visit.season(at),
        flash=flash_of(at.seen, at.now, at.language),
        now_ms=int(at.now.timestamp() * 1000),
        kinds=kinds,
        newest=everything.items[:NEWEST],
        reduced=cut.items[:NEWEST],
        reduced_total=cut.total,
        nearest=next(iter(at.seen.show.branches), None),
    )


@both("/menu")
def menu(at: Visiting) -> Response:
    """Every category."""
    page = at.page("list", "/menu", title=at.word("categories"), description=at.word("categories"))
    return at.send("menu.html", page, kinds=visit.kinds(at))


@both("/c/{slug}")
def category(slug: str, at: Visiting, asked: Annotated[ListAsked, Query()]) -> Response:
    """A list of goods with its filters; what is chosen stands in the address, so that going back finds it again."""
    known = next((each for each in at.seen.show.categories if each.slug == slug), None)
    if known is None and slug != EVERYTHING:
        raise NotFound
    asked = asked.model_copy(update={"category": None if known is None else slug, "occasion": asked.occasion or None})
    asked = asked.model_copy(update={"branch": asked.branch or None})
    listed = browsing.listed(at.seen, wanted_of(at.seen, asked), page=asked.page)
    heading = at.word("everything") if known is None else at.name(known)
    path = f"/c/{slug}"
    values = visit.choices(asked)
    page = at.page(
        "list",
        path,
        title=heading,
        description=at.word(
            "list_says", n=listed.total, kind=heading.lower(), company=at.house.name, stores=len(at.seen.show.branches)
        ),
        category=slug,
        # Filtered lists are the same goods again: only the plain list and its pages are for search engines.
        private=any(key != "page" for key, _ in values),
        query=f"?page={listed.page}" if listed.page > 1 else "",
        structured=structured.of_list(at.word("home"), heading, localised(path, at.language), base_of(at.request)),
    )
    plain = localised(path, at.language)
    rest = [value for value in values if value[0] != "page"]
    return at.send(
        "list.html",
        page,
        heading=heading,
        listed=listed,
        asked=asked,
        plain_path=plain,
        chips=visit.chips(at, asked, listed.facets, plain),
        previous=with_query(plain, [*rest, ("page", str(listed.page - 1))]) if listed.page > 1 else None,
        next=with_query(plain, [*rest, ("page", str(listed.page + 1))]) if listed.page < listed.pages else None,
    )


@both("/p/{slug}")
def product(slug: str, at: Visiting, colour: Annotated[str | None, Query(max_length=24)] = None) -> Response:
    """A style: its pictures, price, sizes, where it is left. An address with an old name leads to the new one."""
    design = next((at.seen.show.by_code[code] for code in rules.code_in(slug) if code in at.seen.show.by_code), None)
    style = None if design is None else browsing.style(at.seen, design.code)
    if design is None or style is None:
        raise NotFound
    own = browsing.path_of(design, at.language)
    if at.request.url.path != own:
        return RedirectResponse(own, HTTPStatus.MOVED_PERMANENTLY)
    chosen = next((each for each in style.swatches if each.code == colour), None) or visit.first_left(style)
    name = at.name(style)
    base = base_of(at.request)
    kind = next(at.name(each) for each in at.seen.show.categories if each.slug == style.category)
    frames = visit.frames(at, style, chosen.code)
    with identity.database_of(at.request).snapshot() as tx:
        kept = sales.kept_with(tx, design.id, most=KEPT_WITH)
    page = at.page(
        "product",
        f"/p/{slug}",
        title=name,
        description=at.word(
            "product_says",
            name=name,
            colours=", ".join(at.name(each).lower() for each in style.swatches),
            sizes=", ".join(style.sizes or style.all_sizes),
            price=vnd(style.price_vnd),
        ),
        path_vi=style.path_vi,
        path_en=style.path_en,
        category=style.category,
        picture=f"{base}/media/{frames[0]['address']}" if frames else None,
        structured=structured.of_product(style, name, kind, at.house.name, base, at.language),
    )
    return at.send(
        "product.html",
        page,
        style=style,
        name=name,
        category=kind,
        chosen=chosen,
        of_colour=[each for each in style.variants if each.colour == chosen.code],
        frames=frames,
        first=frames[0]["address"] if frames else None,
        guide=visit.guide(at, design),
        beside=browsing.cards(at.seen, visit.beside(at, design, kept)),
        style_json=style.model_dump(mode="json"),
    )


@both("/search")
def search(at: Visiting, q: Annotated[str, Query(max_length=100)] = "") -> Response:
    """What was found; with nothing typed, what is popular."""
    found = browsing.searched(identity.database_of(at.request), at.seen, q) if q.strip() else None
    page = at.page("search", "/search", title=at.word("search"), description=at.word("search"), private=True)
    popular = browsing.listed(at.seen, Wanted(sort="discount"), page=1).items[:NEWEST]
    return at.send("search.html", page, q=q, found=found, popular=popular)


@both("/stores")
def stores(at: Visiting) -> Response:
    """Every branch by city."""
    branches = at.seen.show.branches
    cities = list(dict.fromkeys(branch.city for branch in branches))
    page = at.page(
        "stores",
        "/stores",
        title=at.word("stores"),
        description=at.word("stores_say", n=len(branches), company=at.house.name, cities=", ".join(cities)),
        structured=structured.of_stores(branches, at.house.name),
    )
    by_city = [(city, [branch for branch in branches if branch.city == city]) for city in cities]
    return at.send("stores.html", page, cities=by_city)


@both("/story")
def story(at: Visiting) -> Response:
    """What the house tells of itself."""
    told = at.house.stories.get(at.language)
    if told is None:
        raise NotFound
    page = at.page("story", "/story", title=told.band_title, description=told.band_text)
    more = {"path": localised("/c/all", at.language), "word": at.word("everything")}
    return at.send("words.html", page, heading=told.band_title, parts=told.parts, more=more)


@both("/help")
def help_page(at: Visiting) -> Response:
    """Returns, collection, paying."""
    page = at.page("help", "/help", title=at.word("help"), description=at.word("help_say", company=at.house.name))
    parts = [
        (at.word("help_returns_title"), at.word("help_returns", n=at.house.return_days)),
        (at.word("help_collect_title"), at.word("help_collect")),
        (at.word("help_pay_title"), at.word("pay_how")),
    ]
    return at.send("words.html", page, heading=at.word("help"), parts=parts, more=None)


@both("/offline")
def offline(at: Visiting) -> Response:
    """What an installed shop shows without network when it has nothing better."""
    page = at.page("offline", "/offline", title=at.word("offline"), description=at.word("offline_how"), private=True)
    more = {"path": localised("/cart", at.language), "word": at.word("cart")}
    return at.send("words.html", page, heading=at.word("offline"), parts=[("", at.word("offline_how"))], more=more)


def app_page(at: Visiting) -> Response:
    """A page that the app fills: cart, checkout, account, an order.

    The checkout of whoever has something in the cart comes with its form, to be read and filled in before a script is there.
    """
    path = at.request.url.path.removeprefix("/en")
    key = APP_PAGES.get(path, "order")
    name = {"my_card": "card"}.get(key, key)
    page = at.page(name, path, title=at.word(key), description=at.word(key), private=True)
    form = bundles.current().checkout.get(at.language) if name == "checkout" and CART in at.request.cookies else None
    return at.send("app.html", page, heading=at.word(key), view=name, form=form)


for each_path in APP_PAGES:
    both(each_path)(app_page)


def is_shoppers(path: str) -> bool:
    """Whether it is shoppers who ask for this: the shop's interface, its pages and pictures."""
    return path.startswith(SHOPPERS) or not path.startswith((*OTHERS, *PROGRAMS))


def is_lost(request: Request) -> bool:
    """Whether somebody, and not a program, looked for a page of the shop that there is not."""
    return wants_page(request) and not request.url.path.startswith(OTHERS)


def wants_page(request: Request) -> bool:
    """Whether somebody looks at the answer in a browser."""
    return request.method in {"GET", "HEAD"} and "text/html" in request.headers.get("accept", "")


def lost(request: Request) -> Response:
    """The page for an address that leads nowhere."""
    at = visit.come(request)
    page = at.page("lost", "/", title=at.word("not_here"), description=at.word("not_here_how"), private=True)
    more = {"path": localised("/search", at.language), "word": at.word("search")}
    parts = [("", at.word("not_here_how"))]
    return at.send("words.html", page, HTTPStatus.NOT_FOUND, heading=at.word("not_here"), parts=parts, more=more)
