"""Two ids of one person become one and two again: points, credit and consent add up, and nothing is there twice."""

from datetime import timedelta

import pytest
from sqlalchemy import text

from loyal import DAY, NOON, TEXT
from placket import crm, messages
from placket.core.ids import new_id
from placket.crm import look_alike_queries
from placket.crm.privacy_api import everything_of
from placket.crm.service.customers import merge_customers, note_consent, say_apart
from placket.crm.service.erasing import ErasureOwed, erase_customer
from placket.crm.service.undoing import MergeHeld, MergeNotUndoable, MergeSamePhone, MergeTooOld, undo_merge

LATER = NOON + 10 * DAY


def merged(shop, loser, survivor, at=NOON) -> int:
    merge_customers(shop.tx, loser_id=loser, survivor_id=survivor, at=at)
    return int(shop.tx.scalar(text("SELECT max(id) FROM customer_merge")))


def undone(shop, merge_id: int, at=LATER) -> None:
    undo_merge(shop.tx, merge_id=merge_id, by=crm.By(shop.one.cashier.id), at=at)


def given(shop, customer_id, amount_vnd: int) -> None:
    crm.issue_credit(
        shop.tx,
        issue_id=new_id(),
        customer_id=customer_id,
        amount_vnd=amount_vnd,
        reason="Xin lỗi khách",
        by=crm.By(shop.one.cashier.id),
        now=NOON,
    )


def test_what_was_one_is_two_again_with_what_is_left_of_each(shop) -> None:
    ngoc, other = shop.customer("0912345601"), shop.customer("0912345602")
    shop.sells(ngoc, 3)
    shop.sells(other, 5)
    given(shop, ngoc, 20_000)
    given(shop, other, 30_000)
    merge_id = merged(shop, other, ngoc)
    assert (shop.points(ngoc), shop.credit(ngoc)) == (80, (50_000, 0))
    sale_id = new_id()
    spend = shop.holds(ngoc, 40, no=1, sale_id=sale_id, at=LATER)
    shop.sells(ngoc, 2, sale_id=sale_id, spends=[spend], at=LATER)
    shop.prove()
    undone(shop, merge_id, LATER + DAY)
    # The first 30 that were spent were Ngọc's own, then 10 of the other's; the sale after the merge is Ngọc's.
    assert (shop.points(ngoc), shop.points(other)) == (19, 40)
    assert (shop.credit(ngoc), shop.credit(other)) == ((20_000, 0), (30_000, 0))
    assert crm.ids_of(shop.tx, ngoc) == [ngoc]
    crm.catch_up(shop.tx, now=LATER + DAY)
    sums = dict(shop.tx.execute(text("SELECT customer_id, orders FROM customer_score")).all())
    assert sums == {ngoc: 2, other: 1}
    shop.prove()


def test_what_only_the_other_had_agreed_to_is_not_agreed_to_any_more(shop) -> None:
    ngoc, other = shop.customer("0912345601", agrees=False), shop.customer("0912345602")
    word = crm.Agreed("personalisation", granted=False, text_version=TEXT)
    note_consent(shop.tx, customer_id=other, word=word, channel="office", by=crm.By(None), at=NOON)
    merge_id = merged(shop, other, ngoc)
    query = text("SELECT earns, profiled FROM customer_account WHERE customer_id = :id")
    assert tuple(shop.tx.execute(query, {"id": ngoc}).one()) == (True, False)
    undone(shop, merge_id)
    assert tuple(shop.tx.execute(query, {"id": ngoc}).one()) == (False, True)
    assert tuple(shop.tx.execute(query, {"id": other}).one()) == (True, False)
    shop.prove()


def test_one_whose_language_nobody_knew_reads_what_the_other_read_for_as_long_as_they_are_one(shop) -> None:
    ngoc, other = shop.customer("0912345601"), shop.customer("0912345602")
    crm.note_language(shop.tx, customer_id=other, language="en")
    assert (crm.language_of(shop.tx, ngoc), crm.language_of(shop.tx, other)) == ("vi", "en")
    merge_id = merged(shop, other, ngoc)
    assert (crm.language_of(shop.tx, ngoc), crm.language_of(shop.tx, other)) == ("en", "en")
    undone(shop, merge_id)
    assert (crm.language_of(shop.tx, ngoc), crm.language_of(shop.tx, other)) == ("vi", "en")
    merged(shop, other, ngoc)
    crm.note_language(shop.tx, customer_id=other, language="vi")
    assert crm.language_of(shop.tx, ngoc) == "vi"
    assert {row["language"] for row in everything_of(shop.tx, ngoc)["profile"]} == {"vi", "en"}


