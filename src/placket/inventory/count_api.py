"""Routes of counts: plan, count, look at what differs, decide, post. Counters scan; who plans reviews; who may approves."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request
from sqlalchemy import Row
from sqlalchemy.orm import Session

from placket import catalog, identity
from placket.core import clock
from placket.core.http import PAGE, Cursor, Limit, Page, decode_cursor, encode_cursor, page, refuses
from placket.core.refusals import BadCursor, NotFound
from placket.inventory import count_queries, count_rules, refusals, reviewing
from placket.inventory import count_shapes as shapes
from placket.inventory.prices import price_of
from placket.inventory.service import booking, moves, stocktakes, tallies

router = APIRouter(prefix="/api/counts", tags=["counts"])

READ = "stock.read"
COUNT = "stock.count"
Read = Annotated[identity.Principal, Depends(identity.Permit(READ))]
Count = Annotated[identity.Principal, Depends(identity.Permit(COUNT))]
Plan = Annotated[identity.Principal, Depends(identity.Permit("count.plan"))]
ACTING = (NotFound, refusals.CountState, identity.NotPermitted)
LINES = 200


@router.get("", responses=refuses(BadCursor))
def list_counts(
    who: Read,
    request: Request,
    which: Annotated[count_queries.Which, Query()] = "open",
    place_id: UUID | None = None,
    limit: Limit = PAGE,
    cursor: Cursor = None,
) -> Page[shapes.CountRow]:
    """The counts of places where one may look, newest first."""
    after = decode_cursor(cursor, UUID)
    with identity.database_of(request).transaction() as tx:
        before = None if after is None else after[0]
        rows = count_queries.counts(
            tx, which=which, place_id=place_id, scope=who.scope(READ), before=before, limit=limit + 1
        )
    some, next_cursor = page(rows, limit, lambda row: (row.id,))
    return Page(items=[_row(row) for row in some], next_cursor=next_cursor)


@router.post("", status_code=201, responses=refuses(NotFound, refusals.DocumentIdReused, identity.NotPermitted))
def plan(body: shapes.CountNew, who: Plan, request: Request) -> shapes.StockCountShown:
    """Plan a count of a place."""
    who.demand("count.plan", body.location_id)
    with identity.database_of(request).transaction() as tx:
        stocktakes.plan_count(
            tx,
            count_id=body.id,
            location_id=body.location_id,
            kind=body.kind,
            chosen=stocktakes.Chosen(**body.chosen.model_dump()),
            zones=[zone.strip() for zone in body.zones],
            blind=body.blind,
            recount_vnd=body.recount_vnd,
            note=(body.note or "").strip() or None,
            planned_for=body.planned_for,
            staff_id=who.staff_id,
            now=clock.now(),
        )
        return _shown(tx, body.id, who)


@router.get("/accuracy")
def accuracy(who: Read, request: Request, place_id: UUID | None = None) -> Page[shapes.AccuracyPoint]:
    """How right the books were, by place and month, as the counts that were posted have found."""
    with identity.database_of(request).transaction() as tx:
        rows = count_queries.accuracy(tx, scope=who.scope(READ), place_id=place_id)
    items = [
        shapes.AccuracyPoint(**row._asdict(), accuracy_bp=count_rules.accuracy_bp(expected=row.expected, off=row.off))
        for row in rows
    ]
    return Page(items=items, next_cursor=None)


@router.get("/suggestion")
def suggestion(_who: Plan, request: Request, place_id: UUID) -> shapes.Suggestion:
    """What to count next at a place: the categories least lately counted."""
    with identity.database_of(request).transaction() as tx:
        rows = count_queries.suggestions(tx, place_id=place_id)
        zones = count_queries.last_zones(tx, place_id=place_id)
    categories = [
        shapes.Suggested.model_validate(row._asdict() | {"counted_at": None if row.never else row.counted_at})
        for row in rows
    ]
    return shapes.Suggestion(categories=categories, zones=zones)


@router.get("/{count_id}", responses=refuses(NotFound))
def count(count_id: UUID, who: Read, request: Request) -> shapes.StockCountShown:
    """A count with its zones."""
    with identity.database_of(request).transaction() as tx:
        return _shown(tx, count_id, who)


@router.post("/{count_id}/open", responses=refuses(*ACTING))
def open_count(count_id: UUID, who: Plan, request: Request) -> shapes.StockCountShown:
    """Begin to count; sales go on."""
    with identity.database_of(request).transaction() as tx:
        _demand(tx, count_id, who, "count.plan")
        stocktakes.open_count(tx, count_id=count_id, staff_id=who.staff_id, now=clock.now())
        return _shown(tx, count_id, who)


@router.post("/{count_id}/close", responses=refuses(*ACTING))
def close_count(count_id: UUID, who: Plan, request: Request) -> shapes.StockCountShown:
    """Everything is counted that will be."""
    with identity.database_of(request).transaction() as tx:
        _demand(tx, count_id, who, "count.plan")
        stocktakes.close_count(tx, count_id=count_id, staff_id=who.staff_id, now=clock.now())
        return _shown(tx, count_id, who)


@router.post("/{count_id}/cancel", responses=refuses(*ACTING))
def cancel_count(count_id: UUID, who: Plan, request: Request) -> shapes.StockCountShown:
    """Give up a count that has booked nothing; stands in the audit log."""
    with identity.database_of(request).transaction() as tx:
        row = _demand(tx, count_id, who, "count.plan")
        stocktakes.cancel_count(tx, count_id=count_id)
        _audit(tx, "count.cancelled", row, who, {"number": row.number})
        return _shown(tx, count_id, who)


@router.get("/{count_id}/sheet", responses=refuses(NotFound, identity.NotPermitted))
def sheet(count_id: UUID, who: Count, request: Request) -> shapes.CountSheet:
    """What a counter's device keeps of a count; nothing of what the books say while it is blind."""
    with identity.database_of(request).transaction() as tx:
        row = _demand(tx, count_id, who, COUNT)
        lines = count_queries.sheet(tx, count_id=count_id, staff_id=who.staff_id, device_id=_device(who))
        expected = None
        if not row.blind:
            expected = {line.variant_id: line.expected for line in count_queries.line_rows(tx, count_id=count_id)}
        return shapes.CountSheet(
            **_shown(tx, count_id, who).model_dump(),
            lines=[shapes.SheetLine.model_validate(line, from_attributes=True) for line in lines],
            expected=expected,
        )


