"""Segments are written, counted before they are kept, and kept true: who is in one is rows."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

import msgspec
from sqlalchemy import Row, select, text
from sqlalchemy.orm import Session

from placket.core.refusals import NotFound, Refusal
from placket.crm.score_models import Segment
from placket.crm.segment_terms import EVERYBODY_SQL, SegmentTerms, people_sql, readable

SAMPLE: Final = 5
SEGMENTS_MAX: Final = 100
ROOMY: Final = "SET LOCAL work_mem = '128MB'"
"""Who counts a million people keeps them in memory: on the disk it takes several times as long."""


class SegmentTermsWrong(Refusal):
    """The sentence says something that cannot be said."""

    code = "segment_terms_wrong"
    status = 422
    vi = "Điều kiện của nhóm chưa đúng: {says}"
    en = "The segment's conditions are not right: {says}"


class SegmentNameTaken(Refusal):
    """Another segment has this name."""

    code = "segment_name_taken"
    vi = "Đã có nhóm tên “{name}”. Đặt tên khác."
    en = "There is a segment called “{name}”. Choose another name."


class SegmentChanged(Refusal):
    """Somebody has written it meanwhile."""

    code = "segment_changed"
    vi = "Nhóm vừa được người khác sửa. Tải lại rồi sửa tiếp."
    en = "Somebody has changed the segment meanwhile. Reload it, then go on."


class SegmentInUse(Refusal):
    """A promotion that is not over asks for it."""

    code = "segment_in_use"
    vi = "Nhóm đang được khuyến mãi “{promotion}” dùng. Gỡ khỏi khuyến mãi trước."
    en = "The promotion “{promotion}” uses this segment. Take it out there first."


class TooManySegments(Refusal):
    """As many as are kept true."""

    code = "too_many_segments"
    vi = "Đã có {most} nhóm. Cất bớt nhóm cũ trước."
    en = "There are {most} segments already. Put old ones away first."


@dataclass(frozen=True, slots=True)
class Preview:
    """How many people a sentence is true of, some of them, and the query that says so."""

    people: int
    of: int
    sample: Sequence[Row[Any]]
    sql: str


def terms_of(written: object) -> SegmentTerms:
    """The sentence as it is kept. Refuses ``SegmentTermsWrong``."""
    try:
        return msgspec.convert(written, SegmentTerms)
    except msgspec.ValidationError as wrong:
        raise SegmentTermsWrong(says=str(wrong)) from wrong


def preview(tx: Session, terms: SegmentTerms, *, on: date) -> Preview:
    """Count a sentence's people, and name a few."""
    sql, bound = people_sql(terms, on=on)
    counted = text(
        f"WITH people AS MATERIALIZED ({sql}) SELECT (SELECT count(*) FROM people) AS people, "  # noqa: S608 - its values are bound by name
        f"{EVERYBODY_SQL} AS of, "
        f"ARRAY(SELECT id FROM people ORDER BY uuid_hash(id), id LIMIT {SAMPLE}) AS some"
    )
    tx.execute(text(ROOMY))
    row = tx.execute(counted, bound).one()
    sample = tx.execute(
        text("SELECT id, full_name, phone FROM customer WHERE id = ANY(CAST(:ids AS uuid[])) ORDER BY given_name, id"),
        {"ids": list(row.some)},
    ).all()
    return Preview(row.people, row.of, sample, readable(sql, bound))


