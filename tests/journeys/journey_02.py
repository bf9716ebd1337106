"""Journey 2, last unit, two tills: one piece in the depot, both tills sell it in the same ten milliseconds.

Exactly one sale; the other keeps its cart, is told on the line in under a second, and no money is taken. Then a phone goes
to its checkout in the moment in which a till pays: the depot's piece is sold or held, never both. Who finds it sold is
served by a branch that has more of it, or told.
"""

import time

from playwright.sync_api import Page, expect
from shoppers import Shopper
from tills import CENTRE, PIN, PRESS_AT, Goods, goods_at, set_balance, show_stock, together

from stage import Stage

PRESSES = 5
WEB_PRESSES = 2
TOGETHER_MS = 10
TOLD_MS = 1_000
# A page goes to an address at a moment of this machine's clock.
GO_AT = """([moment, path]) => {
    const wait = () => (performance.timeOrigin + performance.now() < moment ? setTimeout(wait) : location.assign(path))
    wait()
}"""
TAKEN = (
    "SELECT (SELECT count(*) FROM sale_line n JOIN sale s ON s.id = n.sale_id WHERE n.variant_id = v.id "
    "AND n.source_id = l.id AND s.recorded_at > now() - interval '1 minute'), "
    "(SELECT count(*) FROM promise p WHERE p.variant_id = v.id AND p.location_id = l.id AND p.phase = 'confirmed') "
    "FROM variant v, location l WHERE v.id = %s::uuid AND l.code = %s"
)


def run(stage: Stage) -> None:
    """Play one round: several last units, one after the other."""
    tills = [stage.till("A", "SG01-1"), stage.till("B", "HN01-1")]
    for page in tills:
        stage.sign_in_at_till(page, PIN)
    office = stage.office("M", "owner@lua.example", "lua-demo-2026")
    goods = goods_at(stage, tills[0], CENTRE, at_least=2)
    first = (stage.round - 1) * PRESSES
    for last in goods[first : first + PRESSES]:
        set_balance(stage, office, place=CENTRE, goods=last, pieces=1)
        for page in tills:
            put_in_cart(page, last)
        race(stage, tills, last)
    shopper = Shopper(stage)
    for last in goods[first + PRESSES : first + PRESSES + WEB_PRESSES]:
        set_balance(stage, office, place=CENTRE, goods=last, pieces=1)
        against_the_web(stage, tills[0], shopper, last)


def put_in_cart(page: Page, goods: Goods) -> None:
    """A line whose goods come from the depot."""
    show_stock(page, goods)
    page.get_by_test_id(f"pos.stock.cell.{CENTRE}.{goods.sku}").click()
    expect(page.get_by_test_id("pos.sale.line")).to_have_count(1)
    page.get_by_test_id("pos.sale.search").fill("")


def race(stage: Stage, tills: list[Page], goods: Goods) -> None:
    """Press both, and look at what each is told."""
    loser, told_ms = together(stage, tills, "pos.sale.line.refused")
    pressed = [stage.marks(page, "pay:tap")[-1] for page in tills]
    stage.measure("presses apart", abs(pressed[0] - pressed[1]), limit=TOGETHER_MS)
    stage.measure("press to refusal on the line", told_ms, limit=TOLD_MS)
    page = tills[loser]
    expect(page.get_by_test_id("pos.sale.line")).to_have_count(1)
    expect(page.get_by_test_id("pos.sale.line.refused")).to_contain_text("Chiếc cuối vừa bán")
    stage.shot(page, f"refused-{goods.sku}")
    ((sales, left),) = stage.rows(
        "SELECT (SELECT count(*) FROM sale_line n JOIN sale s ON s.id = n.sale_id WHERE n.variant_id = %s::uuid "
        "AND n.source_id = l.id AND s.recorded_at > now() - interval '1 minute'), k.on_hand "
        "FROM location l JOIN stock k ON k.location_id = l.id AND k.variant_id = %s::uuid WHERE l.code = %s",
        goods.id,
        goods.id,
        CENTRE,
    )
    stage.check(f"the last piece is sold once ({sales} sales, {left} left)", holds=(sales, left) == (1, 0))
    page.get_by_test_id("pos.sale.clear").click()
    tills[1 - loser].get_by_test_id("pos.done.close").click()


def against_the_web(stage: Stage, till: Page, shopper: Shopper, goods: Goods) -> None:
    """A till presses in the moment in which a phone goes to its checkout."""
    shopper.add(goods)
    put_in_cart(till, goods)
    moment = (time.time() + 1.0) * 1000
    shopper.page.evaluate(GO_AT, [moment, "/checkout"])
    till.evaluate(PRESS_AT, moment)
    told = '[data-testid="pos.done"], [data-testid="pos.sale.line.refused"]'
    till.locator(told).first.wait_for()
    has_sold = till.get_by_test_id("pos.done").count() == 1
    hold = shopper.find("shop.checkout.hold")
    (hold.or_(shopper.page.get_by_role("alert")).first if has_sold else hold).wait_for()
    ((sales, held),) = stage.rows(TAKEN, goods.id, CENTRE)
    stage.check(f"sold or held, not both ({sales}, {held})", holds=(sales, held) == ((1, 0) if has_sold else (0, 1)))
    stage.shot(shopper.page, f"W-{goods.sku}")
    till.get_by_test_id("pos.done.close" if has_sold else "pos.sale.clear").click()
    shopper.page.goto("/cart")
    shopper.find("shop.cart.remove").click()
    shopper.find("shop.cart.empty").wait_for()