@router.post(
    "/{count_id}/entries",
    responses=refuses(*ACTING, refusals.UnknownGoods, refusals.CountedBelowZero, refusals.DocumentIdReused),
)
def enter(count_id: UUID, body: shapes.Entering, who: Count, request: Request) -> shapes.StockCountShown:
    """Say what was scanned in a zone; sent again it counts once, however late, and for whoever scanned it."""
    with identity.database_of(request).transaction() as tx:
        count = _demand(tx, count_id, who, COUNT)
        tallies.enter(
            tx,
            count_id=count_id,
            act_id=body.id,
            zone_no=body.zone_no,
            lines=[tallies.Scanned(**line.model_dump()) for line in body.lines],
            unknown=[(one.code, one.qty) for one in body.unknown],
            staff_id=_counter(tx, body.staff_id, who, count.location_id),
            device_id=_device(who),
            now=clock.now(),
        )
        return _shown(tx, count_id, who)


@router.post("/{count_id}/zones/{zone_no}/done", responses=refuses(*ACTING))
def finish_zone(count_id: UUID, zone_no: int, body: shapes.ZoneDone, who: Count, request: Request) -> shapes.StockCountShown:
    """Say that a zone is counted."""
    with identity.database_of(request).transaction() as tx:
        _demand(tx, count_id, who, COUNT)
        stocktakes.finish_zone(
            tx, count_id=count_id, zone_no=zone_no, done=body.done, staff_id=who.staff_id, now=clock.now()
        )
        return _shown(tx, count_id, who)


@router.get("/{count_id}/lines", responses=refuses(NotFound, identity.NotPermitted, BadCursor))
def review(
    count_id: UUID,
    who: Plan,
    request: Request,
    which: Annotated[reviewing.Which, Query()] = "differences",
    cursor: Cursor = None,
) -> shapes.CountReview:
    """What differs and what is open, the most đồng first. For whoever reviews: who counts sees no figure of the books."""
    after = decode_cursor(cursor, int)
    start = 0 if after is None else after[0]
    with identity.database_of(request).snapshot() as tx:
        row = _demand(tx, count_id, who, "count.plan")
        sums, every = reviewing.review(
            tx,
            count=row,
            price_of=price_of(catalog.price_books.current(), row.location_id, clock.now()),
            limit_vnd=_limit(who),
            may_approve=who.may("count.approve", row.location_id),
        )
        fitting = [one for one in every if reviewing.FILTERS[which](one)]
        items = reviewing.shown(tx, count_id=count_id, some=fitting[start : start + LINES], every=every)
    more = start + LINES < len(fitting)
    return shapes.CountReview(sums=sums, items=items, next_cursor=encode_cursor(start + LINES) if more else None)


@router.post("/{count_id}/recount", responses=refuses(*ACTING))
def count_again(count_id: UUID, body: shapes.Recounting, who: Plan, request: Request) -> shapes.StockCountShown:
    """Have some lines counted again."""
    with identity.database_of(request).transaction() as tx:
        _demand(tx, count_id, who, "count.plan")
        tallies.count_again(tx, count_id=count_id, variant_ids=body.variant_ids, now=clock.now())
        return _shown(tx, count_id, who)


