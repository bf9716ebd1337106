"""The badge of the books: whether they agree, when that was last looked at, and the documents where they do not."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Request
from sqlalchemy import select

from placket import identity
from placket.core.http import Answer
from placket.verify.checks import CHECKS
from placket.verify.models import BooksFinding, BooksWatch
from placket.verify.scopes import SCOPES, WHOLE

router = APIRouter(prefix="/api", tags=["books"])

STEPS = len(SCOPES) + len(WHOLE)


class FindingShown(Answer):
    """A discrepancy and the document that shows it; ``document`` is none when there is nothing to open."""

    rule: str
    says: str
    subject: str
    expected: str
    found: str
    document: str | None
    document_key: str | None
    label: str | None
    location_id: UUID | None
    found_at: datetime


class BooksShown(Answer):
    """How the books stand. ``looked_at`` is the watch's last look; ``walk_bp`` how far its walk through all of them is."""

    rules: int
    looked_at: datetime | None
    took_ms: int
    walk_bp: int
    round_ended_at: datetime | None
    items: list[FindingShown]


@router.get("/books")
def show_books(who: Annotated[identity.Principal, Depends(identity.Permit("audit.read"))], request: Request) -> BooksShown:
    """Whether the books agree, as of the watch's last look."""
    says = {check.name: check.says for check in CHECKS}
    scope = who.scope("audit.read")
    with identity.database_of(request).transaction() as tx:
        watch = tx.get(BooksWatch, 1)
        wanted = select(BooksFinding).order_by(BooksFinding.found_at.desc(), BooksFinding.rule, BooksFinding.subject)
        if scope is not None:
            wanted = wanted.where(BooksFinding.location_id.in_(scope))
        items = [
            FindingShown(says=says.get(one.rule, one.rule), **{name: getattr(one, name) for name in _FIELDS})
            for one in tx.scalars(wanted)
        ]
    return BooksShown(
        rules=len(CHECKS),
        looked_at=watch and watch.looked_at,
        took_ms=0 if watch is None else watch.took_ms,
        walk_bp=0 if watch is None else 10_000 * int(watch.walk.get("step", 0)) // STEPS,
        round_ended_at=watch and watch.round_ended_at,
        items=items,
    )


_FIELDS = ("rule", "subject", "expected", "found", "document", "document_key", "label", "location_id", "found_at")
