"""Journey 4, network cut in mid-sale: the reply is lost, the till sells on off line, survives a reload and a kill, hands in.

Three sales are on the server once each, in order, at their original times. The last is to a customer made off line whose
number turns out to be somebody's already: they are one person then, and the points are theirs.
"""

import re
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Error as BrowserError
from playwright.sync_api import Page, Route, expect
from tills import PIN, Goods, goods_at

from stage import Stage

HERE = "SG02"
HANDED_IN_MS = 15_000


def run(stage: Stage) -> None:
    """Play one round."""
    profile = stage.out / f"{stage.round}-profile"
    till = stage.lasting("A", profile, "/pos/")
    stage.pair(till, f"{HERE}-1")
    stage.sign_in_at_till(till, PIN)
    expect(till.get_by_test_id("pos.shell.line")).to_contain_text("Trực tuyến")
    till.evaluate("navigator.serviceWorker.ready.then(() => undefined)")
    pieces = goods_at(stage, till, HERE, at_least=2)[:5]
    before = sold_so_far(stage)

    first = lose_the_reply(stage, till, pieces[:3])
    till.reload()
    till.get_by_test_id("pos.sale.search").wait_for()
    second = sell_alone(stage, till, pieces[3])
    owner = somebody_from_elsewhere(stage)
    make_customer(stage, till, owner)
    third = sell_alone(stage, till, pieces[4])
    expect(till.get_by_test_id("pos.shell.line")).to_contain_text("3 đơn chờ gửi")
    stage.shot(till, "A-three-waiting")

    stage.kill("A", profile)
    till = stage.lasting("A", profile, "/pos/", offline=True)
    till.get_by_test_id("pos.sale.search").wait_for()
    show_queue(stage, till, 4)  # the sales, and the customer
    till.context.set_offline(False)
    expect(till.get_by_test_id("pos.shell.line")).to_have_text(re.compile(r"^\s*Trực tuyến\s*$"), timeout=HANDED_IN_MS)
    till.get_by_test_id("pos.shell.sync").click()
    expect(till.get_by_test_id("pos.sync.empty")).to_be_visible()
    stage.shot(till, "A-handed-in")
    prove(stage, before, [first, second, third])
    prove_customer(stage, owner, third, pieces[4].price_vnd)


def lose_the_reply(stage: Stage, page: Page, pieces: list[Goods]) -> str:
    """Three lines, pay, and the network goes after the server has heard and before the till has its answer."""
    for goods in pieces:
        stage.scan(page, goods.barcode)
    expect(page.get_by_test_id("pos.sale.line")).to_have_count(len(pieces))

    def cut(route: Route) -> None:
        route.fetch()
        page.context.set_offline(True)
        with suppress(BrowserError):
            route.abort("internetdisconnected")

    page.route("**/api/sales", cut)
    page.wait_for_timeout(500)  # the button waits a moment after a change of the cart
    page.get_by_test_id("pos.pay.submit").click()
    page.get_by_test_id("pos.pay.alone").wait_for()
    stage.shot(page, "A-reply-lost")
    page.get_by_test_id("pos.pay.alone").click()
    code = sold(page)
    page.unroute("**/api/sales")
    return code


def sell_alone(stage: Stage, page: Page, goods: Goods) -> str:
    """One piece for exact cash, without network."""
    stage.scan(page, goods.barcode)
    expect(page.get_by_test_id("pos.sale.line")).to_have_count(1)
    page.wait_for_timeout(500)
    page.get_by_test_id("pos.pay.submit").click()
    code = sold(page)
    row = page.get_by_test_id("pos.receipt.row").filter(has_text="ĐƠN NGOẠI TUYẾN, chờ đồng bộ")
    expect(row).to_have_count(1)
    stage.shot(page, f"A-sold-{code}")
    return code


def sold(page: Page) -> str:
    """The receipt's code on the done strip of a sale made off line."""
    page.get_by_test_id("pos.done.offline").wait_for()
    found = re.search(rf"{HERE}-\d+-\d+-\d{{7}}", page.get_by_test_id("pos.done").inner_text())
    assert found is not None, "the done strip names the receipt"
    return found[0]


