"""Promises: pieces kept for somebody who is not in the shop, made at once at a depot, by the word of its tills at a branch.

Lock order: location, stock rows by (variant, location), promises. See docs/rules/offline.md.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

from sqlalchemy import ARRAY, ColumnElement, Uuid, any_, bindparam, func, select, text, update
from sqlalchemy.orm import InstrumentedAttribute, Session, aliased

from placket.core.codes import own_code
from placket.core.ids import new_id
from placket.core.refusals import NotFound
from placket.inventory.models import Location, Promise, Stock, StockDoubt, TillOpening, TillReturn
from placket.inventory.refusals import BranchRecovering, BranchSilent, OutOfStock, PromiseIdReused
from placket.inventory.rules import is_open
from placket.inventory.service.board import tell
from placket.inventory.service.moves import STATE, Move, summed, tell_stock
from placket.inventory.service.searches import ask_due

PromiseKind = Literal["ship", "collect", "transfer", "hold"]
PROMISE_CODE = "05"
NUMBER_DIGITS = 10
_ASKED_OF = """
SELECT o.location_id FROM till_opening o
 WHERE o.till_id = :till AND o.opening = :opening AND o.state = 'attached'
   AND EXISTS (SELECT 1 FROM promise p WHERE p.location_id = o.location_id AND p.phase = 'asked' AND p.asked_no <= :board_no)
"""
_STORE_WORDS = """
INSERT INTO promise_word (promise_id, till_id, opening, head_seq, in_hand)
SELECT p.id, o.till_id, o.opening, :head, coalesce(h.qty, 0)
  FROM promise p
  JOIN till_opening o ON o.till_id = :till AND o.opening = :opening AND o.state = 'attached'
  LEFT JOIN unnest(CAST(:variants AS uuid[]), CAST(:hands AS int[])) AS h(variant_id, qty) ON h.variant_id = p.variant_id
 WHERE p.location_id = :location AND o.location_id = :location AND p.phase = 'asked' AND p.asked_no <= :board_no
    ON CONFLICT DO NOTHING
"""
_CAN_BE_SETTLED = """
SELECT EXISTS (
    SELECT 1 FROM promise p
     WHERE p.location_id = :location AND p.phase = 'asked'
       AND NOT EXISTS (SELECT 1 FROM till_opening o
                         JOIN till_epoch e ON e.till_id = o.till_id AND e.epoch = o.epoch
                         LEFT JOIN promise_word w
                                ON w.promise_id = p.id AND w.till_id = o.till_id AND w.opening = o.opening
                        WHERE o.location_id = p.location_id AND o.state = 'attached'
                          AND (w.promise_id IS NULL OR w.head_seq > e.posted_seq)))
