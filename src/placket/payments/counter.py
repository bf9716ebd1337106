"""The conversation with the terminal about one card request: never inside a transaction, and safe to have again.

Nobody is charged twice, because a request is one reference at the terminal: before another may be made, this one is known
to be declined, shut, or given back.
"""

from datetime import datetime
from typing import Literal
from uuid import UUID

from placket.core.db import Database
from placket.payments.models import PaymentRequest
from placket.payments.service.cards import settle_charge
from placket.payments.terminal import Charge, NoAnswer, Terminal

Heard = Literal["waiting_card", "processing", "settled", "lost"]


def begin(database: Database, terminal: Terminal, *, request_id: UUID, amount_vnd: int, now: datetime) -> Heard:
    """Send the amount to the terminal; silence leaves the request waiting and unknown."""
    try:
        charge = terminal.charge(reference=str(request_id), amount_vnd=amount_vnd)
    except NoAnswer:
        return "lost"
    return _settle(database, request_id, charge, now)


def ask(database: Database, terminal: Terminal, *, request_id: UUID, now: datetime) -> Heard:
    """Ask for the last result. One that never arrived is shut, so that it cannot arrive any more."""
    reference = str(request_id)
    try:
        charge = terminal.look_up(reference=reference) or terminal.cancel(reference=reference)
    except NoAnswer:
        return "lost"
    return _settle(database, request_id, charge, now)


def stop(database: Database, terminal: Terminal, *, request_id: UUID, now: datetime) -> Heard:
    """Stop a charge; if it has gone through meanwhile, it is received."""
    try:
        charge = terminal.cancel(reference=str(request_id))
    except NoAnswer:
        return "lost"
    return _settle(database, request_id, charge, now)


def reverse(database: Database, terminal: Terminal, *, request_id: UUID, now: datetime) -> Heard:
    """Give the money of a charge back."""
    try:
        charge = terminal.void(reference=str(request_id))
    except NoAnswer:
        return "lost"
    return _settle(database, request_id, charge, now)


def see_to(database: Database, terminal: Terminal, *, request: PaymentRequest, now: datetime) -> Heard:
    """Whatever a request that was left alone needs: its result, or its money given back."""
    if request.state == "returning":
        return reverse(database, terminal, request_id=request.id, now=now)
    return ask(database, terminal, request_id=request.id, now=now)


def _settle(database: Database, request_id: UUID, charge: Charge, now: datetime) -> Heard:
    if charge.state in {"waiting_card", "processing"}:
        return "waiting_card" if charge.state == "waiting_card" else "processing"
    with database.transaction() as tx:
        settle_charge(tx, request_id=request_id, charge=charge, now=now)
    return "settled"
