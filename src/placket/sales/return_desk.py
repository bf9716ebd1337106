"""What the checkout's route asks the database for a sale with returns: its money before the posting, its books after it."""

from datetime import datetime

import msgspec
from fastapi import Request

from placket import identity
from placket.sales import returning, swapping, taking_back
from placket.sales.shapes import PointsTold, SaleAccepted, SaleAsked


def reckoned(request: Request, asked: SaleAsked, now: datetime) -> returning.ReturnQuote | None:
    """The returns of a sale as they are reckoned now; none when it is posted already and only asked again.

    Refuses what ``returning.quote`` and ``swapping.demand`` refuse, and ``ReturnChanged`` for another amount.
    """
    with identity.database_of(request).snapshot() as tx:  # lines and payments of one moment
        if taking_back.is_posted(tx, asked.id):
            return None
        quote = returning.quote(tx, swapping.wanted(asked.returns, asked.lines), now=now)
    taking_back.demand_same(quote, asked.returns)
    swapping.demand(quote, asked.returns, asked.lines)
    return quote


def told(request: Request, answer: SaleAccepted) -> SaleAccepted:
    """The answer with VAT and points as the books have them."""
    with identity.database_of(request).transaction() as tx:
        books = taking_back.told(tx, answer.id)
    points = None if books.points is None else PointsTold(**books.points)
    return msgspec.structs.replace(answer, vat=books.vat, points=points)
