"""Shifts that were run without network, as a till's journal tells them: opened, cash moved, counted and closed.

They post through the same verbs as on line, at their own moments, so a Z gets its number and its frozen figures here and
not at the till. What the verbs refuse (an approval that is missing, a shift that somebody has closed) waits in quarantine.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Annotated, Any, Final, Literal
from uuid import UUID

import msgspec
from msgspec import Meta
from sqlalchemy.orm import Session

from placket import identity
from placket.core.ids import StaffId
from placket.core.refusals import Refusal
from placket.pos import shift_queries as queries
from placket.pos import shift_rules as rules
from placket.pos import shifts
from placket.pos.entries import Entry, Source

Pieces = Annotated[dict[str, Annotated[int, Meta(ge=0, le=9999)]], Meta(max_length=len(rules.DENOMINATIONS))]
Reason = Annotated[str, Meta(min_length=3, max_length=300)]
HELD_FOR: Final = timedelta(minutes=1)


class NotAnApprover(Refusal):
    """An entry names somebody as approving who may not approve here."""

    code = "not_an_approver"
    vi = "Người duyệt ghi trong nhật ký không có quyền duyệt ca."
    en = "The approver named in the journal may not approve shifts."


class Opened(msgspec.Struct, forbid_unknown_fields=True):
    """The body of ``SHIFT_OPEN``: the float was counted."""

    id: UUID
    staff_id: UUID
    pieces: Pieces
    note: Annotated[str, Meta(max_length=300)] | None = None


class Moved(msgspec.Struct, forbid_unknown_fields=True):
    """The body of ``CASH``: cash was put into the drawer or taken out of it."""

    id: UUID
    shift_id: UUID
    staff_id: UUID
    kind: Literal["in", "out"]
    amount_vnd: Annotated[int, Meta(ge=1, le=1_000_000_000)]
    reason: Reason
    approved_by: UUID | None = None


class TakenOver(msgspec.Struct, forbid_unknown_fields=True):
    """The body of ``SHIFT_TAKE``: somebody became responsible for the drawer."""

    shift_id: UUID
    staff_id: UUID
    approved_by: UUID | None = None


class Counted(msgspec.Struct, forbid_unknown_fields=True):
    """A blind count."""

    id: UUID
    pieces: Pieces


class Closed(msgspec.Struct, forbid_unknown_fields=True):
    """The body of ``SHIFT_CLOSE``: the drawer was counted, once or twice, and the shift closed on the last count."""

    shift_id: UUID
    staff_id: UUID
    counts: Annotated[list[Counted], Meta(min_length=1, max_length=rules.COUNTS)]
    reason: Reason | None = None
    deposit_bag: Annotated[str, Meta(max_length=60)] | None = None
    approved_by: UUID | None = None


def record_opened(tx: Session, source: Source, entries: Sequence[Entry]) -> list[Mapping[str, Any]]:
    """Open the shift that a till has opened; its id makes it once. Refuses ``ShiftOpen`` beside another one."""
    results: list[Mapping[str, Any]] = []
    for entry in entries:
        opened = msgspec.json.decode(entry.body, type=Opened)
        who, at = _who(tx, source, opened.staff_id, entry)
        shift = shifts.open_shift(tx, shift_id=opened.id, pieces=_pieces(opened.pieces), note=opened.note, who=who, now=at)
        results.append({"shift_id": str(shift.id)})
    return results


def record_moved(tx: Session, source: Source, entries: Sequence[Entry]) -> list[Mapping[str, Any]]:
    """Book cash that went in or out. Refuses what ``move_cash`` refuses, and an approver who is none."""
    for entry in entries:
        moved = msgspec.json.decode(entry.body, type=Moved)
        who, at = _who(tx, source, moved.staff_id, entry)
        shifts.move_cash(
            tx,
            move_id=moved.id,
            shift_id=moved.shift_id,
            kind=moved.kind,
            amount_vnd=moved.amount_vnd,
            reason=moved.reason.strip(),
            who=who,
            approved_by=_approver(tx, source, moved.approved_by),
            now=at,
        )
    return [{} for _ in entries]


def record_taken_over(tx: Session, source: Source, entries: Sequence[Entry]) -> list[Mapping[str, Any]]:
    """Make whoever took the drawer over responsible for it. Refuses like ``take_over``, and an approver who is none."""
    for entry in entries:
        taken = msgspec.json.decode(entry.body, type=TakenOver)
        who, _ = _who(tx, source, taken.staff_id, entry)
        shifts.take_over(tx, shift_id=taken.shift_id, who=who, approved_by=_approver(tx, source, taken.approved_by))
    return [{} for _ in entries]


def record_closed(tx: Session, source: Source, entries: Sequence[Entry]) -> list[Mapping[str, Any]]:
    """Store the counts and close the shift: its Z is numbered now, its figures are those of its own moment."""
    results: list[Mapping[str, Any]] = []
    for entry in entries:
        closed = msgspec.json.decode(entry.body, type=Closed)
        who, at = _who(tx, source, closed.staff_id, entry)
        z = queries.z_of(tx, closed.shift_id)
        if z is None:
            for counted in closed.counts:
                pieces = _pieces(counted.pieces)
                shifts.count(tx, count_id=counted.id, shift_id=closed.shift_id, pieces=pieces, who=who, now=at)
        z = shifts.close(
            tx,
            shift_id=closed.shift_id,
            reason=closed.reason,
            deposit_bag=closed.deposit_bag,
            who=who,
            approved_by=_approver(tx, source, closed.approved_by),
            now=at,
        )
        results.append({"z": z.number, "variance_vnd": z.variance_vnd})
    return results


def _who(tx: Session, source: Source, staff_id: UUID, entry: Entry) -> tuple[identity.Principal, datetime]:
    """Whoever wrote the entry, as the verbs know people; their rights were asked for at the till."""
    name = queries.names_of(tx, [staff_id]).get(staff_id, "")
    at = min(entry.at, source.now)
    who = identity.Principal(
        session_id=entry.entry_id,
        staff_id=StaffId(staff_id),
        staff_name=name,
        grants={},
        till=source.till,
        expires_at=at + HELD_FOR,
    )
    return who, at


def _approver(tx: Session, source: Source, staff_id: UUID | None) -> UUID | None:
    """Whoever agreed, if they may. Refuses ``NotAnApprover``."""
    if staff_id is None:
        return None
    if "shift.approve" not in identity.grants_of(tx, staff_id, at=source.till.location_id):
        raise NotAnApprover
    return staff_id


def _pieces(told: Mapping[str, int]) -> dict[int, int]:
    pieces = {int(value_vnd): count for value_vnd, count in told.items()}
    if not pieces.keys() <= set(rules.DENOMINATIONS):
        raise ValueError("no such note")
    return pieces
