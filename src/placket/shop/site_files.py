"""Files that browsers and search engines look for at the root: sitemap, robots, the app's manifest and its worker."""

import hashlib
from collections.abc import Iterator
from typing import Annotated, Final
from xml.sax.saxutils import escape

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import JSONResponse, PlainTextResponse

from placket.core.refusals import NotFound
from placket.shop import browsing, visit
from placket.shop.bundle import DIST
from placket.shop.pace import paced
from placket.shop.page import base_of, localised

router = APIRouter(include_in_schema=False, dependencies=[Depends(paced)])

PUBLIC: Final = {"x-permission": "public"}
SITES: Final = ("/", "/c/all", "/stores", "/help")
# What belongs to one shopper, and what is the same goods in another order.
NOT_FOR_ROBOTS: Final = ("/api/", "/cart", "/checkout", "/account", "/orders/", "/search", "/office/", "/pos/")
MOMENT: Final = {"cache-control": "public, max-age=600"}

Visiting = Annotated[visit.Visit, Depends(visit.come)]


@router.get("/sitemap.xml", openapi_extra=PUBLIC)
def sitemap(at: Visiting) -> Response:
    """Every page for search engines, in both languages."""
    base = base_of(at.request)
    entries = "".join(
        f"<url><loc>{escape(base + address)}</loc>"
        f'<xhtml:link rel="alternate" hreflang="vi" href="{escape(base + in_vietnamese)}"/>'
        f'<xhtml:link rel="alternate" hreflang="en" href="{escape(base + in_english)}"/></url>'
        for in_vietnamese, in_english in _addresses(at)
        for address in (in_vietnamese, in_english)
    )
    body = (
        '<?xml version="1.0" encoding="UTF-8"?><urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" '
        f'xmlns:xhtml="http://www.w3.org/1999/xhtml">{entries}</urlset>'
    )
    return Response(body, headers=MOMENT, media_type="application/xml")


@router.get("/robots.txt", openapi_extra=PUBLIC)
def robots(request: Request) -> Response:
    """What search engines may read."""
    closed = "".join(f"Disallow: {path}\nDisallow: /en{path}\n" for path in NOT_FOR_ROBOTS)
    return PlainTextResponse(f"User-agent: *\n{closed}\nSitemap: {base_of(request)}/sitemap.xml\n", headers=MOMENT)


@router.get("/manifest.webmanifest", openapi_extra=PUBLIC)
def manifest(at: Visiting) -> Response:
    """The shop as an app to install, under the company's name."""
    picture = {"src": "/shop/icon.svg", "sizes": "any", "type": "image/svg+xml"}
    return JSONResponse(
        {
            "id": "/",
            "name": at.house.name,
            "short_name": at.house.name,
            "lang": "vi",
            "start_url": "/?app=1",
            "scope": "/",
            "display": "standalone",
            "background_color": "#f7f5f1",
            "theme_color": "#f7f5f1",
            "icons": [picture | {"purpose": "any"}, picture | {"purpose": "maskable"}],
            "shortcuts": [{"name": at.word("my_card"), "url": "/account/card"}],
        },
        headers=MOMENT,
        media_type="application/manifest+json",
    )


@router.get("/sw.js", openapi_extra=PUBLIC)
def worker() -> Response:
    """The worker that keeps pages, cart and card for when there is no network; it may serve the whole site.

    It carries a mark of the build, so that browsers fetch a new one's files as soon as they hear of it.
    """
    path, built = DIST / "sw.js", DIST / ".vite" / "manifest.json"
    if not path.exists() or not built.exists():
        raise NotFound
    mark = hashlib.sha256(built.read_bytes()).hexdigest()[:16]
    text = f"{path.read_text(encoding='utf-8')}// {mark}\n"
    return Response(text, media_type="text/javascript", headers={"cache-control": "no-cache"})


def _addresses(at: visit.Visit) -> Iterator[tuple[str, str]]:
    sites = [*SITES, *(["/story"] if at.house.stories else [])]
    for path in (*sites, *(f"/c/{each.slug}" for each in at.seen.show.categories)):
        yield path, localised(path, "en")
    for design in at.seen.show.designs:
        if at.seen.tag_of(design) is not None:
            yield browsing.path_of(design, "vi"), browsing.path_of(design, "en")