def show_queue(stage: Stage, page: Page, count: int) -> None:
    """The sheet lists every unsent sale."""
    page.get_by_test_id("pos.shell.sync").click()
    expect(page.get_by_test_id("pos.sync.row")).to_have_count(count)
    stage.shot(page, "A-queue")
    page.keyboard.press("Escape")


def sold_so_far(stage: Stage) -> int:
    """How many sales the server has of this till."""
    ((count,),) = stage.rows("SELECT count(*) FROM sale WHERE receipt_code LIKE %s", f"{HERE}-1-%")
    return int(count)


def prove(stage: Stage, before: int, codes: list[str]) -> None:
    """Three sales, once each, in order, at the times at which they were made; nothing waits for a person."""
    rows = stage.rows(
        "SELECT s.receipt_code, s.sold_at, (e.text::jsonb ->> 'at')::timestamptz, e.status, s.state FROM sale s "
        "JOIN sync_entry e ON e.text::jsonb -> 'body' ->> 'id' = s.id::text WHERE s.receipt_code LIKE %s "
        "ORDER BY e.epoch, s.receipt_no",
        f"{HERE}-1-%",
    )
    stage.check(f"three sales, once each, in order ({rows})", holds=[row[0] for row in rows[-3:]] == codes)
    stage.check("nothing was doubled", holds=sold_so_far(stage) == before + len(codes))
    stage.check("the original times stand", holds=all(row[1] == row[2] for row in rows[-3:]))
    stage.check("every entry is posted", holds=all(row[3] == "posted" and row[4] == "posted" for row in rows[-3:]))
    stage.check("in the order of their making", holds=[row[1] for row in rows[-3:]] == sorted(row[1] for row in rows[-3:]))
    stage.check("the profile is a browser's own", holds=Path(stage.out / f"{stage.round}-profile").is_dir())


@dataclass(frozen=True)
class Known:
    """A customer of other branches, whom this till does not hold."""

    id: str
    phone: str
    points: int


def somebody_from_elsewhere(stage: Stage) -> Known:
    """Somebody who collects points and has never been to this branch."""
    (found,) = stage.rows(
        "SELECT c.id::text, '0' || substr(c.phone, 4), a.points FROM customer c "
        "JOIN customer_account a ON a.customer_id = c.id AND a.earns "
        "WHERE c.merged_into IS NULL AND NOT EXISTS (SELECT 1 FROM customer_branch b "
        "JOIN location l ON l.id = b.location_id WHERE b.customer_id = c.id AND l.code = %s) ORDER BY c.id LIMIT 1",
        HERE,
    )
    return Known(*found)


def make_customer(stage: Stage, page: Page, owner: Known) -> None:
    """Phone, name and consent, without network."""
    page.keyboard.press("F4")
    page.get_by_test_id("pos.customer.search").fill(owner.phone)
    expect(page.get_by_test_id("pos.customer.none")).to_be_visible()
    page.keyboard.press("Enter")
    page.get_by_test_id("pos.customer.name").fill("Lê Thu Hà")
    page.get_by_test_id("pos.customer.agrees").check()
    stage.shot(page, "A-new-customer")
    page.get_by_test_id("pos.customer.save").click()
    expect(page.get_by_test_id("pos.customer.name_shown")).to_have_text("Lê Thu Hà")


def prove_customer(stage: Stage, owner: Known, code: str, total_vnd: int) -> None:
    """The id made off line is another name of the owner of the number, who has the sale and its points."""
    ((buyer, points),) = stage.rows(
        "SELECT s.customer_id::text, a.points FROM sale s JOIN customer_account a ON a.customer_id = s.customer_id "
        "WHERE s.receipt_code = %s",
        code,
    )
    aliases = stage.rows("SELECT full_name FROM customer WHERE merged_into = %s::uuid", owner.id)
    stage.check(f"the sale is the owner's ({buyer})", holds=buyer == owner.id)
    stage.check(f"the points are added ({points})", holds=points == owner.points + total_vnd // 10_000)
    stage.check("the id made off line is an alias", holds=("Lê Thu Hà",) in aliases)
