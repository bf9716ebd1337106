"""What journeys at tills share: goods to sell, taps counted, moments of the books."""

import json
import time
from dataclasses import dataclass

from playwright.sync_api import Page, expect

from placket.pos.shift_rules import DENOMINATIONS
from placket.sales.rules import receipt_barcode
from stage import Stage

PIN = "123456"
CENTRE = "KHO"

# Every press of a key that acts and every lifted finger is a tap; scans are not.
COUNT_TAPS = """() => {
    window.taps = 0
    addEventListener('pointerup', () => { window.taps += 1 }, { capture: true })
    addEventListener('keydown', (e) => { if (/^F\\d+$/.test(e.key)) window.taps += 1 }, { capture: true })
}"""

# A page presses F9 at a moment of this machine's clock.
PRESS_AT = """(moment) => {
    const press = () => dispatchEvent(new KeyboardEvent('keydown', { key: 'F9', cancelable: true }))
    const wait = () => (performance.timeOrigin + performance.now() < moment ? setTimeout(wait) : press())
    wait()
}"""

# Which of some things is on the screen first, and when, by this machine's clock.
TOLD = """(testids) => new Promise((done) => {
    const any = testids.map((testid) => `[data-testid="${testid}"]`).join(', ')
    const look = () => {
        const told = document.querySelector(any)
        if (told) done([told.dataset.testid, performance.timeOrigin + performance.now()]); else requestAnimationFrame(look)
    }
    look()
})"""

# The catalogue as the till itself keeps it.
HELD = """async () => {
    const open = indexedDB.open('placket-till')
    const db = await new Promise((done) => { open.onsuccess = () => done(open.result) })
    const store = db.transaction('catalogue').objectStore('catalogue')
    const read = (name) => new Promise((done) => {
        const get = store.get(name)
        get.onsuccess = () => done(get.result.value)
    })
    const [faces, ids, skus, barcodes, columns] =
        await Promise.all(['faces', 'ids', 'skus', 'barcodes', 'columns'].map(read))
    const { styles } = JSON.parse(faces)
    const text = ({ bytes, ends }, at) => new TextDecoder().decode(bytes.subarray(ends[at - 1] ?? 0, ends[at]))
    const { firsts, prices, barcodeEnds } = columns
    return styles.flatMap((style, place) =>
        Array.from({ length: firsts[place + 1] - firsts[place] }, (_, at) => firsts[place] + at)
            .filter((at) => !Number.isNaN(prices[at]) && (barcodeEnds[at - 1] ?? 0) < barcodeEnds[at])
            .map((at) => [text(ids, at), text(skus, at), style.code, text(barcodes, barcodeEnds[at - 1] ?? 0), prices[at]]))
}"""


@dataclass(frozen=True)
class Goods:
    """A variant as a till sells it."""

    id: str
    sku: str
    style: str
    barcode: str
    price_vnd: int


def goods_at(stage: Stage, page: Page, place: str, *, at_least: int = 1, reduced: bool = False) -> list[Goods]:
    """What a place has free and the till can sell at its list price, in the till's order: no live promotion names it.

    With ``reduced`` also what promotions name.
    """
    free = {
        row[0]
        for row in stage.rows(
            "SELECT s.variant_id::text FROM stock s JOIN location l ON l.id = s.location_id "
            "JOIN variant v ON v.id = s.variant_id JOIN style y ON y.id = v.style_id "
            "WHERE l.code = %s AND s.on_hand - s.promised >= %s AND (%s OR NOT EXISTS (SELECT 1 FROM promotion p "
            "WHERE p.state = 'live' AND p.terms::text ~ (y.category_id || '|' || y.id || '|' || v.id)))",
            place,
            at_least,
            reduced,
        )
    }
    return [goods for goods in (Goods(*row) for row in page.evaluate(HELD)) if goods.id in free]


def pair_worth(goods: list[Goods], low_vnd: int, high_vnd: int) -> tuple[Goods, Goods]:
    """Two variants of different styles whose prices sum to something between."""
    for one in goods:
        for other in goods:
            if one.style != other.style and low_vnd < one.price_vnd + other.price_vnd < high_vnd:
                return one, other
    raise AssertionError(f"no two pieces cost between {low_vnd} and {high_vnd}")


def show_stock(page: Page, goods: Goods) -> None:
    """Open the stock sheet of a variant's style by searching for its code."""
    page.get_by_test_id("pos.sale.search").fill(goods.style)
    page.get_by_test_id(f"pos.sale.stock.{goods.style}").click()
    page.get_by_test_id("pos.stock.table").wait_for()


