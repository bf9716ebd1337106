"""Verbs of the stream: tickets for sockets, durable readers, retention."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import delete, text
from sqlalchemy.orm import Session

from placket import identity
from placket.realtime.models import EventCursor, SocketTicket
from placket.realtime.queries import PRUNED, Heard, all_unread
from placket.realtime.rules import Audience, Listener

TICKET: Final = timedelta(seconds=30)
DEVICE_LINE: Final = timedelta(hours=12)
EVENTS: Final = timedelta(days=7)
PRUNED_AT_ONCE: Final = 50_000


def issue_ticket(
    tx: Session, *, session_id: UUID | None = None, till_id: UUID | None = None, now: datetime
) -> tuple[str, datetime]:
    """A ticket that opens one socket within half a minute, for a session or a paired till, and when it ends."""
    ticket = identity.new_token()
    held = SocketTicket(
        token_hash=identity.token_hash(ticket), session_id=session_id, till_id=till_id, expires_at=now + TICKET
    )
    tx.add(held)
    return ticket, now + TICKET


def redeem_ticket(tx: Session, *, ticket: str, now: datetime) -> Listener | None:
    """Who holds the ticket, as they are now; none if it is unknown, used or too old. It works once."""
    used = tx.execute(
        delete(SocketTicket)
        .where(SocketTicket.token_hash == identity.token_hash(ticket))
        .returning(SocketTicket.session_id, SocketTicket.till_id, SocketTicket.expires_at)
    ).one_or_none()
    if used is None or used.expires_at <= now:
        return None
    if used.till_id is not None:
        till = identity.till_facts_of(tx, used.till_id)
        return Listener(till.id, Audience.of_till(till.location_id), now + DEVICE_LINE)
    who = identity.principal_of_session(tx, used.session_id, now=now)
    return None if who is None else Listener(who.session_id, Audience.of(who), who.expires_at)


def read_on(tx: Session, *, name: str, now: datetime) -> Iterator[Heard]:
    """Everything the durable reader ``name`` has not read, in order, and its cursor moved; a new reader starts now.

    What the reader makes of it belongs into the same transaction: then each event counts once, whatever is killed. Read
    to the end; two readers of one name take turns. Retention never cuts what a durable reader has not read.
    """
    kept = tx.get(EventCursor, name, with_for_update=True, populate_existing=True)
    if kept is None:
        snapshot = tx.scalars(text("SELECT pg_current_snapshot()::text")).one()
        tx.add(EventCursor(name=name, snapshot=snapshot, updated_at=now))
        tx.flush()
        return
    seen = kept.snapshot
    for snapshot, heard in all_unread(tx, snapshot=seen):
        if kept.snapshot != snapshot:
            kept.snapshot, kept.updated_at = snapshot, now
        if heard is not None:
            yield heard


def prune(tx: Session, *, now: datetime) -> dict[str, int]:
    """Forget events older than seven days that every durable reader has read, and tickets nobody used.

    At most ``PRUNED_AT_ONCE`` events a call; answers how many of each are gone. Terminals with a cursor from before are
    told to read the state anew.
    """
    last = tx.execute(
        text(
            """
            WITH oldest AS (SELECT id, xid, recorded_at FROM event ORDER BY id LIMIT :most),
                 gone AS (
                     DELETE FROM event e USING oldest o
                      WHERE e.id = o.id AND o.recorded_at < :before
                        AND o.xid < ALL (SELECT pg_snapshot_xmin(snapshot::pg_snapshot) FROM event_cursor
                                          WHERE name <> :pruned)
                     RETURNING e.xid)
            SELECT count(*) AS events, max(xid)::text::bigint AS xid FROM gone
            """
        ),
        {"most": PRUNED_AT_ONCE, "before": now - EVENTS, "pruned": PRUNED},
    ).one()
    if last.events:
        _note_pruned(tx, below=last.xid + 1, now=now)
    tickets = tx.execute(delete(SocketTicket).where(SocketTicket.expires_at <= now).returning(SocketTicket.token_hash)).all()
    return {"events": last.events, "socket_tickets": len(tickets)}


def _note_pruned(tx: Session, *, below: int, now: datetime) -> None:
    tx.execute(
        text(
            """
            INSERT INTO event_cursor AS c (name, snapshot, updated_at) VALUES (:name, :snapshot, :now)
            ON CONFLICT (name) DO UPDATE SET snapshot = excluded.snapshot, updated_at = excluded.updated_at
             WHERE pg_snapshot_xmax(c.snapshot::pg_snapshot) < pg_snapshot_xmax(excluded.snapshot::pg_snapshot)
            """
        ),
        {"name": PRUNED, "snapshot": f"{below}:{below}:", "now": now},
    )
