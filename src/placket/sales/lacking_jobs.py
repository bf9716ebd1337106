"""Lacks between transactions: a piece that is not there goes on at once, and the clock brings on what waits."""

from datetime import datetime
from uuid import UUID

from placket import inventory
from placket.core.db import Database
from placket.sales import lacking


def go_on(database: Database, promise_id: UUID, *, now: datetime) -> None:
    """Look for it at the next place; where none has it, have somebody decide."""
    with database.transaction() as tx:
        inventory.move_on(tx, promise_id=promise_id, now=now)
    see_to(database, now=now)


def see_to(database: Database, *, now: datetime) -> int:
    """Do what waits to be done about lacks; answers how much that was."""
    with database.transaction() as tx:
        waiting = lacking.to_do(tx)
    for lack_id, what in waiting:
        with database.transaction() as tx:
            lacking.come_to(tx, lack_id=lack_id, what=what, now=now)
    return len(waiting)
