"""What journeys with promotions share: publishing as the office's routes do it, vouchers, presses at one moment."""

import json
import re
from typing import Any
from uuid import uuid4

from playwright.sync_api import Page, expect
from tills import PRESS_AT

from stage import Stage

# When the number of some elements first was this one, by this machine's clock.
WHEN = """([testid, count]) => new Promise((done) => {
    const look = () => {
        if (document.querySelectorAll(`[data-testid="${testid}"]`).length === count) {
            done(performance.timeOrigin + performance.now())
        } else requestAnimationFrame(look)
    }
    look()
})"""


def post(office: Page, path: str, body: dict[str, Any]) -> dict[str, Any]:
    """An answer of the server to the office."""
    headers = {"x-placket": "1", "content-type": "application/json"}
    answer = office.request.post(path, data=json.dumps(body), headers=headers)
    assert answer.ok, answer.text()
    shown: dict[str, Any] = answer.json()
    return shown


def publish(office: Page, name: str, terms: dict[str, Any], **limits: int) -> str:
    """A promotion in force."""
    promotion_id = str(uuid4())
    draft = {"id": promotion_id, "name_vi": name, "name_en": name, "terms": {"group": 1, **terms}, "limits": limits}
    post(office, "/api/promotions", draft)
    post(office, f"/api/promotions/{promotion_id}/publish", {"row_version": 1})
    return promotion_id


def stop(office: Page, promotion_id: str) -> None:
    """Out of force."""
    post(office, f"/api/promotions/{promotion_id}/stop", {"row_version": 2})


def issue(office: Page, promotion_id: str, count: int) -> list[str]:
    """Bearer vouchers."""
    body = {
        "id": str(uuid4()),
        "name": "Tri ân",
        "starts_at": "2026-01-01T00:00:00Z",
        "ends_at": "2036-01-01T00:00:00Z",
        "count": count,
    }
    return [str(code) for code in post(office, f"/api/promotions/{promotion_id}/vouchers", body)["codes"]]


def dong(amount_vnd: int) -> str:
    """As the screens write it."""
    return f"{amount_vnd:,}".replace(",", ".")


IN_HAND = '[data-testid^="pos.sale.tab."][aria-current="true"]'


def expect_due(page: Page, amount_vnd: int) -> None:
    """The total of the invoice in hand to the đồng: its tab says it before cash is rounded."""
    expect(page.locator(IN_HAND)).to_contain_text(dong(amount_vnd))


def due_vnd(page: Page, *, lines: int) -> int:
    """The same total, read once the invoice has so many lines."""
    expect(page.get_by_test_id("pos.sale.line")).to_have_count(lines)
    told = page.locator(IN_HAND).inner_text()
    return int(re.findall(r"[\d.]+", told)[-1].replace(".", ""))


def race(stage: Stage, pages: list[Page], moment_ms: float) -> tuple[Page, Page]:
    """Both press at one moment; answers who sold, and who is told that it was too late."""
    for page in pages:
        page.evaluate(PRESS_AT, moment_ms)
    for page in pages:
        page.locator('[data-testid="pos.done"], [data-testid="pos.pay.notice"]').first.wait_for()
    sold = [page for page in pages if page.get_by_test_id("pos.done").count()]
    told = [page for page in pages if page.get_by_test_id("pos.pay.notice").count()]
    stage.check(f"one sale and one refusal, not {len(sold)} and {len(told)}", holds=len(sold) == len(told) == 1)
    return sold[0], told[0]
