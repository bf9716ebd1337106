"""What is forgotten of files that came in, and when: see docs/retention.md."""

from datetime import datetime, timedelta

from sqlalchemy import delete, update
from sqlalchemy.orm import Session

from placket.imports.models import ImportFile

FILES = timedelta(days=30)
RECORDS = timedelta(days=365)


def prune(tx: Session, *, now: datetime) -> dict[str, int]:
    """Forget what stood in files, then that there was one; answers how many of each."""
    old = ImportFile.created_at < now - FILES
    emptied = update(ImportFile).where(old, ImportFile.body.is_not(None)).values(body=None).returning(ImportFile.id)
    removed = delete(ImportFile).where(ImportFile.created_at < now - RECORDS).returning(ImportFile.id)
    return {"import_files": len(tx.execute(emptied).all()), "import_records": len(tx.execute(removed).all())}
