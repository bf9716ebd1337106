"""A phone number belongs to one person: made at the office, at a till, without network, twice; found by what people say."""

from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import text

from books import UNIT_VND
from builders import LONG_AGO, a_branch
from loyal import NOON, TEXT, journal_sale
from placket import crm
from placket.core.ids import new_id
from placket.crm import people_queries, queries
from placket.crm.people_queries import Wanted
from placket.crm.rules import masked_phone, member_code
from placket.crm.service.customers import CustomerIdReused, change_customer, merge_customers, note_consent


def a_meeting(shop, customer_id: UUID, phone: str, name: str = "Lê Thu Hà", *, loyalty: bool = True) -> tuple[str, dict]:
    body = {"id": str(customer_id), "full_name": name, "phone": phone, "staff_id": str(shop.one.cashier.id)}
    return "CUSTOMER", body | {"loyalty": loyalty, "text_version": TEXT}


def listed(shop, *, scope: list[UUID] | None = None, **asked) -> list[UUID]:
    page = people_queries.page_of_customers(shop.tx, Wanted(**asked), scope=scope, after=None, limit=10)
    return [row.id for row in page]


def test_a_customer_has_a_number_a_home_and_the_word_they_gave(shop) -> None:
    made = shop.customer("0912 345 678", "  Trần   Bảo Ngọc ")
    row = queries.customer_seen(shop.tx, customer_id=made, scope=[shop.branch_id])
    assert (row.full_name, row.given_name, row.phone, row.earns) == ("Trần Bảo Ngọc", "Ngọc", "+84912345678", True)
    assert len(str(row.member_no)) == 9
    (word,) = queries.consents_of(shop.tx, made)
    assert (word.purpose, word.granted, word.channel, word.text_version) == ("loyalty", True, "till", TEXT)
    shop.prove()


def test_a_phone_number_of_somebody_is_refused_and_names_them_masked(shop) -> None:
    owner = shop.customer("0912345678")
    with pytest.raises(crm.PhoneTaken) as refused:
        shop.customer("+84 (0)912 345 678", "Người Khác")
    assert refused.value.facts == {"customer_id": str(owner), "full_name": "Trần Bảo Ngọc", "phone": "091 ••• 5678"}


def test_what_is_no_number_is_refused(shop) -> None:
    with pytest.raises(crm.PhoneInvalid):
        shop.customer("12345")


def test_the_same_id_again_is_the_same_customer_and_another_person_under_it_is_refused(shop) -> None:
    asked = {"home_location_id": shop.branch_id, "agreed": [], "channel": "till", "by": crm.By(None), "now": LONG_AGO}
    customer_id = new_id()
    for _ in range(2):
        crm.create_customer(shop.tx, customer_id=customer_id, details=crm.Details("Lan", "0912345678"), **asked)
    with pytest.raises(CustomerIdReused):
        crm.create_customer(shop.tx, customer_id=customer_id, details=crm.Details("Mai", "0912345678"), **asked)


def test_a_customer_made_off_line_with_the_number_of_another_becomes_an_alias_and_the_sale_lands_on_the_survivor(
    shop,
) -> None:
    owner, alias = shop.customer("0912345678"), new_id()
    sale = journal_sale(shop.one, shop.shirt, 3, customer_id=str(alias))
    met, sold = shop.push(shop.one, a_meeting(shop, alias, "0912.345.678"), ("SALE", sale))
    assert (met.status, met.result) == ("posted", {"customer_id": str(owner), "merged": True})
    assert sold.status == "posted"
    assert shop.tx.scalar(text("SELECT customer_id FROM sale WHERE id = :id"), {"id": UUID(sale["id"])}) == owner
    assert (shop.points(owner), shop.points(alias)) == (30, 0)
    shop.prove()


