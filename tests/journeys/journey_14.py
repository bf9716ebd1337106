"""Journey 14, customer merge: one person twice, under two numbers and two spellings, becomes one while a till sells to one.

The same number written with 84 or with 0 is one person from the start. M finds the two, sees what one would have, and merges
in the moment in which the till sells to the loser: the sale, the points and the voucher are the survivor's, each once.
Undone, both are as they were.
"""

import time
from datetime import UTC, datetime, timedelta
from uuid import uuid4

from offering import dong, expect_due, post, publish
from playwright.sync_api import Page, expect
from tills import PIN, PRESS_AT, Goods, become_member, goods_at, pay_cash, set_balance

from placket.core.codes import own_code
from stage import Stage

HERE = "HN01"
SHELF = 20
OFF_VND = 50_000
NAMES = ("Nguyễn Thị Ngọc Bích", "Nguyen Thi Ngoc Bich")
PREVIEWS = 3
CLICK_AT = """([testid, moment]) => {
    const click = () => document.querySelector(`[data-testid="${testid}"]`).click()
    const wait = () => (performance.timeOrigin + performance.now() < moment ? setTimeout(wait) : click())
    wait()
}"""
# Points as the ledger of a person adds up, and what their lots have left.
POINTS = """
SELECT (SELECT a.points FROM customer_account a WHERE a.customer_id = c.id),
       (SELECT coalesce(sum(e.points), 0)::int FROM loyalty_entry e WHERE e.customer_id = c.id),
       (SELECT coalesce(sum(l.left_points), 0)::int FROM loyalty_lot l WHERE l.customer_id = c.id)
  FROM customer c WHERE c.id = %s::uuid
"""
SOLD = """
SELECT count(*), coalesce(sum(s.total_vnd), 0)::bigint FROM sale s JOIN customer c ON c.id = s.customer_id
 WHERE s.state = 'posted' AND %s::uuid IN (c.id, c.merged_into)
"""
SCORE = "SELECT orders, net_vnd FROM customer_score WHERE customer_id = %s::uuid"


def run(stage: Stage) -> None:
    """Play one round."""
    numbers = [f"09{first + stage.round:08d}" for first in (14_000_000, 14_500_500)]
    a, b = stage.till("A", f"{HERE}-1"), stage.till("B", f"{HERE}-2")
    for page in (a, b):
        stage.sign_in_at_till(page, PIN)
    office = stage.office("M", "owner@lua.example", "lua-demo-2026", viewport={"width": 1440, "height": 900})
    goods = next(one for one in goods_at(stage, a, HERE) if one.price_vnd % 10_000 == 0)
    set_balance(stage, office, place=HERE, goods=goods, pieces=SHELF)
    survivor = buys_as_new(stage, a, NAMES[0], numbers[0], goods)
    same_number(b, numbers[0])
    loser = buys_as_new(stage, b, NAMES[1], numbers[1], goods)
    voucher = given(stage, office, loser)
    has_points(stage, survivor, goods, 1)
    has_points(stage, loser, goods, 1)

    attach(stage, b, loser, NAMES[1])
    stage.scan(b, goods.barcode)
    expect_due(b, goods.price_vnd)
    merges(stage, office, b, survivor, loser)
    is_one(stage, office, survivor, loser, goods)
    uses_voucher_of_the_other(stage, b, loser, voucher, goods)
    undone(stage, office, survivor, loser, goods)


def buys_as_new(stage: Stage, till: Page, full_name: str, phone: str, goods: Goods) -> str:
    """A new member buys one piece; answers who they are."""
    become_member(till, full_name, phone)
    stage.scan(till, goods.barcode)
    expect_due(till, goods.price_vnd)
    pay_cash(till)
    found = "SELECT id::text FROM customer WHERE phone = %s"
    stage.until("the new member has arrived", lambda: len(stage.rows(found, f"+84{phone[1:]}")) == 1)
    return str(stage.rows(found, f"+84{phone[1:]}")[0][0])


def same_number(till: Page, phone: str) -> None:
    """Typed with +84 at another till the number is the same person's: nobody is made twice by it."""
    till.keyboard.press("F4")
    till.get_by_test_id("pos.customer.search").fill(f"+84 {phone[1:]}")
    expect(till.get_by_test_id("pos.customer.row")).to_have_count(1)
    expect(till.get_by_test_id("pos.customer.row")).to_contain_text(NAMES[0])
    till.keyboard.press("Escape")


def given(stage: Stage, office: Page, customer_id: str) -> str:
    """A voucher of the loser's own."""
    terms = {"group": 9, "voucher": True, "reward": {"kind": "amount", "vnd": OFF_VND}}
    promotion_id = publish(office, f"Quà riêng {stage.round}", terms)
    now = datetime.now(UTC)
    period = {"starts_at": (now - timedelta(days=1)).isoformat(), "ends_at": (now + timedelta(days=14)).isoformat()}
    body = {"id": str(uuid4()), "name": "Quà riêng", **period, "customer_ids": [customer_id]}
    (code,) = post(office, f"/api/promotions/{promotion_id}/vouchers", body)["codes"]
    return str(code)


