"""Routes of what is held for customers, and of picking: hold, see, let go; bag, unbag, scan back, not found."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Request
from pydantic import Field
from sqlalchemy.orm import Session

from placket import identity
from placket.core import clock
from placket.core.http import Answer, Id, Strict, refuses
from placket.core.refusals import NotFound
from placket.inventory import queries, refusals
from placket.inventory.models import Promise
from placket.inventory.service import fulfil, holds, moves, promises, resourcing

router = APIRouter(prefix="/api/promises", tags=["holds"])

Holding = Annotated[identity.Principal, Depends(identity.Permit("stock.hold"))]
Picking = Annotated[identity.Principal, Depends(identity.Permit("stock.pick"))]


class HoldAsked(Strict):
    """Pieces to keep for a customer at a branch, this one or another; the id makes repeats harmless."""

    id: Id
    location_id: Id
    variant_id: Id
    qty: Annotated[int, Field(ge=1, le=20)]
    held_for: Annotated[str, Field(min_length=2, max_length=80, pattern=r"^[^\x00-\x1f]*\S[^\x00-\x1f]*$")]
    held_phone: Annotated[str, Field(pattern=r"^\+?[0-9]{8,15}$")] | None = None
    customer_id: Id | None = None


class ReachShown(Answer):
    """Whether a branch can answer a question now, and if not, since when one of its tills is silent."""

    location_id: UUID
    reachable: bool
    silent_since: datetime | None


class HoldShown(Answer):
    """How a hold stands: asked, confirmed with its code until a moment, declined, bagged, or over."""

    id: UUID
    ref: UUID
    location_id: UUID
    variant_id: UUID
    qty: int
    phase: str
    code: str | None
    bag_code: str | None
    held_for: str | None
    pay_by: datetime | None


@router.get("/reach")
def reach(_who: Annotated[identity.Principal, Depends(identity.Permit("stock.read"))], request: Request) -> list[ReachShown]:
    """Which branches can give their word now. For the screen and for whom to ask first; the asking decides."""
    now = clock.now()
    with identity.database_of(request).transaction() as tx:
        return [ReachShown.model_validate(row, from_attributes=True) for row in queries.reach(tx, now=now)]


@router.post(
    "/holds",
    status_code=201,
    responses=refuses(NotFound, refusals.OutOfStock, refusals.BranchSilent, refusals.PromiseIdReused, identity.NotPermitted),
)
def hold(body: HoldAsked, who: Holding, request: Request) -> HoldShown:
    """Ask a branch to keep pieces for a customer. Whoever may hold may do so at every branch: that is what it is for."""
    now = clock.now()
    with identity.database_of(request).transaction() as tx:
        kept = holds.hold(
            tx,
            ref=body.id,
            location_id=body.location_id,
            line=moves.Move(body.variant_id, body.qty),
            holder=promises.Holder(
                held_for=body.held_for.strip(),
                held_phone=body.held_phone,
                customer_id=body.customer_id,
                held_by=who.staff_id,
                asked_from=None if who.till is None else who.till.location_id,
            ),
            rule=identity.setting(tx, "hold"),
            now=now,
        )
        return _shown(kept)


@router.get("/holds/{hold_id}", responses=refuses(NotFound))
def show_hold(hold_id: UUID, who: Holding, request: Request) -> HoldShown:
    """How far a hold has come."""
    with identity.database_of(request).transaction() as tx:
        return _shown(holds.access_hold(tx, ref=hold_id, places=who.scope("stock.hold")))


@router.delete("/holds/{hold_id}", responses=refuses(NotFound, refusals.WrongPhase))
def let_hold_go(hold_id: UUID, who: Holding, request: Request) -> HoldShown:
    """The customer does not come: give the piece back; a bag is to be scanned back first."""
    with identity.database_of(request).transaction() as tx:
        kept = holds.access_hold(tx, ref=hold_id, places=who.scope("stock.hold"))
        holds.let_hold_go(tx, promise=kept)
        _audit(tx, "hold.released", kept, who, {})
        return _shown(kept)


@router.post("/{promise_id}/bag", responses=refuses(NotFound, refusals.WrongPhase, identity.NotPermitted))
def bag(promise_id: UUID, who: Picking, request: Request) -> HoldShown:
    """The piece lies in a bag of its own; the answer says which code the bag gets."""
    with identity.database_of(request).transaction() as tx:
        _demand(tx, who, promise_id)
        kept = fulfil.bag(tx, promise_id=promise_id)
        _audit(tx, "promise.bagged", kept, who, {"bag": kept.bag_code})
        return _shown(kept)


@router.post("/{promise_id}/unbag", responses=refuses(NotFound, refusals.WrongPhase, identity.NotPermitted))
def unbag(promise_id: UUID, who: Picking, request: Request) -> HoldShown:
    """The bag is opened: its piece is to be picked anew."""
    with identity.database_of(request).transaction() as tx:
        _demand(tx, who, promise_id)
        kept = fulfil.unbag(tx, promise_id=promise_id)
        _audit(tx, "promise.unbagged", kept, who, {})
        return _shown(kept)


@router.post("/{promise_id}/scan-back", responses=refuses(NotFound, refusals.WrongPhase, identity.NotPermitted))
def scan_back(promise_id: UUID, who: Picking, request: Request) -> HoldShown:
    """The bag of a promise that is over is found: its piece is back on the shelf."""
    with identity.database_of(request).transaction() as tx:
        _demand(tx, who, promise_id)
        kept = fulfil.scan_back(tx, promise_id=promise_id)
        _audit(tx, "promise.scanned_back", kept, who, {})
        return _shown(kept)


@router.post("/{promise_id}/not-found", responses=refuses(NotFound, refusals.WrongPhase, identity.NotPermitted))
def not_found(promise_id: UUID, who: Picking, request: Request) -> HoldShown:
    """Somebody has looked and the piece is not there: the balance is in doubt, and the order goes on without it."""
    database, now = identity.database_of(request), clock.now()
    with database.transaction() as tx:
        _demand(tx, who, promise_id)
        by = moves.By(who.staff_id, None if who.till is None else who.till.id)
        kept = fulfil.not_found(tx, promise_id=promise_id, by=by, now=now)
        _audit(tx, "promise.not_found", kept, who, {})
    with database.transaction() as tx:
        return _shown(resourcing.move_on(tx, promise_id=promise_id, now=now))


def _demand(tx: Session, who: identity.Principal, promise_id: UUID) -> None:
    promise = tx.get(Promise, promise_id)
    if promise is None or not who.may("stock.pick", promise.location_id):
        raise NotFound


def _audit(tx: Session, action: str, promise: Promise, who: identity.Principal, after: dict[str, Any]) -> None:
    facts = {"order": str(promise.ref), "kind": promise.kind, **after}
    identity.audit(tx, action=action, subject_type="promise", subject_id=promise.id, actor=who, after=facts)


def _shown(promise: Promise) -> HoldShown:
    return HoldShown.model_validate(promise, from_attributes=True)
