"""Journey 8, bought in a store, returned by web: a member buys at the till and has a courier fetch a piece from home.

The phone sees the store's purchase under the same number, asks for the return and follows it; the depot scans the parcel in;
the money goes by the chosen form, the piece lies at the depot at once.
"""

import httpx
from banking import ask, call
from parcels import on_hand
from playwright.sync_api import Page, expect
from shoppers import ADDRESS, HANOI, Shopper
from tills import CENTRE, PIN, Goods, become_member, goods_at, person

from stage import Stage

HERE = "HN01"
NAME, ACCOUNT = "Lê Thu Hà", {"bank": "Vietcombank", "account_no": "0123456789", "account_name": "LE THU HA"}
STATE = "SELECT state FROM shipment WHERE key = %s"
CARRIER_PORT = 12
"""So far above the product's own."""


def run(stage: Stage) -> None:
    """Play one round."""
    phone = f"09{88_000_000 + stage.round:08d}"
    till = stage.till("A", f"{HERE}-1")
    stage.sign_in_at_till(till, PIN, person(stage, "cashier", HERE))
    goods = goods_at(stage, till, HERE, at_least=2)[stage.round * 2]
    before = on_hand(stage, CENTRE, goods.id)
    become_member(till, NAME, phone)
    stage.shot(till, "A-member")
    sale = buys(stage, till, goods)
    shopper = Shopper(stage)
    shopper.sign_in(phone)
    code = sends_back(stage, shopper, goods)
    parcel = travels(stage, shopper, code)
    office = stage.office("M", "owner@lua.example", "lua-demo-2026")
    scanned_in(stage, office, parcel)
    shopper.page.reload()
    expect(shopper.find("shop.back.state")).to_have_text("Đã nhận hàng")
    expect(shopper.find("shop.back.item")).to_contain_text("đang chuyển khoản")
    stage.shot(shopper.page, "W-received")
    paid_back(stage, office, code, goods)
    stage.check("the piece lies at the depot", holds=on_hand(stage, CENTRE, goods.id) == before + 1)
    told = stage.rows("SELECT m.kind FROM message m JOIN courier_return r ON r.id = m.subject_id WHERE r.code = %s", code)
    stage.check("the customer was told twice", holds={row[0] for row in told} == {"return_booked", "return_done"})
    stage.check("it was this sale", holds=stage.rows("SELECT count(*) FROM sale WHERE id = %s::uuid", sale)[0][0] == 1)


def buys(stage: Stage, till: Page, goods: Goods) -> str:
    """One piece, paid by QR."""
    stage.scan(till, goods.barcode)
    till.get_by_test_id("pos.sale.line").first.wait_for()
    code = ask(stage, till)
    call(stage, goods.price_vnd, code, 8_000_000 + stage.round)
    till.get_by_test_id("pos.done").wait_for()
    return str(stage.rows("SELECT id::text FROM sale ORDER BY recorded_at DESC LIMIT 1")[0][0])


def sends_back(stage: Stage, shopper: Shopper, goods: Goods) -> str:
    """The store's purchase is there; a courier is to come for the piece."""
    shopper.find("shop.account.return").first.click()
    shopper.find(f"shop.back.line.{goods.sku}").check()
    shopper.find("shop.back.form.transfer").check()
    for field, value in {**ACCOUNT, "name": NAME, "phone": "0988000001", **ADDRESS}.items():
        shopper.find(f"shop.back.{field}").fill(value)
    shopper.find("shop.back.province").select_option(HANOI)
    stage.shot(shopper.page, "W-return")
    shopper.find("shop.back.send").click()
    expect(shopper.find("shop.back.state")).to_have_text("Bưu tá sẽ đến lấy")
    stage.shot(shopper.page, "W-asked")
    ((code,),) = stage.rows("SELECT code FROM courier_return ORDER BY asked_at DESC LIMIT 1")
    return str(code)


def travels(stage: Stage, shopper: Shopper, code: str) -> str:
    """The carrier fetches the parcel and brings it to the depot; answers the number on its label."""
    ((key, number),) = stage.rows(
        "SELECT h.key, h.tracking_no FROM courier_return r JOIN shipment h ON h.id = r.shipment_id WHERE r.code = %s", code
    )
    with httpx.Client(base_url=f"http://127.0.0.1:{stage.server.port + CARRIER_PORT}", timeout=10) as carrier:
        for kind in ("picked_up", "delivered"):
            carrier.post(f"/parcels/{key}/{kind}", json={})
            stage.until(f"the parcel is {kind}", lambda now=kind: stage.rows(STATE, key)[0][0] == now)
    shopper.page.reload()
    expect(shopper.find("shop.back.state")).to_have_text("Đã đến kho, chờ kiểm")
    return str(number)


def scanned_in(stage: Stage, office: Page, number: str) -> None:
    """The depot scans the label and takes the piece in."""
    office.goto("/office/returned-parcels")
    office.get_by_test_id("office.parcels.scan").fill(number)
    office.get_by_test_id("office.parcels.parcel").get_by_text(number).wait_for()
    stage.shot(office, "M-parcel")
    office.get_by_test_id("office.parcels.take").click()
    office.get_by_test_id("office.parcels.take_now").click()
    office.get_by_test_id("office.parcels.done").wait_for()
    stage.shot(office, "M-received")


def paid_back(stage: Stage, office: Page, code: str, goods: Goods) -> None:
    """The office's list of transfers names the return, the sum and the account."""
    ((owed_vnd, reference),) = stage.rows(
        "SELECT q.amount_vnd, q.reference FROM courier_return r JOIN payment y ON y.sale_id = r.sale_id "
        "JOIN payment_request q ON q.id = y.payment_id WHERE r.code = %s",
        code,
    )
    stage.check("the whole price goes back", holds=owed_vnd == goods.price_vnd)
    stage.check("to the account that was named", holds=reference == "Vietcombank 0123456789 LE THU HA")
    office.goto("/office/payments")
    expect(office.get_by_test_id("office.payments.returns")).to_contain_text(reference)
    stage.shot(office, "M-to-pay-back")
