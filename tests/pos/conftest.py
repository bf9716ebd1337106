"""A served branch with a till in a real browser, whose camera sees whatever picture a test draws."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from uuid import UUID

import pytest
from playwright.sync_api import Browser, BrowserContext, Page

from builders import PIN, Goods, a_branch, a_person, a_style, stocked
from journeys.stage import FLAGS, chromium, executable
from placket import identity
from placket.core import clock
from placket.core.db import Database
from served import own_database
from serving import serving


@dataclass
class Counter:
    """A served branch with two shirts to sell, and a browser nobody has used yet."""

    url: str
    database: Database
    browser: Browser
    branch: UUID
    shirts: Goods
    contexts: list[BrowserContext] = field(default_factory=list)

    def barcode(self, variant: str) -> str:
        """The barcode of a shirt, by colour and size."""
        with self.database.transaction() as tx:
            rows = tx.connection().exec_driver_sql(
                "SELECT code FROM barcode WHERE variant_id = %s", (self.shirts.variants[variant],)
            )
            return str(rows.scalar_one())

    def badge(self, role: str) -> str:
        """A fresh badge of whoever has this role."""
        with self.database.transaction() as tx:
            name = f"Nguyễn Thị {role}"
            (staff_id,) = tx.connection().exec_driver_sql("SELECT id FROM staff WHERE full_name = %s", (name,)).one()
            return identity.issue_badge(tx, staff_id=staff_id, actor=None)

    def till(self, browser: Browser | None = None) -> Page:
        """A fresh device made a till, with its PIN screen."""
        with self.database.transaction() as tx:
            code, _ = identity.make_pairing_code(
                tx, location_id=self.branch, till_name="Quầy", till_id=None, actor=None, now=clock.now()
            )
        context = (browser or self.browser).new_context(
            base_url=self.url, locale="vi-VN", viewport={"width": 1280, "height": 800}, permissions=["camera"]
        )
        context.set_default_timeout(15_000)
        self.contexts.append(context)
        page = context.new_page()
        page.goto("/pos/")
        page.get_by_test_id("pos.pair.code").fill(code)
        page.get_by_test_id("pos.pair.submit").click()
        page.get_by_test_id("pos.pin.staff").first.wait_for()
        return page

    def open_till(self, browser: Browser | None = None) -> Page:
        """A fresh till with its cashier signed in: the sale screen."""
        page = self.till(browser)
        page.get_by_test_id("pos.pin.staff").first.click()
        page.keyboard.type(PIN)
        page.get_by_test_id("pos.sale.search").wait_for()
        return page

    def launch(self, *flags: str) -> Browser:
        """Another browser, with flags of its own."""
        return self.browser.browser_type.launch(executable_path=executable(), args=[*FLAGS, *flags])

    def close(self) -> None:
        """Close the browsers of a test."""
        while self.contexts:
            self.contexts.pop().close()


@pytest.fixture(scope="module")
def counted() -> Iterator[Counter]:
    with own_database("till") as database:
        with database.transaction() as tx:
            here, shirts = a_branch(tx, "HN01"), a_style(tx, sizes=("M", "L"))
            stocked(tx, here, dict.fromkeys(shirts.variants.values(), 50))
            a_person(tx, "cashier", at=here, pin=PIN)
            a_person(tx, "store_manager", at=here, pin=PIN)
        with serving(database.url) as server, chromium() as (_, browser):
            yield Counter(server.url, database, browser, here, shirts)


@pytest.fixture
def counter(counted: Counter) -> Iterator[Counter]:
    yield counted
    counted.close()


def film(path: Path, barcode: str) -> Path:
    """A film in which an EAN-13 is held before a camera: one picture of 640 × 480, in the one format browsers take raw."""
    width, height, module = 640, 480, 4
    bars = ean13(barcode)
    left = (width - len(bars) * module) // 2
    row = bytearray(b"\xd8" * width)
    for place, bar in enumerate(bars):
        if bar == "1":
            row[left + place * module : left + (place + 1) * module] = b"\x20" * module
    plain = bytes(b"\xd8" * width)
    luma = plain * 140 + bytes(row) * 200 + plain * 140
    chroma = b"\x80" * (width * height // 2)
    path.write_bytes(b"YUV4MPEG2 W640 H480 F10:1 Ip A1:1 C420\n" + (b"FRAME\n" + luma + chroma) * 2)
    return path


LEFT = ["0001101", "0011001", "0010011", "0111101", "0100011", "0110001", "0101111", "0111011", "0110111", "0001011"]
PARITY = ["LLLLLL", "LLGLGG", "LLGGLG", "LLGGGL", "LGLLGG", "LGGLLG", "LGGGLL", "LGLGLG", "LGLGGL", "LGGLGL"]


def ean13(barcode: str) -> str:
    """The modules of an EAN-13 by the standard: 1 is a bar."""
    assert len(barcode) == 13
    right = ["".join("10"[int(module)] for module in code) for code in LEFT]
    even = [code[::-1] for code in right]
    left = [
        (LEFT if parity == "L" else even)[int(digit)]
        for digit, parity in zip(barcode[1:7], PARITY[int(barcode[0])], strict=True)
    ]
    return "101" + "".join(left) + "01010" + "".join(right[int(digit)] for digit in barcode[7:]) + "101"
