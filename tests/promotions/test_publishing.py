"""Drafting, publishing, stopping: the book's numbers, what never changes, what is refused."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

import builders
from placket import promotions
from placket.core.db import Database
from placket.core.ids import new_id
from placket.promotions.books import PromoBooks
from placket.promotions.models import PromotionVersion
from placket.promotions.refusals import NotLive, PromotionChanged, PromotionMalformed, UnknownGoods
from placket.promotions.service import publishing
from placket.promotions.terms import Percent

NOW = datetime(2026, 11, 26, 3, tzinfo=UTC)
TEN = {"group": 1, "reward": {"kind": "percent", "bp": 1_000}}


def keeper(tx: Session) -> UUID:
    branch = builders.a_branch(tx)
    return builders.a_person(tx, "marketer", at=branch).id


def drafted(tx: Session, by: UUID, terms: dict[str, Any] = TEN, **limits: int) -> UUID:
    promotion_id = new_id()
    promotions.keep_draft(
        tx,
        promotion_id=promotion_id,
        names=("Giảm 10%", "10 % off"),
        terms=terms,
        limits=limits,
        row_version=None,
        staff_id=by,
        now=NOW,
    )
    return promotion_id


def test_a_draft_is_in_nobodys_book_and_a_published_one_in_everybodys(tx: Session) -> None:
    by = keeper(tx)
    promotion_id = drafted(tx, by)
    before = promotions.read_book(tx)
    assert before.promotions == ()
    number = promotions.publish(tx, promotion_id=promotion_id, row_version=1, staff_id=by, now=NOW)
    book = promotions.read_book(tx)
    assert number == before.promo_version + 1 == book.promo_version
    assert [(each.id, each.version, each.reward) for each in book.promotions] == [(str(promotion_id), 1, Percent(1_000))]
    assert book.published[0] == {**TEN, "id": str(promotion_id), "version": 1, "name_vi": "Giảm 10%", "name_en": "10 % off"}


def test_goods_and_branches_that_are_there_may_be_named(tx: Session) -> None:
    branch = builders.a_branch(tx)
    by = builders.a_person(tx, "marketer", at=branch).id
    style = builders.a_style(tx)
    variant = str(style.one)
    terms = {**TEN, "goods": {"variants": [variant]}, "where": {"locations": [str(branch)]}}
    promotion_id = drafted(tx, by, terms)
    promotions.publish(tx, promotion_id=promotion_id, row_version=1, staff_id=by, now=NOW)
    assert [each.goods.variants for each in promotions.read_book(tx).promotions] == [frozenset({variant})]


def test_an_old_book_says_what_it_said(tx: Session) -> None:
    by = keeper(tx)
    promotion_id = drafted(tx, by)
    first = promotions.publish(tx, promotion_id=promotion_id, row_version=1, staff_id=by, now=NOW)
    changed = {**TEN, "reward": {"kind": "percent", "bp": 2_000}}
    promotions.keep_draft(
        tx,
        promotion_id=promotion_id,
        names=("Giảm 20%", "20 % off"),
        terms=changed,
        limits={},
        row_version=2,
        staff_id=by,
        now=NOW,
    )
    assert promotions.read_book(tx).published[0]["reward"]["bp"] == 1_000  # not published yet
    second = promotions.publish(tx, promotion_id=promotion_id, row_version=3, staff_id=by, now=NOW)
    third = promotions.stop(tx, promotion_id=promotion_id, row_version=4, staff_id=by, now=NOW)
    books = {number: promotions.read_book(tx, number).published for number in (first, second, third)}
    said = {number: [row["reward"]["bp"] for row in published] for number, published in books.items()}
    assert said == {first: [1_000], second: [2_000], third: []}


def test_a_published_version_cannot_be_changed(tx: Session) -> None:
    by = keeper(tx)
    promotion_id = drafted(tx, by)
    promotions.publish(tx, promotion_id=promotion_id, row_version=1, staff_id=by, now=NOW)
    assert tx.get(PromotionVersion, (promotion_id, 1)) is not None
    with pytest.raises(IntegrityError):
        tx.execute(text("UPDATE promotion_version SET name_vi = 'khác'"))


@pytest.mark.parametrize(
    ("terms", "what"),
    [
        ({"group": 1}, "reward"),
        ({"group": 0, "reward": {"kind": "percent", "bp": 1}}, "group"),
        ({"group": 1, "reward": {"kind": "percent", "bp": 10_001}}, "bp"),
        ({"group": 1, "reward": {"kind": "magic"}}, "magic"),
        ({**TEN, "reword": 1}, "reword"),
    ],
)
def test_terms_that_cannot_be_priced_are_refused_with_the_place(tx: Session, terms: dict[str, Any], what: str) -> None:
    by = keeper(tx)
    with pytest.raises(PromotionMalformed) as refused:
        drafted(tx, by, terms)
    assert what in str(refused.value.facts["what"])


def test_goods_and_branches_must_be_there(tx: Session) -> None:
    by = keeper(tx)
    for terms, kind in (
        ({**TEN, "goods": {"categories": [str(new_id())]}}, "category"),
        ({**TEN, "goods": {"but_not": {"variants": [str(new_id())]}}}, "variant"),
        ({**TEN, "where": {"locations": ["not-an-id"]}}, "branch"),
        ({"group": 1, "reward": {"kind": "gift", "goods": {"styles": [str(new_id())]}}}, "style"),
    ):
        with pytest.raises(UnknownGoods) as refused:
            drafted(tx, by, terms)
        assert refused.value.facts == {"kind": kind}


def test_who_read_an_older_text_changes_nothing(tx: Session) -> None:
    by = keeper(tx)
    promotion_id = drafted(tx, by)
    with pytest.raises(PromotionChanged):
        promotions.publish(tx, promotion_id=promotion_id, row_version=2, staff_id=by, now=NOW)
    assert promotions.read_book(tx).promotions == ()
    with pytest.raises(NotLive):
        promotions.stop(tx, promotion_id=promotion_id, row_version=1, staff_id=by, now=NOW)


def test_what_limits_have_left_is_the_smaller_of_all_and_of_the_customer(tx: Session) -> None:
    by = keeper(tx)
    promotion_id = drafted(tx, by, pieces_max=50, pieces_a_customer=2, budget_vnd=1_000_000)
    promotions.publish(tx, promotion_id=promotion_id, row_version=1, staff_id=by, now=NOW)
    tx.execute(text("UPDATE promotion_limit SET pieces = 49, spent_vnd = 400000"))
    book = promotions.read_book(tx)
    key = str(promotion_id)
    assert book.left({})[key] == promotions.Left(uses=None, pieces=1, budget_vnd=600_000)
    assert book.left({key: (1, 2)})[key] == promotions.Left(uses=None, pieces=0, budget_vnd=600_000)


def test_publishing_again_forgets_nothing_that_was_used(tx: Session) -> None:
    by = keeper(tx)
    promotion_id = drafted(tx, by, uses_max=10)
    promotions.publish(tx, promotion_id=promotion_id, row_version=1, staff_id=by, now=NOW)
    tx.execute(text("UPDATE promotion_limit SET uses = 4"))
    promotions.keep_draft(
        tx,
        promotion_id=promotion_id,
        names=("Giảm", "Off"),
        terms=TEN,
        limits={"uses_max": 12},
        row_version=2,
        staff_id=by,
        now=NOW,
    )
    promotions.publish(tx, promotion_id=promotion_id, row_version=3, staff_id=by, now=NOW)
    assert promotions.read_book(tx).left({})[str(promotion_id)].uses == 8


def test_a_till_that_speaks_late_does_not_undo_its_newer_word(tx: Session) -> None:
    branch = builders.a_branch(tx)
    till = builders.a_till(tx, branch)
    for number in (7, 5):
        publishing.note_heard(tx, till_id=till.id, promo_version=number, skipped=[], now=NOW)
    assert tx.scalar(text("SELECT promo_version FROM promotion_heard")) == 7


def test_who_asks_for_the_book_gets_the_newest_before_this_process_has_heard_of_it(fresh: Database) -> None:
    held = PromoBooks()
    held.refresh(fresh)
    with fresh.transaction() as tx:
        by = keeper(tx)
        number = promotions.publish(tx, promotion_id=drafted(tx, by), row_version=1, staff_id=by, now=NOW)
    assert held.current().promo_version < number
    assert held.newest(fresh).promo_version == held.current().promo_version == number