def says(shop, customer_id, *, granted: bool, way: str | None = None, at=NOON) -> None:
    word = crm.Agreed("marketing", granted=granted, text_version=TEXT, way=way)
    note_consent(shop.tx, customer_id=customer_id, word=word, channel="web", by=crm.By(None), at=at)


def told(shop, customer_id) -> set[str]:
    """The channels by which somebody may be told of offers; what is in force is what their words say."""
    facts = {"id": customer_id}
    kept = set(shop.tx.scalars(text("SELECT channel FROM marketing_consent WHERE customer_id = :id"), facts))
    words = text("SELECT channel FROM marketing_words(ARRAY[CAST(:id AS uuid)]) WHERE granted")
    assert set(shop.tx.scalars(words, facts)) == kept
    return kept


def test_each_has_their_own_word_about_advertising_back(shop) -> None:
    ngoc, other = shop.customer("0912345601"), shop.customer("0912345602")
    says(shop, ngoc, granted=True, way="sms")
    says(shop, other, granted=True)
    says(shop, other, granted=False, way="sms")
    merge_id = merged(shop, other, ngoc)
    assert told(shop, ngoc) == {"email", "zalo", "push"}
    undone(shop, merge_id)
    assert told(shop, ngoc) == {"sms"}
    assert told(shop, other) == {"email", "zalo", "push"}
    proof = "SELECT text_version, given_at FROM consent WHERE customer_id = :id AND granted AND way = 'sms' ORDER BY id"
    assert {tuple(row) for row in shop.tx.execute(text(proof), {"id": ngoc})} == {(TEXT, NOON)}


def test_what_they_said_while_they_were_one_holds_also_when_they_are_two(shop) -> None:
    ngoc, other = shop.customer("0912345601"), shop.customer("0912345602")
    says(shop, other, granted=True)
    merge_id = merged(shop, other, ngoc)
    says(shop, ngoc, granted=True, way="zalo", at=NOON + DAY)
    says(shop, ngoc, granted=False, way="email", at=NOON + DAY)
    undone(shop, merge_id)
    assert told(shop, ngoc) == {"zalo"}
    assert told(shop, other) == {"sms", "zalo", "push"}


def test_aliases_of_the_alias_go_back_with_it_and_a_later_merge_comes_first(shop) -> None:
    one, two, three = (shop.customer(f"091234560{n}") for n in (1, 2, 3))
    merged(shop, three, two)
    merge_id = merged(shop, two, one)
    assert {frozenset(crm.ids_of(shop.tx, each)) for each in (one, two, three)} == {frozenset({one, two, three})}
    undone(shop, merge_id)
    assert crm.ids_of(shop.tx, one) == [one]
    assert set(crm.ids_of(shop.tx, two)) == {two, three}
    with pytest.raises(MergeNotUndoable):
        undone(shop, merge_id)


def test_it_is_refused_after_thirty_days_for_one_number_and_while_something_is_held(shop) -> None:
    ngoc, other = shop.customer("0912345601"), shop.customer("0912345602")
    shop.sells(other, 5)
    merge_id = merged(shop, other, ngoc)
    with pytest.raises(MergeTooOld):
        undone(shop, merge_id, NOON + timedelta(days=31))
    shop.holds(ngoc, 20, no=1, sale_id=new_id(), at=LATER)
    with pytest.raises(MergeHeld):
        undone(shop, merge_id)
    crm.settle_holds(shop.tx, till_id=shop.one.id, epoch=1, settled_no=1, now=LATER)
    shop.tx.execute(text("UPDATE customer SET phone = '+84912345602' WHERE id = :id"), {"id": ngoc})
    with pytest.raises(MergeSamePhone):
        undone(shop, merge_id)


def test_who_asks_to_be_forgotten_is_a_number_with_receipts(shop) -> None:
    ngoc, other = shop.customer("0912345601"), shop.customer("0912345602")
    sale_id, _ = shop.sells(other, 5)
    merged(shop, other, ngoc)
    given(shop, ngoc, 20_000)
    by = crm.By(shop.one.cashier.id)
    with pytest.raises(ErasureOwed):
        erase_customer(shop.tx, customer_id=ngoc, by=by, at=NOON)
    sale = new_id()
    tender = shop.holds(ngoc, 20_000, no=1, sale_id=sale, right="store_credit")
    shop.sells(ngoc, 1, sale_id=sale, spends=[tender])
    told = {"kind": "order_refunded", "channel": "sms", "language": "vi", "facts": {}, "now": NOON}
    for phone in ("+84912345601", "+84912345602", "+84912345699"):
        messages.ask(shop.tx, key=phone, address=phone, **told)
    for _ in range(2):
        assert erase_customer(shop.tx, customer_id=other, by=by, at=LATER) == ngoc
    names = shop.tx.execute(text("SELECT DISTINCT full_name, phone, email, birth_day, note FROM customer")).all()
    assert [tuple(row) for row in names] == [("Khách đã xóa", None, None, None, None)]
    assert shop.tx.scalars(text("SELECT address FROM message")).all() == ["+84912345699"]
    crm.catch_up(shop.tx, now=LATER)
    assert shop.tx.scalar(text("SELECT r FROM customer_score")) is None
    assert shop.points(ngoc) == 0
    assert shop.tx.scalar(text("SELECT customer_id FROM sale WHERE id = :id"), {"id": sale_id}) == other
    shop.prove()


