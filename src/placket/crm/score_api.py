"""Routes of RFM and tiers: the grid with its people, who moved since a month ago, the tiers in force."""

from datetime import date, datetime, timedelta
from typing import Annotated, Any, Final
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request

from placket import identity
from placket.core import clock
from placket.core.http import PAGE, Answer, Cursor, Limit, Page, decode_cursor, encode_cursor, refuses
from placket.core.refusals import BadCursor
from placket.crm import score_queries
from placket.crm.api import CustomerFace, face

router = APIRouter(prefix="/api", tags=["customers"])

Read = Annotated[identity.Principal, Depends(identity.Permit("segment.read"))]
MOVES_DAYS: Final = 30


class CellShown(Answer):
    """A cell of the grid."""

    r: int
    f: int
    group: str
    people: int
    net_vnd: int


class GroupMove(Answer):
    """So many people went from one group to another; none is nobody's: new buyers, and who wants no profile any more."""

    from_group: str | None
    to_group: str | None
    people: int


class Grid(Answer):
    """The grid of R and F as it is now, the borders that score, and the moves since a day."""

    on_date: date | None
    taken_at: datetime | None
    buyers: int
    unscored: int
    r_from: list[date]
    f_from: list[int]
    m_from: list[int]
    cells: list[CellShown]
    since: date | None
    moves: list[GroupMove]


class Spender(CustomerFace):
    """A customer, with what they have bought."""

    net_vnd: int
    orders: int
    group_key: str | None


class TierShown(Answer):
    """A tier, what it takes, and how many people have it."""

    tier: str
    rank: int
    name_vi: str
    name_en: str
    spend_vnd_min: int
    valid_from: date
    people: int


@router.get("/rfm")
def grid(who: Read, request: Request) -> Grid:
    """The grid of everybody who has bought and wants to be known."""
    del who
    with identity.database_of(request).snapshot() as tx:
        borders = score_queries.borders(tx)
        known: dict[str, Any] = {} if borders is None else borders._asdict()
        month = clock.business_day(clock.now()) - timedelta(days=MOVES_DAYS)
        first = score_queries.first_move(tx)
        since = None if first is None else max(first, month)
        moves = [] if since is None else score_queries.moves_since(tx, since)
        cells = score_queries.cells(tx)
        return Grid(
            on_date=known.get("on_date"),
            taken_at=known.get("taken_at"),
            buyers=sum(cell.people for cell in cells),
            unscored=score_queries.unscored(tx),
            r_from=known.get("r_from", []),
            f_from=known.get("f_from", []),
            m_from=known.get("m_from", []),
            cells=[CellShown(r=c.r, f=c.f, group=c.group_key, people=c.people, net_vnd=c.net_vnd) for c in cells],
            since=since,
            moves=[GroupMove(**move._asdict()) for move in moves],
        )


@router.get("/rfm/people", responses=refuses(BadCursor))
def people(
    who: Read,
    request: Request,
    r: Annotated[int, Query(ge=1, le=5)],
    f: Annotated[int, Query(ge=1, le=5)],
    limit: Limit = PAGE,
    cursor: Cursor = None,
) -> Page[Spender]:
    """The people of a cell, those who spent most first."""
    del who
    place = decode_cursor(cursor, int, UUID)
    after = None if place is None else (int(str(place[0])), UUID(str(place[1])))
    with identity.database_of(request).transaction() as tx:
        rows = score_queries.people_of_cell(tx, r=r, f=f, after=after, limit=limit + 1)
    return Page(
        items=[Spender(**face(row)) for row in rows[:limit]],
        next_cursor=encode_cursor(rows[limit - 1].net_vnd, rows[limit - 1].id) if len(rows) > limit else None,
    )


@router.get("/tiers")
def tiers(
    who: Annotated[identity.Principal, Depends(identity.Permit("customer.read"))], request: Request
) -> list[TierShown]:
    """The tiers in force today, from the lowest."""
    del who
    with identity.database_of(request).transaction() as tx:
        return [TierShown(**row._asdict()) for row in score_queries.tiers(tx, clock.business_day(clock.now()))]
