"""The day at a counter: what was to be sold and what was, and what head office has to say."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Row, delete, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from placket import identity
from placket.core.clock import day_bounds
from placket.core.ids import new_id
from placket.core.refusals import NotFound
from placket.pos.counter_models import HeadMessage, HeadMessageRead, SalesTarget

MESSAGES_MAX: Final = 50
DAY: Final = timedelta(days=1)


def day_at(tx: Session, *, location_id: UUID, staff_id: UUID, on: date) -> Row[Any]:
    """Target and revenue of a branch and of one of its people on a day.

    A person's are the lines they advised, and those without an adviser in the sales they made.
    """
    starts_at, ends_at = day_bounds(on)
    return tx.execute(
        text(
            """
            WITH today AS MATERIALIZED (
                SELECT id, staff_id, total_vnd FROM sale
                 WHERE location_id = :here AND sold_at >= :starts AND sold_at < :ends AND state = 'posted'),
            mine AS (
                SELECT n.sale_id, n.total_vnd, n.qty FROM today JOIN sale_line n ON n.sale_id = today.id
                 WHERE coalesce(n.adviser_id, today.staff_id) = :me)
            SELECT (SELECT coalesce(sum(total_vnd), 0)::bigint FROM today) AS revenue_vnd,
                   (SELECT count(*) FROM today) AS sales,
                   (SELECT coalesce(sum(total_vnd), 0)::bigint FROM mine) AS my_revenue_vnd,
                   (SELECT count(DISTINCT sale_id) FROM mine) AS my_sales,
                   (SELECT coalesce(sum(qty), 0)::bigint FROM mine) AS my_pieces,
                   (SELECT target_vnd FROM sales_target WHERE location_id = :here AND on_date = :on AND staff_id IS NULL)
                     AS target_vnd,
                   (SELECT target_vnd FROM sales_target WHERE location_id = :here AND on_date = :on AND staff_id = :me)
                     AS my_target_vnd
            """
        ),
        {"here": location_id, "me": staff_id, "on": on, "starts": starts_at, "ends": ends_at},
    ).one()


def messages_for(tx: Session, *, location_id: UUID, staff_id: UUID, on: date) -> Sequence[Row[Any]]:
    """What head office tells a branch now, unread first, the newest first."""
    return tx.execute(
        text(
            """
            SELECT m.id, m.title, m.body, m.written_at, p.full_name AS written_by_name, r.read_at IS NOT NULL AS read
              FROM head_message m
              JOIN staff p ON p.id = m.written_by
              LEFT JOIN head_message_read r ON r.message_id = m.id AND r.staff_id = :me
             WHERE (m.location_id IS NULL OR m.location_id = :here) AND (m.until_on IS NULL OR m.until_on >= :on)
             ORDER BY r.read_at IS NOT NULL, m.written_at DESC LIMIT :most
            """
        ),
        {"here": location_id, "me": staff_id, "on": on, "most": MESSAGES_MAX},
    ).all()


def read_message(tx: Session, *, message_id: UUID, location_id: UUID, staff_id: UUID, now: datetime) -> None:
    """Somebody has read a message of their branch; again changes nothing. Refuses ``NotFound``."""
    known = tx.get(HeadMessage, message_id)
    if known is None or known.location_id not in {None, location_id}:
        raise NotFound
    tx.execute(
        insert(HeadMessageRead).values(message_id=message_id, staff_id=staff_id, read_at=now).on_conflict_do_nothing()
    )


def write_message(
    tx: Session,
    *,
    title: str,
    body: str,
    location_id: UUID | None,
    until_on: date | None,
    who: identity.Principal,
    now: datetime,
) -> UUID:
    """Tell one branch or all of them something. Whoever may write at some branches only names one of them."""
    scope = who.scope("message.write")
    if scope is not None and location_id not in scope:
        raise identity.NotPermitted(verb="message.write")
    if location_id is not None:
        _demand_place(tx, location_id)
    written = HeadMessage(
        id=new_id(),
        location_id=location_id,
        title=title,
        body=body,
        until_on=until_on,
        written_by=who.staff_id,
        written_at=now,
    )
    tx.add(written)
    identity.audit(
        tx, action="message.written", subject_type="message", subject_id=written.id, actor=who, after={"title": title}
    )
    return written.id


def withdraw_message(tx: Session, *, message_id: UUID, who: identity.Principal, on: date) -> None:
    """The counters show it no more; it stays in the office's list. Again changes nothing. Refuses ``NotFound``."""
    told = tx.get(HeadMessage, message_id, with_for_update=True)
    scope = who.scope("message.write")
    if told is None or (scope is not None and told.location_id not in scope):
        raise NotFound
    if told.until_on is not None and told.until_on < on:
        return
    told.until_on = on - DAY
    after = {"title": told.title}
    identity.audit(tx, action="message.withdrawn", subject_type="message", subject_id=told.id, actor=who, after=after)


