"""What the worker runs for stock: posting a count, a step at a time."""

from uuid import UUID

from placket import catalog
from placket.core import clock
from placket.core.db import Database
from placket.inventory.prices import price_of
from placket.inventory.service.booking import book_some
from placket.inventory.service.stocktakes import place_of


def post_count(database: Database, *, count_id: str) -> None:
    """Book a count that was approved; every step is a transaction of its own, and taken up again it goes on."""
    wanted, after = UUID(count_id), None
    with database.transaction() as tx:
        prices = price_of(catalog.load_price_book(tx), place_of(tx, count_id=wanted), clock.now())
    while True:
        with database.transaction() as tx:
            after = book_some(tx, count_id=wanted, after=after, price_of=prices, now=clock.now())
        if after is None:
            return
