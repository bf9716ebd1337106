"""A counter to drill on: a served branch, a till in a browser that keeps its profile, a bridge with the second copy."""

import os
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

from playwright.sync_api import BrowserContext, Page, Playwright, expect, sync_playwright
from playwright.sync_api import Error as BrowserError
from sqlalchemy import text

from builders import a_branch, a_person, a_style, a_till, stocked
from journeys.stage import FLAGS, SETTINGS, executable
from placket import identity
from placket.core.db import Database
from placket.printing.virtual import VirtualPrinter
from printing.counter import TOKEN, Counter, a_counter
from served import own_database
from serving import Server, free_port, serving

PIN = "246810"
PRICE_VND = 199_000
PIECES = 5_000
SLOW_MS = 30_000

# Sales as a cashier in a hurry makes them: a scanner's burst, a glance at the line, F10, a glance at the change. The keys
# carry a scanner's rhythm, whatever else the machine does meanwhile; asked whether to sell on without a server that fell
# silent under a sale, or went before it had told what is promised, the cashier does, and confirms a clock that has leapt.
SELL = """async ({ codes, guardMs, pin }) => {
  const rest = ms => new Promise(done => setTimeout(done, ms))
  const press = (key, at = performance.now()) => {
    const told = { key, code: /[0-9]/.test(key) ? `Digit${key}` : key, bubbles: true, cancelable: true }
    for (const type of ['keydown', 'keyup']) {
      const event = Object.defineProperty(new KeyboardEvent(type, told), 'timeStamp', { value: at })
      ;(document.activeElement ?? document.body).dispatchEvent(event)
    }
  }
  const until = async holds => {
    for (const end = performance.now() + 30_000; performance.now() < end; await rest(10)) {
      const got = await holds()
      if (got) return got
    }
    throw new Error('waited in vain: ' + document.body.innerText)
  }
  const button = name => document.querySelector(`[data-testid="${name}"]`)
  const sellOn = async () => {
    button('pos.pay.alone')?.click()
    const [blind, clock] = [button('pos.pay.blind.confirm'), button('pos.pay.clock.confirm')]
    if (!blind && !clock) return
    blind?.click()
    if (clock) {
      clock.click()
      await until(() => button('pos.approval.person'))
      for (const digit of pin) { press(digit); await rest(120) }
      await until(() => !button('pos.approval'))
    }
    await rest(20)
    press('F10')
  }
  const shown = () => document.querySelector('[data-testid="pos.done"]')?.innerText.match(/HN01-\\d+-\\d+-\\d{7}/)?.[0]
  window.sold ??= []
  const began = window.sold.length
  for (const barcode of codes) {
    const before = shown()
    const scannedAt = performance.now()
    for (const [place, key] of [...barcode, 'Enter'].entries()) press(key, scannedAt + 10 * place)
    await until(() => document.querySelectorAll('[data-testid="pos.sale.line"]').length === 1)
    await rest(guardMs)
    press('F10')
    window.sold.push(await until(async () => {
      await sellOn()
      return shown() !== before && shown()
    }))
  }
  return window.sold.slice(began)
}"""

STORE = """
  const open = indexedDB.open('placket-till')
  const db = await new Promise(done => { open.onsuccess = () => done(open.result) })
  const all = db.transaction('journal').objectStore('journal').getAll()
  const rows = await new Promise(done => { all.onsuccess = () => done(all.result) })
  db.close()
"""
WAITING = f"async () => {{ {STORE} return rows.filter(row => row.sent === 0).length }}"
ENTRIES = f"async () => {{ {STORE} return rows.length }}"
RECEIPTS = f"""async () => {{ {STORE}
  const of = row => `HN01-1-${{row.epoch}}-${{String(JSON.parse(row.text).body.receipt_no).padStart(7, '0')}}`
  return rows.filter(row => row.kind === 'SALE').map(of)
}}"""
WRONG_CLOCK = """
const Now = Date
globalThis.Date = class extends Now {
  constructor(...given) { given.length ? super(...given) : super(Now.now() + AHEAD_MS) }
  static now() { return Now.now() + AHEAD_MS }
}
"""


