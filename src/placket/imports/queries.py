"""Questions about files that came in."""

from typing import Any
from uuid import UUID

from sqlalchemy import Row, text
from sqlalchemy.orm import Session

FACE = """
SELECT f.id, f.kind, f.filename, f.state, f.rows_total, f.rows_read, f.rows_wrong, f.summary, f.created_at, f.finished_at,
       p.full_name AS created_by
  FROM import_file f JOIN staff p ON p.id = f.created_by
"""


def page_of_imports(tx: Session, *, before: UUID | None, limit: int) -> list[Row[Any]]:
    """The files, the newest first; ids sort by the moment they were made in."""
    query = text(f"{FACE} WHERE CAST(:before AS uuid) IS NULL OR f.id < :before ORDER BY f.id DESC LIMIT :limit")
    return list(tx.execute(query, {"before": before, "limit": limit}))


def import_of(tx: Session, import_id: UUID) -> Row[Any] | None:
    """A file and the faults found in it."""
    query = text(f"{FACE.replace('f.summary', 'f.summary, f.errors')} WHERE f.id = :id")
    return tx.execute(query, {"id": import_id}).one_or_none()
