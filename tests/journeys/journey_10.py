"""Journey 10, twice at once: tills A and B scan the same receipt and give the money of the same piece back together.

One of them does; the other is told when and where it came back. The money goes out once, the piece is on one shelf. So it is
with a piece of an order of the web, by the code on its page: the card is given back once, and the page says so.
"""

from parcels import refunds, send
from playwright.sync_api import Page, expect
from shoppers import Shopper
from tills import CENTRE, PIN, goods_at, newest_receipt, together

from stage import BURST, Stage

PRESSES = 3
TOLD_MS = 1_000
CASHIER_MAX_VND = 2_000_000


def run(stage: Stage) -> None:
    """Play one round: several pieces, one after the other."""
    tills = [stage.till("A", "SG01-1"), stage.till("B", "HN01-1")]
    for page in tills:
        stage.sign_in_at_till(page, PIN)
    goods = [piece for piece in goods_at(stage, tills[0], "SG01", at_least=2) if piece.price_vnd < CASHIER_MAX_VND]
    for piece in goods[:PRESSES]:
        tills[0].evaluate(BURST, piece.barcode)
        expect(tills[0].get_by_test_id("pos.sale.line")).to_have_count(1)
        tills[0].wait_for_timeout(450)
        tills[0].keyboard.press("F9")
        tills[0].get_by_test_id("pos.done").wait_for()
        race(stage, tills, *newest_receipt(stage))
    from_the_web(stage, tills)


def from_the_web(stage: Stage, tills: list[Page]) -> None:
    """A piece that was bought by card on the web comes back at both tills at once, by the code of its order."""
    office = stage.office("M", "owner@lua.example", "lua-demo-2026")
    shopper = Shopper(stage)
    shopper.add(next(one for one in goods_at(stage, tills[0], CENTRE, at_least=4) if one.price_vnd < CASHIER_MAX_VND))
    shopper.check_out()
    shopper.pay()
    order = shopper.order
    send(stage, office, order["id"], CENTRE)
    shopper.await_state("done")
    ((sale_id,),) = stage.rows("SELECT sale_id::text FROM web_order_sale WHERE order_id = %s::uuid", order["id"])
    race(stage, tills, sale_id, shopper.find("shop.order.return").locator(".num").inner_text())
    stage.until("the card is given back once", lambda: refunds(stage, order["id"]) == ["succeeded"], within_s=40)
    expect(shopper.find("shop.order.refund")).to_contain_text("đã hoàn", timeout=20_000)
    expect(shopper.find("shop.order.refund")).to_have_count(1)
    stage.shot(shopper.page, "W-refunded")


def race(stage: Stage, tills: list[Page], sale_id: str, receipt: str) -> None:
    """Both choose the piece, both press in the same moment."""
    for page in tills:
        page.evaluate(BURST, receipt)
        page.get_by_test_id("pos.returns.take").click()
        page.get_by_test_id("pos.returns.reason.unsuitable").click()
        page.get_by_test_id("pos.sale.returned.net").wait_for()
        page.wait_for_timeout(450)
    loser, told_ms = together(stage, tills, "pos.pay.notice")
    page, winner = tills[loser], tills[1 - loser]
    stage.measure("press to refusal", told_ms, limit=TOLD_MS)
    expect(page.get_by_test_id("pos.pay.notice")).to_contain_text("đã trả lúc")
    expect(page.get_by_test_id("pos.returns.came_back")).to_have_count(1)
    stage.shot(page, f"already-{receipt}")
    ((back, out),) = stage.rows(
        "SELECT -sum(n.qty), -sum(y.amount_vnd) - max(s.total_vnd) FROM sale_line n JOIN sale s ON s.id = n.returns_sale_id "
        "JOIN payment y ON y.sale_id = n.sale_id WHERE n.returns_sale_id = %s::uuid",
        sale_id,
    )
    stage.check(f"the piece is back once ({back}), {out} đồng too much out", holds=(back, out) == (1, 0))
    page.get_by_test_id("pos.returns.drop").click()
    winner.get_by_test_id("pos.done.close").click()
