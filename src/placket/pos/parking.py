"""Carts put aside for any till of the branch. They hold no stock; exactly one till takes one over."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, text, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from placket import events, identity
from placket.core.refusals import NotFound, Refusal
from placket.pos.counter_models import ParkedCart

PARKED_MAX = 200


class ParkedGone(Refusal):
    """Another till has taken the cart, or somebody has thrown it away."""

    code = "parked_gone"
    vi = "Đơn treo này {staff_name} đã lấy ở {till_name} rồi."
    en = "{staff_name} has taken this cart at {till_name}."


class ParkedFull(Refusal):
    """A branch does not put aside more than a few hundred carts."""

    code = "parked_full"
    vi = "Chi nhánh đã treo quá nhiều đơn. Mở lại hoặc bỏ bớt đơn cũ."
    en = "The branch has too many parked carts. Open or drop old ones first."


def park(
    tx: Session,
    *,
    cart_id: UUID,
    who: identity.Principal,
    till: identity.TillFacts,
    reason: str,
    cart: dict[str, Any],
    pieces: int,
    total_vnd: int,
    now: datetime,
) -> None:
    """Put a cart aside; the same id again changes nothing. Refuses ``ParkedFull``."""
    waiting = tx.scalar(
        text("SELECT count(*) FROM parked_cart WHERE location_id = :here AND state = 'parked'"), {"here": till.location_id}
    )
    if waiting is not None and waiting >= PARKED_MAX:
        raise ParkedFull
    put = tx.scalar(
        insert(ParkedCart)
        .values(
            id=cart_id,
            location_id=till.location_id,
            till_id=till.id,
            staff_id=who.staff_id,
            reason=reason,
            cart=cart,
            pieces=pieces,
            total_vnd=total_vnd,
            parked_at=now,
        )
        .on_conflict_do_nothing()
        .returning(ParkedCart.id)
    )
    if put is not None:
        _tell(tx, cart_id, till.location_id, "parked", version=1)


def end(
    tx: Session, *, cart_id: UUID, who: identity.Principal, till: identity.TillFacts, becomes: str, now: datetime
) -> ParkedCart:
    """Take a cart to this till (``taken``), or throw it away (``dropped``).

    The condition and the change are one statement: of two tills that take it in one moment one gets it. Asked again the
    till that has it is answered again. Refuses ``NotFound``, ``ParkedGone`` with who has it.
    """
    ended: ParkedCart | None = tx.scalar(
        update(ParkedCart)
        .where(ParkedCart.id == cart_id, ParkedCart.location_id == till.location_id, ParkedCart.state == "parked")
        .values(state=becomes, taken_by=who.staff_id, taken_till_id=till.id, taken_at=now)
        .returning(ParkedCart)
    )
    if ended is not None:
        _tell(tx, cart_id, till.location_id, becomes, version=2)
        return ended
    known = tx.get(ParkedCart, cart_id)
    if known is None or known.location_id != till.location_id:
        raise NotFound
    if (known.state, known.taken_till_id) == (becomes, till.id):
        return known
    row = tx.execute(
        text(
            "SELECT p.full_name AS staff_name, t.name AS till_name FROM parked_cart c "
            "JOIN staff p ON p.id = c.taken_by JOIN till t ON t.id = c.taken_till_id WHERE c.id = :cart"
        ),
        {"cart": cart_id},
    ).one()
    raise ParkedGone(staff_name=row.staff_name, till_name=row.till_name, state=known.state)


def parked_at(tx: Session, *, location_id: UUID) -> Sequence[Row[Any]]:
    """The carts that wait at a branch, the oldest first."""
    return tx.execute(
        text(
            """
            SELECT c.id, c.reason, c.pieces, c.total_vnd, c.parked_at, c.till_id, p.full_name AS staff_name,
                   t.name AS till_name
              FROM parked_cart c
              JOIN staff p ON p.id = c.staff_id
              JOIN till t ON t.id = c.till_id
             WHERE c.location_id = :here AND c.state = 'parked'
             ORDER BY c.parked_at LIMIT :most
            """
        ),
        {"here": location_id, "most": PARKED_MAX},
    ).all()


def _tell(tx: Session, cart_id: UUID, location_id: UUID, state: str, *, version: int) -> None:
    events.publish(
        tx,
        events.PARKED_CHANGED,
        key=str(cart_id),
        key_version=version,
        location_id=location_id,
        payload={"id": str(cart_id), "location_id": str(location_id), "state": state},
    )