def test_two_tills_that_made_the_same_person_off_line_have_one_customer_with_both_sales(shop) -> None:
    first, second = new_id(), new_id()
    for till, customer_id in ((shop.one, first), (shop.other, second)):
        sale = journal_sale(till, shop.shirt, 2, customer_id=str(customer_id))
        shop.push(till, a_meeting(shop, customer_id, "0988111222"), ("SALE", sale))
    assert shop.points(first) == 40
    assert queries.ids_of(shop.tx, first) == sorted([first, second])
    shop.prove()


def test_a_number_corrected_at_the_till_merges_two_people_and_what_they_had_adds_up(shop) -> None:
    owner, wrong = shop.customer("0912345678"), new_id()
    shop.push(shop.one, a_meeting(shop, wrong, "0988111222"))
    shop.sells(owner, 2)
    shop.sells(wrong, 5)
    (corrected,) = shop.push(shop.one, a_meeting(shop, wrong, "0912345678"))
    assert corrected.result == {"customer_id": str(owner), "merged": True}
    assert (shop.points(owner), shop.points(wrong)) == (70, 0)
    assert shop.entries(owner) == [("earn", 20), ("merge", 50)]
    shop.prove()


def test_what_is_merged_takes_its_own_aliases_along(shop) -> None:
    one, two, three = (shop.customer(f"091234567{n}") for n in (1, 2, 3))
    merge_customers(shop.tx, loser_id=one, survivor_id=two, at=NOON)
    merge_customers(shop.tx, loser_id=two, survivor_id=three, at=NOON)
    merged = shop.tx.execute(text("SELECT merged_into FROM customer WHERE id = ANY(:ids)"), {"ids": [one, two]})
    assert set(merged.scalars()) == {three}
    shop.prove()


def test_a_number_that_is_none_is_kept_as_a_note(shop) -> None:
    customer_id = new_id()
    shop.push(shop.one, a_meeting(shop, customer_id, "12 34"))
    row = queries.customer_seen(shop.tx, customer_id=customer_id, scope=None)
    assert (row.phone, row.note) == (None, "SĐT: 12 34")


def test_a_box_left_empty_takes_no_consent_back(shop) -> None:
    owner = shop.customer("0912345678")
    shop.push(shop.one, a_meeting(shop, new_id(), "0912345678", loyalty=False))
    assert queries.customer_seen(shop.tx, customer_id=owner, scope=None).earns


def test_who_does_not_agree_collects_nothing(shop) -> None:
    customer_id = shop.customer(agrees=False)
    shop.sells(customer_id, 4)
    assert (shop.points(customer_id), shop.entries(customer_id)) == (0, [])


def test_a_list_shows_only_whom_a_branch_in_reach_knows(shop) -> None:
    here, elsewhere = shop.customer("0912345671"), a_branch(shop.tx, "HN02")
    assert listed(shop, scope=[shop.branch_id]) == [here]
    assert listed(shop, scope=[elsewhere], q="0912345671") == []
    assert queries.customer_seen(shop.tx, customer_id=here, scope=[elsewhere]) is None


@pytest.mark.parametrize("typed", ["ngoc", "Bảo Ngọc", "TRAN", "tr", "n", "5678", "678", "0912 345 678", "+84912345678"])
def test_a_customer_is_found_by_what_people_type(shop, typed: str) -> None:
    made = shop.customer()
    shop.customer("0988111222", "Lê Thu Hà")
    assert listed(shop, q=typed) == [made]


