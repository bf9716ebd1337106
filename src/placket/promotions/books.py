"""The book of promotions in force, in memory, and what their limits have left: a cart is priced without asking the database.

A book is immutable and belongs to one number; a process holds one in ``promo_books`` and replaces it whole when the tail
hears of a publication or of a limit that was used. Old books are read again from the history when a receipt needs one.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from threading import Lock
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Session

from placket.core.db import Database
from placket.promotions.models import PromotionLimit
from placket.promotions.service.publishing import read_limits, read_terms
from placket.promotions.terms import Left, Promotion

BOOK = text(
    """
    SELECT e.promotion_id, e.version, v.terms, v.name_vi, v.name_en
      FROM (SELECT DISTINCT ON (promotion_id) promotion_id, version
              FROM promo_book_entry WHERE promo_version <= :promo_version
             ORDER BY promotion_id, promo_version DESC) e
      JOIN promotion_version v ON v.promotion_id = e.promotion_id AND v.version = e.version
     ORDER BY e.promotion_id
    """
)
NUMBER = text("SELECT promo_version FROM promo_state")
LIMITS = text(
    """
    SELECT promotion_id, uses_max - uses AS uses, pieces_max - pieces AS pieces, budget_vnd - spent_vnd AS budget_vnd,
           uses_a_customer, pieces_a_customer
      FROM promotion_limit
    """
)


@dataclass(frozen=True, slots=True)
class LimitHeld:
    """What a promotion has left in all, and what it allows one customer (or one receipt without a customer)."""

    left: Left
    uses_a_customer: int | None
    pieces_a_customer: int | None

    def for_customer(self, uses: int, pieces: int) -> Left:
        """What is left for somebody who has had so many uses and pieces."""
        return Left(
            uses=_less(self.left.uses, self.uses_a_customer, uses),
            pieces=_less(self.left.pieces, self.pieces_a_customer, pieces),
            budget_vnd=self.left.budget_vnd,
        )


@dataclass(frozen=True, slots=True)
class PromoBook:
    """All promotions of one number of the book, also word for word with their names, and the limits as last heard."""

    promo_version: int
    promotions: tuple[Promotion, ...]
    published: tuple[Mapping[str, Any], ...]
    limits: Mapping[str, LimitHeld]

    def left(self, had: Mapping[str, tuple[int, int]]) -> dict[str, Left]:
        """What limits still allow a customer who has ``had`` so many (uses, pieces) of each promotion."""
        return {key: held.for_customer(*had.get(key, (0, 0))) for key, held in self.limits.items()}

    def after(self, taken: Sequence[Mapping[str, Any]]) -> "PromoBook":
        """The book once a sale has taken so much (uses, pieces, amount_vnd) of its promotions' limits."""
        limits = dict(self.limits)
        for row in taken:
            if (held := limits.get(row["promotion_id"])) is not None:
                rest = Left(
                    uses=_rest(held.left.uses, row["uses"]),
                    pieces=_rest(held.left.pieces, row["pieces"]),
                    budget_vnd=_rest(held.left.budget_vnd, row["amount_vnd"]),
                )
                limits[row["promotion_id"]] = replace(held, left=rest)
        return replace(self, limits=limits)

    def as_used(self, used: Mapping[str, tuple[int, int, int]]) -> "PromoBook":
        """The book as one sale found it: of every limit what that sale has used (uses, pieces, đồng), and no more."""
        limits = {key: LimitHeld(Left(*used.get(key, (0, 0, 0))), None, None) for key in self.limits}
        return replace(self, limits=limits)


def _less(in_all: int | None, a_customer: int | None, had: int) -> int | None:
    own = None if a_customer is None else a_customer - had
    known = [limit for limit in (in_all, own) if limit is not None]
    return max(0, min(known)) if known else None


def read_book(tx: Session, promo_version: int | None = None) -> PromoBook:
    """The book of a number (none: the one in force now) with today's limits."""
    number = tx.scalar(NUMBER) if promo_version is None else promo_version
    rows = tx.execute(BOOK, {"promo_version": number}).all()
    promotions = tuple(read_terms(row.promotion_id, row.version, row.terms) for row in rows)
    return PromoBook(
        promo_version=number or 0,
        promotions=promotions,
        published=tuple(
            {
                **row.terms,
                "id": str(row.promotion_id),
                "version": row.version,
                "name_vi": row.name_vi,
                "name_en": row.name_en,
            }
            for row in rows
        ),
        limits=_read_limits(tx, {promotion.id for promotion in promotions}),
    )


def _read_limits(tx: Session, live: set[str]) -> dict[str, LimitHeld]:
    return {
        str(row.promotion_id): LimitHeld(
            Left(uses=row.uses, pieces=row.pieces, budget_vnd=row.budget_vnd), row.uses_a_customer, row.pieces_a_customer
        )
        for row in tx.execute(LIMITS)
        if str(row.promotion_id) in live
    }


def trying(
    tx: Session, book: PromoBook, *, promotion_id: UUID, terms: Mapping[str, Any], limits: Mapping[str, Any]
) -> PromoBook:
    """The book as it would be with a draft in force, instead of what is published of it; its limits less what is used.

    Refuses ``PromotionMalformed``.
    """
    key = str(promotion_id)
    version = next((each.version for each in book.promotions if each.id == key), 0) + 1
    draft = read_terms(promotion_id, version, terms)
    allowed = read_limits(limits)
    used = tx.get(PromotionLimit, promotion_id)
    held = LimitHeld(
        Left(
            uses=_rest(allowed.uses_max, 0 if used is None else used.uses),
            pieces=_rest(allowed.pieces_max, 0 if used is None else used.pieces),
            budget_vnd=_rest(allowed.budget_vnd, 0 if used is None else used.spent_vnd),
        ),
        allowed.uses_a_customer,
        allowed.pieces_a_customer,
    )
    return PromoBook(
        promo_version=book.promo_version,
        promotions=(*(each for each in book.promotions if each.id != key), draft),
        published=book.published,
        limits={**{each: limit for each, limit in book.limits.items() if each != key}, key: held},
    )


def _rest(allowed: int | None, used: int) -> int | None:
    return None if allowed is None else max(0, allowed - used)


class PromoBooks:
    """The book of this process, swapped whole."""

    def __init__(self) -> None:
        self._book: PromoBook | None = None
        self._loading = Lock()

    def current(self) -> PromoBook:
        """The book in force. Whoever prices has called ``refresh`` at its start."""
        assert self._book is not None, "refresh() comes before current()"
        return self._book

    def newest(self, database: Database) -> PromoBook:
        """The book in force in the database: whoever was told of it asks for it before this process has read it."""
        with database.transaction() as tx:
            number = tx.scalar(NUMBER)
        held = self.current()
        return held if held.promo_version == number else self.refresh(database)

    def refresh(self, database: Database) -> PromoBook:
        """Read the book and its limits anew; blocks on the database, so run it in a thread."""
        with self._loading, database.snapshot() as tx:
            self._book = read_book(tx)
            return self._book


promo_books = PromoBooks()
