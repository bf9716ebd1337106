"""Verbs of files that come in: take one, check it, apply it. The work itself is done by jobs, whole or not at all."""

from collections.abc import Callable, Iterator
from dataclasses import asdict
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import select, text, update
from sqlalchemy.orm import Session

from placket import catalog, events, identity
from placket.core import sheets
from placket.core.db import Database
from placket.core.jobs import enqueue, under_way
from placket.core.refusals import NotFound, Refusal
from placket.imports import kinds, rules
from placket.imports.kinds import KINDS, Kind, Report
from placket.imports.models import ImportFile

CHECK: Final = "import_check"
APPLY: Final = "import_apply"
ONE_AT_A_TIME: Final = "import"
PROGRESS_EVERY: Final = 2_500
# A job may take longer than a request, and may wait for somebody who is just changing the catalogue.
PATIENTLY: Final = "SELECT set_config('statement_timeout', '10min', true), set_config('lock_timeout', '1min', true)"

Work = Callable[[Session, list[Any]], Report]


class ImportNotReady(Refusal):
    """The file is still being checked, has faults, or has been applied."""

    code = "import_not_ready"
    vi = "Tệp chưa nhập được (trạng thái: {state}). Hãy sửa lỗi trong tệp rồi tải lên lại."
    en = "The file cannot be applied (state: {state}). Correct it and upload it again."


class EmptyFile(Refusal):
    """Nothing was uploaded."""

    code = "empty_file"
    status = 422
    vi = "Tệp rỗng. Hãy chọn tệp CSV hoặc XLSX."
    en = "The file is empty. Choose a CSV or XLSX file."


class ImportIdReused(Refusal):
    """Another file was uploaded under this id."""

    code = "import_id_reused"
    vi = "Mã tải lên này đã dùng cho tệp khác. Hãy tải lên lại."
    en = "This id belongs to another upload. Upload the file again."


def take_file(
    tx: Session, *, import_id: UUID, kind: str, filename: str, body: bytes, who: identity.Principal, now: datetime
) -> ImportFile:
    """Keep a file and ask for its check. Taking it again under its id changes nothing; refuses ``ImportIdReused``."""
    demand_rights(who, kind)
    if not body:
        raise EmptyFile
    known = tx.get(ImportFile, import_id, with_for_update=True)
    if known is not None:
        if known.created_by != who.staff_id or known.filename != filename:
            raise ImportIdReused
        return known
    taken = ImportFile(
        id=import_id,
        kind=kind,
        filename=filename,
        body=body,
        state="checking",
        rows_read=0,
        rows_wrong=0,
        errors=[],
        created_by=who.staff_id,
        created_at=now,
    )
    tx.add(taken)
    tx.flush()
    enqueue(tx, CHECK, {"import_id": import_id}, lock=ONE_AT_A_TIME)
    identity.audit(
        tx, action="import.taken", subject_type="import", subject_id=import_id, actor=who, after={"filename": filename}
    )
    _tell(tx, taken)
    return taken


def demand_rights(who: identity.Principal, kind: str) -> None:
    """Refuse ``NotPermitted`` unless somebody may do all that a file of this kind does."""
    for verb in KINDS[kind].demands:
        if not who.may(verb):
            raise identity.NotPermitted(verb=verb)


def ask_to_apply(tx: Session, *, import_id: UUID, who: identity.Principal) -> ImportFile:
    """Ask for a checked file to be applied; asking again changes nothing. Refuses ``NotFound``, ``ImportNotReady``."""
    taken = tx.get(ImportFile, import_id, with_for_update=True)
    if taken is None:
        raise NotFound
    demand_rights(who, taken.kind)
    if taken.state in {"applying", "applied"}:
        return taken
    if taken.state != "checked" or taken.rows_wrong:
        raise ImportNotReady(state=taken.state)
    taken.state, taken.rows_read = "applying", 0
    enqueue(tx, APPLY, {"import_id": import_id}, lock=ONE_AT_A_TIME)
    identity.audit(tx, action="import.applied", subject_type="import", subject_id=import_id, actor=who)
    _tell(tx, taken)
    return taken


def check_file(database: Database, *, import_id: UUID, now: datetime) -> None:
    """Read a file and say what it would change, or what is wrong with it. Run again it says the same."""
    body = _body_of(database, import_id, "checking")
    if body is None:
        return
    kind, _, content = body
    report, rows_total = _worked(database, import_id, kind, content, kind.plan)
    with database.transaction() as tx:
        _conclude(tx, import_id, report=report, rows_total=rows_total, state="checked", now=now)