def has_points(stage: Stage, customer_id: str, goods: Goods, sales: int) -> None:
    """The balance is what the sales have earned, the sum of the entries, and what the lots have left."""
    ((per_vnd,),) = stage.rows("SELECT earn_per_vnd FROM loyalty_rule ORDER BY valid_from DESC LIMIT 1")
    wanted = sales * (goods.price_vnd // per_vnd)
    stage.until(f"{wanted} points", lambda: stage.rows(POINTS, customer_id) == [(wanted, wanted, wanted)])


def attach(stage: Stage, till: Page, customer_id: str, shown: str) -> None:
    """The member's card by scan."""
    ((member_no,),) = stage.rows("SELECT member_no FROM customer WHERE id = %s::uuid", customer_id)
    stage.scan(till, own_code("04", member_no, digits=9))
    expect(till.get_by_test_id("pos.customer.name_shown")).to_have_text(shown)


def merges(stage: Stage, office: Page, till: Page, survivor: str, loser: str) -> None:
    """M looks at both side by side; in that moment the till sells to the loser. A preview that is old is shown anew."""
    office.goto(f"/office/customers/{survivor}")
    office.get_by_test_id("office.person.tabs").get_by_text("Gộp hồ sơ").click()
    expect(office.get_by_test_id("office.person.duplicates")).to_contain_text("cùng tên, chi nhánh")
    for attempt in range(PREVIEWS):
        suspect = office.get_by_test_id("office.person.duplicates").locator("p").filter(has_text=NAMES[1])
        suspect.get_by_test_id("office.person.merge").click()
        expect(office.get_by_role("dialog")).to_contain_text(NAMES[1])
        if attempt == 0:
            stage.shot(office, "M-side-by-side")
            moment = (time.time() + 1) * 1000
            till.evaluate(PRESS_AT, moment)
            office.evaluate(CLICK_AT, ["office.person.merge_submit", moment])
            till.get_by_test_id("pos.done").wait_for()
            till.get_by_test_id("pos.done.close").click()
        else:
            office.get_by_test_id("office.person.merge_submit").click()
        if is_merged(stage, office, survivor, loser):
            return
        expect(office.get_by_role("dialog").get_by_role("alert")).to_contain_text("vừa thay đổi")
        office.keyboard.press("Escape")
        office.reload()
        office.get_by_test_id("office.person.tabs").get_by_text("Gộp hồ sơ").click()
    stage.check("the two become one", holds=False)


def is_merged(stage: Stage, office: Page, survivor: str, loser: str) -> bool:
    """Whether the merge was done, once it is done or refused."""
    merged = "SELECT merged_into::text FROM customer WHERE id = %s::uuid"
    refused = office.get_by_role("dialog").get_by_role("alert")
    stage.until("merged or refused", lambda: stage.rows(merged, loser) == [(survivor,)] or refused.count() > 0)
    return stage.rows(merged, loser) == [(survivor,)]


def is_one(stage: Stage, office: Page, survivor: str, loser: str, goods: Goods) -> None:
    """Three purchases, their money and points once; the score is the survivor's alone; the voucher has come along."""
    stage.check("three sales are theirs", holds=stage.rows(SOLD, survivor) == [(3, 3 * goods.price_vnd)])
    has_points(stage, survivor, goods, 3)
    has_points(stage, loser, goods, 0)
    stage.until("scored as one", lambda: stage.rows(SCORE, survivor) == [(3, 3 * goods.price_vnd)])
    stage.until("the other is scored no more", lambda: stage.rows(SCORE, loser) == [])
    office.goto(f"/office/customers/{loser}")
    expect(office.get_by_test_id("office.person.name")).to_have_text(NAMES[0])
    expect(office.get_by_test_id("office.person.value")).to_contain_text(dong(3 * goods.price_vnd))
    expect(office.get_by_test_id("office.person.timeline").get_by_text("Mua ở")).to_have_count(3)
    stage.shot(office, "M-one")
    office.get_by_test_id("office.person.tabs").get_by_text("Voucher").click()
    expect(office.get_by_text(f"Quà riêng {stage.round}")).to_have_count(1)


def uses_voucher_of_the_other(stage: Stage, till: Page, loser: str, voucher: str, goods: Goods) -> None:
    """The old card finds the survivor, and the loser's voucher is good for them; then the invoice is put away."""
    attach(stage, till, loser, NAMES[0])
    till.keyboard.press("F4")
    expect(till.get_by_test_id("pos.customer.vouchers")).to_contain_text(f"Quà riêng {stage.round}")
    till.keyboard.press("Escape")
    stage.scan(till, goods.barcode)
    stage.scan(till, voucher)
    expect_due(till, goods.price_vnd - OFF_VND)
    stage.shot(till, "B-voucher")
    till.get_by_test_id("pos.sale.clear").click()


def undone(stage: Stage, office: Page, survivor: str, loser: str, goods: Goods) -> None:
    """Two people again: every sale is one's or the other's, the points of each are those of their own sales."""
    office.goto(f"/office/customers/{survivor}")
    office.get_by_test_id("office.person.tabs").get_by_text("Gộp hồ sơ").click()
    office.get_by_test_id("office.person.undo").click()
    expect(office.get_by_test_id("office.person.duplicates")).to_contain_text("đã tách")
    stage.shot(office, "M-two-again")
    sold = [stage.rows(SOLD, each)[0][0] for each in (survivor, loser)]
    stage.check(f"three sales, {sold}", holds=sum(sold) == 3 and min(sold) >= 1)
    for each, number in zip((survivor, loser), sold, strict=True):
        has_points(stage, each, goods, number)
    own = [[(number, number * goods.price_vnd)] for number in sold]
    stage.until("both are scored by their own", lambda: [stage.rows(SCORE, each) for each in (survivor, loser)] == own)
    for each, number in zip((survivor, loser), sold, strict=True):
        office.goto(f"/office/customers/{each}")
        expect(office.get_by_test_id("office.person.value")).to_contain_text(dong(number * goods.price_vnd))
