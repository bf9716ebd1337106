"""Routes of settlement: an acquirer's file against our card tenders, its differences, and who accepted them."""

from datetime import date, datetime
from pathlib import PurePath
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, File, Form, Request, UploadFile
from pydantic import Field

from placket import identity
from placket.core import clock
from placket.core.http import Answer, Strict, refuses
from placket.core.ids import new_id
from placket.core.refusals import NotFound
from placket.payments import queries
from placket.payments.service import settlement

router = APIRouter(prefix="/api/settlements", tags=["settlements"])

Reader = Annotated[identity.Principal, Depends(identity.Permit("payment.read"))]
Matcher = Annotated[identity.Principal, Depends(identity.Permit("payment.match"))]
FILENAME_MAX = 200


class SettlementListed(Answer):
    """A file that has been compared, and how many of its lines still differ."""

    id: UUID
    location_id: UUID
    location_name: str
    filename: str
    from_on: date
    to_on: date
    lines: int
    differences: int
    open: int
    uploaded_by: str
    uploaded_at: datetime


class SettlementLineShown(Answer):
    """A line: what the bank says, what we have, and what became of the difference."""

    no: int
    occurred_on: date
    reference: str
    bank_vnd: int | None
    ours_vnd: int | None
    sale_id: UUID | None
    receipt_code: str | None
    outcome: str
    note: str | None
    accepted_by: str | None
    accepted_at: datetime | None


class SettlementShown(SettlementListed):
    """A file with what differs first."""

    rows: list[SettlementLineShown]


class Accepted(Strict):
    """Why the difference is right."""

    note: Annotated[str, Field(min_length=3, max_length=300, pattern=r"\S")]


@router.get("")
def list_settlements(who: Reader, request: Request) -> list[SettlementListed]:
    """Files that have been compared, the newest first."""
    with identity.database_of(request).transaction() as tx:
        rows = queries.settlements(tx, scope=who.scope("payment.read"))
    return [SettlementListed.model_validate(row, from_attributes=True) for row in rows]


@router.post(
    "",
    status_code=201,
    responses=refuses(NotFound, settlement.SettlementUnreadable, settlement.AlreadySettled),
)
def upload(
    who: Matcher, request: Request, file: Annotated[UploadFile, File()], location_id: Annotated[UUID, Form()]
) -> SettlementShown:
    """Compare a branch's file (CSV or XLSX: date, reference, amount) with its card tenders, and keep the result."""
    body = file.file.read()
    filename = PurePath((file.filename or "").replace("\\", "/")).name[:FILENAME_MAX] or "settlement"
    with identity.database_of(request).transaction() as tx:
        made = settlement.settle_file(
            tx, file_id=new_id(), location_id=location_id, filename=filename, body=body, who=who, now=clock.now()
        )
    return _shown(request, made.id, who)


@router.get("/{file_id}", responses=refuses(NotFound))
def show(file_id: UUID, who: Reader, request: Request) -> SettlementShown:
    """One file with its lines, what differs first."""
    return _shown(request, file_id, who)


@router.post("/{file_id}/lines/{no}/accept", status_code=204, responses=refuses(NotFound, settlement.LineSettled))
def accept(file_id: UUID, no: int, body: Accepted, who: Matcher, request: Request) -> None:
    """Somebody knows why a line differs, and says so."""
    with identity.database_of(request).transaction() as tx:
        settlement.accept_line(tx, file_id=file_id, no=no, note=body.note.strip(), who=who, now=clock.now())


def _shown(request: Request, file_id: UUID, who: identity.Principal) -> SettlementShown:
    with identity.database_of(request).transaction() as tx:
        found = [
            row for row in queries.settlements(tx, scope=who.scope("payment.read"), file_id=file_id) if row.id == file_id
        ]
        if not found:
            raise NotFound
        lines = queries.settlement_lines(tx, file_id)
    rows = [SettlementLineShown.model_validate(row, from_attributes=True) for row in lines]
    return SettlementShown.model_validate(found[0]._asdict() | {"rows": rows})