def apply_file(database: Database, *, import_id: UUID, now: datetime) -> None:
    """Bring a checked file into the catalogue, all of it or nothing, and note it in the same transaction.

    A second run finds it applied. The catalogue may have changed since the check: then the file may now be at fault.
    """
    body = _body_of(database, import_id, "applying")
    if body is None:
        return

    kind, staff_id, content = body

    def bring_in(tx: Session, rows: list[Any]) -> Report:
        report = kind.write(tx, rows, staff_id, now)
        if not report[1]:
            _conclude(tx, import_id, report=report, rows_total=len(rows), state="applied", now=now)
        return report

    report, rows_total = _worked(database, import_id, kind, content, bring_in)
    if report[1]:
        with database.transaction() as tx:
            _conclude(tx, import_id, report=report, rows_total=rows_total, state="failed", now=now)


def give_up(tx: Session, *, now: datetime) -> int:
    """End the files whose job failed for good or is gone, with a sentence for whoever waits; answers how many.

    The files are locked first: a job that is no longer there afterwards has not concluded them, and never will.
    """
    given_up = 0
    for task, state in ((CHECK, "checking"), (APPLY, "applying")):
        waiting = select(ImportFile.id).where(ImportFile.state == state).with_for_update(skip_locked=True)
        found = list(tx.scalars(waiting))
        alive = under_way(tx, task, "import_id") if found else set()
        for import_id in found:
            if str(import_id) not in alive:
                report = (None, [catalog.Fault(1, "", "given_up", {})])
                _conclude(tx, import_id, report=report, rows_total=0, state="failed", now=now)
                given_up += 1
    return given_up


def _worked(database: Database, import_id: UUID, kind: Kind, body: bytes, work: Work) -> tuple[Report, int]:
    """Read the file and do the work on its rows, in one transaction; faults of single cells come before it."""
    rows: list[Any] = []
    faults: list[catalog.Fault] = []
    try:
        for rows_read, found in enumerate(_read(body, kind), start=1):
            if isinstance(found, list):
                faults += found
            else:
                rows.append(found)
            if rows_read % PROGRESS_EVERY == 0:
                _note_progress(database, import_id, rows_read)
    except sheets.Unreadable as trouble:
        return (None, [catalog.Fault(trouble.row_no, "", trouble.code, trouble.facts)]), 0
    if faults:
        return (None, faults), len(rows) + len({fault.row_no for fault in faults})
    with database.transaction() as tx:
        tx.execute(text(PATIENTLY))
        return work(tx, rows), len(rows)


def _read(body: bytes, kind: Kind) -> Iterator[Any]:
    """Every row as its kind understands it, or the faults of its cells."""
    rows = sheets.rows_of(body)
    fields = rules.columns_of(next(rows)[1], kind.headers, kind.required)
    for row_no, cells in rows:
        named = {field: cell for field, cell in zip(fields, cells, strict=False) if field is not None}
        yield kind.row(row_no, named)


def _body_of(database: Database, import_id: UUID, state: str) -> tuple[Kind, UUID, bytes] | None:
    """Kind, owner and bytes of a file in this state; none when it has left the state, so there is nothing to do."""
    with database.transaction() as tx:
        taken = tx.get(ImportFile, import_id)
        if taken is None or taken.state != state or taken.body is None:
            return None
        return KINDS[taken.kind], taken.created_by, taken.body


def _note_progress(database: Database, import_id: UUID, rows_read: int) -> None:
    with database.transaction() as tx:
        taken = tx.get_one(ImportFile, import_id, with_for_update=True)
        taken.rows_read = rows_read
        _tell(tx, taken)


def _conclude(tx: Session, import_id: UUID, *, report: Report, rows_total: int, state: str, now: datetime) -> None:
    changes, faults = report
    taken = tx.get_one(ImportFile, import_id, with_for_update=True)
    whole = len(faults) == 1 and not faults[0].column
    taken.state = "failed" if whole else state
    taken.rows_total = taken.rows_read = rows_total
    taken.rows_wrong = len({fault.row_no for fault in faults})
    taken.summary = None if changes is None else asdict(changes)
    taken.errors = [_shown(KINDS[taken.kind], fault) for fault in faults[: catalog.FAULTS_MAX]]
    taken.finished_at = now
    if taken.state in {"applied", "failed"}:
        tx.execute(update(ImportFile).where(ImportFile.id == import_id).values(body=None))
    _tell(tx, taken)


def _shown(kind: Kind, fault: catalog.Fault) -> dict[str, Any]:
    vi, en = (each.format_map(fault.facts) for each in kinds.SENTENCES[fault.code])
    header = kind.headers[fault.column][0] if fault.column else ""
    return {"row": fault.row_no, "column": header, "field": fault.column, "code": fault.code, "vi": vi, "en": en}


def _tell(tx: Session, taken: ImportFile) -> None:
    tx.flush()
    version = tx.scalar(text("SELECT pg_current_xact_id()::text::bigint")) or 0
    events.publish(
        tx,
        events.IMPORT_CHANGED,
        key=str(taken.id),
        key_version=version,
        payload={
            "id": str(taken.id),
            "state": taken.state,
            "rows_total": taken.rows_total,
            "rows_read": taken.rows_read,
            "rows_wrong": taken.rows_wrong,
        },
    )
