"""Journey 13, best-price stacking: a share, buy two get one, a step and a voucher meet in one cart.

The till, the till without network, the server's quote and the office's simulator: the same đồng by the same promotions.
The web shop joins them when it comes.
"""

import re
from typing import Any

from offering import expect_due, issue, post, publish
from playwright.sync_api import Page, expect
from tills import PIN, Goods, goods_at, set_balance

from stage import Stage

HERE = "HN01"
SHELF = 20
VOUCHER_VND = 100_000


def run(stage: Stage) -> None:
    """Play one round."""
    a = stage.till("A", f"{HERE}-1")
    stage.sign_in_at_till(a, PIN)
    office = stage.office("M", "owner@lua.example", "lua-demo-2026")
    dear, thrice = two_of_the_shelf(stage, office, a)
    both = {"variants": sorted([dear.id, thrice.id])}
    step_vnd = dear.price_vnd * 9 // 10 + 2 * thrice.price_vnd
    names = {
        publish(office, "Giảm 10 %", {"goods": {"variants": [dear.id]}, "reward": percent(1_000)}): "Giảm 10 %",
        publish(
            office, "Mua 2 tặng 1", {"group": 2, "goods": {"variants": [thrice.id]}, "reward": TWO_AND_ONE}
        ): "Mua 2 tặng 1",
        publish(office, "Từ ngưỡng giảm 5 %", {"group": 3, "goods": both, "reward": step(step_vnd)}): "Từ ngưỡng giảm 5 %",
    }
    reward = {"kind": "amount", "vnd": VOUCHER_VND}
    opened = publish(office, "Tri ân", {"group": 9, "voucher": True, "goods": both, "reward": reward})
    names[opened] = "Tri ân"
    (code,) = issue(office, opened, 1)

    for goods in (dear, thrice, thrice, thrice):
        stage.scan(a, goods.barcode)
    stage.scan(a, code)
    told = tried(stage, office, [(dear, 1), (thrice, 3)], code)
    expect_due(a, told["total_vnd"])
    stage.check("every combination was tried", holds=told["exact"] is True)
    stage.check(
        f"all four take part ({told['applied']})", holds={row["promotion_id"] for row in told["applied"]} == set(names)
    )
    explained = {names[row["promotion_id"]]: row["vnd"] for row in told["applied"]}
    stage.check("the sheet says what the simulator says", holds=shown(a) == explained)
    quoted = quote(stage, office, [(dear, 1), (thrice, 3)], code)
    stage.check(f"the server's quote is the same ({quoted})", holds=quoted == told["total_vnd"])

    stage.contexts["A"].set_offline(offline=True)
    stage.scan(a, dear.barcode)
    expect(a.get_by_test_id("pos.sale.line.qty").first).to_contain_text("2")
    a.get_by_test_id("pos.sale.line.less").first.click()
    expect_due(a, told["total_vnd"])
    stage.check("without network it says the same", holds=shown(a) == explained)
    stage.shot(a, "A-without-network")
    stage.contexts["A"].set_offline(offline=False)

    expect(a.get_by_test_id("pos.shell.line")).to_contain_text("Trực tuyến", timeout=15_000)
    a.keyboard.press("F9")
    a.get_by_test_id("pos.done").wait_for()
    booked = {
        names[promotion]: vnd
        for promotion, vnd in stage.rows(
            "SELECT promotion_id::text, amount_vnd FROM promotion_use WHERE promotion_id::text = ANY(%s)", list(names)
        )
    }
    stage.check(f"and the books too ({booked})", holds=booked == explained)


TWO_AND_ONE = {"kind": "buy_get", "buy": 2, "get": 1}


def percent(bp: int) -> dict[str, Any]:
    """A share off every piece."""
    return {"kind": "percent", "bp": bp}


def step(at_least: int) -> dict[str, Any]:
    """5 % from an amount on."""
    return {"kind": "tiers", "by": "spend", "steps": [{"at_least": at_least, "bp": 500}]}


def two_of_the_shelf(stage: Stage, office: Page, page: Page) -> tuple[Goods, Goods]:
    """Two pieces of different styles, with enough of them."""
    shelf = [one for one in goods_at(stage, page, HERE) if one.price_vnd % 10_000 == 0]
    dear, *others = sorted(shelf, key=lambda one: -one.price_vnd)
    thrice = next(one for one in others if one.style != dear.style)
    for goods in (dear, thrice):
        set_balance(stage, office, place=HERE, goods=goods, pieces=SHELF)
    return dear, thrice


def tried(stage: Stage, office: Page, lines: list[tuple[Goods, int]], code: str) -> dict[str, Any]:
    """What the office's trial of the cart answers, whole."""
    ((place,),) = stage.rows("SELECT id::text FROM location WHERE code = %s", HERE)
    wanted = [{"variant_id": goods.id, "qty": qty} for goods, qty in lines]
    return post(office, "/api/sales/try", {"lines": wanted, "location_id": place, "vouchers": [code]})


def quote(stage: Stage, office: Page, lines: list[tuple[Goods, int]], code: str) -> int:
    """What the server would ask."""
    ((place,),) = stage.rows("SELECT id::text FROM location WHERE code = %s", HERE)
    wanted = [{"variant_id": goods.id, "qty": qty, "source_id": place} for goods, qty in lines]
    body = {"channel": "store", "location_id": place, "lines": wanted, "vouchers": [code]}
    total: int = post(office, "/api/sales/quote", body)["total_vnd"]
    return total


def shown(page: Page) -> dict[str, int]:
    """What the sheet (F7) says of every promotion that applies."""
    page.keyboard.press("F7")
    rows = page.get_by_test_id("pos.offers.applied")
    rows.first.wait_for()
    found = {}
    for text in rows.all_inner_texts():
        name, *_, amount = [line.strip() for line in text.splitlines() if line.strip()]
        found[name] = int(re.sub(r"\D", "", amount))
    page.keyboard.press("Escape")
    expect(page.get_by_test_id("pos.offers")).to_have_count(0)
    return found
