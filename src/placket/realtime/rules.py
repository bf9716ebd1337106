"""Who may hear what: one table of topics, and the audience somebody belongs to. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Self
from uuid import UUID

from placket import events, identity

EVERYBODY: Final = None

HEARERS: Mapping[str, str | None] = {
    events.STOCK_CHANGED: EVERYBODY,
    events.CATALOGUE_CHANGED: EVERYBODY,
    events.PRICES_CHANGED: EVERYBODY,
    events.PROMOTIONS_CHANGED: EVERYBODY,
    events.PROMOTION_USED: EVERYBODY,
    events.LOCATION_CHANGED: EVERYBODY,
    events.SETTINGS_CHANGED: EVERYBODY,
    events.SALE_COMPLETED: "sale.read",
    events.SALE_VOIDED: "sale.read",
    events.PARKED_CHANGED: "sale.sell",
    events.PROMISE_CHANGED: "stock.read",
    events.BOARD_CHANGED: "stock.read",
    events.TILL_CHANGED: "till.read",
    events.STAFF_CHANGED: "staff.read",
    events.IMPORT_CHANGED: "catalog.import",
    events.SHIFT_CHANGED: "shift.read",
    events.MATTERS_CHANGED: "stock.adjust",
    events.PAYMENT_CHANGED: "sale.read",
    events.ORDER_CHANGED: "order.read",
    events.LACK_CHANGED: "stock.pick",
    events.TRANSFER_CHANGED: "stock.read",
    events.COUNT_CHANGED: "stock.read",
    events.CREDIT_CHANGED: "payment.read",
    events.CUSTOMER_CHANGED: "customer.read",
    events.CAMPAIGN_CHANGED: "campaign.read",
    events.BOOKS_CHANGED: "audit.read",
    events.JOBS_CHANGED: "system.read",
}
"""Topic → the verb one must hold (at the event's location, if it has one). A topic not named here is never sent."""

VERBS: Final = frozenset(verb for verb in HEARERS.values() if verb is not None)


@dataclass(frozen=True, slots=True)
class Audience:
    """People who hear exactly the same: a frame is made once for all of them."""

    reach: frozenset[tuple[str, frozenset[UUID] | None]]

    @classmethod
    def of(cls, who: identity.Principal) -> Self:
        """The audience somebody belongs to by what they may do, and where."""
        return cls(frozenset((verb, grant.location_ids) for verb, grant in who.grants.items() if verb in VERBS))

    @classmethod
    def of_till(cls, location_id: UUID) -> Self:
        """What a paired device hears when nobody has signed in: its branch's board and stock, for its word."""
        return cls(frozenset({("stock.read", frozenset({location_id}))}))

    def hears(self, topic: str, location_id: UUID | None) -> bool:
        """Whether an event is for these people."""
        if topic not in HEARERS:
            return False
        verb = HEARERS[topic]
        if verb is EVERYBODY:
            return True
        return any(
            held == verb and (location_id is None or places is None or location_id in places) for held, places in self.reach
        )


@dataclass(frozen=True, slots=True)
class Listener:
    """Who sits at a socket: a session, or a till that speaks for itself; what they hear, and until when."""

    id: UUID
    audience: Audience
    expires_at: datetime
