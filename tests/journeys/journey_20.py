"""Journey 20, split tender: 1.000.000 in cash, then a card that is declined, a terminal that is silent, an approval."""

import json
import re
import time
import urllib.request
from typing import Any

from playwright.sync_api import Page, expect
from tills import COUNT_TAPS, PIN, goods_at, pair_worth

from stage import Stage

HERE = "SG01"
CASH_VND = 1_000_000
SILENCE_MS = 12_000


def run(stage: Stage) -> None:
    """Play one round."""
    till = stage.till("A", f"{HERE}-1")
    stage.sign_in_at_till(till, PIN)
    goods = goods_at(stage, till, HERE, at_least=3)
    pieces = pair_worth(goods, 2_000_000, 4_000_000)
    total_vnd = sum(one.price_vnd for one in pieces)
    rest_vnd = total_vnd - CASH_VND
    began = time.time()

    one_tap(stage, till, goods[0].barcode)
    for place, one in enumerate(pieces, start=1):
        stage.scan(till, one.barcode)
        expect(till.get_by_test_id("pos.sale.line")).to_have_count(place)
    declined(stage, till, rest_vnd)
    silent(stage, till)
    approved(stage, till)
    expect(till.get_by_test_id("pos.done")).to_be_visible(timeout=SILENCE_MS)
    both_on_paper(stage, till)
    charged_once(stage, rest_vnd, began)
    given_up(stage, till, goods[0].barcode, began)


def one_tap(stage: Stage, page: Page, barcode: str) -> None:
    """[Thẻ] sends the amount, the approval closes the sale."""
    turn(stage, "approve")
    stage.scan(page, barcode)
    expect(page.get_by_test_id("pos.sale.line")).to_have_count(1)
    page.wait_for_timeout(450)  # the guard of the pay panel against taps that were meant for the cart
    page.evaluate(COUNT_TAPS)
    method(page, 2)
    expect(page.get_by_test_id("pos.pay.card")).to_have_attribute("data-step", re.compile("waiting_card|processing"))
    stage.shot(page, "A-card-waiting")
    expect(page.get_by_test_id("pos.done")).to_be_visible(timeout=SILENCE_MS)
    stage.check("a card is one tap", holds=page.evaluate("window.taps") == 1)


def declined(stage: Stage, page: Page, rest_vnd: int) -> None:
    """The cash part is typed, [Thẻ] takes it and sends the rest; the bank declines and says why."""
    turn(stage, "decline", "Không đủ số dư")
    page.get_by_test_id("pos.pay.amount").fill("1000000")
    method(page, 2)
    expect(page.get_by_test_id("pos.pay.parts")).to_contain_text("1.000.000")
    status = page.get_by_test_id("pos.pay.card.status")
    expect(status).to_contain_text("Không đủ số dư")
    expect(page.get_by_test_id("pos.pay.due")).to_contain_text(f"{rest_vnd:,}".replace(",", "."))
    stage.shot(page, "A-card-declined")


def silent(stage: Stage, page: Page) -> None:
    """The terminal does not answer: nothing can be sent again before it has said what became of it."""
    turn(stage, "silent")
    page.get_by_test_id("pos.pay.card.retry").click()
    panel = page.get_by_test_id("pos.pay.card")
    expect(panel).to_have_attribute("data-step", "lost", timeout=SILENCE_MS)
    stage.check(
        "there is no second try before the first is known", holds=not page.get_by_test_id("pos.pay.card.retry").is_visible()
    )
    stage.shot(page, "A-card-lost")
    page.reload()
    page.get_by_test_id("pos.sale.search").wait_for()
    expect(page.get_by_test_id("pos.pay.parts")).to_contain_text("1.000.000")
    expect(panel).to_have_attribute("data-step", "lost", timeout=SILENCE_MS)
    page.get_by_test_id("pos.pay.card.ask").click()
    expect(panel).to_have_attribute("data-step", "lost")


