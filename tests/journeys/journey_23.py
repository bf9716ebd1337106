"""Journey 23, beside the year before: three comparisons equal to SQL to the đồng, Tết eve beside Tết eve, one more sale.

The figures are summed here another way: sale by sale from the lines, and the lunar day is told by the calendar on the wall.
"""

import time
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from playwright.sync_api import Page, expect
from tills import PIN, goods_at

from stage import Stage

HERE = "HN01"
VIETNAM = ZoneInfo("Asia/Ho_Chi_Minh")
TET_EVE, TET_EVE_BEFORE = date(2026, 2, 16), date(2025, 1, 28)
SHOWN_MS = 60_000
MOVED_MAX = 0.05  # branches that pass each other in the league may; the page does not jump
BESIDE = {"date": date(2025, 2, 16), "weekday": date(2025, 2, 17), "lunar": TET_EVE_BEFORE}
KEYS = {
    "branch": "s.location_id",
    "staff": "coalesce(l.adviser_id, s.staff_id)",
    "category": "(SELECT y.category_id FROM variant v JOIN style y ON y.id = v.style_id WHERE v.id = l.variant_id)",
}
SOLD = """
SELECT {key}, coalesce(sum(l.total_vnd) FILTER (WHERE s.sold_on = %s), 0)::bigint,
       coalesce(sum(l.total_vnd) FILTER (WHERE s.sold_on = %s), 0)::bigint
  FROM sale s JOIN sale_line l ON l.sale_id = s.id WHERE s.state = 'posted' AND s.sold_on = ANY(%s) GROUP BY 1
"""
UNTIL = """
SELECT coalesce(sum(l.total_vnd) FILTER (WHERE s.sold_at < %s), 0)::bigint, coalesce(sum(l.total_vnd), 0)::bigint
  FROM sale s JOIN sale_line l ON l.sale_id = s.id WHERE s.state = 'posted' AND s.sold_at >= %s AND s.sold_at < %s
"""
# The numbers of a report's rows, its total left out: revenue and the year before's, as they stand on the screen.
ROWS = """table => {
    const heads = [...table.querySelectorAll('thead th')].map(head => head.textContent.trim())
    const number = cell => Number(cell.textContent.replaceAll('.', '').replace('−', '-').replace(/[^0-9-]/g, ''))
    return [...table.querySelectorAll('tbody tr')].slice(0, -1).map(row => {
        const cells = [...row.children]
        return [number(cells[heads.indexOf('Doanh thu')]), number(cells[heads.indexOf('Cùng kỳ')])]
    })
}"""
SHIFTS = """() => {
    window.shifted = 0
    const moved = list => { for (const one of list.getEntries()) if (!one.hadRecentInput) window.shifted += one.value }
    new PerformanceObserver(moved).observe({ type: 'layout-shift' })
}"""


def run(stage: Stage) -> None:
    """Play one round."""
    till = stage.till("A", f"{HERE}-1")
    stage.sign_in_at_till(till, PIN)
    office = stage.office("M", "owner@lua.example", "lua-demo-2026", viewport={"width": 1440, "height": 900})
    for compare, before in BESIDE.items():
        for by, key in KEYS.items():
            reports(stage, office, by, key, compare, before)
    stage.shot(office, "M-tet-eve")
    same_minute(stage, office)
    new_branches(stage, office)
    one_more(stage, till, office)


def reports(stage: Stage, page: Page, by: str, key: str, compare: str, before: date) -> None:
    """A whole day of the past by one thing: every row is what the lines add up to, beside the right day."""
    page.goto(f"/office/reports?from={TET_EVE}&to={TET_EVE}&by={by}&compare={compare}")
    expect(page.get_by_test_id("office.report.against")).to_contain_text(f"{before:%d/%m/%Y}")
    table = page.get_by_test_id("office.report.table")
    expect(table.locator("tbody tr").last).to_contain_text("Tổng")
    told = sorted(tuple(row) for row in table.evaluate(ROWS))
    days = [TET_EVE, before]
    summed = sorted((now, then) for _, now, then in stage.rows(SOLD.format(key=key), TET_EVE, before, days))
    stage.check(f"by {by} beside the same {compare}: {len(told)} rows equal the sales to the đồng", holds=told == summed)
    stage.check(f"by {by} there is something to compare", holds=sum(now for now, _ in summed) > 0)


def same_minute(stage: Stage, page: Page) -> None:
    """Today is compared until the same minute of the other day, not with the whole of it."""
    page.goto("/office/dashboard")
    for compare, words in (("date", "Cùng ngày"), ("lunar", "Âm lịch"), ("weekday", "Cùng thứ")):
        page.get_by_test_id("office.dashboard.compare").get_by_text(words, exact=True).click()
        told = page.request.get("/api/dashboard", params={"compare": compare}).json()
        at, before_on = datetime.fromisoformat(told["at"]), date.fromisoformat(told["before_on"])
        midnight = datetime.combine(at.astimezone(VIETNAM).date(), datetime.min.time(), VIETNAM)
        starts = datetime.combine(before_on, datetime.min.time(), VIETNAM)
        ((before_vnd, whole_vnd),) = stage.rows(
            UNTIL,
            (starts + (at - midnight)).astimezone(UTC),
            starts.astimezone(UTC),
            (starts + timedelta(days=1)).astimezone(UTC),
        )
        sums = told["sums"]
        stage.check(
            f"same {compare}: until the same minute to the đồng",
            holds=(sums["before"]["revenue_vnd"], sums["before_whole_vnd"]) == (before_vnd, whole_vnd),
        )
        expect(page.get_by_text(f"So với {before_on:%d/%m/%Y}", exact=False).first).to_be_visible()


def new_branches(stage: Stage, page: Page) -> None:
    """A branch that was not open then is said to be new instead of being compared; the others are compared."""
    began = datetime.combine(datetime.now(VIETNAM).date() - timedelta(days=364), datetime.min.time(), VIETNAM)
    for code, opened_on in stage.rows("SELECT code, opened_on FROM location WHERE kind = 'branch' ORDER BY position"):
        row = page.get_by_test_id(f"office.dashboard.branch.{code}")
        if opened_on > began:
            expect(row).to_contain_text("mới mở")
        else:
            expect(row).not_to_contain_text("mới mở")


def one_more(stage: Stage, till: Page, office: Page) -> None:
    """A sale at the till is one more bill on the dashboard by itself, and the page does not jump."""
    bills = office.get_by_test_id("office.dashboard.figure.bills")
    expect(bills).to_be_visible()
    sold = goods_at(stage, till, HERE, at_least=2)[stage.round]
    office.evaluate(SHIFTS)
    before = bills.inner_text()
    stage.scan(till, sold.barcode)
    expect(till.get_by_test_id("pos.sale.line")).to_have_count(1)
    at = time.monotonic()
    till.keyboard.press("F9")
    expect(till.get_by_test_id("pos.done")).to_be_visible()
    stage.until("the dashboard has one more bill", lambda: bills.inner_text() != before, within_s=SHOWN_MS / 1_000)
    stage.measure("sale to dashboard", (time.monotonic() - at) * 1_000, limit=SHOWN_MS)
    stage.measure("layout shift", office.evaluate("window.shifted"), limit=MOVED_MAX, unit="CLS")
    stage.shot(office, "M-dashboard")
