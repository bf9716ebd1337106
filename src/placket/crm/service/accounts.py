"""The account row of a customer: the one lock of everything they have with us, and the telling of what has changed.

Lock order: branch, till epoch, stock rows, then accounts by customer id, then holds.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Session

from placket import events
from placket.core.refusals import NotFound


@dataclass(frozen=True, slots=True)
class By:
    """Who does something, and at which till."""

    staff_id: UUID | None
    till_id: UUID | None = None


def locked_accounts(tx: Session, customer_ids: Iterable[UUID]) -> None:
    """Lock accounts in the one order, so that two who need the same never wait for each other."""
    tx.execute(
        text(
            "SELECT 1 FROM customer_account WHERE customer_id = ANY(CAST(:ids AS uuid[])) "
            "ORDER BY customer_id FOR NO KEY UPDATE"
        ),
        {"ids": sorted(set(customer_ids))},
    )


def locked_survivor(tx: Session, customer_id: UUID) -> UUID:
    """The person an id stands for, their account locked. Refuses ``NotFound``."""
    while True:
        before = survivor_of(tx, customer_id)
        locked_accounts(tx, {customer_id, before})
        # Under the locks nobody is merged any more: what is read now holds.
        if survivor_of(tx, customer_id) == before:
            return before


def survivor_of(tx: Session, customer_id: UUID) -> UUID:
    """The person an id stands for: itself, or whom it was merged into. Refuses ``NotFound``."""
    found: UUID | None = tx.scalar(
        text("SELECT coalesce(merged_into, id) FROM customer WHERE id = :id"), {"id": customer_id}
    )
    if found is None:
        raise NotFound
    return found


def tell_of(tx: Session, customer_id: UUID) -> None:
    """Note that something of the person an id stands for has changed. Refuses ``NotFound``."""
    tell(tx, locked_survivor(tx, customer_id))


def tell(tx: Session, customer_id: UUID) -> None:
    """Note that a customer has changed and tell the branches that know them; call it last, under the account's lock."""
    version = tx.execute(
        text(
            "UPDATE customer_account SET version = version + 1, changed_xid = pg_current_xact_id() "
            "WHERE customer_id = :id RETURNING version"
        ),
        {"id": customer_id},
    ).scalar_one()
    places = tx.scalars(
        text("SELECT location_id FROM customer_branch WHERE customer_id = :id ORDER BY location_id"), {"id": customer_id}
    )
    events.publish(
        tx,
        events.CUSTOMER_CHANGED,
        key=str(customer_id),
        key_version=version,
        payload={"customer_id": str(customer_id), "location_ids": [str(place) for place in places]},
    )
