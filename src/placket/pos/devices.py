"""Verbs of tills as devices that touch stock as well: a till out of use gives no word and hands in nothing any more."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from sqlalchemy.orm import Session

from placket import identity, inventory
from placket.core.refusals import NotFound
from placket.pos import queries


def take_out_of_use(
    tx: Session, *, till_id: UUID, status: Literal["lost", "retired"], reason: str, actor: identity.Principal, now: datetime
) -> UUID:
    """End a till's token, sessions, epoch and opening at once; answers the branch, whose questions are to be settled.

    A lost till puts its branch in doubt. Refuses ``NotFound``, also beyond the actor's reach.
    """
    location_id = queries.location_of(tx, till_id=till_id)
    if location_id is None or not actor.may("till.revoke", location_id):
        raise NotFound
    inventory.lock_branch(tx, location_id=location_id)  # branch before till: the lock order
    identity.revoke_till(tx, till_id=till_id, status=status, reason=reason, actor=actor, now=now)
    if status == "lost":
        inventory.lose(tx, till_id=till_id, location_id=location_id, now=now)
    else:
        epoch = identity.till_facts_of(tx, till_id).epoch
        inventory.retire(tx, till_id=till_id, epoch=epoch, location_id=location_id, by=actor.staff_id, now=now)
    return location_id
