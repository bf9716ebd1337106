"""Questions a till asks about itself."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, text
from sqlalchemy.orm import Session

from placket import inventory


def till_state(tx: Session, *, till_id: UUID, epoch: int) -> Row[Any]:
    """How far the server has followed a till, and the board of its branch."""
    return tx.execute(
        text(
            """
            SELECT e.last_receipt_no, e.posted_seq, e.receipt_prefix, l.board_no, l.incarnation
              FROM till_epoch e JOIN till t ON t.id = e.till_id JOIN location l ON l.id = t.location_id
             WHERE e.till_id = :till AND e.epoch = :epoch
            """
        ),
        {"till": till_id, "epoch": epoch},
    ).one()


def epochs_of(tx: Session, *, till_id: UUID) -> Sequence[Row[Any]]:
    """The epochs of a till and how far the journal of each is posted."""
    return tx.execute(
        text("SELECT epoch, posted_seq, ended_at IS NOT NULL AS ended FROM till_epoch WHERE till_id = :till ORDER BY epoch"),
        {"till": till_id},
    ).all()


def quarantine(tx: Session, *, scope: Sequence[UUID] | None, most: int) -> Sequence[Row[Any]]:
    """Entries that could not be posted and wait for a person, the oldest first."""
    return tx.execute(
        text(
            """
            SELECT y.till_id, y.epoch, y.seq, b.code || '-' || t.number AS till_code, b.id AS location_id,
                   b.name AS location_name, y.kind, y.result ->> 'cause' AS cause, y.occurred_at, y.recorded_at, y.text
              FROM sync_entry y JOIN till t ON t.id = y.till_id JOIN location b ON b.id = t.location_id
             WHERE y.status = 'quarantined'
               AND (CAST(:scope AS uuid[]) IS NULL OR b.id = ANY(CAST(:scope AS uuid[])))
             ORDER BY y.recorded_at, y.seq LIMIT :most
            """
        ),
        {"scope": None if scope is None else list(scope), "most": most},
    ).all()


def location_of(tx: Session, *, till_id: UUID) -> UUID | None:
    """The branch a till stands in; none when there is no such till."""
    found: UUID | None = tx.scalar(text("SELECT location_id FROM till WHERE id = :till"), {"till": till_id})
    return found


def silent_beside(tx: Session, *, till_id: UUID, location_id: UUID, now: datetime) -> Sequence[Row[Any]]:
    """The other attached tills of a branch that have not been heard for a while: their branch promises nothing now."""
    return tx.execute(
        text(
            """
            SELECT t.name AS till_name, t.last_seen_at AS since
              FROM till_opening o JOIN till t ON t.id = o.till_id
             WHERE o.location_id = :location AND o.state = 'attached' AND t.id <> :till AND t.last_seen_at < :before
             ORDER BY t.number
            """
        ),
        {"location": location_id, "till": till_id, "before": now - inventory.SILENT_AFTER},
    ).all()


def note_heartbeat(tx: Session, *, till_id: UUID, epoch: int, opening: int, head_seq: int, now: datetime) -> Row[Any]:
    """Note that a till lives and how long its journal is; answers what the server knows of it."""
    tx.execute(text("UPDATE till SET last_seen_at = :now WHERE id = :till"), {"till": till_id, "now": now})
    tx.execute(
        text(
            "UPDATE till_epoch SET reported_head_seq = :head "
            "WHERE till_id = :till AND epoch = :epoch AND reported_head_seq < :head"
        ),
        {"till": till_id, "epoch": epoch, "head": head_seq},
    )
    return tx.execute(
        text(
            """
            SELECT coalesce(e.posted_seq, 0) AS posted_seq, coalesce(e.settled_no, 0) AS settled_no,
                   l.board_no, l.incarnation,
                   EXISTS (SELECT 1 FROM till_opening o
                            WHERE o.till_id = t.id AND o.opening = :opening AND o.state = 'attached') AS attached
              FROM till t JOIN location l ON l.id = t.location_id
              LEFT JOIN till_epoch e ON e.till_id = t.id AND e.epoch = :epoch
             WHERE t.id = :till
            """
        ),
        {"till": till_id, "epoch": epoch, "opening": opening},
    ).one()
