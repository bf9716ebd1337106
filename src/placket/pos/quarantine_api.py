"""Routes of journal entries that could not be posted and wait for a person in the office."""

from datetime import datetime
from typing import Annotated, Final, Literal
from uuid import UUID

from fastapi import APIRouter, Depends, Path, Request
from pydantic import Field

from placket import identity, inventory
from placket.core import clock
from placket.core.http import Answer, Page, Strict, refuses
from placket.core.refusals import NotFound
from placket.pos import journal, queries

router = APIRouter(prefix="/api/sync", tags=["sync"])

VERB: Final = "stock.adjust"
ENTRIES_MAX: Final = 200
Epoch = Annotated[int, Path(ge=1, le=99)]
Seq = Annotated[int, Path(ge=1, le=2**53)]
Keeper = Annotated[identity.Principal, Depends(identity.Permit(VERB))]


class EntryHeld(Answer):
    """An entry in quarantine, with the very text that the till hashed."""

    till_id: UUID
    epoch: int
    seq: int
    till_code: str
    location_id: UUID
    location_name: str
    kind: str
    cause: str | None
    occurred_at: datetime | None
    recorded_at: datetime
    text: str


class Resolution(Strict):
    """Post it after all, or sign that it is not to be posted; and why, for the audit log."""

    how: Literal["post", "set_aside"]
    reason: Annotated[str, Field(min_length=3, max_length=300, pattern=r"\S")]


@router.get("/quarantine")
def list_quarantine(who: Keeper, request: Request) -> Page[EntryHeld]:
    """The entries in quarantine where one may look, at most two hundred, the oldest first."""
    with identity.database_of(request).transaction() as tx:
        rows = queries.quarantine(tx, scope=who.scope(VERB), most=ENTRIES_MAX)
    return Page(items=[EntryHeld.model_validate(row, from_attributes=True) for row in rows], next_cursor=None)


@router.post("/quarantine/{till_id}/{epoch}/{seq}/resolve", status_code=204, responses=refuses(NotFound, journal.StillFails))
def resolve(till_id: UUID, epoch: Epoch, seq: Seq, body: Resolution, who: Keeper, request: Request) -> None:
    """Deal with an entry; the balances it made doubtful are trusted again."""
    database, now = identity.database_of(request), clock.now()
    with database.transaction() as tx:
        location_id = queries.location_of(tx, till_id=till_id)
        if location_id is None or not who.may(VERB, location_id):
            raise NotFound
        if body.how == "post":
            journal.resolve(tx, till_id=till_id, epoch=epoch, seq=seq, by=who, now=now)
        else:
            journal.set_aside(tx, till_id=till_id, epoch=epoch, seq=seq, reason=body.reason.strip(), by=who, now=now)
        identity.audit(
            tx,
            action=f"entry.{body.how}",
            subject_type="till",
            subject_id=till_id,
            actor=who,
            after={"epoch": epoch, "seq": seq, "reason": body.reason.strip()},
        )
    with database.transaction() as tx:
        inventory.settle(tx, location_id=location_id)
