"""Parts of the books that can be proved alone: a sale, a balance, a customer's rights, a till's numbers, a day's figures.

The rules are those of ``checks``, word for word: within a scope the names of the tables stand for the rows of some keys.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from placket.verify.checks import CHECKS, Check

AT_ONCE: Final = 500
"""So many findings of a rule are read; whoever has that many needs no list."""


@dataclass(frozen=True, slots=True, eq=False)
class Scope:
    """A kind of part: which rows of which tables belong to ``keys``, which rules hold within it, how to walk them."""

    name: str
    rows: Mapping[str, str]
    rules: frozenset[str]
    after: str
    first: str
    slice: int

    def checks(self) -> list[Check]:
        """The rules that a part of this kind must keep by itself."""
        return [check for check in CHECKS if check.name in self.rules]

    def query(self, check: Check) -> str:
        """The rule, of the parts that ``keys`` name."""
        tables = ", ".join(
            f"{table} AS NOT MATERIALIZED (SELECT * FROM {table} WHERE {of})" for table, of in self.rows.items()
        )
        return f"WITH {tables} {check.query} LIMIT {AT_ONCE}"


_NIL: Final = str(UUID(int=0))
_IDS: Final = "ANY (%(keys)s::text[]::uuid[])"
_BALANCES: Final = """(location_id, variant_id) IN (
    SELECT split_part(key, ':', 1)::uuid, split_part(key, ':', 2)::uuid FROM unnest(%(keys)s::text[]) AS key)"""
_EPOCHS: Final = """(till_id, epoch) IN (
    SELECT split_part(key, ':', 1)::uuid, split_part(key, ':', 2)::int FROM unnest(%(keys)s::text[]) AS key)"""

SALE: Final = Scope(
    "sale",
    {
        "sale": f"id = {_IDS}",
        **dict.fromkeys(("sale_line", "sale_discount", "payment", "promotion_use"), f"sale_id = {_IDS}"),
        **dict.fromkeys(("stock_ledger", "loyalty_entry", "credit_entry"), f"ref = {_IDS}"),
    },
    frozenset(
        {
            "moves_have_documents",
            "moves_name_their_seller",
            "sales_move_their_goods",
            "voids_put_goods_back",
            "lines_are_the_sale",
            "discounts_are_their_parts",
            "offers_explain_discounts",
            "shares_are_the_part",
            "payments_pay_the_sale",
            "vat_is_inside",
            "days_are_the_moments",
            "voids_give_rights_back",
        }
    ),
    "SELECT id::text FROM sale WHERE id > %(after)s::uuid ORDER BY id LIMIT %(slice)s",
    _NIL,
    slice=2_000,
)
BALANCE: Final = Scope(
    "balance",
    dict.fromkeys(("stock", "stock_ledger", "promise"), _BALANCES),
    frozenset({"balance_is_ledger", "promised_is_promises", "short_is_what_lacks", "short_has_exception"}),
    """
    SELECT location_id || ':' || variant_id FROM stock
     WHERE (location_id, variant_id) > (split_part(%(after)s, ':', 1)::uuid, split_part(%(after)s, ':', 2)::uuid)
     ORDER BY location_id, variant_id LIMIT %(slice)s
    """,
    f"{_NIL}:{_NIL}",
    slice=4_000,
)
CUSTOMER: Final = Scope(
    "customer",
    dict.fromkeys(("customer_account", "loyalty_entry", "loyalty_lot", "credit_entry", "consent"), f"customer_id = {_IDS}"),
    frozenset(
        {
            "points_are_their_ledger",
            "lots_are_their_entries",
            "lots_are_the_balance",
            "credit_is_its_ledger",
            "consent_is_the_last_word",
        }
    ),
    """
    SELECT customer_id::text FROM customer_account WHERE customer_id > %(after)s::uuid
     ORDER BY customer_id LIMIT %(slice)s
    """,
    _NIL,
    slice=2_000,
)
EPOCH: Final = Scope(
    "epoch",
    dict.fromkeys(("till_epoch", "sale", "sync_entry"), _EPOCHS),
    frozenset({"receipts_are_gapless"}),
    """
    SELECT till_id || ':' || epoch FROM till_epoch
     WHERE (till_id, epoch) > (split_part(%(after)s, ':', 1)::uuid, split_part(%(after)s, ':', 2)::int)
     ORDER BY till_id, epoch LIMIT %(slice)s
    """,
    f"{_NIL}:0",
    slice=4,
)

DAY: Final = Scope(
    "day",
    dict.fromkeys(("day_sum", "day_summed"), "on_date = ANY (%(keys)s::text[]::date[])"),
    frozenset({"figures_are_their_sales"}),
    "SELECT on_date::text FROM day_summed WHERE on_date > %(after)s::date ORDER BY on_date LIMIT %(slice)s",
    "0001-01-01",
    slice=14,
)

SCOPES: Final = {scope.name: scope for scope in (SALE, BALANCE, CUSTOMER, EPOCH, DAY)}
WHOLE: Final = tuple(check for check in CHECKS if not any(check.name in scope.rules for scope in SCOPES.values()))
"""Rules that are only proved on all of the books."""


def scope_of(check: str) -> Scope | None:
    """The scope in which a rule is proved; none when it takes all of the books."""
    return next((scope for scope in SCOPES.values() if check in scope.rules), None)
