"""Verbs of a shift: open, take over, move cash, count blind, close. The rules are docs/rules/shifts.md's."""

from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any, Final, Literal
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from placket import events, identity
from placket.core.refusals import NotFound, Refusal
from placket.pos import shift_queries as queries
from placket.pos import shift_rules as rules
from placket.pos.shift_models import CashMove, Shift, ShiftCount, ZReport

APPROVE: Final = "shift.approve"
# A period is half open: what was paid at its last moment still belongs to it.
_INSTANT: Final = timedelta(microseconds=1)


class ShiftOpen(Refusal):
    """The till has an open shift already."""

    code = "shift_open"
    vi = "Quầy này đang có ca mở. Vào bán tiếp, hoặc nhận ca."
    en = "This till has an open shift. Join it, or take it over."


class NoOpenShift(Refusal):
    """There is no open shift, or another than the one meant."""

    code = "no_open_shift"
    vi = "Ca này không còn mở."
    en = "This shift is not open."


class ApprovalNeeded(Refusal):
    """Somebody who may approve has to agree."""

    code = "approval_needed"
    status = 403
    vi = "Việc này cần quản lý duyệt."
    en = "A manager has to approve this."


class ReasonNeeded(Refusal):
    """A variance above the limit is closed with a reason only."""

    code = "reason_needed"
    vi = "Lệch {variance_vnd} ₫, quá mức cho phép: hãy ghi lý do."
    en = "The variance of {variance_vnd} ₫ is over the limit: give a reason."


class NotCounted(Refusal):
    """The drawer has not been counted."""

    code = "not_counted"
    vi = "Chưa đếm quỹ. Đếm rồi mới đóng ca được."
    en = "The drawer has not been counted. Count it first."


class CountStale(Refusal):
    """A sale or a move came after the count."""

    code = "count_stale"
    vi = "Sau khi đếm đã có thêm giao dịch. Hãy đếm lại."
    en = "Something was sold or moved since the count. Count again."


class RecountUsed(Refusal):
    """The drawer has been counted twice."""

    code = "recount_used"
    vi = "Đã đếm lại một lần. Đóng ca với số đã đếm."
    en = "The drawer has been counted twice. Close with what was counted."


def open_shift(
    tx: Session, *, shift_id: UUID, pieces: Mapping[int, int], note: str | None, who: identity.Principal, now: datetime
) -> Shift:
    """Open a shift at the signed-in person's till; asked again with its id it answers the same. Refuses ``ShiftOpen``."""
    till = till_of(who)
    known = tx.get(Shift, shift_id)
    if known is not None:
        if known.till_id != till.id:
            raise NotFound
        return known
    _lock_series(tx, till.id)
    last = queries.last_close_of(tx, till.id)
    shift = Shift(
        id=shift_id,
        location_id=till.location_id,
        till_id=till.id,
        state="open",
        staff_id=who.staff_id,
        opened_by=who.staff_id,
        opened_at=now if last is None else max(now, last.closed_at),
        float_pieces={str(value_vnd): count for value_vnd, count in pieces.items() if count},
        float_vnd=rules.sum_of(pieces),
        note=note,
        version=1,
    )
    try:
        with tx.begin_nested():
            tx.add(shift)
            tx.flush()
    except IntegrityError as error:
        raise ShiftOpen from error
    _tell(tx, shift, action="shift.opened", who=who, after={"float_vnd": shift.float_vnd})
    return shift


def take_over(tx: Session, *, shift_id: UUID, who: identity.Principal, approved_by: UUID | None) -> Shift:
    """Make the signed-in person responsible for the drawer. Refuses ``NoOpenShift``, ``ApprovalNeeded``."""
    shift = _locked(tx, shift_id, who)
    if shift.staff_id == who.staff_id:
        return shift
    if approved_by is None:
        raise ApprovalNeeded
    before = {"staff": str(shift.staff_id)}
    shift.staff_id, shift.version = who.staff_id, shift.version + 1
    after = {"staff": str(who.staff_id), "approved_by": str(approved_by)}
    _tell(tx, shift, action="shift.taken_over", who=who, before=before, after=after)
    return shift


def move_cash(
    tx: Session,
    *,
    move_id: UUID,
    shift_id: UUID,
    kind: Literal["in", "out"],
    amount_vnd: int,
    reason: str,
    who: identity.Principal,
    approved_by: UUID | None,
    now: datetime,
) -> CashMove:
    """Put cash into the drawer or take it out; asked again with its id it answers the same.

    Refuses ``NoOpenShift``, and ``ApprovalNeeded`` for much cash out.
    """
    known = tx.get(CashMove, move_id)
    if known is not None:
        if known.shift_id != shift_id:
            raise NotFound
        return known
    shift = _locked(tx, shift_id, who)
    if kind == "in" or amount_vnd <= rules.CASH_OUT_VND_MAX:
        approved_by = None
    elif approved_by is None:
        raise ApprovalNeeded(limit_vnd=rules.CASH_OUT_VND_MAX)
    move = CashMove(
        id=move_id,
        shift_id=shift_id,
        kind=kind,
        amount_vnd=amount_vnd,
        reason=reason,
        staff_id=who.staff_id,
        approved_by=approved_by,
        moved_at=now,
    )
    tx.add(move)
    shift.version += 1
    after = {"amount_vnd": amount_vnd, "reason": reason, "approved_by": None if approved_by is None else str(approved_by)}
    _tell(tx, shift, action=f"shift.cash_{kind}", who=who, after=after)
    return move


