"""The page of the card terminal's simulator: its switches and what it has charged. Plain HTML without scripts."""

from datetime import datetime
from html import escape
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote

from placket.core.clock import VIETNAM

if TYPE_CHECKING:
    from placket.payments.simulator import Terminals

MODES: Final = {
    "approve": ("Chấp nhận", "Thẻ nào cũng được chấp nhận."),
    "decline": ("Từ chối", "Ngân hàng từ chối, với lý do bên dưới."),
    "silent": ("Im lặng", "Máy không nghe và không trả lời gì; không thẻ nào bị trừ tiền."),
    "lost": ("Trừ tiền rồi mất kết nối", "Thẻ bị trừ tiền nhưng câu trả lời không về tới quầy."),
}
STATES: Final = {
    "waiting_card": "chờ thẻ",
    "processing": "đang xử lý",
    "approved": "đã trừ tiền",
    "declined": "từ chối",
    "cancelled": "đã dừng",
    "voided": "đã hoàn",
}
STYLE: Final = """
body { font: 16px/24px system-ui, sans-serif; margin: 0; background: #f7f5f1; color: #1b1714; }
header { background: repeating-linear-gradient(45deg, #f6e9d2 0 12px, #fcebcf 12px 24px); padding: 16px 24px;
  border-bottom: 2px solid #8a5a12; }
h1 { font-size: 22px; line-height: 32px; margin: 0; color: #8a5300; }
main { max-width: 960px; padding: 16px 24px; }
form { display: inline; } section { margin-bottom: 24px; }
button, input { font: inherit; min-height: 44px; padding: 0 16px; border: 1px solid #8c8377; border-radius: 6px; }
button { background: #fff; cursor: pointer; }
button[aria-pressed=true] { background: #1b1714; color: #fff; }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; }
td, th { text-align: left; padding: 6px 12px 6px 0; border-bottom: 1px solid #ddd6cb; } td.vnd, th.vnd { text-align: right; }
"""


def page(terminals: "Terminals", chosen: str) -> str:
    """The switches of one terminal (all that have charged are offered), and the last charges of every one."""
    last = terminals.last()
    known = sorted({str(charge["terminal"]) for charge in last} | ({chosen} if chosen else set())) or ["HN01-1"]
    here = chosen or known[0]
    mode, reason = terminals.mode(here)
    offered = " ".join(f'<a href="/?terminal={quote(name)}">{escape(name)}</a>' for name in known)
    kept = escape(reason, quote=True)
    form = f'<form method="post" action="/terminals/{quote(here)}/mode">'
    switches = " ".join(
        f'{form}<input type="hidden" name="mode" value="{name}"><input type="hidden" name="reason" value="{kept}">'
        f'<button aria-pressed="{str(name == mode).lower()}" title="{words[1]}">{words[0]}</button></form>'
        for name, words in MODES.items()
    )
    return f"""<!doctype html><html lang="vi"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>Máy thẻ giả lập</title><style>{STYLE}</style>
<header><h1>Máy thẻ giả lập: không có tiền thật nào di chuyển</h1>Dùng cho bản thử và kiểm thử của Placket.</header>
<main><section><p>Máy của quầy: {offered} · đang xem <b>{escape(here)}</b></p><p>{switches}</p>
<p>{MODES[mode][1]}</p>
{form}<input type="hidden" name="mode" value="decline">
<label>Lý do từ chối <input name="reason" maxlength="80" value="{kept}"></label>
<button>Từ chối với lý do này</button></form></section>
<section><table><tr><th>Lúc<th>Quầy<th class=vnd>Số tiền<th>Kết quả<th>Mã chuẩn chi, lý do</tr>
{"".join(map(_row, last))}</table></section></main></html>"""


def _row(charge: dict[str, Any]) -> str:
    amount = f"{charge['amount_vnd']:,}".replace(",", ".")
    at = datetime.fromtimestamp(charge["begun"], VIETNAM)
    cells = [f"{at:%H:%M:%S}", escape(charge["terminal"]), STATES[charge["state"]]]
    said = escape(charge["reason"] or charge["approval"] or "")
    return (
        f"<tr><td>{cells[0]}</td><td>{cells[1]}</td><td class=vnd>{amount} ₫</td><td>{cells[2]}</td><td>{said}</td></tr>\n"
    )
