"""Journey 16, a count with variance while selling: 200 styles' sizes on two handhelds, one of them off line for a while.

Five sales and a delivery happen meanwhile; two pieces are really gone. Counting is blind, what was expected follows the
moves, the two are asked for again, and the books follow once somebody stands for it.
"""

import json
from typing import Any

from playwright.sync_api import Page, expect
from tills import HELD, PIN, Goods, goods_at

from stage import Stage

PLACE = "HN01"
HANDHELD = {"width": 390, "height": 844}
MANY = 200
GONE = 2
SOLD = 5
CAME = 3
SKIP_UNKNOWN = "9999999999994"


def run(stage: Stage) -> None:
    """Play one round."""
    till = stage.till("A", f"{PLACE}-1")
    stage.sign_in_at_till(till, PIN)
    office = stage.office("M", "owner@lua.example", "lua-demo-2026")
    goods = a_shelf(stage, till, office)
    one, other = (handheld(stage, name, code) for name, code in (("B", f"{PLACE}-2"), ("C", f"{PLACE}-3")))
    gone, sold, came = goods[:GONE], goods[GONE : GONE + SOLD], goods[-1]

    count_id = plans(stage, office, goods)
    for held, zone in ((one, 1), (other, 2)):
        held.get_by_test_id("pos.handheld.refresh").click()
        held.get_by_test_id(f"pos.counting.zone.{zone}").click()
        expect(held.get_by_test_id("pos.counting.work")).not_to_contain_text("Sổ")

    sells(stage, till, sold[:2])
    half = (MANY + GONE) // 2
    counts(stage, one, goods[GONE:half], already=sold[:2])
    comes_in(stage, office, came)
    other.context.set_offline(offline=True)
    counts(stage, other, goods[half:-1], already=[])
    sells(stage, till, sold[2:])
    counts(stage, other, [came] * (1 + CAME), already=[])
    unknown_and_undone(stage, one, goods[half - 1])
    other.reload()
    expect(other.get_by_test_id("pos.counting.to_tell")).to_be_visible()
    stage.shot(other, "C-offline")
    stage.check("nothing of the dark handheld is known", holds=counted(stage, count_id, zone=2) == 0)
    other.context.set_offline(offline=False)
    stage.until(
        "what was counted without network is merged",
        lambda: counted(stage, count_id, zone=2) == len(goods[half:-1]) + 1 + CAME,
        within_s=30,
    )
    finishes(stage, one, other)
    reviews(stage, office, count_id, gone)
    asked_again(stage, one, office, gone)
    posts(stage, office, count_id, gone)


def handheld(stage: Stage, name: str, code: str) -> Page:
    """A till that fits a hand, with somebody signed in."""
    held = stage.till(name, code, viewport=HANDHELD)
    held.get_by_test_id("pos.pin.staff").first.click()
    for digit in PIN:
        held.keyboard.press(digit)
    held.get_by_test_id("pos.handheld").wait_for()
    return held


def a_shelf(stage: Stage, till: Page, office: Page) -> list[Goods]:
    """Two hundred variants of which the books have one each, and nothing is promised."""
    unpromised = {
        row[0]
        for row in stage.rows(
            "SELECT s.variant_id::text FROM stock s JOIN location l ON l.id = s.location_id "
            "WHERE l.code = %s AND s.promised + s.asked = 0",
            PLACE,
        )
    }
    sold_at_list_price = goods_at(stage, till, PLACE)
    every = [Goods(*row) for row in till.evaluate(HELD)]
    goods = [one for one in dict.fromkeys([*sold_at_list_price, *every]) if one.id in unpromised][:MANY]
    stage.check(f"there are {MANY} variants to count ({len(goods)})", holds=len(goods) == MANY)
    ((place_id,),) = stage.rows("SELECT id::text FROM location WHERE code = %s", PLACE)
    held = dict(
        stage.rows("SELECT variant_id::text, on_hand FROM stock WHERE location_id = %s::uuid AND on_hand <> 1", place_id)
    )
    lines = [{"variant_id": one.id, "qty": 1 - held[one.id]} for one in goods if one.id in held]
    if lines:
        told = {"location_id": place_id, "reason": "Chỉnh cho hành trình thử", "cause": "correction", "lines": lines}
        ask(stage, office, "/api/stock/adjustments", told)
    return goods


