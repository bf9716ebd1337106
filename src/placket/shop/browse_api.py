"""The shop's API for browsing, version 1: lists with facets, styles, stock by branch, search. Public, for every client.

Native apps use the same routes; docs/rules/shop.md says what stays as it is.
"""

import hashlib
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Path, Query, Request, Response
from pydantic import BaseModel, Field

from placket import identity
from placket.core import clock
from placket.core.http import refuses
from placket.core.refusals import NotFound
from placket.shop import browsing, shapes
from placket.shop.browsing import Glance
from placket.shop.pace import TooFast, paced
from placket.shop.rules import Wanted

router = APIRouter(prefix="/api/shop/v1", tags=["shop"], dependencies=[Depends(paced)])

PUBLIC: dict[str, Any] = {"x-permission": "public"}
NEW: dict[int | str, dict[str, Any]] = {304: {"description": "What you have (`If-None-Match`) is still true"}}
StyleCode = Annotated[str, Path(pattern=r"^[A-Za-z0-9-]{1,20}$")]
Codes = Annotated[list[str], Field(max_length=12)]
Amount = Annotated[int | None, Field(ge=0, le=10**10)]
Word = Annotated[str | None, Field(max_length=60)]


class ListAsked(BaseModel):
    """What a list is filtered and sorted by; what it does not know it ignores, as addresses carry marks of others."""

    category: Word = None
    occasion: Word = None
    size: Codes = []
    colour: Codes = []
    branch: Word = None
    from_vnd: Amount = None
    to_vnd: Amount = None
    reduced: bool = False
    sold_out_too: bool = False
    sort: shapes.SortAsked = "new"
    page: Annotated[int, Field(ge=1, le=1000)] = 1


@router.get(
    "/styles", response_model=shapes.StyleList, responses={**NEW, **refuses(NotFound, TooFast)}, openapi_extra=PUBLIC
)
def list_styles(request: Request, asked: Annotated[ListAsked, Query()]) -> Response:
    """A page of cards with the facets of everything that answers; what is left somewhere, unless asked otherwise."""
    seen, _ = look(request)
    return sent(request, browsing.listed(seen, wanted_of(seen, asked), page=asked.page))


@router.get(
    "/styles/{code}", response_model=shapes.ShopStyle, responses={**NEW, **refuses(NotFound, TooFast)}, openapi_extra=PUBLIC
)
def one_style(code: StyleCode, request: Request) -> Response:
    """A style with its variants, pictures, prices and stock."""
    seen, _ = look(request)
    found = browsing.style(seen, code.upper())
    if found is None:
        raise NotFound
    return sent(request, found)


@router.get(
    "/variants/{variant_id}/branches",
    response_model=shapes.StockAtBranches,
    responses={**NEW, **refuses(NotFound, TooFast)},
    openapi_extra=PUBLIC,
)
def at_branches(variant_id: UUID, request: Request) -> Response:
    """Where a variant can be had; a branch that cannot be reached promises nothing, and says so."""
    seen, now = look(request)
    items = browsing.stock_at_branches(identity.database_of(request), seen, variant_id, now)
    if items is None:
        raise NotFound
    return sent(request, shapes.StockAtBranches(items=items))


@router.get("/live", response_model=shapes.Live, responses=refuses(TooFast), openapi_extra=PUBLIC)
def live(request: Request, variant: Annotated[list[UUID], Query(min_length=1, max_length=100)]) -> Response:
    """Prices and stock of some variants now, and when a price may next turn; what an open page asks every few seconds."""
    seen, now = look(request)
    return sent(request, browsing.live(seen, variant, now), fresh_s=0)


@router.get("/search", response_model=shapes.ShopFound, responses={**NEW, **refuses(TooFast)}, openapi_extra=PUBLIC)
def search(request: Request, q: Annotated[str, Query(max_length=100)]) -> Response:
    """Styles and categories by words with or without marks; by a code or barcode too."""
    seen, _ = look(request)
    return sent(request, browsing.searched(identity.database_of(request), seen, q))


@router.get("/branches", response_model=shapes.Branches, responses={**NEW, **refuses(TooFast)}, openapi_extra=PUBLIC)
def branches(request: Request) -> Response:
    """Every branch with its hours."""
    seen, now = look(request)
    return sent(request, shapes.Branches(items=browsing.branches(seen, now)))


def look(request: Request) -> tuple[Glance, datetime]:
    """The shop window now, and the moment."""
    now = clock.now()
    return browsing.glance(identity.database_of(request), now), now


def wanted_of(seen: Glance, asked: ListAsked) -> Wanted:
    """The filter that was asked for. Refuses ``NotFound`` for a branch there is not."""
    return Wanted(
        category=asked.category,
        occasion=asked.occasion,
        sizes=frozenset(asked.size),
        colours=frozenset(asked.colour),
        branch=bit_of(seen, asked.branch),
        from_vnd=asked.from_vnd,
        to_vnd=asked.to_vnd,
        reduced=asked.reduced,
        sold_out_too=asked.sold_out_too,
        sort=asked.sort,
    )


def bit_of(seen: Glance, code: str | None) -> int | None:
    """A branch by its code, as stock knows it. Refuses ``NotFound``."""
    if code is None:
        return None
    for branch in seen.show.branches:
        if branch.code == code.upper():
            return seen.show.bit_of.get(branch.id)
    raise NotFound


def sent(request: Request, answer: BaseModel, *, fresh_s: int = 10) -> Response:
    """An answer that may be kept for a moment, or that the asker's copy is still true."""
    body = answer.model_dump_json().encode()
    etag = f'"{hashlib.sha256(body).hexdigest()[:20]}"'
    headers = {"etag": etag, "cache-control": f"public, max-age={fresh_s}" if fresh_s else "no-store"}
    if etag in request.headers.get("if-none-match", ""):
        return Response(status_code=304, headers=headers)
    return Response(body, headers=headers, media_type="application/json")
