"""Stock: the balance, the ledger, promises, and the verbs that ask or record. See docs/rules/stock.md."""

from placket.inventory.places import Place, is_depot, open_location, places
from placket.inventory.queries import balances, balances_of, elsewhere, event_position
from placket.inventory.refusals import (
    BranchSilent,
    DocumentIdReused,
    JournalNotDrained,
    NotPaid,
    OpeningPassed,
    OutOfStock,
    PromiseIdReused,
    TillsUndrained,
    UnknownGoods,
    WouldBreakPromise,
    WrongPhase,
)
from placket.inventory.service.counts import absorb_counted, record_count
from placket.inventory.service.exceptions import close_exceptions, note_exception
from placket.inventory.service.fulfil import bag, let_go, not_found, pay, scan_back, undo
from placket.inventory.service.moves import By, Move, adjust, put_back
from placket.inventory.service.openings import (
    assert_idle,
    attach,
    close_doubts,
    doubt,
    lock_branch,
    lose,
    retire,
    sign_off,
)
from placket.inventory.service.promises import (
    board_of,
    give_word,
    promises_of,
    release,
    release_expired,
    reserve,
    settle,
)
from placket.inventory.service.promises import entry as board_entry

__all__ = [
    "BranchSilent",
    "By",
    "DocumentIdReused",
    "JournalNotDrained",
    "Move",
    "NotPaid",
    "OpeningPassed",
    "OutOfStock",
    "Place",
    "PromiseIdReused",
    "TillsUndrained",
    "UnknownGoods",
    "WouldBreakPromise",
    "WrongPhase",
    "absorb_counted",
    "adjust",
    "assert_idle",
    "attach",
    "bag",
    "balances",
    "balances_of",
    "board_entry",
    "board_of",
    "close_doubts",
    "close_exceptions",
    "doubt",
    "elsewhere",
    "event_position",
    "give_word",
    "is_depot",
    "let_go",
    "lock_branch",
    "lose",
    "not_found",
    "note_exception",
    "open_location",
    "pay",
    "places",
    "promises_of",
    "put_back",
    "record_count",
    "release",
    "release_expired",
    "reserve",
    "retire",
    "scan_back",
    "settle",
    "sign_off",
    "undo",
]
