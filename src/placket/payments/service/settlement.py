"""Verbs of settlement: an acquirer's file is compared once and kept; differences are accepted with a note."""

from datetime import datetime, timedelta
from hashlib import sha256
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from placket import identity
from placket.core.refusals import NotFound, Refusal
from placket.core.sheets import Unreadable, rows_of
from placket.payments.models import SettlementFile, SettlementLine
from placket.payments.queries import card_tenders
from placket.payments.settlement_rules import compare, read_lines

LINES_MAX = 20_000


class SettlementUnreadable(Refusal):
    """The file is no table with a day, a reference and an amount in every line."""

    code = "settlement_unreadable"
    status = 422
    vi = "Không đọc được tệp: {cause}. Cần ba cột Ngày, Mã giao dịch, Số tiền (CSV hoặc XLSX)."
    en = "The file cannot be read: {cause}. It needs the columns Date, Reference, Amount (CSV or XLSX)."


class AlreadySettled(Refusal):
    """The same file has been compared already."""

    code = "already_settled"
    vi = "Tệp này đã được đối soát."
    en = "This file has been compared already."


class LineSettled(Refusal):
    """The line agrees, or somebody has accepted its difference."""

    code = "line_settled"
    vi = "Dòng này đã khớp hoặc đã được chấp nhận."
    en = "This line agrees, or its difference has been accepted."


def settle_file(
    tx: Session, *, file_id: UUID, location_id: UUID, filename: str, body: bytes, who: identity.Principal, now: datetime
) -> SettlementFile:
    """Compare a branch's file with its card tenders and keep every line.

    Refuses ``NotFound``, ``SettlementUnreadable``, ``AlreadySettled``.
    """
    if not who.may("payment.match", location_id):
        raise NotFound
    digest = sha256(body).digest()
    same = select(SettlementFile.id).where(SettlementFile.location_id == location_id, SettlementFile.sha256 == digest)
    if tx.scalar(same) is not None:
        raise AlreadySettled
    try:
        lines = read_lines(rows_of(body))
    except Unreadable as trouble:
        raise SettlementUnreadable(cause=trouble.code, **trouble.facts) from trouble
    if len(lines) > LINES_MAX:
        raise SettlementUnreadable(cause="too_many_rows")
    first, last = min(line.on for line in lines), max(line.on for line in lines)
    # A bank's day may begin or end a day off ours; only tenders of the file's own days can be missing from it.
    day = timedelta(days=1)
    compared = compare(lines, card_tenders(tx, location_id=location_id, from_on=first - day, to_on=last + day))
    made = SettlementFile(
        id=file_id,
        location_id=location_id,
        filename=filename,
        sha256=digest,
        from_on=first,
        to_on=last,
        uploaded_by=who.staff_id,
        uploaded_at=now,
    )
    tx.add(made)
    tx.flush()
    tx.add_all(
        SettlementLine(
            file_id=file_id,
            no=no,
            occurred_on=(one.bank or one.ours).on,  # type: ignore[union-attr] # one of them is there
            reference=(one.bank or one.ours).reference,  # type: ignore[union-attr]
            bank_vnd=None if one.bank is None else one.bank.amount_vnd,
            ours_vnd=None if one.ours is None else one.ours.amount_vnd,
            sale_id=None if one.ours is None else one.ours.sale_id,
            outcome=one.outcome,
        )
        for no, one in enumerate(compared, start=1)
    )
    tx.flush()
    identity.audit(
        tx,
        action="settlement.compared",
        subject_type="settlement",
        subject_id=file_id,
        actor=who,
        after={"filename": filename, "lines": len(lines)},
    )
    return made


def accept_line(tx: Session, *, file_id: UUID, no: int, note: str, who: identity.Principal, now: datetime) -> None:
    """Somebody knows why a line differs. Refuses ``NotFound``, ``LineSettled``; audited."""
    file = tx.get(SettlementFile, file_id)
    line = tx.get(SettlementLine, (file_id, no), with_for_update=True)
    if file is None or line is None or not who.may("payment.match", file.location_id):
        raise NotFound
    if line.outcome == "matched" or line.accepted_at is not None:
        raise LineSettled
    line.note, line.accepted_by, line.accepted_at = note, who.staff_id, now
    tx.flush()
    identity.audit(
        tx,
        action="settlement.accepted",
        subject_type="settlement",
        subject_id=file_id,
        actor=who,
        after={"line": no, "outcome": line.outcome, "note": note},
    )
