"""Drawers counted and closed: two shifts a day at every till that sold, now and then with a difference.

The rows are those that the shifts' verbs would have written on the day; the sums are ``pos.shift_rules``' own.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime, time, timedelta
from random import Random
from typing import Final
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Session

from placket.core.clock import VIETNAM, day_bounds
from placket.demo.dice import make_id
from placket.pos import shift_queries, shift_rules
from placket.pos.shift_models import CashMove, Shift, ShiftCount, ZReport

DAYS: Final = 14
FLOAT: Final = {100_000: 5, 50_000: 6, 20_000: 10}
_AFTERNOON: Final = time(15)
_BEFORE: Final = timedelta(minutes=20)
_NOTE_VND: Final = shift_rules.DENOMINATIONS[-1]
_RIGHT: Final = 0.82
_A_LITTLE_VND: Final = (-20_000, -10_000, -5_000, -2_000, -1_000, 1_000, 5_000, 10_000)
_MUCH: Final = 0.02
_MUCH_VND: Final = (-150_000, -100_000, -80_000, 100_000)
_MUCH_WHY: Final = "Đã kiểm lại hai lần, chưa tìm ra; quản lý đã xem camera"
_SPENT: Final = 0.08
_SPENT_ON: Final = (("Mua nước mời khách", 60_000), ("Mua túi giấy", 120_000), ("Gửi hàng cho khách", 35_000))

WORKED: Final = text("""
    SELECT s.till_id, s.location_id, s.sold_on, s.sold_at >= (s.sold_on + CAST(:afternoon AS time)) AT TIME ZONE
           'Asia/Ho_Chi_Minh' AS late, min(s.sold_at) AS first_at, max(s.sold_at) AS last_at,
           (array_agg(s.staff_id ORDER BY s.sold_at, s.id))[1] AS staff_id,
           (SELECT r.staff_id FROM staff_role r WHERE r.location_id = s.location_id AND r.role = 'store_manager'
             ORDER BY r.staff_id LIMIT 1) AS manager_id
      FROM sale s JOIN till t ON t.id = s.till_id
     WHERE s.sold_at >= :since AND s.sold_at < :until AND t.paired_at IS NULL
     GROUP BY s.till_id, s.location_id, s.sold_on, late
     ORDER BY s.sold_on, late, s.till_id
