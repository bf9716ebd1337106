"""Goods from a supplier on a handheld in a real browser: counted by scan, also without network, and told when it is back."""

from datetime import timedelta
from uuid import UUID

from playwright.sync_api import expect

from books import prove
from builders import PIN
from journeys.stage import BURST
from office.test_promotions import axe
from placket import inventory
from placket.core import clock
from placket.core.ids import new_id
from pos.conftest import Counter
from waiting import until

HAND = {"width": 390, "height": 844}


def ordered(counter: Counter) -> UUID:
    """Three shirts of each size that are to come to the branch."""
    with counter.database.transaction() as tx:
        supplier_id, order_id, now = new_id(), new_id(), clock.now()
        inventory.add_supplier(
            tx, supplier_id=supplier_id, name="Xưởng may Vạn Phúc", phone=None, tax_code=None, note=None, now=now
        )
        inventory.order_goods(
            tx,
            order_id=order_id,
            supplier_id=supplier_id,
            location_id=counter.branch,
            lines=[inventory.Ordered(variant_id, 3, 80_000) for variant_id in counter.shirts.variants.values()],
            note=None,
            expected_on=(now + timedelta(days=1)).date(),
            staff_id=tx.connection().exec_driver_sql("SELECT min(id::text)::uuid FROM staff").scalar_one(),
            now=now,
        )
    return order_id


def received(counter: Counter) -> list[tuple[int, int, str | None, bool]]:
    """What was taken in and what went back, receipt by receipt, and whether it was for an order."""
    query = (
        "SELECT n.accepted, n.rejected, n.reason, g.order_id IS NOT NULL FROM receipt_line n "
        "JOIN goods_receipt g ON g.id = n.receipt_id ORDER BY g.number, n.accepted DESC"
    )
    with counter.database.transaction() as tx:
        return [tuple(row) for row in tx.connection().exec_driver_sql(query)]


def test_a_delivery_is_taken_in_by_scan_and_one_without_order_waits_for_the_network(counter: Counter) -> None:
    ordered(counter)
    page = counter.till()
    page.set_viewport_size(HAND)
    page.get_by_test_id("pos.pin.staff").first.click()
    page.keyboard.type(PIN)
    page.get_by_test_id("pos.handheld").wait_for()
    page.locator('[data-testid^="pos.door.order."]').click()
    for _ in range(2):
        page.evaluate(BURST, counter.barcode("DEN-M"))
    expect(page.get_by_test_id("pos.door.count")).to_have_text("2/6")
    page.get_by_test_id("pos.door.as.damaged").click()
    page.evaluate(BURST, counter.barcode("DEN-L"))
    expect(page.get_by_test_id("pos.door.work")).to_contain_text("Trả lại 1 · Hỏng")
    page.reload()  # what was scanned is on the device
    page.locator('[data-testid^="pos.door.order."]').click()
    expect(page.get_by_test_id("pos.door.count")).to_have_text("2/6")
    axe(page)
    page.get_by_test_id("pos.door.finish").click()
    expect(page.get_by_test_id("pos.door.rejected")).to_contain_text("1 chiếc")
    expect(page.get_by_test_id("pos.door.short")).to_contain_text("4 chiếc")
    page.get_by_test_id("pos.door.take").click()
    expect(page.get_by_test_id("pos.door.tasks")).to_be_visible()
    assert received(counter) == [(2, 0, None, True), (0, 1, "damaged", True)]

    page.context.set_offline(True)
    page.get_by_test_id("pos.door.free").click()
    page.evaluate(BURST, counter.barcode("DEN-M"))
    expect(page.get_by_test_id("pos.door.count")).to_have_text("1")
    page.get_by_test_id("pos.door.finish").click()
    page.get_by_test_id("pos.door.take").click()
    expect(page.get_by_test_id("pos.door.to_tell")).to_contain_text("1 chiếc đã nhận, chờ gửi")
    axe(page)
    page.context.set_offline(False)
    until(lambda: len(received(counter)) == 3, within_s=20, what="the delivery was not told")
    assert received(counter)[-1] == (1, 0, None, False)
    prove(counter.database)
