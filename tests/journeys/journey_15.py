"""Journey 15, one person across channels: bought on the web and in a store, one piece brought back, told of the order.

The office's page shows one timeline in the right order while it happens, the value net of what came back, the sizes of what
was kept alone, and no longer suggests the style that came back: nobody wants it twice.
"""

from typing import Any

from offering import dong, due_vnd, expect_due
from parcels import send
from playwright.sync_api import Page, expect
from shoppers import Shopper
from tills import CENTRE, PIN, Goods, become_member, goods_at, newest_receipt, pay_cash

from stage import Stage

HERE = "HN01"
NAME = "Phạm Minh Châu"
FACTS = (
    "SELECT c.name_vi, z.code FROM variant v JOIN style y ON y.id = v.style_id JOIN category c ON c.id = y.category_id "
    "JOIN size z ON z.id = v.size_id WHERE v.id = %s::uuid"
)
TOLD = (
    "SELECT m.kind FROM message m JOIN web_order o ON o.id = m.subject_id WHERE o.customer_id = %s::uuid "
    "AND m.state = 'sent' AND m.kind IN ('order_placed', 'order_shipped')"
)


def run(stage: Stage) -> None:
    """Play one round."""
    phone = f"09{15_000_000 + stage.round:08d}"
    till = stage.till("A", f"{HERE}-1")
    stage.sign_in_at_till(till, PIN)
    office = stage.office("M", "owner@lua.example", "lua-demo-2026", viewport={"width": 1440, "height": 900})
    become_member(till, f"{NAME} {stage.round}", phone)
    known = "SELECT c.id::text, l.name FROM customer c JOIN location l ON l.id = c.home_location_id WHERE c.phone = %s"
    stage.until("the new member has arrived", lambda: len(stage.rows(known, f"+84{phone[1:]}")) == 1)
    ((customer_id, place),) = stage.rows(known, f"+84{phone[1:]}")
    web = next(one for one in goods_at(stage, till, CENTRE, at_least=2)[stage.round :] if suggests(stage, one))
    bought_on_the_web(stage, office, phone, web)
    told = "the phone was told of the order"
    stage.until(told, lambda: len(stage.rows(TOLD, customer_id)) == 2, within_s=20)

    office.goto(f"/office/customers/{customer_id}")
    tried = suggested(stage, office, till, customer_id)
    kept = other_category(stage, till, web, tried)
    paid_vnd = bought_in_a_store(stage, till, tried, kept)
    expect(office.get_by_test_id("office.person.timeline")).to_contain_text(f"Mua ở {place}")
    brings_back(stage, till, tried, paid_vnd)
    timeline(stage, office, place)
    figures(stage, office, customer_id, web, kept)
    expect(office.get_by_test_id("office.person.suggested")).not_to_contain_text(name_of(stage, tried))
    rest = [one["style_id"] for one in asked(stage, office, customer_id)]
    stage.check("what came back is suggested no more", holds=style_of(stage, tried) not in rest)


def suggests(stage: Stage, goods: Goods) -> bool:
    """Whether somebody who keeps this is shown what others keep with it."""
    pairs = "SELECT count(*) FROM style_pair p JOIN style y ON y.id = p.style_id WHERE y.code = %s"
    return bool(stage.rows(pairs, goods.style)[0][0] >= 5)


def bought_on_the_web(stage: Stage, office: Page, phone: str, goods: Goods) -> None:
    """Signed in under the same number, paid on delivery, sent by the depot."""
    shopper = Shopper(stage)
    shopper.sign_in(phone)
    shopper.add(goods)
    shopper.check_out()
    shopper.order_cod()
    send(stage, office, shopper.order["id"], CENTRE)
    shopper.page.goto("/account")
    expect(shopper.find("shop.account.bought")).to_have_count(1)


def asked(stage: Stage, office: Page, customer_id: str) -> list[dict[str, Any]]:
    """What the office would suggest to somebody at till A's branch."""
    ((location_id,),) = stage.rows("SELECT id::text FROM location WHERE code = %s", HERE)
    answer = office.request.get(f"/api/customers/{customer_id}/recommendations", params={"location_id": location_id})
    shown: list[dict[str, Any]] = answer.json()
    return shown


