"""Stock: the balance, the ledger, promises, and the verbs that ask or record. See docs/rules/stock.md."""

from placket.inventory.places import Place, is_depot, open_location, places
from placket.inventory.queries import balances, balances_of, elsewhere, event_position
from placket.inventory.refusals import (
    DocumentIdReused,
    NeedsWord,
    OpeningPassed,
    OutOfStock,
    PromiseIdReused,
    UnknownGoods,
    WouldBreakPromise,
)
from placket.inventory.service import (
    By,
    Move,
    adjust,
    attach,
    put_back,
    release,
    release_expired,
    reserve,
    sign_off,
)

__all__ = [
    "By",
    "DocumentIdReused",
    "Move",
    "NeedsWord",
    "OpeningPassed",
    "OutOfStock",
    "Place",
    "PromiseIdReused",
    "UnknownGoods",
    "WouldBreakPromise",
    "adjust",
    "attach",
    "balances",
    "balances_of",
    "elsewhere",
    "event_position",
    "is_depot",
    "open_location",
    "places",
    "put_back",
    "release",
    "release_expired",
    "reserve",
    "sign_off",
]
