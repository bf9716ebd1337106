"""A served branch with a till in a real browser, whose camera sees whatever picture a test draws."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from playwright.sync_api import Browser, BrowserContext, Page
from sqlalchemy.orm import Session

from builders import PIN, Goods, a_branch, a_person, a_style, a_till, stocked
from journeys.stage import FLAGS, chromium, executable
from loyal import Shop
from placket import crm, identity, promotions
from placket.core import clock
from placket.core.db import Database
from placket.core.ids import new_id
from served import own_database
from serving import serving


@dataclass(frozen=True)
class Member:
    """A customer at home at the branch, with points and store credit to spend."""

    id: UUID
    name: str
    phone: str
    code: str


@dataclass
class Counter:
    """A served branch with two shirts to sell, another one that has them too, and a browser nobody has used yet."""

    url: str
    database: Database
    browser: Browser
    branch: UUID
    far: UUID
    shirts: Goods
    member: Member
    contexts: list[BrowserContext] = field(default_factory=list)

    def barcode(self, variant: str) -> str:
        """The barcode of a shirt, by colour and size."""
        with self.database.transaction() as tx:
            rows = tx.connection().exec_driver_sql(
                "SELECT code FROM barcode WHERE variant_id = %s", (self.shirts.variants[variant],)
            )
            return str(rows.scalar_one())

    def badge(self, role: str) -> str:
        """A fresh badge of whoever has this role at the branch."""
        with self.database.transaction() as tx:
            name = f"Nguyễn Thị {role}"
            found = tx.connection().exec_driver_sql(
                "SELECT s.id FROM staff s JOIN staff_role r ON r.staff_id = s.id "
                "WHERE s.full_name = %s AND r.location_id = %s",
                (name, self.branch),
            )
            staff_id = found.scalar_one()
            return identity.issue_badge(tx, staff_id=staff_id, actor=None)

    @contextmanager
    def promoted(self, terms: dict[str, Any]) -> Iterator[None]:
        """A promotion that runs for as long as the block lasts."""
        promotion_id = new_id()
        with self.database.transaction() as tx:
            by = tx.connection().exec_driver_sql("SELECT min(id::text)::uuid FROM staff").scalar_one()
            promotions.keep_draft(
                tx,
                promotion_id=promotion_id,
                names=("Mua 2 giảm 10%", "10% off two"),
                terms={"group": 1, **terms},
                limits={},
                row_version=None,
                staff_id=by,
                now=clock.now(),
            )
            promotions.publish(tx, promotion_id=promotion_id, row_version=1, staff_id=by, now=clock.now())
        yield
        with self.database.transaction() as tx:
            promotions.stop(tx, promotion_id=promotion_id, row_version=2, staff_id=by, now=clock.now())

    def till(self, browser: Browser | None = None, *, at: UUID | None = None) -> Page:
        """A fresh device made a till of the branch, with its PIN screen."""
        with self.database.transaction() as tx:
            code, _ = identity.make_pairing_code(
                tx, location_id=at or self.branch, till_name="Quầy", till_id=None, actor=None, now=clock.now()
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

    def open_till(self, browser: Browser | None = None, *, at: UUID | None = None) -> Page:
        """A fresh till with its cashier signed in: the sale screen."""
        page = self.till(browser, at=at)
        page.get_by_test_id("pos.pin.staff").first.click()
        page.keyboard.type(PIN)
        page.get_by_test_id("pos.sale.search").wait_for()
        return page

    def tenders(self) -> list[tuple[str, int]]:
        """How the last sale was paid."""
        query = (
            "SELECT p.kind, p.amount_vnd FROM payment p "
            "WHERE p.sale_id = (SELECT id FROM sale ORDER BY recorded_at DESC LIMIT 1)"
        )
        with self.database.transaction() as tx:
            return [(row.kind, row.amount_vnd) for row in tx.connection().exec_driver_sql(query)]

    def spent(self) -> int:
        """The points that the member has spent so far."""
        query = "SELECT coalesce(-sum(points), 0) FROM loyalty_entry WHERE customer_id = %s AND kind = 'spend'"
        with self.database.transaction() as tx:
            return int(tx.connection().exec_driver_sql(query, (self.member.id,)).scalar_one())

    def launch(self, *flags: str) -> Browser:
        """Another browser, with flags of its own."""
        return self.browser.browser_type.launch(executable_path=executable(), args=[*FLAGS, *flags])

    def close(self) -> None:
        """Close the browsers of a test."""
        while self.contexts:
            self.contexts.pop().close()


def a_member(tx: Session, here: UUID, shirts: Goods, cashier: UUID) -> Member:
    """Somebody who bought for two million a month ago, and was given 300.000 ₫ of store credit."""
    till = a_till(tx, here, cashier=cashier)
    name, phone = "Trần Bảo Ngọc", "0912345678"
    shop = Shop(tx, here, till, till, shirts.variants["DEN-M"])
    customer_id, month_ago = shop.customer(phone, name), clock.now() - timedelta(days=30)
    shop.sells(customer_id, 20, at=month_ago)
    by = crm.By(cashier, till.id)
    crm.issue_credit(
        tx, issue_id=new_id(), customer_id=customer_id, amount_vnd=300_000, reason="Trả hàng", by=by, now=month_ago
    )
    (number,) = tx.connection().exec_driver_sql("SELECT member_no FROM customer WHERE id = %s", (customer_id,)).one()
    return Member(customer_id, name, phone, crm.member_code(number))


@pytest.fixture(scope="module")
def counted() -> Iterator[Counter]:
    with own_database("till") as database:
        with database.transaction() as tx:
            here, far = a_branch(tx, "HN01"), a_branch(tx, "HN02")
            shirts = a_style(tx, sizes=("M", "L"))
            for place in (here, far):
                stocked(tx, place, dict.fromkeys(shirts.variants.values(), 70))
            cashier, _ = (a_person(tx, "cashier", at=place, pin=PIN) for place in (here, far))
            a_person(tx, "store_manager", at=here, pin=PIN)
            member = a_member(tx, here, shirts, cashier.id)
        with serving(database.url) as server, chromium() as (_, browser):
            yield Counter(server.url, database, browser, here, far, shirts, member)


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
