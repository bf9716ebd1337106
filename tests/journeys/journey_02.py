"""Journey 2, last unit, two tills: one piece in the depot, both tills sell it in the same ten milliseconds.

Exactly one sale; the other keeps its cart, is told on the line in under a second, and no money is taken.
"""

from playwright.sync_api import Page, expect
from tills import CENTRE, PIN, Goods, goods_at, set_balance, show_stock, together

from stage import Stage

PRESSES = 5
TOGETHER_MS = 10
TOLD_MS = 1_000


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