@router.post("/{count_id}/decide", responses=refuses(*ACTING))
def decide(count_id: UUID, body: shapes.Deciding, who: Plan, request: Request) -> shapes.StockCountShown:
    """Say what becomes of some lines, or why they differ; stands in the audit log."""
    with identity.database_of(request).transaction() as tx:
        row = _demand(tx, count_id, who, "count.plan")
        tallies.decide(
            tx,
            count_id=count_id,
            variant_ids=body.variant_ids,
            decision=body.decision,
            reason=body.reason,
            now=clock.now(),
        )
        said = {"decision": body.decision, "reason": body.reason, "lines": len(body.variant_ids)}
        _audit(tx, "count.decided", row, who, {"number": row.number} | said)
        return _shown(tx, count_id, who)


@router.post("/{count_id}/merge", responses=refuses(*ACTING))
def merge(count_id: UUID, body: shapes.Merging, who: Plan, request: Request) -> shapes.StockCountShown:
    """Say whose figure holds where two have counted the same."""
    with identity.database_of(request).transaction() as tx:
        _demand(tx, count_id, who, "count.plan")
        tallies.merge(
            tx,
            count_id=count_id,
            zone_no=body.zone_no,
            variant_ids=body.variant_ids,
            holds=None if body.staff_id is None or body.device_id is None else (body.staff_id, body.device_id),
            decided_by=who.staff_id,
            now=clock.now(),
        )
        return _shown(tx, count_id, who)


@router.post(
    "/{count_id}/post",
    responses=refuses(*ACTING, refusals.CountUndecided, refusals.BranchRecovering, refusals.TillsUndrained),
)
def post(count_id: UUID, who: Plan, request: Request) -> shapes.StockCountShown:
    """Have the books follow; beyond what one may approve it waits for somebody who may. Stands in the audit log."""
    now, database = clock.now(), identity.database_of(request)
    book = catalog.price_books.refresh(database)  # as an adjustment's limit
    with database.transaction() as tx:
        row = _demand(tx, count_id, who, "count.plan")
        made = booking.approve_count(
            tx,
            count_id=count_id,
            limit_vnd=_limit(who),
            may_approve=who.may("count.approve", row.location_id),
            price_of=price_of(book, row.location_id, now),
            by=moves.By(who.staff_id, None if who.till is None else who.till.id),
            now=now,
        )
        _audit(tx, "count.approved" if made.state == "posting" else "count.asked", row, who, {"number": row.number})
        return _shown(tx, count_id, who)


def _counter(tx: Session, staff_id: UUID | None, who: identity.Principal, location_id: UUID) -> UUID:
    """Who has scanned: whoever sends it, or somebody else at the same till who may count here. Refuses ``NotPermitted``."""
    if staff_id is None or staff_id == who.staff_id:
        return who.staff_id
    if who.till is None or COUNT not in identity.grants_of(tx, staff_id, at=location_id):
        raise identity.NotPermitted(verb=COUNT)
    return staff_id


def _device(who: identity.Principal) -> UUID:
    return count_queries.OFFICE if who.till is None else who.till.id


def _limit(who: identity.Principal) -> int | None:
    """How far somebody may stand for differences; nothing for who may not at all."""
    grant = who.grants.get("count.approve")
    return 0 if grant is None else grant.refund_vnd_max


def _demand(tx: Session, count_id: UUID, who: identity.Principal, verb: str) -> Row[Any]:
    """The count, for whoever may do this at its place. Refuses ``NotFound``, ``NotPermitted``."""
    if not who.may(READ):
        raise NotFound
    row = count_queries.access_count(tx, count_id=count_id, scope=who.scope(READ))
    who.demand(verb, row.location_id)
    return row


def _audit(tx: Session, action: str, row: Row[Any], who: identity.Principal, after: dict[str, Any]) -> None:
    identity.audit(tx, action=action, subject_type="count", subject_id=row.id, actor=who, after=after)


def _row(row: Row[Any]) -> shapes.CountRow:
    found = None
    if row.pieces_expected is not None:
        found = count_rules.accuracy_bp(expected=row.pieces_expected, off=row.pieces_off)
    return shapes.CountRow.model_validate(row._asdict() | {"accuracy_bp": found}, strict=False, extra="ignore")


def _shown(tx: Session, count_id: UUID, who: identity.Principal) -> shapes.StockCountShown:
    tx.flush()
    row = count_queries.access_count(tx, count_id=count_id, scope=who.scope(READ))
    return shapes.StockCountShown(
        **_row(row).model_dump(),
        zones_shown=[
            shapes.ZoneShown.model_validate(zone, from_attributes=True)
            for zone in count_queries.zones(tx, count_id=count_id)
        ],
        unknown=[
            shapes.UnknownShown.model_validate(one, from_attributes=True)
            for one in count_queries.unknown(tx, count_id=count_id)
        ],
    )
