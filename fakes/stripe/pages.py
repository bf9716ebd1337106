"""What shoppers see of the stand-in: a card page and a 3-D Secure page that look like what they are, and its switches."""

from datetime import datetime, timedelta, timezone
from html import escape
from typing import Any, Final

from .book import Book
from .cards import CARDS
from .hooks import Postman

VIETNAM: Final = timezone(timedelta(hours=7))
STYLE: Final = """
body { font: 16px/24px system-ui, sans-serif; margin: 0; background: #f7f5f1; color: #1b1714; }
header { background: repeating-linear-gradient(45deg, #f6e9d2 0 12px, #fcebcf 12px 24px); padding: 16px 20px;
  border-bottom: 2px solid #8a5a12; }
header b { color: #8a5300; letter-spacing: .08em; } header p { margin: 4px 0 0; }
main { max-width: 480px; margin: 0 auto; padding: 20px; } main.wide { max-width: 1000px; }
h1 { font: 600 28px/40px Georgia, serif; margin: 0 0 4px; } .sum { font-size: 22px; font-variant-numeric: tabular-nums; }
label { display: block; margin: 16px 0 4px; } input { font: inherit; width: 100%; box-sizing: border-box; min-height: 48px;
  padding: 0 12px; border: 1px solid #8c8377; border-radius: 6px; background: #fff; }
button { font: inherit; min-height: 48px; padding: 0 16px; border: 1px solid #8c8377; border-radius: 6px; background: #fff;
  cursor: pointer; } button.act { width: 100%; margin-top: 20px; background: #0e5a4f; color: #fff;
  border: 0; font-weight: 600; }
button.quiet { width: 100%; margin-top: 12px; } button[aria-pressed=true] { background: #1b1714; color: #fff; }
.no { background: #fbe4e1; color: #8c1d17; padding: 12px; border-radius: 6px; } ul { padding: 0; list-style: none; }
li button { width: 100%; margin: 4px 0; text-align: left; } table { border-collapse: collapse; width: 100%; }
td, th { text-align: left; padding: 4px 12px 4px 0; border-bottom: 1px solid #ddd6cb; font-size: 14px; }
form.inline { display: inline; } a { color: #0e5a4f; }
"""
# Named in the page: a browser that finds none asks for /favicon.ico and complains of the answer in its console.
ICON: Final = (
    "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 16 16'%3E"
    "%3Crect width='16' height='16' fill='%238a5a12'/%3E%3Cpath d='M0 6h16v4H0z' fill='%23fcebcf'/%3E%3C/svg%3E"
)
WHY: Final = {
    "incorrect_number": "Số thẻ không đúng.",
    "insufficient_funds": "Thẻ không đủ tiền.",
    "authentication_failed": "Ngân hàng không xác thực được bạn.",
    "incorrect_cvc": "Mã CVC không đúng.",
    "processing_error": "Có lỗi khi xử lý thẻ.",
}


def amount(value: int, currency: str) -> str:
    """Money as people read it."""
    return f"{value:,} ₫".replace(",", ".") if currency == "vnd" else f"${value / 100:,.2f}"


def frame(title: str, body: str, *, wide: bool = False) -> bytes:
    """A page that says what it is."""
    return f"""<!doctype html><html lang="vi"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>{escape(title)} · SIMULATOR</title><link rel="icon" href="{ICON}"><style>{STYLE}</style>
<header><b>SIMULATOR</b> · cổng thẻ giả lập<p>Không có tiền thật nào di chuyển. Đừng nhập thẻ thật.</p></header>
<main{' class="wide"' if wide else ""}>{body}</main></html>""".encode()