@dataclass
class Drill:
    """One till and everything around it. ``sold`` are the receipts that were shown to a customer."""

    playwright: Playwright
    database: Database
    server: Server
    counter: Counter
    folder: Path
    place: UUID
    till_id: UUID
    barcodes: list[str]
    context: BrowserContext | None = None
    sold: list[str] = field(default_factory=list)

    @property
    def page(self) -> Page:
        """The window that sells: the newest."""
        assert self.context is not None
        return self.context.pages[-1]

    @property
    def profile(self) -> Path:
        """The browser's own folder."""
        return self.folder / "profile"

    def start_browser(self, *, offline: bool = False, clock_ahead_s: int = 0) -> None:
        """Start the browser on its profile, perhaps without network, perhaps with a clock that is wrong."""
        self.context = self.playwright.chromium.launch_persistent_context(
            self.profile,
            executable_path=executable(),
            args=FLAGS,
            base_url=self.server.url,
            offline=offline,
            **SETTINGS,
        )
        self.context.set_default_timeout(SLOW_MS)
        if clock_ahead_s:
            self.context.add_init_script(WRONG_CLOCK.replace("AHEAD_MS", str(clock_ahead_s * 1000)))
        self.page.goto("/pos/")

    def kill_browser(self) -> None:
        """Take the browser's processes away, as a power cut does."""
        for process in Path("/proc").glob("[0-9]*/cmdline"):
            with suppress(OSError):
                if f"--user-data-dir={self.profile}".encode() in process.read_bytes():
                    os.kill(int(process.parent.name), signal.SIGKILL)
        with suppress(BrowserError):
            assert self.context is not None
            self.context.close()
        self.context = None

    def offline(self, *, cut: bool) -> None:
        """Take the network away, or give it back."""
        assert self.context is not None
        self.context.set_offline(cut)

    def pair(self) -> None:
        """Make the browser this till, connect its bridge and let the manager in."""
        with self.database.transaction() as tx:
            code, _ = identity.make_pairing_code(
                tx, location_id=self.place, till_name="Quầy 1", till_id=self.till_id, actor=None, now=datetime.now(UTC)
            )
        page = self.page
        page.get_by_test_id("pos.devices.address").fill(str(self.counter.client.base_url).rstrip("/"))
        page.get_by_test_id("pos.devices.token").fill(TOKEN)
        page.get_by_test_id("pos.devices.connect").click()
        expect(page.get_by_test_id("pos.devices.state")).to_contain_text("virtual")
        page.get_by_test_id("pos.pair.code").fill(code)
        page.get_by_test_id("pos.pair.submit").click()
        page.get_by_test_id("pos.pin.staff").first.click()
        page.keyboard.type(PIN)
        self.ready()

    def ready(self) -> None:
        """The sale screen is there."""
        expect(self.page.get_by_test_id("pos.sale.search")).to_be_visible(timeout=SLOW_MS)

    def sell(self, many: int) -> None:
        """Sell so many pieces, each for itself."""
        codes = [self.barcodes[at % len(self.barcodes)] for at in range(many)]
        self.sold += self.page.evaluate(SELL, {"codes": codes, "guardMs": 430, "pin": PIN})

    def begin_to_sell(self, many: int) -> None:
        """Sell without waiting for the end of it."""
        codes = [self.barcodes[at % len(self.barcodes)] for at in range(many)]
        self.page.evaluate(
            f"given => {{ ({SELL})(given).catch(() => undefined) }}", {"codes": codes, "guardMs": 430, "pin": PIN}
        )

    def wait(self, what: str, holds: Callable[[], bool], limit_s: int = 60) -> None:
        """Wait for a fact while the page goes on; what is on the screen tells why it never came."""
        deadline = time.monotonic() + limit_s
        while not holds():
            if time.monotonic() > deadline:
                message = f"{what} never came; {self.waiting()} entries wait:\n{self.page.inner_text('body')}"
                raise AssertionError(message)
            self.page.wait_for_timeout(50)

    def handed_in(self) -> None:
        """Wait until nothing waits any more."""
        self.wait("the end of the queue", lambda: not self.waiting(), 120)

    def waiting(self) -> int:
        """Entries that the server does not have."""
        return int(self.page.evaluate(WAITING))

    def entries(self) -> int:
        """Entries on the device."""
        return int(self.page.evaluate(ENTRIES))

    def journalled(self) -> list[str]:
        """The receipts in the journal on the device."""
        return list(self.page.evaluate(RECEIPTS))

    def receipts(self) -> list[str]:
        """The receipts in the books."""
        with self.database.transaction() as tx:
            return list(tx.scalars(text("SELECT receipt_code FROM sale ORDER BY till_id, epoch, receipt_no")))


@contextmanager
def a_drill(folder: Path) -> Iterator[Drill]:
    """A counter, paired and ready to sell."""
    port = free_port()
    with own_database("drill") as database, closing(VirtualPrinter()) as printer, sync_playwright() as playwright:
        with database.transaction() as tx:
            place = a_branch(tx, "HN01")
            goods = a_style(tx, price_vnd=PRICE_VND, sizes=("S", "M", "L", "XL"), colours=("DEN", "DO"))
            stocked(tx, place, dict.fromkeys(goods.all, PIECES))
            till = a_till(tx, place, attached=False)
            a_person(tx, "store_manager", at=place, pin=PIN)
            # Nobody empties this drawer: five hundred sales of it are far above what a till holds off line.
            tx.execute(text("INSERT INTO setting (key, value, updated_at) VALUES ('drawer_vnd_max', '1000000000', now())"))
            barcodes = list(tx.scalars(text("SELECT code FROM barcode ORDER BY code")))
        with serving(database.url, PRINT_BRIDGE_PORT=str(port)) as server:
            counter = a_counter(folder, printer, port=port, origin=server.url)
            drill = Drill(playwright, database, server, counter, folder, place, till.id, barcodes)
            drill.start_browser()
            drill.pair()
            drill.page.evaluate("navigator.serviceWorker.ready.then(() => undefined)")
            try:
                yield drill
            finally:
                if drill.context is not None:
                    drill.context.close()
                counter.close()
