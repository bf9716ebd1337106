"""A branch after its server was restored from a backup: what it may not do, who must come back, and what their boards tell.

The backup is older than the shop. Until every registered till of a branch has handed in its journal, or is declared lost,
nobody knows what was sold meanwhile, so the branch makes no new promise. See docs/rules/offline.md.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal
from uuid import UUID

from sqlalchemy import func, select, text, update
from sqlalchemy.orm import Session

from placket.inventory.models import Location, Promise, Stock, StockDoubt, TillOpening, TillReturn
from placket.inventory.service.board import ON_BOARD, open_promises, tell
from placket.inventory.service.exceptions import note_exception
from placket.inventory.service.moves import STATE, tell_stock
from placket.inventory.service.promises import PromiseKind, decline_questions, locked

# Incarnations count the seconds since then: two restores of the same backup are two histories with two numbers.
COUNTED_FROM = datetime(2026, 1, 1, tzinfo=UTC)
NUMBERS_SKIPPED = 100_000
IN_A_BAG = ("bagged", "to_scan_back")


@dataclass(frozen=True, slots=True)
class HeldPromise:
    """A promise as a board shows it (``board.sql``); older tills do not know the last fields."""

    id: UUID
    ref: UUID
    kind: PromiseKind
    variant_id: UUID
    qty: int
    phase: Literal["asked", "confirmed", "bagged", "to_scan_back"]
    bag_code: str | None
    paid: bool
    pay_by: datetime | None
    code: str | None = None
    held_for: str | None = None
    customer_id: UUID | None = None
    asked_from: UUID | None = None


@dataclass(frozen=True, slots=True)
class HeldBoard:
    """The last board that a till has stored, of whichever history of the server."""

    incarnation: int
    board_no: int
    promises: Sequence[HeldPromise]


def begin_recovery(tx: Session, *, now: datetime) -> int:
    """Begin a new history from a backup; answers for how many tills the branches now wait.

    Openings end, questions are declined, boards get a new incarnation, and doubts that were open end by counting only:
    what else may have ended them belongs to a history that is gone.
    """
    tx.execute(
        update(TillOpening).where(TillOpening.state == "attached").values(state="ended", ended_at=now, end_reason="restored")
    )
    counted = int((now - COUNTED_FROM).total_seconds())
    for location_id in tx.scalars(select(Location.id).order_by(Location.id)).all():
        location = locked(tx, location_id)
        location.rebuilt_incarnation, location.rebuilt_no = location.incarnation, location.board_no
        location.incarnation = max(location.incarnation + 1, counted)
        tx.flush()
        decline_questions(tx, location)
    # What was given since the backup lies in bags, on boxes and in customers' hands.
    for numbers in ("promise_no", "bag_no", "transfer_no"):
        tx.execute(text(f"SELECT setval('{numbers}', nextval('{numbers}') + {NUMBERS_SKIPPED})"))
    tx.execute(update(StockDoubt).where(StockDoubt.closed_at.is_(None)).values(only_count=True))
    tx.execute(text("DELETE FROM till_return"))
    registered = tx.execute(
        text(
            "INSERT INTO till_return (till_id, location_id, epoch, since) SELECT id, location_id, epoch, :now FROM till "
            "WHERE status = 'active' AND paired_at IS NOT NULL RETURNING till_id"
        ),
        {"now": now},
    )
    return len(registered.all())


def awaited(tx: Session, *, till_id: UUID) -> bool:
    """Whether a till has still to come back: nobody knows what its journal holds."""
    waiting = select(TillReturn.till_id).where(TillReturn.till_id == till_id, TillReturn.returned_at.is_(None))
    return bool(tx.scalar(select(waiting.exists())))


def note_return(tx: Session, *, till_id: UUID, epoch: int, held: HeldBoard | None, now: datetime) -> None:
    """A till has attached, drained: it is back, and the board it holds may know of promises that the backup does not.

    Under the branch's lock. A till with another epoch than the backup knows was paired anew, so the journal of the epoch
    before it may be incomplete: nobody trusts the branch's balances until they are counted.
    """
    row = tx.get(TillReturn, till_id, with_for_update=True)
    if row is None:
        return
    if held is not None:
        _rebuild(tx, locked(tx, row.location_id), held, now)
    if row.returned_at is not None:
        return
    row.returned_at, row.how = now, "attached"
    if row.epoch != epoch:
        tx.execute(
            text(
                "INSERT INTO stock_doubt (id, location_id, variant_id, reason, ref, opened_at, only_count) "
                "SELECT gen_random_uuid(), location_id, variant_id, 'lost_till', :till, :now, true "
                "  FROM stock WHERE location_id = :location AND on_hand > 0"
            ),
            {"till": str(till_id), "location": row.location_id, "now": now},
        )


def give_up(tx: Session, *, till_id: UUID, now: datetime) -> None:
    """A till is declared lost: nobody waits for it any more."""
    tx.execute(
        update(TillReturn)
        .where(TillReturn.till_id == till_id, TillReturn.returned_at.is_(None))
        .values(returned_at=now, how="lost")
    )


def missing_tills(tx: Session, *, scope: Sequence[UUID] | None) -> Sequence[Any]:
    """The tills that have not come back since the restore, by branch."""
    return tx.execute(
        text(
            """
            SELECT r.location_id, l.name AS location_name, r.till_id, l.code || '-' || t.number AS till_code,
                   t.name AS till_name, t.last_seen_at, r.since
              FROM till_return r JOIN till t ON t.id = r.till_id JOIN location l ON l.id = r.location_id
             WHERE r.returned_at IS NULL
               AND (CAST(:scope AS uuid[]) IS NULL OR l.id = ANY(CAST(:scope AS uuid[])))
             ORDER BY l.position, t.number
            """
        ),
        {"scope": None if scope is None else list(scope)},
    ).all()


def _rebuild(tx: Session, location: Location, held: HeldBoard, now: datetime) -> None:
    """Take over the promises of a board that is newer than what is known of the lost history; an older one says nothing."""
    known = (location.rebuilt_incarnation, location.rebuilt_no)
    if known == (None, None) or held.incarnation >= location.incarnation or (held.incarnation, held.board_no) <= known:
        return
    before = {promise.id: promise for promise in open_promises(tx, location_id=location.id)}
    changed = [
        promise
        for shown in sorted(held.promises, key=lambda shown: (shown.variant_id, shown.id))
        if (promise := _take_over(tx, location, shown, now)) is not None
    ]
    for gone in before.keys() - {shown.id for shown in held.promises}:
        # Shipped, collected or cancelled: the board does not say, so the promise stays until somebody has looked.
        _unclear(tx, location, before[gone], before[gone].variant_id, now)
    location.rebuilt_incarnation, location.rebuilt_no = held.incarnation, held.board_no
    tell(tx, location, changed)


def _take_over(tx: Session, location: Location, shown: HeldPromise, now: datetime) -> Promise | None:
    """Make a promise what the board says it was; none if it is so already.

    A question may have been confirmed since, and its customer told so: it counts as confirmed until somebody has looked.
    """
    phase = "confirmed" if shown.phase == "asked" else shown.phase
    known = tx.get(Promise, shown.id, with_for_update=True)
    if known is not None and (
        known.phase == phase or (known.location_id, known.variant_id) != (location.id, shown.variant_id)
    ):
        return None
    if known is None and not _has_balance(tx, location.id, shown.variant_id):
        _unclear(tx, location, shown, None, now)
        return None
    was_open = known is not None and known.phase in ON_BOARD
    was_bagged = known is not None and known.phase in IN_A_BAG
    promised = 0 if was_open else shown.qty
    bagged = shown.qty * ((phase in IN_A_BAG) - was_bagged)
    _owe(tx, location.id, shown.variant_id, promised=promised, bagged=bagged, now=now)
    if known is None:
        known = Promise(id=shown.id, location_id=location.id, created_at=now, version=0, asked_no=None)
        known.ref, known.kind, known.variant_id, known.qty = shown.ref, shown.kind, shown.variant_id, shown.qty
        known.code, known.held_for, known.asked_from = shown.code, shown.held_for, shown.asked_from
        known.customer_id = tx.scalar(text("SELECT id FROM customer WHERE id = :id"), {"id": shown.customer_id})
        tx.add(known)
    known.phase, known.bag_code, known.paid, known.pay_by = phase, shown.bag_code, shown.paid, shown.pay_by
    known.version += 1
    tx.flush()
    if shown.phase == "asked":
        _unclear(tx, location, shown, shown.variant_id, now)
    return known


def _unclear(
    tx: Session, location: Location, promise: Promise | HeldPromise, variant_id: UUID | None, now: datetime
) -> None:
    """Let somebody look what has become of a promise: a board alone does not tell."""
    note_exception(
        tx,
        kind="promise_unclear",
        severity="urgent",
        refs={"promise": str(promise.id), "order": str(promise.ref)},
        location_id=location.id,
        variant_id=variant_id,
        qty=promise.qty,
        now=now,
    )


def _has_balance(tx: Session, location_id: UUID, variant_id: UUID) -> bool:
    """Make the balance a promise needs; false for goods that came after the backup and are not known here."""
    tx.execute(
        text(
            "INSERT INTO stock (location_id, variant_id) SELECT :location, id FROM variant WHERE id = :variant "
            "ON CONFLICT DO NOTHING"
        ),
        {"location": location_id, "variant": variant_id},
    )
    return tx.get(Stock, (location_id, variant_id), with_for_update=True) is not None


def _owe(tx: Session, location_id: UUID, variant_id: UUID, *, promised: int, bagged: int, now: datetime) -> None:
    row = tx.execute(
        update(Stock)
        .where(Stock.location_id == location_id, Stock.variant_id == variant_id)
        .values(
            promised=Stock.promised + promised,
            bagged=Stock.bagged + bagged,
            short=func.greatest(0, Stock.promised + promised - Stock.on_hand),
            version=Stock.version + 1,
        )
        .returning(*STATE)
    ).one()
    tell_stock(tx, row)
    if row.short:
        note_exception(
            tx,
            kind="short",
            severity="urgent",
            refs={"restored": True},
            location_id=location_id,
            variant_id=variant_id,
            qty=row.short,
            now=now,
        )