def suggested(stage: Stage, office: Page, till: Page, customer_id: str) -> Goods:
    """A suggestion that is on the shelf here in their size, as the office shows it with its reason."""
    shelf = {one.id: one for one in goods_at(stage, till, HERE, reduced=True)}
    shown = asked(stage, office, customer_id)
    found = [shelf[one["variant_id"]] for one in shown if one["variant_id"] in shelf]
    stage.check("something on the shelf suits them", holds=bool(found))
    expect(office.get_by_test_id("office.person.suggested")).to_contain_text(name_of(stage, found[0]))
    stage.shot(office, "M-before-the-store")
    return found[0]


def other_category(stage: Stage, till: Page, web: Goods, tried: Goods) -> Goods:
    """Something on the shelf of a category of its own."""
    taken = {stage.rows(FACTS, one.id)[0][0] for one in (web, tried)}
    return next(one for one in goods_at(stage, till, HERE) if stage.rows(FACTS, one.id)[0][0] not in taken)


def bought_in_a_store(stage: Stage, till: Page, tried: Goods, kept: Goods) -> int:
    """Both pieces in cash, the member still on the invoice; answers what the suggested one costs, which may be reduced."""
    stage.scan(till, kept.barcode)
    expect_due(till, kept.price_vnd)
    stage.scan(till, tried.barcode)
    paid_vnd = due_vnd(till, lines=2) - kept.price_vnd
    stage.check("no piece costs more than its price", holds=0 < paid_vnd <= tried.price_vnd)
    pay_cash(till)
    return paid_vnd


def brings_back(stage: Stage, till: Page, tried: Goods, paid_vnd: int) -> None:
    """One of the two comes back by its receipt."""
    stage.scan(till, newest_receipt(stage)[1])
    till.get_by_test_id(f"pos.returns.line.{tried.sku}").get_by_test_id("pos.returns.take").click()
    till.get_by_test_id("pos.returns.reason.unsuitable").click()
    expect(till.get_by_test_id("pos.sale.returned.net")).to_have_text(f"−{dong(paid_vnd)}")
    till.wait_for_timeout(450)
    till.get_by_test_id("pos.pay.submit").click()
    till.get_by_test_id("pos.done").wait_for()
    till.get_by_test_id("pos.done.close").click()


def timeline(stage: Stage, office: Page, place: str) -> None:
    """Both channels, the return and what was told, the last first, without a reload."""
    wanted = [
        f"Trả ở {place}",
        f"Mua ở {place}",
        "Báo hàng đã lên đường",
        "Mua trên web",
        "Báo đã nhận đơn",
        f"Đăng ký ở {place}",
    ]
    rows = office.get_by_test_id("office.person.timeline").get_by_role("listitem")
    expect(rows.first).to_contain_text(wanted[0])
    said = rows.all_inner_texts()
    told = [next((words for words in wanted if words in row), None) for row in said]
    stage.check(f"the timeline is in order: {said}", holds=[words for words in told if words] == wanted)
    office.get_by_text("Tin đã gửi", exact=True).click()
    expect(rows).to_have_count(len([row for row in said if "Báo " in row]))
    office.get_by_text("Tất cả", exact=True).click()
    stage.shot(office, "M-timeline")


def figures(stage: Stage, office: Page, customer_id: str, web: Goods, kept: Goods) -> None:
    """The value is net, the sizes are of what was kept, the score has both channels."""
    net_vnd = web.price_vnd + kept.price_vnd
    expect(office.get_by_test_id("office.person.value")).to_contain_text(dong(net_vnd))
    sizes = sorted(stage.rows(FACTS, one.id)[0] for one in (web, kept))
    shown = office.get_by_test_id("office.person.size")
    expect(shown).to_have_count(len(sizes))
    told = sorted(tuple(row.split("\n")[:2]) for row in shown.all_inner_texts())
    stage.check(f"the sizes are {told}, kept were {sizes}", holds=told == sizes)
    ((orders, scored_vnd),) = stage.rows(
        "SELECT orders, net_vnd FROM customer_score WHERE customer_id = %s::uuid", customer_id
    )
    stage.check("scored by two purchases, net", holds=(orders, scored_vnd) == (2, net_vnd))


def name_of(stage: Stage, goods: Goods) -> str:
    """What its style is called."""
    return str(stage.rows("SELECT name_vi FROM style WHERE code = %s", goods.style)[0][0])


def style_of(stage: Stage, goods: Goods) -> str:
    """The id of its style."""
    return str(stage.rows("SELECT id::text FROM style WHERE code = %s", goods.style)[0][0])