""")


@dataclass(frozen=True, slots=True)
class _Worked:
    """A till, the hours in which one person was responsible for its drawer, and who approves there."""

    till_id: UUID
    location_id: UUID
    staff_id: UUID
    manager_id: UUID
    opened_at: datetime
    closed_at: datetime


def close_days(tx: Session, throw: Random, *, since: date, until: date) -> int:
    """Close the shifts of whole days, ``until`` left out; answers how many."""
    last = tx.execute(text("SELECT till_id, max(number) AS number FROM z_report GROUP BY till_id"))
    numbers = {row.till_id: row.number for row in last}
    closed = 0
    for worked in _worked(tx, since, until):
        number = numbers[worked.till_id] = numbers.get(worked.till_id, 0) + 1
        _close(tx, throw, worked, number)
        closed += 1
    return closed


def _worked(tx: Session, since: date, until: date) -> Iterator[_Worked]:
    bounds = {"since": day_bounds(since)[0], "until": day_bounds(until)[0], "afternoon": _AFTERNOON}
    for row in tx.execute(WORKED, bounds).all():
        change = datetime.combine(row.sold_on, _AFTERNOON, VIETNAM)
        yield _Worked(
            till_id=row.till_id,
            location_id=row.location_id,
            staff_id=row.staff_id,
            manager_id=row.manager_id,
            opened_at=change if row.late else row.first_at - _BEFORE,
            closed_at=row.last_at + _BEFORE if row.late else change,
        )


def _close(tx: Session, throw: Random, worked: _Worked, number: int) -> None:
    shift = _shift(throw, worked)
    tx.add(shift)
    tx.flush()
    spent = _spend(tx, throw, worked, shift.id)
    payments = shift_queries.payments_of(tx, shift)
    paid = [shift_rules.Payment(row.kind, row.amount_vnd, row.sale_id) for row in payments]
    sums = shift_rules.figures(shift.float_vnd, paid, spent)
    notes = _notes(max(sums.expected_vnd + _difference(throw), 0))
    counted_vnd = shift_rules.sum_of(notes)
    counted = {"counted_vnd": counted_vnd, "variance_vnd": counted_vnd - sums.expected_vnd}
    much = abs(counted["variance_vnd"]) > shift_rules.VARIANCE_VND_MAX
    tx.add(
        ShiftCount(
            **counted,
            shift_id=shift.id,
            no=1,
            id=_id(throw, worked.closed_at),
            pieces=_kept(notes),
            expected_vnd=sums.expected_vnd,
            staff_id=worked.staff_id,
            counted_at=worked.closed_at,
        )
    )
    tx.flush()
    tx.add(
        ZReport(
            **counted,
            **asdict(sums),
            expected_vnd=sums.expected_vnd,
            shift_id=shift.id,
            till_id=worked.till_id,
            number=number,
            count_no=1,
            reason=_MUCH_WHY if much else None,
            approved_by=worked.manager_id if much else None,
            closed_by=worked.staff_id,
            closed_at=worked.closed_at,
        )
    )
    tx.flush()
    if payments:
        tx.execute(
            text("INSERT INTO z_payment (sale_id, no, shift_id) VALUES (:sale_id, :no, :shift_id)"),
            [{"sale_id": row.sale_id, "no": row.no, "shift_id": shift.id} for row in payments],
        )


def _shift(throw: Random, worked: _Worked) -> Shift:
    return Shift(
        id=_id(throw, worked.opened_at),
        location_id=worked.location_id,
        till_id=worked.till_id,
        state="closed",
        staff_id=worked.staff_id,
        opened_by=worked.staff_id,
        opened_at=worked.opened_at,
        closed_at=worked.closed_at,
        float_pieces=_kept(FLOAT),
        float_vnd=shift_rules.sum_of(FLOAT),
        version=3,
    )


def _id(throw: Random, at: datetime) -> UUID:
    return UUID(make_id(throw, int(at.timestamp()) * 1_000))


def _kept(notes: Mapping[int, int]) -> dict[str, int]:
    """Notes as the books keep them."""
    return {str(value_vnd): many for value_vnd, many in notes.items()}


def _spend(tx: Session, throw: Random, worked: _Worked, shift_id: UUID) -> Sequence[tuple[str, int]]:
    """Now and then something small is paid out of the drawer."""
    if throw.random() > _SPENT:
        return []
    reason, amount_vnd = throw.choice(_SPENT_ON)
    at = worked.opened_at + (worked.closed_at - worked.opened_at) / 2
    tx.add(
        CashMove(
            id=_id(throw, at),
            shift_id=shift_id,
            kind="out",
            amount_vnd=amount_vnd,
            reason=reason,
            staff_id=worked.staff_id,
            moved_at=at,
        )
    )
    return [("out", amount_vnd)]


def _difference(throw: Random) -> int:
    """What the drawer holds more than it should, in đồng; mostly nothing."""
    luck = throw.random()
    if luck < _RIGHT:
        return 0
    return throw.choice(_MUCH_VND if luck > 1 - _MUCH else _A_LITTLE_VND)


def _notes(amount_vnd: int) -> dict[int, int]:
    """An amount in notes, the large ones first; less than the smallest note is not in the drawer."""
    notes = {}
    left_vnd = amount_vnd - amount_vnd % _NOTE_VND
    for value_vnd in shift_rules.DENOMINATIONS:
        many, left_vnd = divmod(left_vnd, value_vnd)
        if many:
            notes[value_vnd] = many
    return notes
