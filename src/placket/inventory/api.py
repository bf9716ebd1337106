"""Routes of stock: places, snapshot, matrix, ledger."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request
from sqlalchemy import Row
from sqlalchemy.orm import Session

from placket import identity
from placket.core.http import PAGE, Answer, Cursor, Limit, Page, decode_cursor, encode_cursor, page, refuses
from placket.core.refusals import BadCursor, NotFound
from placket.inventory import queries
from placket.inventory.places import places
from placket.inventory.service import transfers

router = APIRouter(prefix="/api", tags=["stock"])

ReadStock = Annotated[identity.Principal, Depends(identity.Permit("stock.read"))]
Counts = tuple[int, int, int, int, int]


class PlaceShown(Answer):
    """A branch or a depot; its hours are ``{"mon": "09:00-22:00"}``."""

    id: UUID
    code: str
    name: str
    kind: str
    city: str
    position: int
    opening_hours: dict[str, str]


class Snapshot(Answer):
    """All balances of a location at one moment; the stream continues from ``cursor``.

    Items are (variant, on hand, promised, asked, short, version).
    """

    cursor: str
    items: list[tuple[UUID, int, int, int, int, int]]


class VariantCells(Answer):
    """A variant and its balances by location: (on hand, promised, asked, short, version)."""

    id: UUID
    sku: str
    colour_code: str
    colour_vi: str
    colour_en: str
    hex: str
    size: str
    cells: dict[UUID, Counts]


class StyleCells(Answer):
    """A style with its variants, by colour and size."""

    style_id: UUID
    code: str
    name_vi: str
    name_en: str
    picture: str | None
    variants: list[VariantCells]


class Matrix(Answer):
    """A page of styles; the stream continues from ``cursor_live``. The cells of ``transit_id`` are on the way."""

    cursor_live: str
    locations: list[PlaceShown]
    transit_id: UUID = transfers.TRANSIT_ID
    items: list[StyleCells]
    next_cursor: str | None


class DocumentShown(Answer):
    """What moved the stock."""

    type: str
    id: UUID
    code: str | None


class MoveShown(Answer):
    """A line of the ledger, with the location's balance before and after it."""

    id: int
    at: datetime
    recorded_at: datetime
    location_id: UUID
    location_name: str
    qty: int
    before: int
    after: int
    kind: str
    document: DocumentShown
    reason: str | None
    staff_name: str | None
    till_code: str | None


@router.get("/locations")
def list_locations(_who: Annotated[identity.Principal, Depends(identity.Permit(None))]) -> Page[PlaceShown]:
    """All branches and depots, in the chain's order."""
    return Page(items=_places(), next_cursor=None)


@router.get("/stock/snapshot")
def snapshot(_who: ReadStock, request: Request, location_id: UUID) -> Snapshot:
    """Every balance of a location at one moment of the books."""
    with identity.database_of(request).snapshot() as tx:
        cursor = queries.event_position(tx)
        rows = queries.balances(tx, location_id=location_id)
        return Snapshot.model_construct(cursor=cursor, items=[tuple(row) for row in rows])


@router.get("/stock/matrix", responses=refuses(BadCursor))
def matrix(
    _who: ReadStock,
    request: Request,
    q: Annotated[str | None, Query(max_length=100)] = None,
    category_id: UUID | None = None,
    season_id: UUID | None = None,
    only: Literal["all", "low", "zero"] = "all",
    limit: Annotated[int, Query(ge=1, le=100)] = 40,
    cursor: Cursor = None,
) -> Matrix:
    """Styles × locations, a page of styles at a time."""
    after = decode_cursor(cursor, str)
    with identity.database_of(request).snapshot() as tx:
        live = queries.event_position(tx)
        styles = queries.matrix_styles(
            tx,
            q=q,
            category_id=category_id,
            season_id=season_id,
            only=only,
            after=None if after is None else after[0],
            limit=limit + 1,
        )
        shown = styles[:limit]
        items = _with_cells(tx, shown)
    return Matrix(
        cursor_live=live,
        locations=_places(),
        items=items,
        next_cursor=encode_cursor(shown[-1].code) if len(styles) > limit else None,
    )


