"""A shift: float, cash in and out, a blind count, a Z that never changes, and what came after it. docs/rules/shifts.md."""

import threading
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

import msgspec
import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from books import Line, a_sale, kinds, post, raw
from builders import PIN, Person, TillAtWork, a_branch, a_person, a_style, a_till, stocked
from placket import identity, sales, verify
from placket.core.db import Database
from placket.core.ids import new_id
from placket.core.refusals import Refusal
from placket.pos import shift_queries as queries
from placket.pos import shift_rules as rules
from placket.pos import shift_shapes as shapes
from placket.pos import shifts
from placket.pos.shift_models import Shift, ShiftCount, ZReport

OPENED = datetime(2026, 11, 25, 1, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
FLOAT = {500_000: 2, 100_000: 5, 50_000: 10}


@dataclass
class Drawer:
    """A till with a cashier, and goods to sell."""

    tx: Session
    till: TillAtWork
    cashier: identity.Principal
    manager: Person
    variant_id: UUID
    shift_id: UUID

    def opens(self, at: datetime = OPENED, pieces: dict[int, int] | None = None, shift_id: UUID | None = None) -> Shift:
        """Open a shift on a float of 2.000.000 ₫ unless another is given."""
        chosen = FLOAT if pieces is None else pieces
        return shifts.open_shift(
            self.tx, shift_id=shift_id or self.shift_id, pieces=chosen, note=None, who=self.cashier, now=at
        )

    def sells(
        self, pieces: int, *, at: datetime = OPENED + MINUTE, kind: str = "cash", till: TillAtWork | None = None
    ) -> UUID:
        """Sell pieces of 100.000 ₫ each."""
        sale = a_sale(till or self.till, Line(self.variant_id, pieces), at=at)
        paid = msgspec.structs.replace(sale, tenders=[{**tender, "kind": kind} for tender in sale.tenders])
        assert kinds(post(self.tx, paid)) == ["accepted"]
        return paid.id

    def moves(
        self, kind: str, amount_vnd: int, *, approved_by: UUID | None = None, at: datetime = OPENED + 2 * MINUTE
    ) -> None:
        """Cash in or out."""
        shifts.move_cash(
            self.tx,
            move_id=new_id(),
            shift_id=self.shift_id,
            kind=kind,
            amount_vnd=amount_vnd,
            reason="Mua nước",
            who=self.cashier,
            approved_by=approved_by,
            now=at,
        )

    def counts(self, thousands: int, *, at: datetime = OPENED + 5 * MINUTE) -> ShiftCount:
        """Count so many notes of 1.000 ₫."""
        return shifts.count(
            self.tx, count_id=new_id(), shift_id=self.shift_id, pieces={1_000: thousands}, who=self.cashier, now=at
        )

    def closes(
        self, *, at: datetime = OPENED + 6 * MINUTE, reason: str | None = None, approved_by: UUID | None = None
    ) -> ZReport:
        """Close on the last count."""
        return shifts.close(
            self.tx,
            shift_id=self.shift_id,
            reason=reason,
            deposit_bag=None,
            who=self.cashier,
            approved_by=approved_by,
            now=at,
        )


@pytest.fixture
def drawer(tx: Session) -> Drawer:
    return a_drawer(tx)


def a_drawer(tx: Session) -> Drawer:
    branch_id = a_branch(tx)
    variant_id = a_style(tx, price_vnd=100_000).one
    till = a_till(tx, branch_id)
    stocked(tx, branch_id, {variant_id: 1_000})
    manager = a_person(tx, "store_manager", at=branch_id, pin=PIN)
    return Drawer(tx, till, principal(tx, till.cashier), manager, variant_id, new_id())


def principal(tx: Session, person: Person) -> identity.Principal:
    found = identity.principal_of_session(tx, person.session_id, now=OPENED)
    assert found is not None
    return found


def test_notes_are_worth_their_sum() -> None:
    assert rules.sum_of(dict.fromkeys(rules.DENOMINATIONS, 1)) == 888_000
    assert rules.sum_of(FLOAT) == 2_000_000
    assert rules.sum_of({}) == 0


def test_the_worked_example_of_the_rules_adds_up() -> None:
    paid = [
        rules.Payment("cash", 1_250_000, 1),
        rules.Payment("cash", 450_000, 2),
        rules.Payment("card", 300_000, 3),
        rules.Payment("cash", -450_000, 2),
    ]
    sums = rules.figures(2_000_000, paid, [("out", 200_000)])
    assert sums.expected_vnd == 3_050_000
    assert (sums.cash_sales_vnd, sums.cash_refunds_vnd, sums.total_vnd) == (1_700_000, 450_000, 1_550_000)
    assert (sums.sales, sums.refunds, dict(sums.tenders)) == (3, 1, {"card": 300_000, "cash": 1_250_000})


@pytest.mark.parametrize("sign", [1, -1])
def test_fifty_thousand_either_way_needs_nobody(sign: int) -> None:
    assert not rules.needs_approval(sign * 50_000)
    assert rules.needs_approval(sign * 50_001)


def test_a_till_has_one_open_shift(drawer: Drawer) -> None:
    assert drawer.opens().float_vnd == 2_000_000
    assert drawer.opens().id == drawer.shift_id
    with pytest.raises(shifts.ShiftOpen):
        drawer.opens(shift_id=new_id())
    assert drawer.tx.scalar(text("SELECT count(*) FROM shift")) == 1


def test_two_that_open_at_once_make_one_shift(fresh: Database) -> None:
    with fresh.transaction() as tx:
        drawer = a_drawer(tx)
    together, outcomes = threading.Barrier(2), []

    def opens() -> None:
        together.wait()
        try:
            with fresh.transaction() as tx:
                shifts.open_shift(tx, shift_id=new_id(), pieces={}, note=None, who=drawer.cashier, now=OPENED)
            outcomes.append("opened")
        except Refusal as refused:
            outcomes.append(refused.code)

    threads = [threading.Thread(target=opens) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["opened", "shift_open"]


def test_a_drawer_is_closed_on_a_blind_count(drawer: Drawer) -> None:
    drawer.opens()
    drawer.sells(12)
    drawer.sells(3, kind="card")
    drawer.moves("in", 100_000)
    drawer.moves("out", 50_000)
    counted = drawer.counts(3_230)
    assert (counted.no, counted.expected_vnd, counted.variance_vnd) == (1, 3_250_000, -20_000)
    z = drawer.closes()
    assert (z.number, z.sales, z.refunds, z.tenders) == (1, 2, 0, {"card": 300_000, "cash": 1_200_000})
    assert (z.float_vnd, z.cash_sales_vnd, z.in_vnd, z.out_vnd) == (2_000_000, 1_200_000, 100_000, 50_000)
    assert (z.expected_vnd, z.counted_vnd, z.variance_vnd, z.approved_by) == (3_250_000, 3_230_000, -20_000, None)
    assert drawer.closes().number == 1
    assert verify.prove(raw(drawer.tx)) == []


def test_money_of_other_tills_moments_and_voids_goes_where_it_was(drawer: Drawer) -> None:
    neighbour = a_till(drawer.tx, drawer.till.location_id)
    drawer.sells(1, at=OPENED - MINUTE)
    drawer.opens()
    drawer.sells(7, till=neighbour)
    sale_id = drawer.sells(4)
    drawer.tx.execute(text("UPDATE role_grant SET refund_vnd_max = NULL WHERE verb = 'sale.void'"))
    there = principal(drawer.tx, neighbour.cashier)
    sales.void_sale(drawer.tx, sale_id=sale_id, receipt_no=None, reason="Khách đổi ý", who=there, now=OPENED + 3 * MINUTE)
    # The cash came into this drawer, and went out of the neighbour's.
    sums = queries.figures_of(drawer.tx, drawer.opens())
    assert (sums.cash_sales_vnd, sums.cash_refunds_vnd) == (400_000, 0)
    other = shifts.open_shift(drawer.tx, shift_id=new_id(), pieces={}, note=None, who=there, now=OPENED + 2 * MINUTE)
    there_sums = queries.figures_of(drawer.tx, other)
    assert (there_sums.cash_sales_vnd, there_sums.cash_refunds_vnd, there_sums.refunds) == (0, 400_000, 1)


def test_much_cash_out_needs_approval(drawer: Drawer) -> None:
    drawer.opens()
    drawer.moves("out", 500_000)
    with pytest.raises(shifts.ApprovalNeeded):
        drawer.moves("out", 500_001)
    drawer.moves("out", 500_001, approved_by=drawer.manager.id)
    drawer.moves("in", 9_000_000)
    moved = [(move.kind, move.amount_vnd, move.approved_by) for move in queries.moves_of(drawer.tx, drawer.shift_id)]
    assert moved == [("out", 500_000, None), ("out", 500_001, drawer.manager.id), ("in", 9_000_000, None)]


def test_a_large_variance_needs_a_reason_and_somebody_who_agrees(drawer: Drawer) -> None:
    drawer.opens()
    drawer.counts(1_949)
    with pytest.raises(shifts.ReasonNeeded):
        drawer.closes(approved_by=drawer.manager.id)
    with pytest.raises(shifts.ApprovalNeeded):
        drawer.closes(reason="Thối nhầm")
    assert drawer.tx.scalar(text("SELECT count(*) FROM z_report")) == 0
    z = drawer.closes(reason="Thối nhầm", approved_by=drawer.manager.id)
    assert (z.variance_vnd, z.reason, z.approved_by) == (-51_000, "Thối nhầm", drawer.manager.id)


def test_the_database_refuses_a_large_variance_without_them(drawer: Drawer) -> None:
    drawer.opens()
    drawer.counts(1_949)
    drawer.closes(reason="Thối nhầm", approved_by=drawer.manager.id)
    drawer.tx.execute(text("ALTER TABLE z_report DISABLE TRIGGER append_only"))
    with pytest.raises(DBAPIError, match="ck_z_report_approval"):
        drawer.tx.execute(text("UPDATE z_report SET approved_by = NULL"))


def test_it_is_counted_once_more_and_both_counts_stay(drawer: Drawer) -> None:
    drawer.opens()
    with pytest.raises(shifts.NotCounted):
        drawer.closes()
    drawer.counts(1_900)
    drawer.counts(2_000)
    with pytest.raises(shifts.RecountUsed):
        drawer.counts(2_001)
    z = drawer.closes()
    assert (z.count_no, z.counted_vnd, z.variance_vnd) == (2, 2_000_000, 0)
    assert [one.counted_vnd for one in queries.counts_of(drawer.tx, drawer.shift_id)] == [1_900_000, 2_000_000]


def test_the_same_count_sent_twice_is_one(drawer: Drawer) -> None:
    drawer.opens()
    count_id = new_id()
    for thousands in (1_990, 1_995):
        made = shifts.count(
            drawer.tx, count_id=count_id, shift_id=drawer.shift_id, pieces={1_000: thousands}, who=drawer.cashier, now=OPENED
        )
        assert (made.no, made.counted_vnd) == (1, 1_990_000)


def test_a_sale_after_the_count_makes_it_stale_and_takes_nothing_from_the_recount(drawer: Drawer) -> None:
    drawer.opens()
    drawer.counts(2_000)
    drawer.counts(2_000)
    drawer.sells(1)
    with pytest.raises(shifts.CountStale):
        drawer.closes()
    assert drawer.counts(2_100).variance_vnd == 0
    assert drawer.closes().count_no == 3


def test_numbers_of_zs_go_on_and_the_next_shift_begins_where_the_last_ended(drawer: Drawer) -> None:
    for number in (1, 2, 3):
        drawer.shift_id = new_id()
        shift = drawer.opens(at=OPENED)
        drawer.counts(2_000)
        z = drawer.closes(at=OPENED + number * MINUTE)
        assert (z.number, shift.opened_at < z.closed_at) == (number, True)
    assert verify.prove(raw(drawer.tx)) == []


@pytest.mark.parametrize("table", ["z_report", "z_payment", "shift_count", "cash_move"])
@pytest.mark.parametrize("change", ["UPDATE {} SET shift_id = shift_id", "DELETE FROM {}", "TRUNCATE {} CASCADE"])
def test_what_was_closed_never_changes(drawer: Drawer, table: str, change: str) -> None:
    with pytest.raises(DBAPIError, match="append only"):
        drawer.tx.execute(text(change.format(table)))


@pytest.mark.parametrize("change", ["UPDATE shift SET float_vnd = 0", "DELETE FROM shift"])
def test_a_closed_shift_never_changes(drawer: Drawer, change: str) -> None:
    drawer.opens()
    drawer.counts(2_000)
    drawer.closes()
    with pytest.raises(DBAPIError, match="never changes"):
        drawer.tx.execute(text(change))


def test_a_late_sale_amends_in_sight_and_leaves_the_z_alone(drawer: Drawer) -> None:
    drawer.opens()
    drawer.sells(2)
    drawer.counts(2_180)
    frozen = drawer.closes()
    late = drawer.sells(1, at=OPENED + 4 * MINUTE)
    outside = drawer.sells(1, at=OPENED + 10 * MINUTE)
    shift = drawer.tx.get_one(Shift, drawer.shift_id)
    shown = shapes.shift_shown(drawer.tx, shift, OPENED + 20 * MINUTE)
    assert [(one.sale_id, one.amount_vnd) for one in shown.amendments] == [(late, 100_000)]
    assert outside not in [one.sale_id for one in shown.amendments]
    assert shown.z is not None
    assert (shown.z.cash.sales_vnd, shown.z.variance_vnd, frozen.expected_vnd) == (200_000, -20_000, 2_200_000)
    assert shown.amended_variance_vnd == -120_000
    (row,) = queries.page_of_shifts(drawer.tx, scope=None, location_id=None, from_on=None, to_on=None, before=None, limit=10)
    assert (row.number, row.variance_vnd, row.late, row.late_vnd) == (1, -20_000, 1, 100_000)
    (off,) = queries.variances(drawer.tx, scope=None, location_id=None, from_on=None, to_on=None)
    assert (off.shifts, off.variance_vnd, off.short_vnd, off.over_vnd) == (1, -20_000, 20_000, 0)
    assert verify.prove(raw(drawer.tx)) == []


def test_an_x_resets_nothing_and_hides_the_cash_from_whoever_counts(drawer: Drawer) -> None:
    shift = drawer.opens()
    drawer.sells(5)
    drawer.sells(2, kind="card")
    for _ in range(2):
        sums = queries.figures_of(drawer.tx, shift)
        blind, open_eyed = (shapes.x_of(sums, OPENED, blind=hidden) for hidden in (True, False))
        assert (blind.sales, blind.cash, blind.total_vnd) == (2, None, None)
        assert [(tender.kind, tender.amount_vnd) for tender in blind.tenders] == [("card", 200_000)]
        assert open_eyed.cash is not None
        assert (open_eyed.total_vnd, open_eyed.cash.expected_vnd) == (700_000, 2_500_000)


def test_a_drawer_is_taken_over_with_approval(drawer: Drawer) -> None:
    drawer.opens()
    second = a_person(drawer.tx, "cashier", at=drawer.till.location_id, till_id=drawer.till.id)
    who = principal(drawer.tx, second)
    with pytest.raises(shifts.ApprovalNeeded):
        shifts.take_over(drawer.tx, shift_id=drawer.shift_id, who=who, approved_by=None)
    shift = shifts.take_over(drawer.tx, shift_id=drawer.shift_id, who=who, approved_by=drawer.manager.id)
    assert (shift.staff_id, shift.opened_by, shift.version) == (second.id, drawer.cashier.staff_id, 2)
    written = drawer.tx.scalars(text("SELECT action FROM audit_log WHERE subject_type = 'shift' ORDER BY id")).all()
    assert written == ["shift.opened", "shift.taken_over"]
    told = drawer.tx.execute(
        text("SELECT key_version, payload ->> 'state' FROM event WHERE topic = 'shift.changed' ORDER BY id")
    )
    assert told.all() == [(1, "open"), (2, "open")]


def test_approval_is_the_pin_of_somebody_who_may(fresh: Database) -> None:
    with fresh.transaction() as tx:
        drawer = a_drawer(tx)
        cashier = a_person(tx, "cashier", at=drawer.till.location_id, pin=PIN)
    till = drawer.cashier.till
    assert till is not None

    def approved(staff_id: UUID, pin: str) -> UUID:
        return identity.approve_by_pin(fresh, till=till, staff_id=staff_id, pin=pin, verb="shift.approve", now=OPENED)

    assert approved(drawer.manager.id, PIN) == drawer.manager.id
    with pytest.raises(identity.NotPermitted):
        approved(cashier.id, PIN)
    for left in (4, 3, 2, 1, 0):
        with pytest.raises(identity.WrongPin) as refused:
            approved(drawer.manager.id, "000000")
        assert refused.value.facts == {"attempts_left": left}
    with pytest.raises(identity.TooManyAttempts):
        approved(drawer.manager.id, PIN)