def ask(stage: Stage, office: Page, path: str, told: dict[str, Any]) -> Any:
    """The office asks for something that another of its screens does."""
    made = stage.rows("SELECT gen_random_uuid()::text")[0][0]
    headers = {"x-placket": "1", "content-type": "application/json"}
    answer = office.request.post(path, data=json.dumps({"id": made} | told), headers=headers)
    stage.check(f"{path} ({answer.status} {answer.text()[:200]})", holds=answer.ok)
    return answer.json()


def plans(stage: Stage, office: Page, goods: list[Goods]) -> str:
    """A blind count of these goods in two zones begins; a difference of any worth is to be counted twice."""
    ((place_id,),) = stage.rows("SELECT id::text FROM location WHERE code = %s", PLACE)
    chosen = {"category_ids": [], "style_ids": [], "variant_ids": [one.id for one in goods], "only": None}
    told = {"location_id": place_id, "kind": "cycle", "zones": ["Sàn trước", "Kho sau"], "chosen": chosen}
    made = ask(stage, office, "/api/counts", told | {"blind": True, "recount_vnd": 0, "note": "Hành trình 16"})
    office.goto(f"/office/counts/{made['id']}")
    office.get_by_test_id("office.count.open").click()
    expect(office.get_by_test_id("office.count.state")).to_have_text("Đang đếm")
    return str(made["id"])


def sells(stage: Stage, till: Page, goods: list[Goods]) -> None:
    """The shop sells on, a piece of each in one sale."""
    for one in goods:
        stage.scan(till, one.barcode)
    expect(till.get_by_test_id("pos.sale.line")).to_have_count(len(goods))
    before = stage.rows("SELECT count(*) FROM sale")[0][0]
    till.keyboard.press("F9")
    stage.until("the sale is posted", lambda: stage.rows("SELECT count(*) FROM sale")[0][0] == before + 1)
    expect(till.get_by_test_id("pos.sale.line")).to_have_count(0)


def counts(stage: Stage, held: Page, goods: list[Goods], *, already: list[Goods]) -> None:
    """Every piece that lies there is scanned; what was sold already does not lie there."""
    for one in goods:
        if one in already:
            continue
        stage.scan(held, one.barcode)
        expect(held.get_by_test_id("pos.counting.work")).to_contain_text(one.sku)


def comes_in(stage: Stage, office: Page, goods: Goods) -> None:
    """A delivery of three while people count."""
    ((place_id,),) = stage.rows("SELECT id::text FROM location WHERE code = %s", PLACE)
    line = {"variant_id": goods.id, "accepted": CAME, "rejected": 0, "reason": None, "unit_cost_vnd": None}
    ask(stage, office, "/api/goods-receipts", {"location_id": place_id, "lines": [line]})


def unknown_and_undone(stage: Stage, held: Page, goods: Goods) -> None:
    """A piece scanned twice is taken back; a code that nobody knows is named and taken back too."""
    figure = held.get_by_test_id("pos.counting.figure")
    stage.scan(held, goods.barcode)
    expect(figure).to_have_text("2")
    held.get_by_test_id("pos.counting.undo").click()
    stage.scan(held, SKIP_UNKNOWN)
    expect(held.get_by_test_id("pos.counting.unknown")).to_be_visible()
    held.get_by_test_id("pos.counting.undo").click()
    stage.shot(held, "B-counting")


def counted(stage: Stage, count_id: str, *, zone: int) -> int:
    """Pieces that the server knows of in a zone."""
    query = "SELECT coalesce(sum(pieces), 0) FROM count_tally WHERE count_id = %s::uuid AND zone_no = %s"
    return int(stage.rows(query, count_id, zone)[0][0])


def finishes(stage: Stage, one: Page, other: Page) -> None:
    """Both say that their zone is counted."""
    one.get_by_test_id("pos.counting.finish").click()
    expect(one.get_by_test_id("pos.counting.tasks")).to_be_visible()
    other.get_by_test_id("pos.counting.zone.2").click()
    other.get_by_test_id("pos.counting.finish").click()
    expect(other.get_by_test_id("pos.counting.tasks")).to_be_visible()
    stage.shot(one, "B-tasks")


