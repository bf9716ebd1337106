"""Routes that read the catalogue: what a till holds, pictures, styles, search, references."""

import gzip
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Annotated, Any, Literal, TypeVar
from uuid import UUID

from fastapi import APIRouter, Depends, Path, Query, Request, Response
from sqlalchemy import Row
from sqlalchemy.orm import Session

from placket import identity
from placket.catalog import queries, shapes
from placket.catalog.prices import price_books
from placket.catalog.search import find_variants
from placket.catalog.snapshots import CHANNEL, EditionGone, snapshots
from placket.core import clock
from placket.core.http import PAGE, Answer, Cursor, Limit, Page, decode_cursor, encode_cursor, refuses
from placket.core.refusals import BadCursor, NotFound

router = APIRouter(tags=["catalogue"])

Read = Annotated[identity.Principal, Depends(identity.Permit("catalog.read"))]
Shape = TypeVar("Shape", bound=Answer)
Status = Literal["draft", "active", "archived"]
SVG = "image/svg+xml"
NOWHERE = UUID(int=0)  # only lists without a location of their own apply there

# A picture opened by itself may neither run scripts nor load anything, whatever an SVG holds.
MEDIA_HEADERS = {
    "cache-control": "public, max-age=31536000, immutable",
    "content-security-policy": "default-src 'none'; style-src 'unsafe-inline'; sandbox",
    "cross-origin-resource-policy": "same-origin",
}


@router.get(
    "/api/catalogue/snapshot",
    response_model=shapes.CatalogueSnapshot,
    responses={304: {"description": "The till's copy (`If-None-Match`) is still true"}, **refuses(NotFound)},
)
def snapshot(_who: Read, request: Request, location_id: UUID) -> Response:
    """The whole catalogue with the prices of a location; what a till holds. Ask with ``If-None-Match``."""
    database = identity.database_of(request)
    with database.transaction() as tx:
        queries.demand_location(tx, location_id)
    document = snapshots.of_location(database, location_id=location_id, now=clock.now())
    return _sent(request, document.compressed, document.etag)


@router.get(
    "/api/catalogue/parts/{part}",
    response_model=shapes.CataloguePart,
    responses=refuses(NotFound, EditionGone),
)
def snapshot_part(
    _who: Read,
    request: Request,
    part: Annotated[int, Path(ge=0, le=10_000)],
    location_id: UUID,
    edition: Annotated[str | None, Query(max_length=40)] = None,
) -> Response:
    """The same in parts: 0 has everything but the variants, each other one 5,000 of these. After a cut a till goes on."""
    database = identity.database_of(request)
    with database.transaction() as tx:
        queries.demand_location(tx, location_id)
    body = snapshots.part(database, location_id=location_id, edition=edition, part=part, now=clock.now())
    return _sent(request, body)


@router.get(
    "/api/catalogue/changes",
    response_model=shapes.CatalogueChanges,
    responses={304: {"description": "Nothing has changed since (`If-None-Match`)"}, **refuses(NotFound)},
)
def changes(_who: Read, request: Request, location_id: UUID, since: Annotated[str, Query(max_length=40)]) -> Response:
    """What has changed since the edition a till holds, style by style; or that it must take the snapshot."""
    database = identity.database_of(request)
    with database.transaction() as tx:
        queries.demand_location(tx, location_id)
    etag, body = snapshots.changes(database, location_id=location_id, since=since, now=clock.now())
    return _sent(request, body, etag)


def _sent(request: Request, compressed: bytes, etag: str | None = None) -> Response:
    """A compressed document, as the asker can read it, or that theirs is still true."""
    headers = {"cache-control": "private, no-cache", "vary": "accept-encoding"}
    if etag is not None:
        headers["etag"] = etag
        if etag in request.headers.get("if-none-match", ""):
            return Response(status_code=304, headers=headers)
    if "gzip" not in request.headers.get("accept-encoding", ""):
        return Response(gzip.decompress(compressed), headers=headers, media_type="application/json")
    return Response(compressed, headers={**headers, "content-encoding": "gzip"}, media_type="application/json")


@router.get(
    "/media/{sha256}", response_class=Response, responses=refuses(NotFound), openapi_extra={"x-permission": "public"}
)
def media(sha256: Annotated[str, Path(pattern="^[0-9a-f]{64}$")], request: Request) -> Response:
    """A picture. Public: its address is what it holds, so it never changes."""
    with identity.database_of(request).transaction() as tx:
        blob = queries.picture(tx, sha256)
    if blob is None:
        raise NotFound
    headers = {**MEDIA_HEADERS, "etag": f'"{sha256}"'}
    if blob.media_type != SVG:
        return Response(blob.body, headers=headers, media_type=blob.media_type)
    headers["vary"] = "accept-encoding"
    if "gzip" not in request.headers.get("accept-encoding", ""):
        return Response(blob.body, headers=headers, media_type=SVG)
    # Drawings are text: a quarter of the bytes, and a list of goods shows dozens.
    return Response(gzip.compress(blob.body, 5, mtime=0), headers={**headers, "content-encoding": "gzip"}, media_type=SVG)