def set_balance(stage: Stage, office: Page, *, place: str, goods: Goods, pieces: int) -> None:
    """Correct the books of a place to so many pieces, as the office does it."""
    ((location_id, on_hand),) = stage.rows(
        "SELECT l.id::text, s.on_hand FROM stock s JOIN location l ON l.id = s.location_id "
        "WHERE l.code = %s AND s.variant_id = %s::uuid",
        place,
        goods.id,
    )
    if on_hand == pieces:
        return
    body = {
        "id": stage.rows("SELECT gen_random_uuid()::text")[0][0],
        "location_id": location_id,
        "reason": "Chỉnh cho hành trình thử",
        "lines": [{"variant_id": goods.id, "qty": pieces - on_hand}],
    }
    answer = office.request.post(
        "/api/stock/adjustments",
        data=json.dumps(body),
        headers={"x-placket": "1", "content-type": "application/json"},
    )
    stage.check(f"the office corrects the books ({answer.status} {answer.text()})", holds=answer.status == 201)


def together(stage: Stage, tills: list[Page], refused: str) -> tuple[int, float]:
    """Two tills press in one moment: one sells, one is refused; answers which one that is, and after how many ms."""
    moment = (time.time() + 1.0) * 1000
    for page in tills:
        page.evaluate(PRESS_AT, moment)
    told = [page.evaluate(TOLD, [refused, "pos.done"]) for page in tills]
    kinds = sorted(kind for kind, _ in told)
    stage.check(f"one sale and one refusal, not {kinds}", holds=kinds == sorted(["pos.done", refused]))
    loser = next(at for at, (kind, _) in enumerate(told) if kind == refused)
    return loser, told[loser][1] - stage.marks(tills[loser], "pay:tap")[-1]


def become_member(page: Page, full_name: str, phone: str) -> None:
    """A customer who collects points is made by name and number, and put on the invoice."""
    page.keyboard.press("F4")
    page.get_by_test_id("pos.customer.search").fill(phone)
    expect(page.get_by_test_id("pos.customer.none")).to_be_visible()
    page.keyboard.press("Enter")
    page.get_by_test_id("pos.customer.name").fill(full_name)
    page.get_by_test_id("pos.customer.agrees").check()
    page.get_by_test_id("pos.customer.save").click()
    expect(page.get_by_test_id("pos.customer.name_shown")).to_have_text(full_name)


def pay_cash(page: Page) -> None:
    """F9 when the button is ready; the sale is made and its strip put away."""
    page.wait_for_timeout(450)  # it sleeps after the last change
    page.keyboard.press("F9")
    page.get_by_test_id("pos.done").wait_for()
    page.get_by_test_id("pos.done.close").click()


def newest_receipt(stage: Stage) -> tuple[str, str]:
    """The id of the newest sale of a till, and the digits under its receipt."""
    ((sale_id, till_no, epoch, receipt_no),) = stage.rows(
        "SELECT s.id::text, t.till_no, s.epoch, s.receipt_no FROM sale s JOIN till t ON t.id = s.till_id "
        "WHERE s.fingerprint IS NOT NULL ORDER BY s.recorded_at DESC LIMIT 1"
    )
    return sale_id, receipt_barcode(till_no=till_no, epoch=epoch, receipt_no=receipt_no)


def committed_at_ms(stage: Stage, receipt_code: str) -> float:
    """When the sale's event was written, in milliseconds since 1970."""
    ((moment,),) = stage.rows(
        "SELECT extract(epoch FROM e.recorded_at) * 1000 FROM event e JOIN sale s ON s.id::text = e.key "
        "WHERE s.receipt_code = %s AND e.topic = 'sale.completed'",
        receipt_code,
    )
    return float(moment)


def person(stage: Stage, role: str, place: str) -> str:
    """Somebody with this role at a branch and a PIN."""
    ((name,),) = stage.rows(
        "SELECT min(p.full_name) FROM staff p JOIN staff_role r ON r.staff_id = p.id "
        "JOIN location l ON l.id = r.location_id WHERE r.role = %s AND l.code = %s "
        "AND p.pin_hash IS NOT NULL AND p.status = 'active'",
        role,
        place,
    )
    return str(name)


def type_notes(page: Page, pieces: dict[int, int]) -> None:
    """Type how many of each and Enter, from the largest on; the button has the focus at the end."""
    for value in DENOMINATIONS:
        if pieces.get(value):
            page.keyboard.type(str(pieces[value]), delay=60)
        page.keyboard.press("Enter")


def in_notes(amount_vnd: int) -> dict[int, int]:
    """An amount in the largest notes."""
    pieces = {}
    for value in DENOMINATIONS:
        pieces[value], amount_vnd = divmod(amount_vnd, value)
    assert amount_vnd == 0, "a drawer holds notes"
    return pieces
