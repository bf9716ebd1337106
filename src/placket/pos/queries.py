"""Questions a till asks about itself."""

from typing import Any
from uuid import UUID

from sqlalchemy import Row, text
from sqlalchemy.orm import Session


def till_state(tx: Session, *, till_id: UUID, epoch: int) -> Row[Any]:
    """How far the server has followed a till, and the board of its branch."""
    return tx.execute(
        text(
            """
            SELECT e.last_receipt_no, e.receipt_prefix, l.board_no, l.incarnation
              FROM till_epoch e JOIN till t ON t.id = e.till_id JOIN location l ON l.id = t.location_id
             WHERE e.till_id = :till AND e.epoch = :epoch
            """
        ),
        {"till": till_id, "epoch": epoch},
    ).one()
