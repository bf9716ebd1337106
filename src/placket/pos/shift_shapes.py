"""What routes of shifts answer, and how it is put together from the books."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from placket.core.http import Answer
from placket.pos import shift_queries as queries
from placket.pos import shift_rules as rules
from placket.pos.shift_models import CashMove, Shift, ShiftCount, ZReport


class CashMoveShown(Answer):
    """Cash moved in or out."""

    id: UUID
    kind: str
    amount_vnd: int
    reason: str
    staff_name: str
    approved_by_name: str | None
    moved_at: datetime


class CountShown(Answer):
    """A count, and what it should have been."""

    no: int
    pieces: dict[str, int]
    counted_vnd: int
    expected_vnd: int
    variance_vnd: int
    needs_approval: bool
    may_recount: bool
    staff_name: str
    counted_at: datetime


class Tender(Answer):
    """What was received by one tender, less what went back."""

    kind: str
    amount_vnd: int


class Cash(Answer):
    """The drawer's reckoning."""

    float_vnd: int
    sales_vnd: int
    refunds_vnd: int
    in_vnd: int
    out_vnd: int
    expected_vnd: int


class ZShown(Answer):
    """A Z, whole."""

    number: int
    till_code: str
    location_name: str
    opened_at: datetime
    opened_by_name: str
    closed_at: datetime
    closed_by_name: str
    approved_by_name: str | None
    sales: int
    refunds: int
    tenders: list[Tender]
    cash: Cash
    counted_vnd: int
    variance_vnd: int
    counts: int
    reason: str | None
    deposit_bag: str | None


class XReport(Answer):
    """How a shift stands. ``cash`` and ``total_vnd`` are left out for somebody who will count it."""

    at: datetime
    sales: int
    refunds: int
    tenders: list[Tender]
    in_vnd: int
    out_vnd: int
    total_vnd: int | None
    cash: Cash | None


class ShiftFace(Answer):
    """The open shift of a till."""

    id: UUID
    staff_id: UUID
    staff_name: str
    opened_at: datetime
    float_vnd: int
    note: str | None
    moves: list[CashMoveShown]
    counts: list[CountShown]


class LastClose(Answer):
    """What the shift before left."""

    number: int
    closed_at: datetime
    counted_vnd: int


class ShiftNow(Answer):
    """What a till needs to open, run or close a shift."""

    shift: ShiftFace | None
    last: LastClose | None
    may_approve: bool
    cash_out_vnd_max: int
    variance_vnd_max: int


class ShiftListed(Answer):
    """A shift in the office's list. ``late`` payments came after its Z."""

    id: UUID
    state: str
    location_id: UUID
    location_name: str
    till_code: str
    staff_name: str
    opened_at: datetime
    closed_at: datetime | None
    float_vnd: int
    number: int | None
    expected_vnd: int | None
    counted_vnd: int | None
    variance_vnd: int | None
    sales: int | None
    approved: bool | None
    late: int
    late_vnd: int


class Variance(Answer):
    """How far somebody's drawers at a till were off."""

    staff_name: str
    till_code: str
    location_name: str
    shifts: int
    variance_vnd: int
    short_vnd: int
    over_vnd: int


class Amendment(Answer):
    """A payment of a closed shift that arrived after its Z."""

    sale_id: UUID
    receipt_code: str | None
    kind: str
    amount_vnd: int
    received_at: datetime
    recorded_at: datetime


class ShiftShown(Answer):
    """A shift, whole: as it stands while it is open, and frozen in its Z once it is closed."""

    id: UUID
    state: str
    location_id: UUID
    location_name: str
    till_code: str
    staff_name: str
    opened_by_name: str
    opened_at: datetime
    closed_at: datetime | None
    note: str | None
    float_pieces: dict[str, int]
    now: XReport
    moves: list[CashMoveShown]
    counts: list[CountShown]
    z: ZShown | None
    amendments: list[Amendment]
    amended_variance_vnd: int | None


def face_of(tx: Session, shift: Shift) -> ShiftFace:
    """The open shift as its till shows it."""
    return ShiftFace(
        id=shift.id,
        staff_id=shift.staff_id,
        staff_name=queries.names_of(tx, [shift.staff_id])[shift.staff_id],
        opened_at=shift.opened_at,
        float_vnd=shift.float_vnd,
        note=shift.note,
        moves=moves_shown(tx, queries.moves_of(tx, shift.id)),
        counts=counts_shown(tx, queries.counts_of(tx, shift.id)),
    )