def write_segment(
    tx: Session,
    *,
    segment_id: UUID,
    name: str,
    terms: SegmentTerms,
    version: int,
    by: UUID | None,
    on: date,
    now: datetime,
) -> list[UUID]:
    """Make a segment (version 0) or write it anew; answers who has come or gone.

    Refuses ``NotFound``, ``SegmentChanged``, ``SegmentNameTaken``, ``TooManySegments``.
    """
    known = tx.scalar(select(Segment).where(Segment.id == segment_id).with_for_update())
    if known is None and version:
        raise NotFound
    if known is not None and (known.version != version or known.state != "live"):
        raise SegmentChanged
    called = {"name": " ".join(name.split()), "id": segment_id}
    if tx.scalar(text("SELECT 1 FROM segment WHERE lower(name) = lower(:name) AND state = 'live' AND id <> :id"), called):
        raise SegmentNameTaken(name=called["name"])
    if known is None and (tx.scalar(text("SELECT count(*) FROM segment WHERE state = 'live'")) or 0) >= SEGMENTS_MAX:
        raise TooManySegments(most=SEGMENTS_MAX)
    kept = known or Segment(id=segment_id, version=0, state="live", people=0)
    kept.name, kept.terms, kept.version = str(called["name"]), msgspec.to_builtins(terms), version + 1
    kept.written_by, kept.written_at, kept.counted_at = by, now, now
    tx.add(kept)
    tx.flush()
    return refresh(tx, segment_id=segment_id, terms=terms, only=None, on=on, now=now)


def archive_segment(tx: Session, *, segment_id: UUID) -> list[UUID]:
    """Put a segment away; answers who was in it. Refuses ``NotFound``, ``SegmentInUse``."""
    known = tx.scalar(select(Segment).where(Segment.id == segment_id, Segment.state == "live").with_for_update())
    if known is None:
        raise NotFound
    used = tx.scalar(
        text(
            "SELECT p.name_vi FROM promotion p "
            "LEFT JOIN promotion_version v ON v.promotion_id = p.id AND v.version = p.version "
            "WHERE p.state <> 'stopped' AND (p.terms #> '{who,segments}' ? :id OR v.terms #> '{who,segments}' ? :id) LIMIT 1"
        ),
        {"id": str(segment_id)},
    )
    if used is not None:
        raise SegmentInUse(promotion=used)
    known.state, known.people = "archived", 0
    left = tx.scalars(
        text("DELETE FROM segment_member WHERE segment_id = :id RETURNING customer_id"), {"id": segment_id}
    ).all()
    return list(left)


def refresh_segments(tx: Session, *, only: Sequence[UUID] | None, on: date, now: datetime) -> list[UUID]:
    """Make the members of every segment true again, of a few people or of all; answers who has come or gone."""
    moved: list[UUID] = []
    for row in tx.execute(text("SELECT id, terms FROM segment WHERE state = 'live' ORDER BY id FOR UPDATE")).all():
        terms = msgspec.convert(row.terms, SegmentTerms)
        moved += refresh(tx, segment_id=row.id, terms=terms, only=only, on=on, now=now)
    return moved


def refresh(
    tx: Session, *, segment_id: UUID, terms: SegmentTerms, only: Sequence[UUID] | None, on: date, now: datetime
) -> list[UUID]:
    """Make one segment's members true; answers who has come or gone."""
    sql, bound = people_sql(terms, on=on, only=only)
    few = "" if only is None else "AND m.customer_id = ANY(:only)"
    moved = tx.scalars(
        text(
            f"""
            WITH people AS MATERIALIZED ({sql}),
            gone AS (DELETE FROM segment_member m WHERE m.segment_id = :segment {few}
                        AND NOT EXISTS (SELECT 1 FROM people p WHERE p.id = m.customer_id) RETURNING m.customer_id),
            come AS (INSERT INTO segment_member (segment_id, customer_id)
                     SELECT :segment, p.id FROM people p ORDER BY p.id ON CONFLICT DO NOTHING RETURNING customer_id)
            SELECT customer_id FROM gone UNION ALL SELECT customer_id FROM come
            """  # noqa: S608 - our own words; the values of a sentence are bound by name (Query.put)
        ),
        bound | {"segment": segment_id},
    ).all()
    if moved or only is None:
        facts = {"segment": segment_id, "now": now, "on": on}
        tx.execute(
            text(
                "UPDATE segment SET counted_at = :now, "
                "people = (SELECT count(*) FROM segment_member WHERE segment_id = :segment) WHERE id = :segment"
            ),
            facts,
        )
        tx.execute(
            text(
                "INSERT INTO segment_size (segment_id, on_date, people) SELECT id, :on, people FROM segment "
                "WHERE id = :segment ON CONFLICT (segment_id, on_date) DO UPDATE SET people = excluded.people"
            ),
            facts,
        )
    return list(moved)
