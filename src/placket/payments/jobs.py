"""What the worker does for payments by the clock."""

from datetime import datetime, timedelta
from typing import Final

from placket import identity
from placket.core.db import Database
from placket.payments import counter
from placket.payments.models import PaymentRequest
from placket.payments.service.cards import unsettled_cards
from placket.payments.terminal import terminal_of

LEFT_ALONE: Final = timedelta(minutes=3)
"""A till asks about its charge every moment; after this it has gone."""


def see_to_cards(database: Database, *, now: datetime) -> int:
    """Learn what became of charges that were left alone, and void those whose money goes back; answers how many."""
    with database.transaction() as tx:
        waiting = [
            (tx.get_one(PaymentRequest, request_id), identity.till_facts_of(tx, till_id))
            for request_id, till_id in unsettled_cards(tx, before=now - LEFT_ALONE)
        ]
        in_demo = bool(waiting) and identity.is_demo(tx)
    done = 0
    for request, till in waiting:
        terminal = terminal_of(till.code, in_demo=in_demo)
        if terminal is not None and counter.see_to(database, terminal, request=request, now=now) == "settled":
            done += 1
    return done
