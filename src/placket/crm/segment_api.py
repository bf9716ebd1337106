"""Routes of segments: counted while they are being written, kept, put away, and the people who are in one."""

from datetime import date, datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Request
from pydantic import Field

from placket import identity
from placket.core import clock
from placket.core.http import PAGE, Answer, Cursor, Limit, Page, Strict, decode_cursor, encode_cursor, refuses
from placket.core.refusals import BadCursor, NotFound
from placket.crm import score_queries, segments
from placket.crm.api import face
from placket.crm.rules import masked_phone
from placket.crm.score_api import Spender
from placket.crm.scoring import tell_all

router = APIRouter(prefix="/api/segments", tags=["customers"])

Read = Annotated[identity.Principal, Depends(identity.Permit("segment.read"))]
Write = Annotated[identity.Principal, Depends(identity.Permit("segment.write"))]
Name = Annotated[str, Field(min_length=1, max_length=80, pattern=r"^[^\x00-\x1f]*\S[^\x00-\x1f]*$")]


class SegmentSizeShown(Answer):
    """How many people a segment had at the end of a day."""

    on_date: date
    people: int


class SegmentShown(Answer):
    """A segment: its sentence, how many people it has and had, and which promotions ask for it."""

    id: UUID
    name: str
    terms: dict[str, Any]
    version: int
    people: int
    counted_at: datetime
    written_at: datetime
    written_by_name: str | None
    sizes: list[SegmentSizeShown]
    promotions: list[str]


class GroupName(Answer):
    """A segment by its name."""

    id: UUID
    name: str
    people: int


class Sentence(Strict):
    """What must be true of somebody (docs/rules/segments.md)."""

    terms: dict[str, Any]


class SegmentText(Sentence):
    """A segment as it is written; the version is the one that was read, 0 for a new one."""

    name: Name
    version: Annotated[int, Field(ge=0)]


class Somebody(Answer):
    """One of the people."""

    id: UUID
    full_name: str
    phone: str | None


class Counted(Answer):
    """How many people a sentence is true of, of how many; some of them; the query that says so."""

    people: int
    of: int
    sample: list[Somebody]
    sql: str


class Overlap(Answer):
    """How many people two segments share."""

    one_id: UUID
    other_id: UUID
    people: int


class Segments(Answer):
    """Every segment, and where two of them share people."""

    segments: list[SegmentShown]
    overlaps: list[Overlap]


@router.get("")
def list_segments(who: Read, request: Request) -> Segments:
    """The segments in use, by name."""
    del who
    with identity.database_of(request).transaction() as tx:
        shown = [SegmentShown(**row._asdict()) for row in score_queries.segments(tx)]
        overlaps = score_queries.overlap(tx, [each.id for each in shown])
        return Segments(segments=shown, overlaps=[Overlap(**row._asdict()) for row in overlaps])


@router.get("/names")
def names(
    who: Annotated[identity.Principal, Depends(identity.Permit("promotion.read"))], request: Request
) -> list[GroupName]:
    """What a promotion may ask for."""
    del who
    with identity.database_of(request).transaction() as tx:
        return [GroupName(**row._asdict()) for row in score_queries.names_of_groups(tx)]


@router.post("/count", responses=refuses(segments.SegmentTermsWrong))
def count(body: Sentence, who: Read, request: Request) -> Counted:
    """How many people a sentence is true of today, before it is kept."""
    del who
    terms = segments.terms_of(body.terms)
    with identity.database_of(request).snapshot() as tx:
        found = segments.preview(tx, terms, on=clock.business_day(clock.now()))
        sample = [Somebody(id=row.id, full_name=row.full_name, phone=masked_phone(row.phone)) for row in found.sample]
        return Counted(people=found.people, of=found.of, sample=sample, sql=found.sql)


@router.put(
    "/{segment_id}",
    responses=refuses(
        NotFound,
        segments.SegmentTermsWrong,
        segments.SegmentNameTaken,
        segments.SegmentChanged,
        segments.TooManySegments,
    ),
)
def write(segment_id: UUID, body: SegmentText, who: Write, request: Request) -> GroupName:
    """Make a segment or write it anew; its people are known when this answers."""
    terms = segments.terms_of(body.terms)
    now = clock.now()
    with identity.database_of(request).transaction() as tx:
        moved = segments.write_segment(
            tx,
            segment_id=segment_id,
            name=body.name,
            terms=terms,
            version=body.version,
            by=who.staff_id,
            on=clock.business_day(now),
            now=now,
        )
        tell_all(tx, moved)
        identity.audit(
            tx,
            action="segment.written",
            subject_type="segment",
            subject_id=segment_id,
            actor=who,
            after={"name": body.name, "terms": body.terms},
        )
        (found,) = (row for row in score_queries.names_of_groups(tx) if row.id == segment_id)
        return GroupName(**found._asdict())


@router.post("/{segment_id}/archive", status_code=204, responses=refuses(NotFound, segments.SegmentInUse))
def archive(segment_id: UUID, who: Write, request: Request) -> None:
    """Put a segment away that no promotion asks for."""
    with identity.database_of(request).transaction() as tx:
        left = segments.archive_segment(tx, segment_id=segment_id)
        tell_all(tx, left)
        identity.audit(tx, action="segment.archived", subject_type="segment", subject_id=segment_id, actor=who)


@router.get("/{segment_id}/people", responses=refuses(BadCursor))
def people(segment_id: UUID, who: Read, request: Request, limit: Limit = PAGE, cursor: Cursor = None) -> Page[Spender]:
    """The people of a segment."""
    del who
    place = decode_cursor(cursor, UUID)
    after = None if place is None else UUID(str(place[0]))
    with identity.database_of(request).transaction() as tx:
        rows = score_queries.people_of_segment(tx, segment_id=segment_id, after=after, limit=limit + 1)
    return Page(
        items=[Spender(**face(row)) for row in rows[:limit]],
        next_cursor=encode_cursor(rows[limit - 1].id) if len(rows) > limit else None,
    )
