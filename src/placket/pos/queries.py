"""Questions a till asks about itself."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, text
from sqlalchemy.orm import Session


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


def location_of(tx: Session, *, till_id: UUID) -> UUID | None:
    """The branch a till stands in; none when there is no such till."""
    found: UUID | None = tx.scalar(text("SELECT location_id FROM till WHERE id = :till"), {"till": till_id})
    return found


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
            SELECT coalesce(e.posted_seq, 0) AS posted_seq, l.board_no, l.incarnation,
                   EXISTS (SELECT 1 FROM till_opening o
                            WHERE o.till_id = t.id AND o.opening = :opening AND o.state = 'attached') AS attached
              FROM till t JOIN location l ON l.id = t.location_id
              LEFT JOIN till_epoch e ON e.till_id = t.id AND e.epoch = :epoch
             WHERE t.id = :till
            """
        ),
        {"till": till_id, "epoch": epoch, "opening": opening},
    ).one()