def messages_written(tx: Session, *, scope: Sequence[UUID] | None) -> Sequence[Row[Any]]:
    """What was told, the newest first, with how many have read it."""
    return tx.execute(
        text(
            """
            SELECT m.id, m.title, m.body, m.location_id, l.name AS location_name, m.until_on, m.written_at,
                   p.full_name AS written_by_name,
                   (SELECT count(*) FROM head_message_read r WHERE r.message_id = m.id) AS readers
              FROM head_message m JOIN staff p ON p.id = m.written_by LEFT JOIN location l ON l.id = m.location_id
             WHERE CAST(:scope AS uuid[]) IS NULL OR m.location_id = ANY(CAST(:scope AS uuid[]))
             ORDER BY m.written_at DESC LIMIT :most
            """
        ),
        {"scope": scope, "most": MESSAGES_MAX},
    ).all()


def set_target(
    tx: Session, *, location_id: UUID, staff_id: UUID | None, on: date, target_vnd: int, who: identity.Principal
) -> None:
    """What a branch, or one of its people, is to sell on a day; the last word counts."""
    who.demand("target.write", location_id)
    _demand_place(tx, location_id)
    if staff_id is not None and tx.scalar(text("SELECT 1 FROM staff WHERE id = :id"), {"id": staff_id}) is None:
        raise NotFound
    tx.execute(
        insert(SalesTarget)
        .values(id=new_id(), location_id=location_id, staff_id=staff_id, on_date=on, target_vnd=target_vnd)
        .on_conflict_do_update(index_elements=["location_id", "on_date", "staff_id"], set_={"target_vnd": target_vnd})
    )
    after = {"on": on.isoformat(), "staff": None if staff_id is None else str(staff_id), "target_vnd": target_vnd}
    identity.audit(tx, action="target.set", subject_type="location", subject_id=location_id, actor=who, after=after)


def targets_of(tx: Session, *, scope: Sequence[UUID] | None, from_on: date, to_on: date) -> Sequence[Row[Any]]:
    """What branches are to sell on each day from one to another, both of them in."""
    return tx.execute(
        text(
            """
            SELECT location_id, on_date, target_vnd FROM sales_target
             WHERE staff_id IS NULL AND on_date BETWEEN :from AND :to
               AND (CAST(:scope AS uuid[]) IS NULL OR location_id = ANY(CAST(:scope AS uuid[])))
             ORDER BY location_id, on_date
            """
        ),
        {"scope": None if scope is None else list(scope), "from": from_on, "to": to_on},
    ).all()


def set_targets(tx: Session, *, targets: Mapping[tuple[UUID, date], int | None], who: identity.Principal) -> None:
    """What branches are to sell on days; none takes a target away. All of them or, with ``NotFound``, nothing."""
    for location_id in sorted({location_id for location_id, _ in targets}):
        who.demand("target.write", location_id)
        _demand_place(tx, location_id)
        here = {on: target_vnd for (place, on), target_vnd in sorted(targets.items()) if place == location_id}
        dropped = [on for on, target_vnd in here.items() if target_vnd is None]
        tx.execute(
            delete(SalesTarget).where(
                SalesTarget.location_id == location_id, SalesTarget.staff_id.is_(None), SalesTarget.on_date.in_(dropped)
            )
        )
        kept = [
            {"id": new_id(), "location_id": location_id, "on_date": on, "target_vnd": target_vnd}
            for on, target_vnd in here.items()
            if target_vnd is not None
        ]
        if kept:
            written = insert(SalesTarget).values(kept)
            tx.execute(
                written.on_conflict_do_update(
                    index_elements=["location_id", "on_date", "staff_id"], set_={"target_vnd": written.excluded.target_vnd}
                )
            )
        after = {on.isoformat(): target_vnd for on, target_vnd in here.items()}
        identity.audit(tx, action="target.set", subject_type="location", subject_id=location_id, actor=who, after=after)


def _demand_place(tx: Session, location_id: UUID) -> None:
    """Refuse ``NotFound`` unless there is such a branch or depot."""
    if tx.scalar(text("SELECT 1 FROM location WHERE id = :id"), {"id": location_id}) is None:
        raise NotFound