def card_page(session: dict[str, Any], declined: str | None) -> bytes:
    """The hosted page: a card number by hand, or one of the test cards by what it does."""
    said = (
        "" if declined is None else f'<p class="no" role="alert">{WHY.get(declined, "Thẻ bị từ chối.")} Chưa trừ tiền.</p>'
    )
    offered = "".join(
        f'<li><button name="number" value="{number}" data-card="{number}">{number[-4:]} · {escape(card.says)}</button></li>'
        for number, card in CARDS.items()
    )
    action = f"/pay/{escape(session['id'])}"
    return frame(
        "Thanh toán",
        f"""<h1>{escape(session["name"])}</h1><p class="sum">{amount(session["amount_total"], session["currency"])}</p>{said}
<form method="post" action="{action}"><label for="n">Số thẻ</label>
<input id="n" name="number" inputmode="numeric" autocomplete="off" placeholder="4242 4242 4242 4242">
<button class="act">Thanh toán {amount(session["amount_total"], session["currency"])}</button></form>
<p>Hoặc chọn một thẻ thử:</p><form method="post" action="{action}"><ul>{offered}</ul></form>
<p><a href="{escape(session["cancel_url"])}">Quay lại cửa hàng, không thanh toán</a></p>""",
    )


def bank_page(session: dict[str, Any]) -> bytes:
    """The bank asks whether it is you."""
    action, money = f"/pay/{escape(session['id'])}/3ds", amount(session["amount_total"], session["currency"])
    return frame(
        "3-D Secure",
        f"""<h1>Ngân hàng hỏi lại</h1><p>{escape(session["name"])} · {money}</p>
<p>Đây là trang 3-D Secure giả lập.</p>
<form method="post" action="{action}"><button class="act" name="answer" value="accept">Đồng ý thanh toán</button>
<button class="quiet" name="answer" value="refuse">Từ chối</button></form>
<p><a href="{escape(session["cancel_url"])}">Bỏ dở, quay lại cửa hàng</a></p>""",
    )


def closed_page(session: dict[str, Any]) -> bytes:
    """The page is shut: time is over, or it is paid."""
    said = "Đơn này đã thanh toán." if session["payment_status"] == "paid" else "Trang thanh toán đã đóng. Chưa trừ tiền."
    return frame("Đã đóng", f'<h1>{said}</h1><p><a href="{escape(session["success_url"])}">Về cửa hàng</a></p>')


def switches(book: Book, postman: Postman) -> bytes:
    """How webhooks are delivered, and the last of everything."""
    words = {"doubled": "Gửi hai lần", "shuffled": "Đảo thứ tự", "held": "Giữ lại, chưa gửi"}
    buttons = " ".join(
        f'<form class="inline" method="post" action="/control"><input type="hidden" name="{name}" '
        f'value="{"" if getattr(postman, name) else "1"}"><button aria-pressed="{str(getattr(postman, name)).lower()}">'
        f"{said}</button></form>"
        for name, said in words.items()
    )
    charges = "".join(_charge_row(charge) for charge in book.last("charge"))
    calls = "".join(
        f"<tr><td>{datetime.fromtimestamp(one['at'], VIETNAM):%H:%M:%S}"
        f"<td>{escape(one['type'])}<td>{one['status'] or '–'}</tr>"
        for one in reversed(postman.delivered[-40:])
    )
    return frame(
        "Công tắc",
        f"""<h1>Webhook</h1><p>{buttons} · {postman.untold} đang chờ gửi</p>
<h1>Khoản thẻ</h1><table><tr><th>Khoản<th>Số tiền<th>Đã hoàn<th></tr>{charges}</table>
<h1>Đã gọi</h1><table><tr><th>Lúc<th>Sự kiện<th>Trả lời</tr>{calls}</table>""",
        wide=True,
    )


def _charge_row(charge: dict[str, Any]) -> str:
    dispute = (
        "khiếu nại"
        if charge["disputed"]
        else f'<form class="inline" method="post" action="/control/dispute"><input type="hidden" name="charge" '
        f'value="{charge["id"]}"><button>Khiếu nại</button></form>'
    )
    money = amount(charge["amount"], charge["currency"])
    return (
        f"<tr><td>{charge['payment_intent']}<td>{money}<td>{amount(charge['amount_refunded'], charge['currency'])}"
        f"<td>{dispute}</tr>"
    )
