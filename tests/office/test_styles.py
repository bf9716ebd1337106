"""Catalogue work in the office: a style is made, its sheet filled like a spreadsheet, and files are brought in."""

import struct
import zlib
from uuid import UUID

from playwright.sync_api import expect
from sqlalchemy import text

from office.conftest import Office
from office.test_promotions import axe
from placket.imports import jobs

PASTE = """([at, text]) => {
    const cell = document.querySelector(`[data-at="${at}"]`)
    const clipboardData = new DataTransfer()
    clipboardData.setData('text/plain', text)
    cell.focus()
    cell.dispatchEvent(new ClipboardEvent('paste', { clipboardData, bubbles: true, cancelable: true }))
}"""


def pixel(shade: int) -> bytes:
    """A picture of one grey pixel."""
    rows = zlib.compress(bytes([0, shade * 100]))
    parts = ((b"IHDR", struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0)), (b"IDAT", rows), (b"IEND", b""))
    told = [struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body)) for name, body in parts]
    return b"\x89PNG\r\n\x1a\n" + b"".join(told)


def test_a_style_is_made_priced_by_a_pasted_block_and_tagged(office: Office) -> None:
    page = office.sign_in("/office/products/new")
    expect(page.get_by_test_id("office.style.save")).to_be_disabled()
    page.get_by_test_id("office.style.code").fill("dm0777")
    page.get_by_test_id("office.style.save").click()
    expect(page.get_by_text("Chọn ít nhất một màu.")).to_be_visible()
    page.get_by_test_id("office.style.name_vi").fill("Đầm lụa")
    page.get_by_test_id("office.style.name_en").fill("Silk dress")
    for field in ("category_id", "vat_class_id", "size_scale_id"):
        page.get_by_test_id(f"office.style.{field}").select_option(index=1)
    page.get_by_test_id("office.style.colours").get_by_role("button").first.click()
    page.get_by_test_id("office.style.tags").fill("Lụa, Tết")
    page.get_by_test_id("office.style.save").click()
    sheet = page.get_by_test_id("office.style.sheet")
    sheet.wait_for()
    page.evaluate(PASTE, ["0.0", "1.290.000\t1.390.000"])
    page.get_by_test_id("office.style.sheet.save").click()
    expect(page.get_by_text("Đã lưu 2 ô.", exact=True)).to_be_visible()
    expect(page.locator('[data-at="0.1"]')).to_have_value("1.390.000")
    page.get_by_test_id("office.style.mode").get_by_role("radio").nth(1).click()
    page.locator('[data-at="0.0"]').fill("8934563138165")
    page.locator('[data-at="0.1"]').fill("8934563138165")
    page.get_by_test_id("office.style.sheet.save").click()
    expect(page.get_by_role("alert").filter(has_text="đang thuộc về mặt hàng khác")).to_be_visible()
    expect(page.get_by_test_id("office.style.tags")).to_have_value("lụa, tết")
    for no in range(2):
        sent = {"name": f"{no}.png", "mimeType": "image/png", "buffer": pixel(no)}
        page.get_by_test_id("office.style.upload.all").set_input_files(sent)
        expect(page.get_by_test_id("office.style.picture")).to_have_count(no + 1)
    shown = [picture.get_attribute("src") for picture in page.get_by_test_id("office.style.picture").locator("img").all()]
    page.get_by_test_id("office.style.picture").nth(1).hover()
    page.get_by_test_id("office.style.picture.earlier").click()
    expect(page.get_by_test_id("office.style.picture").locator("img").first).to_have_attribute("src", str(shown[1]))
    page.get_by_test_id("office.style.picture").nth(1).drag_to(page.get_by_test_id("office.style.picture").first)
    expect(page.get_by_test_id("office.style.picture").locator("img").first).to_have_attribute("src", str(shown[0]))
    page.get_by_test_id("office.style.name_vi").fill("Đầm lụa tơ tằm")
    page.reload()
    expect(page.get_by_test_id("office.style.restored")).to_contain_text("chưa đăng")
    expect(page.get_by_test_id("office.style.name_vi")).to_have_value("Đầm lụa tơ tằm")
    page.get_by_test_id("office.style.save").click()
    expect(page.get_by_test_id("office.style.differences")).to_contain_text("Đầm lụa tơ tằm")
    axe(page)
    page.get_by_test_id("office.style.publish").click()
    expect(page.get_by_role("heading", name="Đầm lụa tơ tằm")).to_be_visible()
    expect(page.get_by_test_id("office.style.restored")).to_have_count(0)


def test_customers_are_checked_corrected_and_brought_in(office: Office) -> None:
    page = office.sign_in("/office/imports?kind=customers")

    def hand_in(*rows: str) -> UUID:
        body = "\n".join(["Họ tên,Điện thoại,Điểm", *rows]).encode()
        page.get_by_test_id("office.imports.file").set_input_files(
            {"name": "khach.csv", "mimeType": "text/csv", "buffer": body}
        )
        expect(one).to_contain_text("Đang kiểm tra")
        with office.database.transaction() as tx:
            return UUID(str(tx.execute(text("SELECT id FROM import_file ORDER BY id DESC LIMIT 1")).scalar_one()))

    one = page.get_by_test_id("office.imports.one")
    jobs.check(office.database, str(hand_in("Trần Lan,01681234567,120", "Lê Hoa,123,5")))
    expect(one).to_contain_text("Số điện thoại 123 không đúng.")
    axe(page)
    page.keyboard.press("Escape")
    import_id = str(hand_in("Trần Lan,01681234567,120"))
    jobs.check(office.database, import_id)
    expect(one).to_contain_text("Khách mới1")
    page.get_by_test_id("office.imports.apply").click()
    expect(one).to_contain_text("Đang nhập")
    jobs.apply(office.database, import_id)
    expect(one).to_contain_text("Đã nhập xong.")
    with office.database.transaction() as tx:
        points = text(
            "SELECT a.points FROM customer c JOIN customer_account a ON a.customer_id = c.id WHERE c.phone = '+84381234567'"
        )
        assert tx.execute(points).scalar_one() == 120
