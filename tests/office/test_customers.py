"""Customers in the office: who is in the book twice is merged line by line, made two again, or said to be two people."""

from uuid import UUID

from playwright.sync_api import Page, expect
from sqlalchemy import text

from office.conftest import Office
from office.test_promotions import axe
from placket import crm
from placket.core import clock
from placket.core.ids import new_id


def known(office: Office, name: str, phone: str) -> UUID:
    """Somebody at home at the branch, who was born on the eighth of March and has an address."""
    with office.database.transaction() as tx:
        made = crm.create_customer(
            tx,
            customer_id=new_id(),
            details=crm.Details(name, phone, birthday=crm.Birthday(8, 3)),
            home_location_id=office.till.location_id,
            agreed=[],
            channel="till",
            by=crm.By(None),
            now=clock.now(),
        )
        tx.execute(text("UPDATE customer SET email = 'ngoc@example.com' WHERE id = :id"), {"id": made.id})
        return made.id


def names(office: Office, *ids: UUID) -> list[tuple[str, str, bool]]:
    """What these people are called, their numbers, and whether they are still themselves."""
    query = text("SELECT full_name, phone, merged_into IS NULL FROM customer WHERE id = :id")
    with office.database.transaction() as tx:
        return [tuple(tx.execute(query, {"id": each}).one()) for each in ids]


def test_who_is_there_twice_is_merged_line_by_line_and_made_two_again(office: Office) -> None:
    card, web = known(office, "Tran Bao Ngoc", "0901233456"), known(office, "Trần Bảo Ngọc", "0901233465")
    page = office.sign_in("/office/customers")
    page.get_by_test_id("office.customers.alike").click()
    pairs = page.get_by_test_id("office.alike.pairs").get_by_role("listitem")
    expect(pairs).to_have_count(1)
    axe(page)
    page.get_by_test_id("office.alike.apart").click()
    expect(page.get_by_text("Không còn hồ sơ nào nghi trùng")).to_be_visible()
    page.get_by_role("button", name="Hoàn tác").click()
    expect(pairs).to_have_count(1)

    page.get_by_test_id("office.person.merge").click()
    axe(page)
    page.get_by_test_id("office.person.take.full_name.other").check()
    page.get_by_test_id("office.person.merge_submit").click()
    expect(page.get_by_text("Không còn hồ sơ nào nghi trùng")).to_be_visible()
    assert names(office, card, web) == [("Trần Bảo Ngọc", "+84901233456", True), ("Trần Bảo Ngọc", "+84901233465", False)]

    undone(page, card)
    assert names(office, card, web) == [("Tran Bao Ngoc", "+84901233456", True), ("Trần Bảo Ngọc", "+84901233465", True)]


def undone(page: Page, customer_id: UUID) -> None:
    """Two people of one again, on their profile."""
    page.goto(f"/office/customers/{customer_id}")
    page.get_by_test_id("office.person.tabs").get_by_text("Gộp hồ sơ").click()
    page.get_by_test_id("office.person.undo").click()
    expect(page.get_by_test_id("office.person.duplicates")).to_contain_text("đã tách")