def approved(stage: Stage, page: Page) -> None:
    """It hears again: what never arrived is shut, the next try charges the card, and its answer is lost and asked for."""
    turn(stage, "lost")
    # The till asks by itself. What it hears is of this try: the reason of the one before is not said again.
    expect(page.get_by_test_id("pos.pay.card")).to_have_attribute("data-step", "cancelled", timeout=SILENCE_MS)
    expect(page.get_by_test_id("pos.pay.card.status")).not_to_contain_text("Không đủ số dư")
    page.get_by_test_id("pos.pay.card.retry").click()


def both_on_paper(stage: Stage, page: Page) -> None:
    """The receipt lists cash and card."""
    page.get_by_test_id("pos.done.preview").click()
    sheet = page.get_by_role("dialog")
    for words in ("Tiền mặt", "Thẻ"):
        expect(sheet.get_by_test_id("pos.receipt.row").filter(has_text=words)).to_have_count(1)
    stage.shot(page, "A-receipt")
    page.keyboard.press("Escape")


def charged_once(stage: Stage, rest_vnd: int, began: float) -> None:
    """One approved charge of the rest, whatever was tried."""
    approved = [one for one in charges(stage, began) if one["state"] == "approved" and one["amount_vnd"] == rest_vnd]
    stage.check("the card is charged once", holds=len(approved) == 1)


def given_up(stage: Stage, page: Page, barcode: str, began: float) -> None:
    """A card is taken for a part, then the customer leaves: the money visibly goes back at the terminal."""
    turn(stage, "approve")
    stage.scan(page, barcode)
    expect(page.get_by_test_id("pos.sale.line")).to_have_count(1)
    page.get_by_test_id("pos.pay.method").get_by_role("radio").nth(3).click()
    page.get_by_test_id("pos.pay.hand.card").wait_for()
    page.wait_for_timeout(450)
    turn(stage, "decline", "Thẻ hết hạn")
    method(page, 2)
    expect(page.get_by_test_id("pos.pay.card")).to_have_attribute("data-step", "declined")
    turn(stage, "approve")
    field = page.get_by_test_id("pos.pay.amount")
    field.fill("50000")
    field.press("Enter")
    expect(page.get_by_test_id("pos.pay.parts")).to_contain_text("50.000")
    page.get_by_test_id("pos.sale.clear").click()
    expect(page.get_by_test_id("pos.sale.line")).to_have_count(1)
    page.get_by_test_id("pos.pay.part.remove").click()
    stage.shot(page, "A-give-back")
    page.get_by_test_id("pos.give_back.submit").click()
    expect(page.get_by_test_id("pos.pay.parts")).to_have_count(0)
    voided = [one for one in charges(stage, began) if one["state"] == "voided"]
    stage.check("the charge is voided at the terminal", holds=[one["amount_vnd"] for one in voided] == [50_000])
    page.get_by_test_id("pos.sale.clear").click()


def method(page: Page, place: int) -> None:
    """Tap a method of payment."""
    page.get_by_test_id("pos.pay.method").get_by_role("radio").nth(place).click()


def simulator(stage: Stage) -> str:
    """Where the card terminals are simulated, as the screen of ``placket up`` says."""
    screen = (stage.server.home / "up.log").read_text(encoding="utf-8")
    found = re.search(r"simulated at (http://\S+?)/?$", screen, re.MULTILINE)
    assert found is not None, screen
    return found[1].rstrip("/")


def turn(stage: Stage, mode: str, reason: str = "") -> None:
    """Turn the switch of the till's terminal."""
    body = json.dumps({"mode": mode, "reason": reason}).encode()
    request = urllib.request.Request(  # noqa: S310 - our own process
        f"{simulator(stage)}/terminals/{HERE}-1/mode", body, {"content-type": "application/json"}
    )

    def answers() -> bool:
        try:
            with urllib.request.urlopen(request, timeout=5):  # noqa: S310
                return True
        except OSError:  # it is one of the last that the supervisor starts
            return False

    stage.until("the simulator answers", answers)


def charges(stage: Stage, since: float) -> list[dict[str, Any]]:
    """Every charge the simulator has begun since a moment."""
    with urllib.request.urlopen(f"{simulator(stage)}/charges", timeout=5) as answer:  # noqa: S310
        found: list[dict[str, Any]] = json.loads(answer.read())
    return [one for one in found if one["begun"] >= since]
