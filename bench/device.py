"""A till in real Chromium with 100,000 variants on the device, signed in, its CPU slowed down by the browser."""

import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from playwright.sync_api import CDPSession, Page, sync_playwright
from sqlalchemy import text
from sqlalchemy.orm import Session

from bench import floor
from bench.lookup import GOODS
from bench.report import say
from bench.stage import Stage, restock, server, stage
from placket import identity
from placket.core import clock
from placket.core.db import Database
from placket.core.ids import new_id
from placket.core.settings import ROOT

SLOWER = 4
PIN = "246810"
CASHIER = "Thu Ngân Đo"
GOODS_KEPT = 60
FIRST_SYNC_MS = 180_000
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
)
# Hears keys before the till does, and scans like a scanner.
INSIDE = """
window.bench = { key: undefined }
addEventListener('keydown', ({ timeStamp, key }) => { bench.key = { at: timeStamp, key } }, { capture: true })
bench.burst = (barcode) => {
  const presses = [...barcode, 'Enter'].flatMap((key) => ['keydown', 'keyup'].map((type) => new KeyboardEvent(type, {
    key, code: key === 'Enter' ? key : `Digit${key}`, bubbles: true, cancelable: true,
  })))
  const target = document.activeElement ?? document.body
  for (const press of presses) target.dispatchEvent(press)
}
bench.scan = (barcode) => new Promise((done, fail) => {
  const begun = performance.now()
  const late = setTimeout(() => fail(new Error(`no line for ${barcode}`)), 10_000)
  const seen = new PerformanceObserver((list) => {
    const painted = list.getEntriesByName('scan:painted').find(({ startTime }) => startTime > begun)
    if (painted === undefined) return
    seen.disconnect()
    clearTimeout(late)
    done(painted.startTime - begun)
  })
  seen.observe({ type: 'mark' })
  bench.burst(barcode)
})
"""
# The same work, the best of seven: how much slower is the window than unthrottled?
SPEED = """() => {
  const work = () => {
    const begun = performance.now()
    let sum = 0
    for (let turn = 0; turn < 2e7; turn += 1) sum = (sum * 31 + turn) | 0
    return performance.now() - begun + sum * 0
  }
  return Math.min(...Array.from({ length: 7 }, work))
}"""


@dataclass(frozen=True)
class Piece:
    """Something to scan."""

    barcode: str
    style: str


@dataclass
class Device:
    """The till, its page and what it may scan. ``k``: floor.py."""

    page: Page
    cdp: CDPSession
    goods: Sequence[Piece]
    k: float

    def pay(self) -> None:
        """Take the exact amount, print nothing, and wait until the sale is done."""
        self.page.wait_for_timeout(450)  # the pay button sleeps for so long after each change
        self.page.keyboard.press("F10")
        self.page.get_by_test_id("pos.done").wait_for()

    def settle(self) -> None:
        """Sell what is on the invoice, if anything, and let the till come to rest."""
        if self.page.get_by_test_id("pos.sale.line").count() > 0:
            self.pay()
        self.page.wait_for_timeout(2_000)

    def heap_mb(self) -> float:
        """What the page holds after a forced collection."""
        self.cdp.send("HeapProfiler.collectGarbage")
        return float(self.cdp.send("Runtime.getHeapUsage")["usedSize"]) / 2**20


@contextmanager
def device(name: str) -> Iterator[Device]:
    """A till that has been used before: paired, signed in, the catalogue on it, the app installed."""
    with stage(name, GOODS) as at, TemporaryDirectory(prefix="placket-till-") as profile:
        restock(at.url, places=1)
        k = floor.slowness(at)
        goods, code = _prepare(at)
        with server(at) as api, sync_playwright() as playwright:
            context = playwright.chromium.launch_persistent_context(
                profile,
                executable_path=_executable(),
                args=FLAGS,
                base_url=f"http://127.0.0.1:{api.port}",
                viewport={"width": 1280, "height": 800},
                locale="vi-VN",
                timezone_id="Asia/Ho_Chi_Minh",
            )
            page = context.pages[0]
            cdp = context.new_cdp_session(page)
            _slow_down(page, cdp)
            context.add_init_script(INSIDE)
            _first_use(page, code)
            yield Device(page, cdp, goods, k)
            context.close()


def _prepare(at: Stage) -> tuple[list[Piece], str]:
    """What will be scanned, a cashier, and a pairing code."""
    database = Database(at.url, pool_size=1)
    with database.transaction() as tx:
        now = clock.now()
        branch = tx.scalars(text("SELECT id FROM location WHERE kind = 'branch' ORDER BY position")).first()
        assert branch is not None
        identity.create_staff(
            tx,
            staff_id=new_id(),
            full_name=CASHIER,
            email=None,
            roles=[identity.RoleHeld("cashier", branch)],
            password=None,
            pin=PIN,
            actor=None,
            now=now,
        )
        code, _ = identity.make_pairing_code(tx, location_id=branch, till_name="Quầy đo", till_id=None, actor=None, now=now)
        count = tx.scalar(text("SELECT count(*) FROM variant"))
        goods = _to_scan(tx)
    database.dispose()
    say(f"{count:,} variants in the catalogue")
    return goods, code


def _to_scan(tx: Session) -> list[Piece]:
    rows = tx.execute(
        text(
            "SELECT s.code, (SELECT min(code) FROM barcode b WHERE b.variant_id = v.id) FROM variant v "
            "JOIN style s ON s.id = v.style_id WHERE v.status = 'active' AND s.status = 'active' "
            "ORDER BY md5(v.id::text) LIMIT :count"
        ),
        {"count": GOODS_KEPT},
    ).all()
    return [Piece(barcode, style) for style, barcode in rows]


def _slow_down(page: Page, cdp: CDPSession) -> None:
    """Slow the CPU, and say how far that reaches the window."""
    window_ms = page.evaluate(SPEED)
    cdp.send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})
    say(f"throttled: the window is {page.evaluate(SPEED) / window_ms:.1f} times slower")


def _first_use(page: Page, code: str) -> None:
    page.set_default_timeout(60_000)
    page.goto("/pos/")
    page.get_by_test_id("pos.pair.code").fill(code)
    page.get_by_test_id("pos.pair.submit").click()
    page.get_by_test_id("pos.pin.staff").filter(has_text=CASHIER).click()
    page.keyboard.type(PIN)
    page.get_by_test_id("pos.sale.search").wait_for(timeout=FIRST_SYNC_MS)
    page.wait_for_function("navigator.serviceWorker.controller !== null")
    page.wait_for_timeout(3_000)


def _executable() -> str:
    """The Chromium of the browser tests."""
    script = [sys.executable, str(Path(ROOT) / "scripts" / "browser.py")]
    return subprocess.run(script, stdout=subprocess.PIPE, text=True, check=True).stdout.strip().splitlines()[-1]
