"""Routes of the reports that are tables, of the documents behind a number, and of the workbook of what is shown."""

from datetime import date, datetime, timedelta
from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel, Field

from placket import identity
from placket.analytics import documents, sheet, tables
from placket.analytics.api import MOST_DAYS, BadPeriod, Day, Reader, places_of
from placket.analytics.queries import Span
from placket.core import clock
from placket.core.http import Answer, Strict, refuses
from placket.core.refusals import NotFound

router = APIRouter(prefix="/api/reports", tags=["figures"])

FileFormat = Literal["xlsx", "pdf"]


class TableWanted(BaseModel):
    """Which days, both inclusive, at which place."""

    from_on: Day
    to_on: Day
    location_id: UUID | None = None


class DocumentsWanted(TableWanted):
    """The documents of which row of which report."""

    of: documents.Of
    key: Annotated[str | None, Query(max_length=200)] = None


class ColumnShown(Answer):
    """A column and what its whole numbers count: đồng, pieces, basis points, or tenths of a week."""

    key: str
    unit: tables.Unit


class TableRow(Answer):
    """A row with one number under every column; its key is a word of the reports where it has no name of its own."""

    key: str
    name_vi: str | None
    name_en: str | None
    values: list[int | None]


class TableShown(Answer):
    """A report as a table. ``total`` is empty when there are no rows."""

    from_on: date
    to_on: date
    at: datetime
    columns: list[ColumnShown]
    rows: list[TableRow]
    total: list[int | None]


class ReportDocument(Answer):
    """A sale, a shift or a balance, with its part of the number."""

    kind: str
    id: str
    label: str | None
    at: datetime | None
    location_id: UUID
    staff_name: str | None
    vnd: int | None
    pieces: int | None


class ReportDocuments(Answer):
    """The newest of the documents behind a number, how many there are, and what all of them come to."""

    items: list[ReportDocument]
    many: int
    vnd: int
    pieces: int


class SheetWanted(Strict):
    """What stands on the screen, word by word; ``units`` say how the numbers of each column are written."""

    title: Annotated[str, Field(min_length=1, max_length=100)]
    note: Annotated[str, Field(max_length=300)] = ""
    head: Annotated[list[Annotated[str, Field(max_length=100)]], Field(min_length=1, max_length=40)]
    units: Annotated[list[sheet.Unit], Field(max_length=40, default_factory=list)]
    rows: Annotated[
        list[Annotated[list[Annotated[str, Field(max_length=300)] | int | float | None], Field(max_length=40)]],
        Field(max_length=5_000),
    ]
    has_total: bool = False
    language: Literal["vi", "en"] = "vi"


@router.get("/tables/{kind}", responses=refuses(NotFound, BadPeriod, identity.NotPermitted))
def report_table(who: Reader, request: Request, kind: tables.Kind, wanted: Annotated[TableWanted, Query()]) -> TableShown:
    """Discounts, returns, margins, people, cash, how long stock lies, how well it sells, or the week hour by hour.

    What goods cost is told only where both reports and costs may be read.
    """
    now = clock.now()
    span = _span(who, wanted)
    if kind == "margin":
        _demand_costs(who, span)
    with identity.database_of(request).transaction() as tx:
        table = tables.table_of(tx, kind, span, at=now)
    return TableShown(
        from_on=wanted.from_on,
        to_on=wanted.to_on,
        at=now,
        columns=[ColumnShown(key=key, unit=unit) for key, unit in table.columns],
        rows=[TableRow.model_validate(row, from_attributes=True) for row in table.rows],
        total=list(table.total),
    )


@router.get("/documents", responses=refuses(NotFound, BadPeriod))
def report_documents(who: Reader, request: Request, wanted: Annotated[DocumentsWanted, Query()]) -> ReportDocuments:
    """The documents that a row of a report is the sum of."""
    with identity.database_of(request).transaction() as tx:
        found = documents.documents_of(tx, wanted.of, wanted.key, _span(who, wanted), at=clock.now())
    return ReportDocuments(
        items=[ReportDocument.model_validate(row, from_attributes=True) for row in found.items],
        many=found.many,
        vnd=found.vnd,
        pieces=found.pieces,
    )


@router.post(
    "/sheet", response_class=Response, responses={200: {"content": {sheet.MEDIA[kind]: {} for kind in ("xlsx", "pdf")}}}
)
def report_sheet(_who: Reader, request: Request, wanted: SheetWanted, file: FileFormat = "xlsx") -> Response:
    """A workbook, or pages for the printer, of exactly what is shown."""
    shown = sheet.Sheet(
        title=wanted.title,
        note=wanted.note,
        head=wanted.head,
        units=wanted.units,
        rows=wanted.rows,
        has_total=wanted.has_total,
    )
    if file == "xlsx":
        return Response(sheet.workbook([shown]), media_type=sheet.MEDIA["xlsx"])
    with identity.database_of(request).transaction() as tx:
        company = identity.company(tx)
    name = "" if company is None else company.name
    made = sheet.document([shown], title=shown.title, company=name, language=wanted.language, now=clock.now())
    return Response(made, media_type=sheet.MEDIA["pdf"])


def _demand_costs(who: identity.Principal, span: Span) -> None:
    verb = "purchase.read"
    if not who.may(verb) or (span.places is None and who.scope(verb) is not None):
        raise identity.NotPermitted(verb=verb)
    for place in span.places or ():
        who.demand(verb, place)


def _span(who: identity.Principal, wanted: TableWanted) -> Span:
    if not timedelta(0) <= wanted.to_on - wanted.from_on < timedelta(days=MOST_DAYS):
        raise BadPeriod(days=MOST_DAYS)
    starts, ends = clock.day_bounds(wanted.from_on)[0], clock.day_bounds(wanted.to_on)[1]
    return Span(starts, ends, places_of(who, wanted.location_id))