"""

_LATER = aliased(Promise)
# Built once: to put such a statement together costs as much as to ask it.
_STANDING = (
    select(Promise)
    .where(Promise.ref == any_(bindparam("refs", type_=ARRAY(Uuid))))
    .where(~select(_LATER.id).where(_LATER.moved_from == Promise.id).exists())
    .order_by(Promise.ref, Promise.variant_id)
)


@dataclass(frozen=True, slots=True)
class Holder:
    """Whom something is held for, who asked for it, and from which branch."""

    held_for: str
    held_phone: str | None
    customer_id: UUID | None
    held_by: UUID | None
    asked_from: UUID | None


def reserve(
    tx: Session,
    *,
    ref: UUID,
    kind: PromiseKind,
    location_id: UUID,
    lines: Sequence[Move],
    pay_by: datetime | None,
    now: datetime,
    holder: Holder | None = None,
) -> list[Promise]:
    """Promise every line of an order at a place, or refuse them all; asked again it answers the same promises.

    Where no till is attached they are ``confirmed`` at once; else they are ``asked``, and become confirmed or declined
    when the tills have given their word (``settle``). Refuses ``OutOfStock``, ``BranchSilent``, ``BranchRecovering``,
    ``PromiseIdReused``.
    """
    location = locked(tx, location_id)
    if location.status != "active":
        raise NotFound
    made = first_promises_of(tx, ref=ref)
    if made:
        same = [(row.variant_id, row.qty) for row in made] == [(m.variant_id, m.qty) for m in summed(lines)]
        if not same or made[0].location_id != location_id:
            raise PromiseIdReused
        return promises_of(tx, ref=ref)
    code = own_code(PROMISE_CODE, tx.scalars(text("SELECT nextval('promise_no')")).one(), digits=NUMBER_DIGITS)
    needs_word = takes_word(tx, location, now)
    keep(tx, location_id=location_id, moves=summed(lines), needs_word=needs_word)
    promises = [
        Promise(
            id=new_id(),
            ref=ref,
            kind=kind,
            location_id=location_id,
            variant_id=move.variant_id,
            qty=move.qty,
            phase="asked" if needs_word else "confirmed",
            asked_no=location.board_no + 1 if needs_word else None,
            code=code,
            paid=False,
            pay_by=pay_by,
            created_at=now,
            version=1,
            **({} if holder is None else asdict(holder)),
        )
        for move in summed(lines)
    ]
    tx.add_all(promises)
    tell(tx, location, promises)
    return promises


def takes_word(tx: Session, location: Location, now: datetime) -> bool:
    """Whether a promise there is asked first.

    Refuses ``BranchRecovering``, and ``BranchSilent`` where somebody should answer and nobody can.
    """
    if is_recovering(tx, location_id=location.id):
        raise BranchRecovering
    needs_word = bool(attached_tills(tx, location_id=location.id))
    if location.kind == "branch" and not needs_word and is_open(location.opening_hours, now):
        raise BranchSilent
    return needs_word


def give_word(
    tx: Session, *, till_id: UUID, opening: int, board_no: int, head_seq: int, in_hand: dict[UUID, int]
) -> UUID | None:
    """Store a till's word for every question on its board; answers the branch, if a question there can be settled now.

    ``in_hand`` are pieces in the till's open carts: not safety, but courtesy to the customer who holds them. A board without
    a question, as after each confirmation, waits for nobody: the branch is not even locked.
    """
    known = {"till": till_id, "opening": opening, "board_no": board_no}
    location_id: UUID | None = tx.scalar(text(_ASKED_OF), known)
    if location_id is None:
        return None
    locked(tx, location_id)
    hands = {"variants": list(in_hand), "hands": list(in_hand.values()), "head": head_seq}
    tx.execute(text(_STORE_WORDS), known | hands | {"location": location_id})
    # What is sold before the word and not handed in yet is settled when it is: by the push that brings it.
    return location_id if tx.scalar(text(_CAN_BE_SETTLED), {"location": location_id}) else None


def settle(tx: Session, *, location_id: UUID, give_up_before: datetime | None = None) -> int:
    """Confirm or decline the questions of a branch that can be answered now, and put the searches that are due.

    A transaction of its own: it takes the branch's lock first. Answers how many questions were settled. Those asked
    before ``give_up_before`` are declined when they still lack a word.
    """
    location = locked(tx, location_id)
    tills = attached_tills(tx, location_id=location_id)
    asked = _asked_at(tx, location_id)
    _lock_stock(tx, location_id, refs={promise.ref for promise in asked})
    settled: list[Promise] = []
    for promise in asked:
        in_hand = _word_of_all(tx, promise, tills)
        if in_hand is not None and promise.phase == "asked":
            settled += _confirm_or_decline(tx, promise, in_hand=in_hand)
        elif give_up_before is not None and promise.created_at < give_up_before and promise.phase == "asked":
            settled += _decline(tx, promise)
    searched = ask_due(tx, location_id=location_id)
    if settled or searched:
        tell(tx, location, [*settled, *searched])
    return len(settled)


def release(tx: Session, *, ref: UUID, scope: Sequence[UUID] | None = None) -> None:
    """Give the pieces of an unpaid order back; releasing again changes nothing.

    ``scope`` are the locations the asker may promise at, none means all. Refuses ``NotFound``, also beyond the scope.
    """
    made = promises_of(tx, ref=ref)
    if not made or (scope is not None and not {promise.location_id for promise in made} <= set(scope)):
        raise NotFound
    _release_all(tx, [promise.id for promise in made if not promise.paid])


def release_all(tx: Session, *, refs: Sequence[UUID]) -> int:
    """Give back what is promised under several references and not paid for; answers how many promises ended."""
    return _release_all(tx, [promise.id for promise in promises_of_all(tx, refs=refs) if not promise.paid])


def release_expired(tx: Session, *, now: datetime, limit: int = 500) -> int:
    """Release promises that nobody paid for in time; answers how many."""
    due = select(Promise.id).where(Promise.phase.in_(("asked", "confirmed")), Promise.paid.is_(False), Promise.pay_by <= now)
    return _release_all(tx, list(tx.scalars(due.order_by(Promise.variant_id, Promise.location_id).limit(limit))))


def places_asked_before(tx: Session, *, before: datetime) -> list[UUID]:
    """The branches with questions older than this that nobody has answered."""
    late = select(Promise.location_id).where(Promise.phase == "asked", Promise.created_at < before)
    return list(tx.scalars(late.distinct().order_by(Promise.location_id)))


def promises_of(tx: Session, *, ref: UUID) -> list[Promise]:
    """The promises of an order as they stand, by variant: of one that has moved, its last place."""
    return promises_of_all(tx, refs=[ref])


def promises_of_all(tx: Session, *, refs: Sequence[UUID]) -> list[Promise]:
    """The same of several references."""
    return list(tx.scalars(_STANDING, {"refs": list(refs)}))


def first_promises_of(tx: Session, *, ref: UUID) -> list[Promise]:
    """The promises of an order as it was asked for, by variant."""
    asked = select(Promise).where(Promise.ref == ref, Promise.moved_from.is_(None))
    return list(tx.scalars(asked.order_by(Promise.variant_id)))


def attached_tills(tx: Session, *, location_id: UUID) -> list[TillOpening]:
    """The openings whose tills must give their word."""
    attached = select(TillOpening).where(TillOpening.location_id == location_id, TillOpening.state == "attached")
    return list(tx.scalars(attached.order_by(TillOpening.till_id)))


def locked(tx: Session, location_id: UUID) -> Location:
    """The place, locked before its stock and its promises. Refuses ``NotFound``."""
    location = tx.scalar(
        select(Location)
        .where(Location.id == location_id)
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    )
    if location is None:
        raise NotFound
    return location


def is_recovering(tx: Session, *, location_id: UUID) -> bool:
    """Whether a till of the branch has not come back since the server was restored (``recovery``)."""
    missing = select(TillReturn.till_id).where(TillReturn.location_id == location_id, TillReturn.returned_at.is_(None))
    return bool(tx.scalar(select(missing.exists())))


def decline_questions(tx: Session, location: Location) -> None:
    """Decline every question of a place, whatever words there are, under its lock."""
    asked = _asked_at(tx, location.id)
    _lock_stock(tx, location.id, refs={promise.ref for promise in asked})
    declined = [one for promise in asked if promise.phase == "asked" for one in _decline(tx, promise)]
    tell(tx, location, declined)


def _asked_at(tx: Session, location_id: UUID) -> list[Promise]:
    asked = select(Promise).where(Promise.location_id == location_id, Promise.phase == "asked")
    return list(tx.scalars(asked.order_by(Promise.variant_id, Promise.id).execution_options(populate_existing=True)))


def _free(*, for_asked: bool = False) -> ColumnElement[int]:
    return Stock.on_hand - Stock.promised if for_asked else Stock.on_hand - Stock.promised - Stock.asked


def _sure() -> ColumnElement[bool]:
    """No open doubt about this balance."""
    return ~(
        select(StockDoubt.id)
        .where(
            StockDoubt.location_id == Stock.location_id,
            StockDoubt.closed_at.is_(None),
            StockDoubt.variant_id.is_(None) | (StockDoubt.variant_id == Stock.variant_id),
        )
        .exists()
    )


def keep(tx: Session, *, location_id: UUID, moves: Sequence[Move], needs_word: bool) -> None:
    """Take pieces out of what is free to promise, each in one statement with the rule. Refuses ``OutOfStock``."""
    column: InstrumentedAttribute[int] = Stock.asked if needs_word else Stock.promised
    kept = []
    for move in moves:
        row = tx.execute(
            update(Stock)
            .where(Stock.location_id == location_id, Stock.variant_id == move.variant_id, _free() >= move.qty, _sure())
            .values({column: column + move.qty, Stock.version: Stock.version + 1})
            .returning(*STATE)
        ).one_or_none()
        if row is None:
            left = tx.get(Stock, (location_id, move.variant_id))
            free = 0 if left is None else max(0, left.on_hand - left.promised - left.asked)
            raise OutOfStock(variant_id=str(move.variant_id), asked=move.qty, free=free)
        kept.append(row)
    tell_stock(tx, *kept)


def _word_of_all(tx: Session, promise: Promise, tills: Sequence[TillOpening]) -> int | None:
    """The pieces in open carts if every attached till holds the question and has handed in what it sold before."""
    answered = tx.execute(
        text(
            """
            SELECT count(*) AS tills, coalesce(sum(w.in_hand), 0)::int AS in_hand
              FROM promise_word w
              JOIN till_opening o ON o.till_id = w.till_id AND o.opening = w.opening AND o.state = 'attached'
              JOIN till_epoch e ON e.till_id = o.till_id AND e.epoch = o.epoch
             WHERE w.promise_id = :promise AND o.location_id = :location AND e.posted_seq >= w.head_seq
            """
        ),
        {"promise": promise.id, "location": promise.location_id},
    ).one()
    return int(answered.in_hand) if answered.tills == len(tills) else None


def _confirm_or_decline(tx: Session, promise: Promise, *, in_hand: int) -> list[Promise]:
    """Look at the books once more: what a till sold before its word is posted by now."""
    row = tx.execute(
        update(Stock)
        .where(
            Stock.location_id == promise.location_id,
            Stock.variant_id == promise.variant_id,
            _free(for_asked=True) - in_hand >= promise.qty,
            _sure(),
        )
        .values(promised=Stock.promised + promise.qty, asked=Stock.asked - promise.qty, version=Stock.version + 1)
        .returning(*STATE)
    ).one_or_none()
    if row is None:
        return _decline(tx, promise)
    tell_stock(tx, row)
    turn(promise, "confirmed")
    return [promise]


def _decline(tx: Session, promise: Promise) -> list[Promise]:
    """Decline a question, and with it the rest of its order; one that came from elsewhere goes on alone."""
    whole = [promise] if promise.moved_from is not None else promises_of(tx, ref=promise.ref)
    return [one for one in whole if _give_back(tx, one, becomes="declined" if one is promise else "released")]


def _lock_stock(tx: Session, location_id: UUID, *, refs: set[UUID]) -> None:
    """Lock every balance that settling these orders may touch, in the order in which sales lock them."""
    touched = select(Promise.variant_id).where(Promise.ref.in_(refs))
    tx.execute(
        select(Stock.version)
        .where(Stock.location_id == location_id, Stock.variant_id.in_(touched))
        .order_by(Stock.variant_id)
        .with_for_update()
    )


def _release_all(tx: Session, promise_ids: Sequence[UUID]) -> int:
    released: dict[UUID, list[Promise]] = {}
    wanted = select(Promise).where(Promise.id.in_(promise_ids))
    promises = list(tx.scalars(wanted.order_by(Promise.variant_id, Promise.location_id)))
    # Branches before stock rows before promises: the lock order of docs/rules/offline.md.
    places = {place: locked(tx, place) for place in sorted({promise.location_id for promise in promises})}
    for promise in promises:
        if _give_back(tx, promise, becomes="released"):
            released.setdefault(promise.location_id, []).append(promise)
    for place, changed in released.items():
        tell(tx, places[place], changed)
    return sum(len(changed) for changed in released.values())


def _give_back(tx: Session, promise: Promise, *, becomes: str) -> bool:
    """End a promise that is asked, or confirmed and unpaid, and free its pieces; answers whether it did."""
    tx.execute(
        select(Stock.version)
        .where(Stock.location_id == promise.location_id, Stock.variant_id == promise.variant_id)
        .with_for_update()
    )
    tx.refresh(promise, with_for_update=True)
    if promise.phase not in ({"asked"} if promise.paid else {"asked", "confirmed"}):
        return False
    asked = promise.qty if promise.phase == "asked" else 0
    promised = promise.qty - asked
    row = tx.execute(
        update(Stock)
        .where(Stock.location_id == promise.location_id, Stock.variant_id == promise.variant_id)
        .values(
            asked=Stock.asked - asked,
            promised=Stock.promised - promised,
            short=func.greatest(0, Stock.promised - promised - Stock.on_hand),
            version=Stock.version + 1,
        )
        .returning(*STATE)
    ).one()
    tell_stock(tx, row)
    turn(promise, becomes)
    return True


def turn(promise: Promise, phase: str) -> None:
    """Move a promise to its next phase."""
    promise.phase = phase
    promise.version += 1