def details(shop, customer_id) -> tuple[object, ...]:
    """Name, given name, number, address and birthday of somebody."""
    query = "SELECT full_name, given_name, phone, email, birth_day, birth_month FROM customer WHERE id = :id"
    return tuple(shop.tx.execute(text(query), {"id": customer_id}).one())


def knows(shop, customer_id, **facts) -> None:
    columns = ", ".join(f"{column} = :{column}" for column in facts)
    shop.tx.execute(text(f"UPDATE customer SET {columns} WHERE id = :id"), {**facts, "id": customer_id})


def test_details_are_taken_from_the_other_and_given_back_where_nobody_has_written_since(shop) -> None:
    ngoc, web = shop.customer("0912345601", "Tran Bao Ngoc"), shop.customer("0912345602", "Trần Bảo Ngọc")
    knows(shop, web, email="ngoc@example.com", birth_day=8, birth_month=3)
    before = details(shop, ngoc)
    merge_customers(shop.tx, loser_id=web, survivor_id=ngoc, at=NOON, taken={"full_name", "phone", "email", "birthday"})
    merge_id = int(shop.tx.scalar(text("SELECT max(id) FROM customer_merge")))
    assert details(shop, ngoc) == ("Trần Bảo Ngọc", "Ngọc", "+84912345602", "ngoc@example.com", 8, 3)
    assert crm.customer_of_phone(shop.tx, "+84912345602") == ngoc
    knows(shop, ngoc, birth_day=9)
    undone(shop, merge_id)
    assert details(shop, ngoc) == (*before[:4], 9, 3)
    assert details(shop, web)[2:4] == ("+84912345602", "ngoc@example.com")
    assert crm.customer_of_phone(shop.tx, "+84912345602") == web


def test_nothing_of_what_the_survivor_was_is_left_when_they_are_forgotten(shop) -> None:
    ngoc, web = shop.customer("0912345601"), shop.customer("0912345602", "Ngọc Trần")
    merge_customers(shop.tx, loser_id=web, survivor_id=ngoc, at=NOON, taken=["full_name", "phone"])
    assert "+84912345601" in str(shop.tx.scalar(text("SELECT was FROM customer_merge")))
    erase_customer(shop.tx, customer_id=ngoc, by=crm.By(shop.one.cashier.id), at=LATER)
    assert shop.tx.scalar(text("SELECT was FROM customer_merge")) == {}


def alike(shop) -> list[tuple[object, object, list[str]]]:
    return [(row.one_id, row.other_id, look_alike_queries.why(row)) for row in look_alike_queries.pairs(shop.tx, scope=None)]


def test_the_book_names_pairs_by_what_is_the_same_and_forgets_those_that_are_two_people(shop) -> None:
    ngoc, mistyped = shop.customer("0912345601"), shop.customer("0912345610", "TRAN BAO NGOC")
    web, namesake = shop.customer("0987000111", "Ngoc Tran"), shop.customer("0355123987")
    for each in (ngoc, mistyped):
        knows(shop, each, birth_day=8, birth_month=3)
    for each in (ngoc, web):
        knows(shop, each, email="ngoc@example.com")
    assert alike(shop) == [(ngoc, web, ["email"]), (ngoc, mistyped, ["phone", "birthday", "home"])]
    beside = {row.other_id: look_alike_queries.why(row) for row in look_alike_queries.beside(shop.tx, ngoc)}
    assert beside == {web: ["email"], mistyped: ["phone", "birthday", "home"], namesake: ["home"]}
    one, other = sorted((ngoc, web))
    said = {"one_id": one, "other_id": other, "staff_id": shop.one.cashier.id, "at": NOON}
    for _ in range(2):
        say_apart(shop.tx, apart=True, **said)
    assert alike(shop) == [(ngoc, mistyped, ["phone", "birthday", "home"])]
    assert web not in {row.other_id for row in look_alike_queries.beside(shop.tx, ngoc)}
    say_apart(shop.tx, apart=False, **said)
    merged(shop, mistyped, ngoc)
    assert alike(shop) == [(ngoc, web, ["email"])]
    assert look_alike_queries.pairs(shop.tx, scope=[new_id()]) == []
