"""How a page is put together: its head for search engines, the words of its language, templates, compression."""

import gzip
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from http import HTTPStatus
from typing import Any, Final
from urllib.parse import urlencode

from fastapi import Request, Response
from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from placket.core.clock import VIETNAM
from placket.core.settings import settings
from placket.shop.browsing import Glance
from placket.shop.bundle import bundles
from placket.shop.house import House
from placket.shop.words import word

COMPRESSED_FROM: Final = 1_000
CROWDED_S: Final = 3
DAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
NBSP: Final = "\u00a0"
ENGLISH: Final = "/en"
HOME_DIGITS: Final = 10


@dataclass(frozen=True, slots=True)
class Page:
    """What the head of a page says. ``path`` is without the language; ``private`` pages are not for search engines."""

    name: str
    title: str
    description: str
    language: str
    path: str
    path_vi: str
    path_en: str
    base: str
    query: str = ""
    category: str | None = None
    picture: str | None = None
    private: bool = False
    structured: Sequence[Mapping[str, Any]] = field(default_factory=tuple)

    @property
    def canonical(self) -> str:
        """The one address of this page in its language."""
        return f"{self.base}{self.path_en if self.language == 'en' else self.path_vi}{self.query}"

    @property
    def in_vietnamese(self) -> str:
        """The page in Vietnamese."""
        return f"{self.base}{self.path_vi}{self.query}"

    @property
    def in_english(self) -> str:
        """The page in English."""
        return f"{self.base}{self.path_en}{self.query}"

    @property
    def other_language(self) -> str:
        """The page in the other language, for whoever reads it."""
        return (self.path_vi if self.language == "en" else self.path_en) + self.query


def base_of(request: Request) -> str:
    """Where the shop is in the world: as set, else as asked."""
    return settings().public_address or str(request.base_url).rstrip("/")


def language_of(request: Request) -> str:
    """The language of an address: English below ``/en``, else Vietnamese."""
    path = request.url.path
    return "en" if path == ENGLISH or path.startswith(f"{ENGLISH}/") else "vi"


def localised(path: str, language: str) -> str:
    """An address of the shop in a language."""
    return f"{ENGLISH}{path}" if language == "en" else path


def with_query(path: str, values: Sequence[tuple[str, str]]) -> str:
    """An address with what is asked of it."""
    return f"{path}?{urlencode(values)}" if values else path


def rendered(
    request: Request,
    template: str,
    page: Page,
    *,
    house: House,
    seen: Glance,
    now: datetime,
    status: HTTPStatus = HTTPStatus.OK,
    facts: Mapping[str, Any],
) -> Response:
    """A page as it is sent: private ones are kept nowhere, others for a moment, like the prices in them."""
    t = partial(word, language=page.language)
    html = ENVIRONMENT.get_template(template).render(
        page=page,
        t=t,
        at=partial(localised, language=page.language),
        company=house.name,
        firm=house,
        categories=[Named(each.slug, each.name_vi, each.name_en) for each in seen.show.categories],
        stores=len(seen.show.branches),
        return_days=house.return_days,
        story=house.stories.get(page.language),
        hours=lambda branch: hours_today(branch.opening_hours, now, t),
        bundle=bundles.current(),
        **facts,
    )
    headers = {
        "cache-control": "private, no-cache" if page.private else "public, max-age=0, s-maxage=10",
        "content-language": page.language,
        "vary": "accept-encoding",
    }
    body = html.encode()
    if len(body) > COMPRESSED_FROM and "gzip" in request.headers.get("accept-encoding", ""):
        body = gzip.compress(body, 5, mtime=0)
        headers["content-encoding"] = "gzip"
    return Response(body, status, headers=headers, media_type="text/html; charset=utf-8")


def crowded(request: Request) -> Response:
    """The page for somebody who met a crowd, and that opens what they wanted by itself. It asks the database nothing."""
    language = language_of(request)
    html = ENVIRONMENT.get_template("crowded.html").render(
        t=partial(word, language=language), language=language, bundle=bundles.current(), again_s=CROWDED_S
    )
    headers = {"cache-control": "no-store", "content-language": language, "retry-after": str(CROWDED_S)}
    return Response(html, HTTPStatus.SERVICE_UNAVAILABLE, headers=headers, media_type="text/html; charset=utf-8")


@dataclass(frozen=True, slots=True)
class Named:
    """A category for menus."""

    slug: str
    name_vi: str
    name_en: str

    def name(self, language: str) -> str:
        """Its name in a language."""
        return self.name_en if language == "en" else self.name_vi


def hours_today(hours: Mapping[str, str], now: datetime, t: Callable[..., str]) -> str:
    """When a branch is open: its days are alike, or it is today's hours that are told."""
    if len(hours) == len(DAYS) and len(set(hours.values())) == 1:
        opens, closes = next(iter(hours.values())).split("-")
        return t("open_daily", from_=opens, to=closes)
    today = hours.get(DAYS[now.astimezone(VIETNAM).weekday()])
    if today is None:
        return t("closed_today")
    opens, closes = today.split("-")
    return t("open_today", from_=opens, to=closes)


def number(amount_vnd: int) -> str:
    """``1.250.000``."""
    return f"{amount_vnd:,}".replace(",", ".")


def vnd(amount_vnd: int) -> str:
    """``1.250.000 ₫`` with a no-break space."""
    return f"{number(amount_vnd)}{NBSP}₫"


def phone(e164: str) -> str:
    """``024 3936 0101`` and ``090 123 4567``: home numbers as they are read aloud."""
    digits = e164.replace("+84", "0")
    if len(digits) == HOME_DIGITS:
        return f"{digits[:3]} {digits[3:6]} {digits[6:]}"
    return f"{digits[:3]} {digits[3:7]} {digits[7:]}"


def as_json(value: object) -> Markup:
    """JSON for a script element: nothing in it can end the element."""
    text = json.dumps(value, ensure_ascii=False, default=str, separators=(",", ":"))
    return Markup(text.replace("<", "\\u003c").replace("\u2028", "\\u2028").replace("\u2029", "\\u2029"))  # noqa: S704


ENVIRONMENT: Final = Environment(
    loader=PackageLoader("placket.shop"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
ENVIRONMENT.filters |= {"vnd": vnd, "number": number, "phone": phone, "as_json": as_json}
