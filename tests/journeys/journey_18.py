"""Journey 18, click and collect: a phone orders at store A, whose till picks by scan and hands over by QR in one tap.

One item is missing: its money goes back and the rest is ready. Without network what is ready is handed over all the same.
What nobody fetches for three days goes back on the shelf, and its money to the card.
"""

from parcels import refunds
from playwright.sync_api import Page, expect
from shoppers import GOOD, Shopper
from tills import COUNT_TAPS, PIN, Goods, goods_at, person

from stage import Stage

A = "HN01"
NO_SHOW = "UPDATE web_order_ready SET keep_until = now() - interval '1 minute' WHERE order_id = %s::uuid RETURNING 1"

PHASES = "SELECT p.phase FROM promise p JOIN web_order_question q ON q.ref = p.ref WHERE q.order_id = %s::uuid"


def run(stage: Stage) -> None:
    """Play one round."""
    till = stage.till("A", f"{A}-1")
    stage.sign_in_at_till(till, PIN, person(stage, "store_manager", A))
    till.evaluate("navigator.serviceWorker.ready.then(() => undefined)")
    first = (stage.round - 1) * 4
    here, missing, second, third = goods_at(stage, till, A, at_least=3)[first : first + 4]
    shopper = Shopper(stage)
    picked_with_one_missing(stage, till, shopper, here, missing)
    handed_over(stage, till, shopper)
    handed_over_without_network(stage, till, shopper, second)
    nobody_comes(stage, till, shopper, third)


def ordered(shopper: Shopper, *goods: Goods) -> dict[str, str]:
    """Paid by card, to be collected at A."""
    for one in goods:
        shopper.add(one)
    shopper.check_out(at=A)
    shopper.pay(GOOD)
    return shopper.order


def picked_with_one_missing(stage: Stage, till: Page, shopper: Shopper, here: Goods, missing: Goods) -> None:
    """The till is told by itself; one piece is scanned into a labelled bag, the other one is nowhere."""
    order = ordered(shopper, here, missing)
    expect(till.get_by_test_id("pos.pickups.news")).to_contain_text(order["code"])
    stage.shot(till, "A-news")
    till.get_by_test_id("pos.pickups.look").click()
    row = till.get_by_test_id("pos.pickups.row")
    expect(row).to_contain_text("còn")
    stage.shot(till, "A-to-pick")
    till.evaluate("window.print = () => { window.label = document.querySelector('.paper img')?.naturalHeight ?? 0 }")
    stage.scan(till, here.barcode)
    expect(till.get_by_test_id(f"pos.pickups.line.{here.sku}")).to_have_attribute("data-phase", "bagged")
    stage.until("the bag's label is printed", lambda: till.evaluate("window.label > 200"), within_s=5)
    till.get_by_test_id(f"pos.pickups.missing.{missing.sku}").click()
    stage.shot(till, "A-missing")
    till.get_by_test_id("pos.pickups.missing_yes").click()
    expect(till.get_by_test_id(f"pos.pickups.line.{missing.sku}")).to_have_count(0)
    stage.until("the missing piece is paid back", lambda: refunds(stage, order["id"]) == ["succeeded"], within_s=20)
    expect(shopper.find("shop.order.pick_up")).to_be_visible()
    expect(shopper.page.get_by_text("Sẵn sàng").first).to_be_visible(timeout=20_000)
    stage.shot(shopper.page, "W-ready")
    doubts = "SELECT count(*) FROM stock_doubt WHERE variant_id = %s::uuid AND reason = 'not_found'"
    stage.check("the balance is doubted", holds=stage.rows(doubts, missing.id)[0][0] == 1)
    till.keyboard.press("Escape")


def handed_over(stage: Stage, till: Page, shopper: Shopper) -> None:
    """The QR code on the phone, one tap."""
    code = shopper.pick_up_code()
    till.evaluate(COUNT_TAPS)
    stage.scan(till, code)
    expect(till.get_by_test_id("pos.pickups.code_ok")).to_contain_text("Nguyễn Bảo Ngọc")
    stage.shot(till, "A-hand-over")
    till.get_by_test_id("pos.pickups.hand_over").click()
    expect(till.get_by_test_id("pos.pickups.work")).to_have_count(0)
    stage.measure("taps to hand over", till.evaluate("window.taps"), limit=1, unit="taps")
    shopper.await_state("done")
    till.keyboard.press("Escape")


def handed_over_without_network(stage: Stage, till: Page, shopper: Shopper, goods: Goods) -> None:
    """What is ready is given away by its code, compared on the till; picking says that it needs the network."""
    order = ordered(shopper, goods)
    till.get_by_test_id("pos.pickups.look").click()
    stage.scan(till, goods.barcode)
    expect(till.get_by_test_id("pos.pickups.work")).to_have_attribute("data-list", "ready")
    code = shopper.pick_up_code()
    till.keyboard.press("Escape")
    till.context.set_offline(True)
    expect(till.get_by_test_id("pos.sale.fence")).to_be_visible()
    stage.scan(till, code)
    stage.shot(till, "A-hand-over-dark")
    till.get_by_test_id("pos.pickups.hand_over").click()
    expect(till.get_by_test_id("pos.pickups.work")).to_have_count(0)
    till.keyboard.press("Escape")
    stage.check("nobody knows yet", holds=shopper.order["state"] == "confirmed")
    till.context.set_offline(False)
    stage.until("the order has left", lambda: shopper.order["state"] == "done", within_s=20)
    stage.check("nothing goes back", holds=refunds(stage, order["id"]) == [])
    shopper.await_state("done")


def nobody_comes(stage: Stage, till: Page, shopper: Shopper, goods: Goods) -> None:
    """Three days are over: the money goes back by itself, and the bag waits to be scanned back."""
    order = ordered(shopper, goods)
    till.get_by_test_id("pos.pickups.look").click()
    stage.scan(till, goods.barcode)
    expect(till.get_by_test_id("pos.pickups.work")).to_have_attribute("data-list", "ready")
    till.get_by_test_id("pos.pickups.back").click()
    stage.rows(NO_SHOW, order["id"])
    stage.until("its money goes back", lambda: refunds(stage, order["id"]) == ["succeeded"], within_s=40)
    till.get_by_test_id("pos.pickups.tabs").get_by_role("radio").nth(2).click()
    stage.shot(till, "A-to-shelf")
    till.get_by_test_id("pos.pickups.shelve").click()
    expect(till.get_by_test_id("pos.pickups.shelf")).to_have_count(0)
    phases = {row[0] for row in stage.rows(PHASES, order["id"])}
    stage.check(f"its piece is free again ({phases})", holds=phases == {"refunded"})
    shopper.await_state("cancelled")