def reviews(stage: Stage, office: Page, count_id: str, gone: list[Goods]) -> None:
    """Two lines are open, whatever was sold and came in; both are asked for again."""
    office.reload()
    office.get_by_test_id("office.count.close").click()
    office.get_by_test_id("office.count.close_now").click()
    office.get_by_test_id("office.count.filter").get_by_text("Cần quyết").click()
    for one in gone:
        expect(office.get_by_test_id(f"office.count.flag.{one.sku}")).to_have_text("Chưa ai đếm")
    expect(office.get_by_test_id("office.count.filter")).to_contain_text(f"Cần quyết {GONE}")
    stage.shot(office, "M-review")
    for one in gone:
        office.get_by_test_id(f"office.count.again.{one.sku}").click()
        expect(office.get_by_test_id(f"office.count.flag.{one.sku}")).to_have_text("Chờ đếm lại")
    rounds = stage.rows("SELECT count(*) FROM count_line WHERE count_id = %s::uuid AND round = 2", count_id)
    stage.check("both are counted anew", holds=rounds[0][0] == GONE)


def asked_again(stage: Stage, held: Page, office: Page, gone: list[Goods]) -> None:
    """The handheld names the two; nobody finds them, and the manager says that none are left."""
    held.get_by_test_id("pos.handheld.refresh").click()
    expect(held.get_by_test_id("pos.counting.again")).to_contain_text(str(GONE))
    held.get_by_test_id("pos.counting.zone.1").click()
    expect(held.get_by_test_id("pos.counting.recount")).to_contain_text(gone[0].sku)
    stage.shot(held, "B-recount")
    for one in gone:
        office.get_by_test_id(f"office.count.zero.{one.sku}").click()
        expect(office.get_by_test_id(f"office.count.flag.{one.sku}")).to_have_count(0)


def posts(stage: Stage, office: Page, count_id: str, gone: list[Goods]) -> None:
    """Exactly two pieces are missing; the books follow, and the ledger names the count."""
    office.get_by_test_id("office.count.filter").get_by_text("Lệch", exact=False).first.click()
    for one in gone:
        expect(office.get_by_test_id(f"office.count.difference.{one.sku}")).to_have_text("−1")
    expect(office.get_by_test_id("office.count.sums")).to_contain_text("99%")
    expect(office.get_by_test_id("office.count.post")).to_have_text(f"Ghi sổ {GONE} chiếc lệch")
    stage.shot(office, "M-differences")
    office.get_by_test_id("office.count.post").click()
    office.get_by_test_id("office.count.post_now").click()
    expect(office.get_by_test_id("office.count.state")).to_have_text("Đã ghi sổ", timeout=15_000)
    moved = stage.rows("SELECT variant_id::text, qty FROM stock_ledger WHERE ref = %s::uuid ORDER BY variant_id", count_id)
    stage.check(f"exactly two pieces are gone: {moved}", holds=sorted(moved) == sorted((one.id, -1) for one in gone))
    ((number,),) = stage.rows("SELECT number FROM stock_count WHERE id = %s::uuid", count_id)
    office.goto(f"/office/stock/variants/{gone[0].id}")
    office.get_by_text(f"KK-{number:04d}").first.click()
    expect(office.get_by_test_id("office.count.state")).to_have_text("Đã ghi sổ")
    office.goto("/office/counts?which=accuracy")
    expect(office.get_by_test_id("office.counts.accuracy")).to_contain_text(accuracy_of_month(stage))
    stage.shot(office, "M-accuracy")


def accuracy_of_month(stage: Stage) -> str:
    """The pieces off and expected of this month's counts at the place, as the office writes them."""
    ((off, expected),) = stage.rows(
        "SELECT sum(pieces_off)::int, sum(pieces_expected)::int FROM stock_count c JOIN location l ON l.id = c.location_id "
        "WHERE l.code = %s AND c.state = 'posted' AND date_trunc('month', c.posted_at AT TIME ZONE 'Asia/Ho_Chi_Minh') = "
        "date_trunc('month', now() AT TIME ZONE 'Asia/Ho_Chi_Minh')",
        PLACE,
    )
    return f"{off:,}/{expected:,}".replace(",", ".")