def count(
    tx: Session, *, count_id: UUID, shift_id: UUID, pieces: Mapping[int, int], who: identity.Principal, now: datetime
) -> ShiftCount:
    """Store a blind count, then tell what it should have been. Refuses ``NoOpenShift``, ``RecountUsed``."""
    shift = _locked(tx, shift_id, who)
    earlier = queries.counts_of(tx, shift_id)
    for one in earlier:
        if one.id == count_id:
            return one
    expected_vnd = queries.figures_of(tx, shift).expected_vnd
    if not rules.may_recount([one.expected_vnd for one in earlier], expected_vnd):
        raise RecountUsed
    counted_vnd = rules.sum_of(pieces)
    made = ShiftCount(
        shift_id=shift_id,
        no=len(earlier) + 1,
        id=count_id,
        pieces={str(value_vnd): many for value_vnd, many in pieces.items() if many},
        counted_vnd=counted_vnd,
        expected_vnd=expected_vnd,
        variance_vnd=counted_vnd - expected_vnd,
        staff_id=who.staff_id,
        counted_at=now,
    )
    tx.add(made)
    shift.version += 1
    _tell(tx, shift, action="shift.counted", who=who, after={"no": made.no, "variance_vnd": made.variance_vnd})
    return made


def close(
    tx: Session,
    *,
    shift_id: UUID,
    reason: str | None,
    deposit_bag: str | None,
    who: identity.Principal,
    approved_by: UUID | None,
    now: datetime,
) -> ZReport:
    """Close a shift on its last count and write its Z; a closed one answers its Z.

    Refuses ``NoOpenShift``, ``NotCounted``, ``CountStale``, ``ReasonNeeded``, ``ApprovalNeeded``.
    """
    done = queries.z_of(tx, shift_id)
    if done is not None and done.till_id == till_of(who).id:
        return done
    shift = _locked(tx, shift_id, who)
    _lock_series(tx, shift.till_id)
    payments = queries.payments_of(tx, shift)
    sums = queries.figures_of(tx, shift, payments)
    last = _last_count(tx, shift_id, sums.expected_vnd)
    agreed_by = _agreed(last.variance_vnd, reason, approved_by)
    before = queries.last_close_of(tx, shift.till_id)
    shift.state, shift.version = "closed", shift.version + 1
    shift.closed_at = max([now, *(row.received_at for row in payments)]) + _INSTANT
    tx.flush()
    z = ZReport(
        shift_id=shift_id,
        till_id=shift.till_id,
        number=1 if before is None else before.number + 1,
        count_no=last.no,
        expected_vnd=last.expected_vnd,
        counted_vnd=last.counted_vnd,
        variance_vnd=last.variance_vnd,
        **asdict(sums),
        reason=reason,
        deposit_bag=deposit_bag,
        closed_by=who.staff_id,
        approved_by=agreed_by,
        closed_at=shift.closed_at,
    )
    tx.add(z)
    tx.flush()
    if payments:
        tx.execute(
            text(
                "INSERT INTO z_payment (sale_id, no, shift_id) "
                "SELECT u.*, :shift FROM unnest(CAST(:sales AS uuid[]), CAST(:nos AS smallint[])) u"
            ),
            {"shift": shift_id, "sales": [row.sale_id for row in payments], "nos": [row.no for row in payments]},
        )
    _tell(tx, shift, action="shift.closed", who=who, after={"z": z.number, "variance_vnd": z.variance_vnd})
    return z


def till_of(who: identity.Principal) -> identity.TillFacts:
    """The till somebody stands at. Refuses ``NotPermitted`` in the office: shifts are run at their till."""
    if who.till is None:
        raise identity.NotPermitted(verb="shift.run")
    return who.till


def _lock_series(tx: Session, till_id: UUID) -> None:
    """The lock that the posting desk and the journal take first: no sale of this till slips between the sums and the Z."""
    tx.execute(text("SELECT 1 FROM till_epoch WHERE till_id = :till FOR NO KEY UPDATE"), {"till": till_id})


def _locked(tx: Session, shift_id: UUID, who: identity.Principal) -> Shift:
    shift = queries.open_shift_of(tx, till_of(who).id, lock=True)
    if shift is None or shift.id != shift_id:
        raise NoOpenShift
    return shift


def _last_count(tx: Session, shift_id: UUID, expected_vnd: int) -> ShiftCount:
    counts = queries.counts_of(tx, shift_id)
    if not counts:
        raise NotCounted
    if counts[-1].expected_vnd != expected_vnd:
        raise CountStale
    return counts[-1]


def _agreed(variance_vnd: int, reason: str | None, approved_by: UUID | None) -> UUID | None:
    """Who answers for a large variance; nobody need for a small one. Refuses ``ReasonNeeded``, ``ApprovalNeeded``."""
    if not rules.needs_approval(variance_vnd):
        return None
    if reason is None:
        raise ReasonNeeded(variance_vnd=variance_vnd)
    if approved_by is None:
        raise ApprovalNeeded(variance_vnd=variance_vnd)
    return approved_by


def _tell(
    tx: Session,
    shift: Shift,
    *,
    action: str,
    who: identity.Principal,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any],
) -> None:
    """Write the change down, and let the office hear of it."""
    tx.flush()
    identity.audit(tx, action=action, subject_type="shift", subject_id=shift.id, actor=who, before=before, after=after)
    events.publish(
        tx,
        events.SHIFT_CHANGED,
        key=str(shift.id),
        key_version=shift.version,
        location_id=shift.location_id,
        payload={
            "id": str(shift.id),
            "location_id": str(shift.location_id),
            "till_id": str(shift.till_id),
            "state": shift.state,
        },
    )
