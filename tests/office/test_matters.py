"""The inbox of what waits for a person, in a real browser."""

from playwright.sync_api import expect

from builders import LONG_AGO
from office.conftest import Office
from placket import inventory
from placket.pos import journal


def test_what_waits_is_listed_with_what_to_do_and_ends_with_a_signature(office: Office) -> None:
    page = office.sign_in("/office/matters")
    table = page.get_by_test_id("office.matters.table")
    expect(page.get_by_text("Không còn việc nào.")).to_be_visible()
    with office.database.transaction() as tx:
        inventory.doubt(
            tx,
            location_id=office.till.location_id,
            variant_ids=[office.shirt],
            reason="lost_till",
            ref=str(office.till.id),
            now=LONG_AGO,
        )
    page.reload()
    expect(table.get_by_text("Máy bán hàng bị mất")).to_be_visible()
    expect(table.get_by_text("HN01-1 · Áo sơ mi lụa · AO0001-DEN-M")).to_be_visible()
    page.get_by_test_id("office.matters.end").click()
    page.get_by_test_id("office.matter.submit").click()
    expect(page.get_by_text("Viết ít nhất 3 ký tự.")).to_be_visible()
    page.get_by_test_id("office.matter.reason").fill("Đã đếm lại kệ")
    page.get_by_test_id("office.matter.submit").click()
    expect(page.get_by_text("Không còn việc nào.")).to_be_visible()


def test_an_entry_that_still_fails_says_so_and_can_be_set_aside(office: Office) -> None:
    content = '{"kind": "SALE"}'
    sent = {"seq": 1, "hash": journal.chained(journal.NO_HASH, content), "text": content}
    device = {"authorization": f"Bearer {office.till.device_token}"}
    pushed = {"epoch": 1, "head_seq": 1, "entries": [sent]}
    assert office.http.post("/api/till/push", headers=device, json=pushed).status_code == 200
    page = office.sign_in("/office/matters")
    page.get_by_test_id("office.matters.end").click()
    expect(page.get_by_text(content)).to_be_visible()
    page.get_by_test_id("office.matter.reason").fill("Không đọc được, đã bán tay")
    page.get_by_test_id("office.matter.submit").click()
    expect(page.get_by_test_id("office.matter.error")).to_contain_text("vẫn chưa ghi sổ được")
    page.get_by_role("radio", name="Ký bỏ qua").click()
    page.get_by_test_id("office.matter.submit").click()
    expect(page.get_by_text("Không còn việc nào.")).to_be_visible()
