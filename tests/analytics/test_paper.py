"""Reports on paper: what was shown is read back out of the document, word by word, with every mark of Vietnamese."""

from datetime import UTC, datetime
from io import BytesIO

from pypdf import PdfReader

from placket.analytics import sheet

NOW = datetime(2026, 11, 26, 1, 30, tzinfo=UTC)
# Every vowel under every tone, and the letters that only Vietnamese has.
LETTERS = "aàảãáạ ăằẳẵắặ âầẩẫấậ eèẻẽéẹ êềểễếệ iìỉĩíị oòỏõóọ ôồổỗốộ ơờởỡớợ uùủũúụ ưừửữứự yỳỷỹýỵ đ ₫ − – × ÷"


def pages_of(*sheets: sheet.Sheet, title: str = "Báo cáo") -> list[str]:
    """The text of each page, as a reader finds it."""
    made = sheet.document(sheets, title=title, company="Lụa", language="vi", now=NOW, note="Tuần 16/11 – 22/11/2026")
    return [page.extract_text() for page in PdfReader(BytesIO(made)).pages]


def test_every_letter_of_vietnamese_is_read_back_as_it_was_written() -> None:
    (text,) = pages_of(sheet.Sheet(title="Chữ", head=["Chữ"], rows=[[LETTERS], [LETTERS.upper()]]))
    assert LETTERS in text
    assert LETTERS.upper() in text


def test_numbers_stand_as_on_the_screen() -> None:
    made = sheet.Sheet(
        title="Trả hàng",
        head=["Lý do", "Tiền", "Tỷ trọng", "Đủ bán"],
        units=["text", "number", "percent", "tenths"],
        rows=[["đổi size", -1_250_000, 0.124, 3.5], ["Tổng", 987_654_321_000, 1.0, None]],
        has_total=True,
    )
    (text,) = pages_of(made)
    assert "đổi size −1.250.000 12,4% 3,5" in text
    assert "Tổng 987.654.321.000 100%" in text
    assert "Lập lúc 08:30 26/11/2026" in text
    assert "1 / 1" in text


def test_what_people_wrote_is_never_read_as_a_description() -> None:
    (text,) = pages_of(sheet.Sheet(title="#{1+1}", head=["*đậm*"], rows=[['#image("x.png")'], ["$ x $ @ghi <a> \\ ```"]]))
    for words in ("#{1+1}", "*đậm*", '#image("x.png")', "$ x $ @ghi <a> \\ ```"):
        assert words in text


def test_a_table_over_several_pages_says_its_columns_on_each() -> None:
    first, *others = pages_of(sheet.Sheet(title="Mẫu", head=["Mẫu", "Đã bán"], rows=[[f"Áo {n}", n] for n in range(120)]))
    assert len(others) >= 2
    assert all("Mẫu Đã bán" in page for page in (first, *others))
    assert "Áo 119 119" in others[-1]


def test_a_report_of_nothing_says_so() -> None:
    (text,) = pages_of(sheet.Sheet(title="Trả hàng", head=["Lý do", "Chiếc"], rows=[]))
    assert "Không có số liệu trong khoảng này." in text
