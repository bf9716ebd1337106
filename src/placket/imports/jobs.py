"""What the worker does with files that came in; each may run twice."""

from uuid import UUID

from placket.core import clock
from placket.core.db import Database
from placket.imports import service


def check(database: Database, import_id: str) -> None:
    """Check a file."""
    service.check_file(database, import_id=UUID(import_id), now=clock.now())


def apply(database: Database, import_id: str) -> None:
    """Apply a checked file."""
    service.apply_file(database, import_id=UUID(import_id), now=clock.now())
