"""Routes of promises: ask for pieces, see how far a promise has come, give them back."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Depends, Request
from pydantic import Field

from placket import identity
from placket.core import clock
from placket.core.http import Answer, Id, Strict, refuses
from placket.core.refusals import NotFound
from placket.inventory import refusals
from placket.inventory.models import Promise
from placket.inventory.service import moves, promises

router = APIRouter(prefix="/api/promises", tags=["stock"])


class Pieces(Strict):
    """Pieces of a variant to promise."""

    variant_id: Id
    qty: Annotated[int, Field(ge=1, le=999)]


class PromiseAsked(Strict):
    """Pieces to promise at a depot for a while; the id is made by the client and makes repeats harmless."""

    id: Id
    location_id: Id
    kind: Literal["ship", "collect", "hold"]
    lines: Annotated[list[Pieces], Field(min_length=1, max_length=200)]
    hold_s: Annotated[int, Field(ge=30, le=1800)] = 600


class PiecesShown(Answer):
    """Promised pieces."""

    variant_id: UUID
    qty: int


class PromiseShown(Answer):
    """A promise and until when it is kept for who has not paid."""

    id: UUID
    location_id: UUID
    phase: str
    pay_by: datetime | None
    lines: list[PiecesShown]


Reserve = Annotated[identity.Principal, Depends(identity.Permit("stock.reserve"))]


@router.post(
    "",
    status_code=201,
    responses=refuses(
        NotFound,
        refusals.OutOfStock,
        refusals.BranchSilent,
        refusals.BranchRecovering,
        refusals.PromiseIdReused,
        identity.NotPermitted,
    ),
)
def reserve(body: PromiseAsked, who: Reserve, request: Request) -> PromiseShown:
    """Promise every line, or refuse them all."""
    who.demand("stock.reserve", body.location_id)
    now = clock.now()
    with identity.database_of(request).transaction() as tx:
        made = promises.reserve(
            tx,
            ref=body.id,
            kind=body.kind,
            location_id=body.location_id,
            lines=[moves.Move(line.variant_id, line.qty) for line in body.lines],
            pay_by=now + timedelta(seconds=body.hold_s),
            now=now,
        )
        return _promise_shown(body.id, made)


@router.get("/{promise_id}", responses=refuses(NotFound))
def promise(promise_id: UUID, who: Reserve, request: Request) -> PromiseShown:
    """How far a promise has come: asked, confirmed or declined, and beyond."""
    with identity.database_of(request).transaction() as tx:
        made = promises.promises_of(tx, ref=promise_id)
        if not made or not who.may("stock.reserve", made[0].location_id):
            raise NotFound
        return _promise_shown(promise_id, made)


@router.delete("/{promise_id}", status_code=204, responses=refuses(NotFound))
def release(promise_id: UUID, who: Reserve, request: Request) -> None:
    """Give the pieces back."""
    with identity.database_of(request).transaction() as tx:
        promises.release(tx, ref=promise_id, scope=who.scope("stock.reserve"))


def _promise_shown(ref: UUID, made: Sequence[Promise]) -> PromiseShown:
    return PromiseShown(
        id=ref,
        location_id=made[0].location_id,
        phase=made[0].phase,
        pay_by=made[0].pay_by,
        lines=[PiecesShown(variant_id=one.variant_id, qty=one.qty) for one in made],
    )