@router.get("/api/catalogue/styles", responses=refuses(BadCursor))
def list_styles(
    _who: Read,
    request: Request,
    q: Annotated[str | None, Query(max_length=100)] = None,
    category_id: UUID | None = None,
    season_id: UUID | None = None,
    status: Status | None = None,
    limit: Limit = PAGE,
    cursor: Cursor = None,
) -> Page[shapes.StyleListed]:
    """Styles by code; ``q`` is words with or without marks, an SKU or a barcode."""
    after = decode_cursor(cursor, str)
    price_books.refresh(identity.database_of(request))
    with identity.database_of(request).transaction() as tx:
        style_ids = queries.style_page(
            tx,
            q=q,
            category_id=category_id,
            season_id=season_id,
            status=status,
            after=None if after is None else after[0],
            limit=limit + 1,
        )
        faces = queries.style_faces(tx, style_ids[:limit])
    now = clock.now()
    items = [shapes.StyleListed(**_face(face, now)) for face in faces]
    return Page(items=items, next_cursor=encode_cursor(items[-1].code) if len(style_ids) > limit else None)


@router.get("/api/catalogue/styles/{style_id}", responses=refuses(NotFound))
def style(style_id: UUID, _who: Read, request: Request) -> shapes.StyleShown:
    """A style with its variants, pictures and prices."""
    price_books.refresh(identity.database_of(request))
    with identity.database_of(request).transaction() as tx:
        return shown(tx, style_id, now=clock.now())


@router.get("/api/catalogue/search")
def search(
    _who: Read,
    request: Request,
    q: Annotated[str, Query(max_length=200)],
    limit: Annotated[int, Query(ge=1, le=100)] = 20,
) -> Page[shapes.VariantFound]:
    """The variants that answer a query, best first (docs/rules/search.md)."""
    with identity.database_of(request).transaction() as tx:
        faces = queries.variant_faces(tx, find_variants(tx, q=q, limit=limit))
    return Page(items=_all(shapes.VariantFound, faces), next_cursor=None)


@router.get("/api/catalogue/references")
def references(_who: Read, request: Request) -> shapes.References:
    """Categories, seasons, colours, size scales and VAT classes."""
    with identity.database_of(request).transaction() as tx:
        scales, sizes = queries.size_scales(tx), queries.sizes(tx)
        classes, rates = queries.vat_classes(tx), queries.vat_rates(tx)
        return shapes.References(
            categories=_all(shapes.CategoryShown, queries.categories(tx)),
            seasons=_all(shapes.SeasonShown, queries.seasons(tx)),
            tags=queries.tags(tx),
            colours=_all(shapes.ColourShown, queries.colours(tx)),
            size_scales=[
                shapes.SizeScaleShown(
                    id=scale.id,
                    code=scale.code,
                    name_vi=scale.name_vi,
                    name_en=scale.name_en,
                    sizes=_all(shapes.SizeShown, (size for size in sizes if size.size_scale_id == scale.id)),
                )
                for scale in scales
            ],
            vat_classes=[
                shapes.VatClassShown(
                    id=kind.id,
                    code=kind.code,
                    name_vi=kind.name_vi,
                    name_en=kind.name_en,
                    rates=_all(shapes.VatRateShown, (rate for rate in rates if rate.vat_class_id == kind.id)),
                )
                for kind in classes
            ],
        )


@router.get("/api/catalogue/price-lists")
def price_lists(_who: Read, request: Request) -> Page[shapes.PriceListShown]:
    """The price lists, the latest start first."""
    with identity.database_of(request).transaction() as tx:
        return Page(items=_all(shapes.PriceListShown, queries.price_lists(tx)), next_cursor=None)


@router.get("/api/catalogue/price-confirmations")
def price_confirmations(_who: Read, request: Request) -> shapes.PriceConfirmations:
    """Which tills have confirmed the prices in force, those to come among them."""
    with identity.database_of(request).transaction() as tx:
        number = price_books.current().price_version
        return shapes.PriceConfirmations(price_version=number, tills=_all(shapes.TillHearsPrices, queries.price_tills(tx)))


def shown(tx: Session, style_id: UUID, *, now: datetime) -> shapes.StyleShown:
    """A style as the office sees it. Refuses ``NotFound``."""
    faces = queries.style_faces(tx, [style_id])
    if not faces:
        raise NotFound
    variants = queries.style_variants(tx, style_id)
    return shapes.StyleShown(
        **_face(faces[0], now),
        all_variants=[shapes.VariantShown(**row._asdict(), price_vnd=_price(row.id, now)) for row in variants],
        pictures=_all(shapes.PictureShown, queries.style_pictures(tx, style_id)),
        prices=_all(shapes.PriceShown, queries.style_prices(tx, style_id)),
    )


def _face(row: Row[Any], now: datetime) -> dict[str, Any]:
    face = row._asdict()
    variant_ids: Sequence[UUID] = face.pop("variant_ids")
    prices = [price for variant_id in variant_ids if (price := _price(variant_id, now)) is not None]
    colours = [colour for _, colour in sorted((face.pop("colours") or {}).items())]
    return {**face, "colours": colours, "variants": len(variant_ids), "price_vnd": min(prices, default=None)}


def _price(variant_id: UUID, now: datetime) -> int | None:
    return price_books.current().list_price(variant_id, channel=CHANNEL, location_id=NOWHERE, at=now)


def _all(shape: type[Shape], rows: Iterable[Any]) -> list[Shape]:
    return [shape.model_validate(row, from_attributes=True) for row in rows]