def moves_shown(tx: Session, moves: list[CashMove]) -> list[CashMoveShown]:
    """Moves with the names of who made and approved them."""
    names = queries.names_of(tx, [who for move in moves for who in (move.staff_id, move.approved_by)])
    return [
        CashMoveShown(
            id=move.id,
            kind=move.kind,
            amount_vnd=move.amount_vnd,
            reason=move.reason,
            staff_name=names[move.staff_id],
            approved_by_name=None if move.approved_by is None else names[move.approved_by],
            moved_at=move.moved_at,
        )
        for move in moves
    ]


def counts_shown(tx: Session, counts: list[ShiftCount]) -> list[CountShown]:
    """Counts with what they should have been."""
    names = queries.names_of(tx, [one.staff_id for one in counts])
    return [
        CountShown(
            no=one.no,
            pieces=one.pieces,
            counted_vnd=one.counted_vnd,
            expected_vnd=one.expected_vnd,
            variance_vnd=one.variance_vnd,
            needs_approval=rules.needs_approval(one.variance_vnd),
            may_recount=rules.may_recount([other.expected_vnd for other in counts], one.expected_vnd),
            staff_name=names[one.staff_id],
            counted_at=one.counted_at,
        )
        for one in counts
    ]


def x_of(sums: rules.Figures, now: datetime, *, blind: bool) -> XReport:
    """How a shift stands; blind for whoever will count it."""
    tenders = [
        Tender(kind=kind, amount_vnd=amount) for kind, amount in sums.tenders.items() if not (blind and kind == "cash")
    ]
    cash = Cash(
        float_vnd=sums.float_vnd,
        sales_vnd=sums.cash_sales_vnd,
        refunds_vnd=sums.cash_refunds_vnd,
        in_vnd=sums.in_vnd,
        out_vnd=sums.out_vnd,
        expected_vnd=sums.expected_vnd,
    )
    return XReport(
        at=now,
        sales=sums.sales,
        refunds=sums.refunds,
        tenders=tenders,
        in_vnd=sums.in_vnd,
        out_vnd=sums.out_vnd,
        total_vnd=None if blind else sums.total_vnd,
        cash=None if blind else cash,
    )


def z_shown(tx: Session, shift: Shift, z: ZReport) -> ZShown:
    """A Z with the names in it."""
    names = queries.names_of(tx, [shift.opened_by, z.closed_by, z.approved_by])
    place = queries.place_of(tx, shift)
    return ZShown(
        number=z.number,
        till_code=place.till_code,
        location_name=place.location_name,
        opened_at=shift.opened_at,
        opened_by_name=names[shift.opened_by],
        closed_at=z.closed_at,
        closed_by_name=names[z.closed_by],
        approved_by_name=None if z.approved_by is None else names[z.approved_by],
        sales=z.sales,
        refunds=z.refunds,
        tenders=[Tender(kind=kind, amount_vnd=amount) for kind, amount in sorted(z.tenders.items())],
        cash=Cash(
            float_vnd=z.float_vnd,
            sales_vnd=z.cash_sales_vnd,
            refunds_vnd=z.cash_refunds_vnd,
            in_vnd=z.in_vnd,
            out_vnd=z.out_vnd,
            expected_vnd=z.expected_vnd,
        ),
        counted_vnd=z.counted_vnd,
        variance_vnd=z.variance_vnd,
        counts=z.count_no,
        reason=z.reason,
        deposit_bag=z.deposit_bag,
    )


def shift_shown(tx: Session, shift: Shift, now: datetime) -> ShiftShown:
    """A shift as the office shows it."""
    names = queries.names_of(tx, [shift.staff_id, shift.opened_by])
    place = queries.place_of(tx, shift)
    sums = queries.figures_of(tx, shift)
    z = queries.z_of(tx, shift.id)
    late = [] if z is None else queries.amendments_of(tx, shift)
    return ShiftShown(
        id=shift.id,
        state=shift.state,
        location_id=shift.location_id,
        location_name=place.location_name,
        till_code=place.till_code,
        staff_name=names[shift.staff_id],
        opened_by_name=names[shift.opened_by],
        opened_at=shift.opened_at,
        closed_at=shift.closed_at,
        note=shift.note,
        float_pieces=shift.float_pieces,
        now=x_of(sums, now, blind=False),
        moves=moves_shown(tx, queries.moves_of(tx, shift.id)),
        counts=counts_shown(tx, queries.counts_of(tx, shift.id)),
        z=None if z is None else z_shown(tx, shift, z),
        amendments=[Amendment.model_validate(row, from_attributes=True) for row in late],
        amended_variance_vnd=None if z is None or not late else z.counted_vnd - sums.expected_vnd,
    )
