"""Routes of files that come in: upload, watch, apply, and the template to start from."""

from datetime import datetime
from pathlib import PurePath
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Depends, File, Form, Request, Response, UploadFile
from sqlalchemy.orm import Session

from placket import identity
from placket.core import clock
from placket.core.http import PAGE, Answer, Cursor, Limit, Page, decode_cursor, page, refuses
from placket.core.ids import new_id
from placket.core.refusals import BadCursor, NotFound
from placket.imports import queries, service, templates
from placket.imports.kinds import KindName

router = APIRouter(prefix="/api/imports", tags=["imports"])

Bring = Annotated[identity.Principal, Depends(identity.Permit("catalog.import"))]
FILENAME_MAX = 200


class ImportSummary(Answer):
    """What the file changes: counted by the check, done by the application."""

    new_styles: int
    changed_styles: int
    new_variants: int
    new_barcodes: int
    price_changes: int
    without_price: int


class CustomersSummary(Answer):
    """What a file of customers changes."""

    new_customers: int
    known_customers: int
    points: int
    credit_vnd: int


class StockSummary(Answer):
    """What a file of opening stock changes."""

    places: int
    variants: int
    pieces: int


class ImportListed(Answer):
    """A file: ``checking`` → ``checked`` → ``applying`` → ``applied``, or ``failed``."""

    id: UUID
    kind: str
    filename: str
    state: str
    rows_total: int | None
    rows_read: int
    rows_wrong: int
    summary: ImportSummary | CustomersSummary | StockSummary | None
    created_by: str
    created_at: datetime
    finished_at: datetime | None


class FaultShown(Answer):
    """What is wrong in which row of the file; without a column the file as a whole is wrong."""

    row: int
    column: str
    field: str
    code: str
    vi: str
    en: str


class ImportShown(ImportListed):
    """A file with its faults, at most a thousand of them."""

    errors: list[FaultShown]


@router.post("", status_code=202, responses=refuses(service.EmptyFile, service.ImportIdReused))
def upload(
    who: Bring,
    request: Request,
    file: Annotated[UploadFile, File()],
    kind: Annotated[KindName, Form()] = "catalogue",
    id: Annotated[UUID | None, Form()] = None,  # noqa: A002 - the field's name in the form
) -> ImportShown:
    """Take a CSV or XLSX file (30 MB at most) and check it in the background; nothing is changed yet."""
    body = file.file.read()
    filename = PurePath((file.filename or "").replace("\\", "/")).name[:FILENAME_MAX] or "catalogue"
    with identity.database_of(request).transaction() as tx:
        taken = service.take_file(
            tx, import_id=id or new_id(), kind=kind, filename=filename, body=body, who=who, now=clock.now()
        )
        return _shown(tx, taken.id)


@router.get("", responses=refuses(BadCursor))
def list_imports(_who: Bring, request: Request, limit: Limit = PAGE, cursor: Cursor = None) -> Page[ImportListed]:
    """The files, the newest first."""
    after = decode_cursor(cursor, UUID)
    with identity.database_of(request).transaction() as tx:
        rows = queries.page_of_imports(tx, before=None if after is None else after[0], limit=limit + 1)
    shown, next_cursor = page(rows, limit, lambda row: (row.id,))
    return Page(items=[ImportListed(**row._asdict()) for row in shown], next_cursor=next_cursor)


@router.get("/template", response_class=Response)
def template(
    _who: Bring,
    format: Literal["csv", "xlsx"] = "xlsx",  # noqa: A002 - as the address says it
    kind: KindName = "catalogue",
) -> Response:
    """A file to start from, with two rows that show how it is meant."""
    if format == "csv":
        body, media = templates.as_csv(kind), "text/csv; charset=utf-8"
    else:
        body, media = templates.as_xlsx(kind), "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    headers = {"content-disposition": f'attachment; filename="placket-{kind}.{format}"'}
    return Response(body, headers=headers, media_type=media)


@router.get("/{import_id}", responses=refuses(NotFound))
def read_import(import_id: UUID, _who: Bring, request: Request) -> ImportShown:
    """A file: how far it has been read, what it changes, what is wrong with it."""
    with identity.database_of(request).transaction() as tx:
        return _shown(tx, import_id)


@router.post("/{import_id}/apply", status_code=202, responses=refuses(NotFound, service.ImportNotReady))
def apply(import_id: UUID, who: Bring, request: Request) -> ImportShown:
    """Bring a checked file into the catalogue in the background: the whole file or none of it."""
    with identity.database_of(request).transaction() as tx:
        service.ask_to_apply(tx, import_id=import_id, who=who)
        return _shown(tx, import_id)


def _shown(tx: Session, import_id: UUID) -> ImportShown:
    row = queries.import_of(tx, import_id)
    if row is None:
        raise NotFound
    facts: dict[str, Any] = row._asdict()
    return ImportShown(**facts)