@router.get("/stock/styles/{style_id}", responses=refuses(NotFound))
def stock_of_style(style_id: UUID, _who: ReadStock, request: Request) -> Matrix:
    """One style × locations: the stock sheet of a till."""
    with identity.database_of(request).snapshot() as tx:
        live = queries.event_position(tx)
        row = queries.style_of(tx, style_id=style_id)
        if row is None:
            raise NotFound
        items = _with_cells(tx, [row])
    return Matrix(cursor_live=live, locations=_places(), items=items, next_cursor=None)


@router.get("/stock/variants/{variant_id}", responses=refuses(NotFound))
def stock_of_variant(variant_id: UUID, who: ReadStock, request: Request) -> Matrix:
    """The style of a variant × locations."""
    with identity.database_of(request).transaction() as tx:
        style_id = queries.style_of_variant(tx, variant_id=variant_id)
    if style_id is None:
        raise NotFound
    return stock_of_style(style_id, who, request)


@router.get("/stock/ledger", responses=refuses(BadCursor))
def ledger(
    who: Annotated[identity.Principal, Depends(identity.Permit("stock.ledger"))],
    request: Request,
    variant_id: UUID,
    location_id: UUID | None = None,
    limit: Limit = PAGE,
    cursor: Cursor = None,
) -> Page[MoveShown]:
    """Every move of a variant where one may look, newest first."""
    after = decode_cursor(cursor, int)
    with identity.database_of(request).snapshot() as tx:
        rows = queries.ledger(
            tx,
            variant_id=variant_id,
            location_id=location_id,
            scope=who.scope("stock.ledger"),
            before_id=None if after is None else after[0],
            limit=limit + 1,
        )
    shown, next_cursor = page(rows, limit, lambda row: (row.id,))
    items = [
        MoveShown(
            id=row.id,
            at=row.at,
            recorded_at=row.recorded_at,
            location_id=row.location_id,
            location_name=row.location_name,
            qty=row.qty,
            before=row.after - row.qty,
            after=row.after,
            kind=row.kind,
            document=_document_of(row),
            reason=row.reason,
            staff_name=row.staff_name,
            till_code=row.till_code,
        )
        for row in shown
    ]
    return Page(items=items, next_cursor=next_cursor)


def _document_of(row: Row[Any]) -> DocumentShown:
    if row.transfer_id is not None:
        return DocumentShown(type="transfer", id=row.transfer_id, code=row.transfer_code)
    if row.count_number is not None:
        return DocumentShown(type="count", id=row.ref, code=str(row.count_number))
    is_sale = row.receipt_code is not None or row.kind in {"sale", "return", "void"}
    return DocumentShown(type="sale" if is_sale else "document", id=row.ref, code=row.receipt_code)


def _places() -> list[PlaceShown]:
    return [PlaceShown.model_validate(place, from_attributes=True) for place in places.all()]


def _with_cells(tx: Session, faces: Sequence[Row[Any]]) -> list[StyleCells]:
    variants = queries.variants_of(tx, style_ids=[face.id for face in faces])
    cells: dict[UUID, dict[UUID, Counts]] = {}
    for row in queries.balances_of(tx, variant_ids=[row.id for row in variants]):
        cells.setdefault(row.variant_id, {})[row.location_id] = (
            row.on_hand,
            row.promised,
            row.asked,
            row.short,
            row.version,
        )
    by_style: dict[UUID, list[VariantCells]] = {}
    for row in variants:
        by_style.setdefault(row.style_id, []).append(
            VariantCells(
                id=row.id,
                sku=row.sku,
                colour_code=row.colour_code,
                colour_vi=row.colour_vi,
                colour_en=row.colour_en,
                hex=row.hex,
                size=row.size,
                cells=cells.get(row.id, {}),
            )
        )
    return [
        StyleCells(
            style_id=face.id,
            code=face.code,
            name_vi=face.name_vi,
            name_en=face.name_en,
            picture=None if face.picture is None else f"/media/{face.picture}",
            variants=by_style.get(face.id, []),
        )
        for face in faces
    ]
