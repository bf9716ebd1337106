"""Every kind of message has its words in both languages, fits an SMS, and leaves no gap."""

from datetime import UTC, datetime
from io import BytesIO
from typing import Any

import pytest
import zxingcpp
from PIL import Image

from placket.core.ids import new_id
from placket.identity import Company
from placket.messages import rules, words
from placket.messages.models import Message

COMPANY = Company(name="Lụa", address="12 Tràng Tiền, Hà Nội", phone="024 3333 4444")
LINE = {
    "name": {"vi": "Đầm lụa", "en": "Silk dress"},
    "colour": {"vi": "Kem", "en": "Cream"},
    "size": "M",
    "qty": 2,
    "total_vnd": 1_752_000,
}
FACTS: dict[str, Any] = {
    "code": "W-00001234",
    "way": "collect",
    "method": "card",
    "total_vnd": 1_752_000,
    "amount_vnd": 350_000,
    "due_vnd": 1_752_000,
    "reason": "no_show",
    "is_paid": True,
    "lines": [LINE],
    "place": {"name": "Lụa Hai Bà Trưng", "address": "90 Bà Triệu, Hà Nội", "phone": "024 3333 5555"},
    "until": "2026-11-29T03:00:00+00:00",
    "pick_up_code": "0500000012344",
    "carrier": "GHN",
    "form": "transfer",
    "tracking_no": "GHN00123",
    "url": "https://lua.example/orders/1?key=x",
    "pack": "Báo cáo bán hàng tuần",
    "period": "16/11/2026 – 22/11/2026",
    "sentence": "Doanh thu 1.752.000 ₫, hơn cùng kỳ 12,4%.",
    "sections": [
        {
            "title": "Bán hàng theo kênh",
            "note": "16/11/2026 – 22/11/2026",
            "head": ["Kênh", "Doanh thu"],
            "rows": [["Web", "1.752.000"]],
            "total": ["Tổng", "1.752.000"],
            "more": 3,
            "empty": "Không có số liệu.",
        }
    ],
}


NOW = datetime(2026, 11, 26, 3, 0, tzinfo=UTC)


def a_message(kind: str, channel: str, language: str, **facts: Any) -> Message:
    made = FACTS | facts if kind != "sign_in_code" else {"code": "314159"}
    return Message(
        id=new_id(), key="k", kind=kind, channel=channel, address="a@b.vn", language=language, facts=made, asked_at=NOW
    )


@pytest.mark.parametrize("language", ["vi", "en"])
@pytest.mark.parametrize("kind", sorted(words.KINDS))
def test_each_kind_is_whole_in_each_channel(kind: str, language: str) -> None:
    mail = words.letter_of(a_message(kind, "email", language), company=COMPANY)
    sms = words.letter_of(a_message(kind, "sms", language), company=COMPANY)

    assert mail.html is not None
    page = mail.html.partition("</style>")[2]
    gaps = [said for said in (mail.subject, mail.text, page, sms.text) if "{" in said or "None" in said]
    assert gaps == []
    assert sms.text.isascii()
    assert len(sms.text) <= rules.SMS_MAX
    assert "Lua" in sms.text


def test_the_pick_up_code_is_a_picture_in_the_mail_and_digits_everywhere() -> None:
    mail = words.letter_of(a_message("order_ready", "email", "vi"), company=COMPANY)
    sms = words.letter_of(a_message("order_ready", "sms", "vi"), company=COMPANY)

    assert mail.html is not None
    assert 'src="cid:code.png"' in mail.html
    assert "0500 0000 1234 4" in mail.html
    (read,) = zxingcpp.read_barcodes(Image.open(BytesIO(mail.pictures["code.png"])))
    assert (read.text, read.format) == ("0500000012344", zxingcpp.BarcodeFormat.QRCode)  # no scanner reads the micro ones
    assert sms.text == (
        "Lua: don W-00001234 da san sang o Lua Hai Ba Trung, giu den 10:00 ngay 29/11. Ma nhan hang 0500000012344"
    )


def test_the_words_of_an_order_say_how_it_is_paid_and_what_is_next() -> None:
    by_card = words.letter_of(a_message("order_placed", "email", "vi"), company=COMPANY)
    on_delivery = words.letter_of(a_message("order_placed", "email", "en", method="cod", way="ship"), company=COMPANY)

    assert "Bạn đã trả 1.752.000\xa0₫ bằng thẻ. Chúng tôi sẽ báo khi hàng sẵn sàng ở Lụa Hai Bà Trưng." in by_card.text
    assert "You pay 1.752.000\xa0₫ on delivery. We will tell you when it is on its way." in on_delivery.text
    assert "2 × Silk dress, Cream, M: 1.752.000\xa0₫" in on_delivery.text


def test_names_from_outside_stay_words() -> None:
    evil = {"name": {"vi": "<script>alert(1)</script>", "en": "x"}} | {k: v for k, v in LINE.items() if k != "name"}
    mail = words.letter_of(a_message("order_placed", "email", "vi", lines=[evil]), company=COMPANY)

    assert mail.html is not None
    assert "<script>" not in mail.html
    assert "&lt;script&gt;" in mail.html


def test_an_sms_that_is_too_long_ends_with_a_whole_word() -> None:
    assert rules.cut("mot hai ba bon", 10) == "mot hai..."
    assert rules.plain("Đầm lụa · 350.000\xa0₫ × 2") == "Dam lua - 350.000 d x 2"