def test_the_list_says_how_somebody_is_grouped_what_they_bought_and_where_they_may_be_written_to(shop) -> None:
    buyer, other = shop.customer("0912345671", "Lê An"), shop.customer("0912345672", "Lê Bình", agrees=False)
    shop.sells(buyer, 3)
    word = crm.Agreed("marketing", granted=True, text_version=TEXT)
    note_consent(shop.tx, customer_id=buyer, word=word, channel="till", by=crm.By(None), at=NOON)
    crm.score_by_night(shop.tx, now=NOON)
    terms = crm.terms_of({"every": [{"kind": "orders", "least": 1}]})
    segment_id, of = new_id(), {"version": 0, "by": None, "on": NOON.date(), "now": NOON}
    crm.write_segment(shop.tx, segment_id=segment_id, name="Đã mua", terms=terms, **of)
    one, two = people_queries.page_of_customers(shop.tx, Wanted(), scope=None, after=None, limit=10)
    assert (one.id, one.net_vnd, one.orders, one.tier, one.segments) == (buyer, 3 * UNIT_VND, 1, "member", ["Đã mua"])
    assert (one.agrees, one.group_key) == (["email", "push", "sms", "zalo"], "new")
    assert (two.id, two.net_vnd, two.orders, two.tier, two.segments, two.agrees) == (other, 0, 0, None, [], [])
    for asked in ({"group": "new"}, {"tier": "member"}, {"segment_id": segment_id}, {"agrees": "zalo"}):
        assert listed(shop, **asked) == [buyer], asked
    assert listed(shop, agrees="none") == [other]
    assert listed(shop, group="champion") == []
    assert listed(shop, q="bình", tier="member") == []


def test_the_next_page_goes_on_where_the_last_one_ended_also_among_namesakes(shop) -> None:
    made = [shop.customer(f"091234567{n}", "Lê An") for n in range(3)]
    page = people_queries.page_of_customers(shop.tx, Wanted(), scope=None, after=None, limit=2)
    rest = people_queries.page_of_customers(shop.tx, Wanted(), scope=None, after=("An", page[-1].id), limit=2)
    assert [row.id for row in (*page, *rest)] == sorted(made)


def test_a_till_hears_of_changes_since_its_cursor_and_of_aliases(shop) -> None:
    known = shop.customer("0912345671")
    rows = queries.branch_customers(shop.tx, location_id=shop.branch_id, after=None, limit=10, now=NOON)
    assert [row.id for row in rows] == [known]
    # A cursor from before this transaction: everything it has written is new.
    incarnation = queries.cursor_now(shop.tx).partition("/")[0]
    changes = queries.branch_changes(shop.tx, location_id=shop.branch_id, cursor=f"{incarnation}/1:1:", now=NOON)
    assert changes is not None
    assert [row.id for row in changes.rows] == [known]
    other = shop.customer("0912345672")
    merge_customers(shop.tx, loser_id=other, survivor_id=known, at=NOON)
    changes = queries.branch_changes(shop.tx, location_id=shop.branch_id, cursor=f"{incarnation}/1:1:", now=NOON)
    assert changes is not None
    assert [(row.id, row.merged_into) for row in changes.merged] == [(other, known)]
    assert queries.branch_changes(shop.tx, location_id=shop.branch_id, cursor=f"{new_id()}/1:1:", now=NOON) is None


def test_who_has_not_come_for_two_years_leaves_the_till_of_a_branch_that_is_not_their_home(shop) -> None:
    other = a_branch(shop.tx, "HN02")
    visitor = shop.customer()
    shop.tx.execute(text("UPDATE customer SET home_location_id = :other WHERE id = :id"), {"other": other, "id": visitor})
    shop.sells(visitor, 1, at=NOON)

    def held(now) -> list[UUID]:
        return [
            row.id for row in queries.branch_customers(shop.tx, location_id=shop.branch_id, after=None, limit=9, now=now)
        ]

    assert held(NOON + timedelta(days=729)) == [visitor]
    assert held(NOON + timedelta(days=731)) == []


def test_a_changed_number_belongs_to_nobody_else(shop) -> None:
    shop.customer("0912345671")
    other = shop.customer("0912345672")
    with pytest.raises(crm.PhoneTaken):
        change_customer(shop.tx, customer_id=other, details=crm.Details("Lan", "0912345671"), by=crm.By(None))


def test_phones_are_shown_masked_and_member_numbers_as_digits() -> None:
    assert (masked_phone("+84901233456"), masked_phone(None)) == ("090 ••• 3456", None)
    assert member_code(100_000_001) == "041000000010"
