"""The pages of the carrier's simulator: its parcels with buttons, and a label to print. Plain HTML without scripts."""

from datetime import datetime
from html import escape
from typing import Any, Final
from urllib.parse import quote

import segno

from placket.core.clock import VIETNAM
from placket.core.money import dotted

STATES: Final = {
    "booked": "chờ lấy",
    "picked_up": "đang giao",
    "failed": "giao chưa được",
    "delivered": "đã giao",
    "returned": "đã hoàn về",
    "cancelled": "đã hủy",
}
BUTTONS: Final = {"picked_up": "Đã lấy hàng", "failed": "Giao không được", "delivered": "Đã giao", "returned": "Hoàn về"}
FOLLOWS: Final = {
    "booked": ("picked_up",),
    "picked_up": ("delivered", "failed", "returned"),
    "failed": ("delivered", "failed", "returned"),
}
STYLE: Final = """
body { font: 16px/24px system-ui, sans-serif; margin: 0; background: #f7f5f1; color: #1b1714; }
header { background: repeating-linear-gradient(45deg, #f6e9d2 0 12px, #fcebcf 12px 24px); padding: 16px 24px;
  border-bottom: 2px solid #8a5a12; }
h1 { font-size: 22px; line-height: 32px; margin: 0; color: #8a5300; }
main { max-width: 1100px; padding: 16px 24px; } form { display: inline; }
button { font: inherit; min-height: 44px; padding: 0 16px; border: 1px solid #8c8377; border-radius: 6px; background: #fff;
  cursor: pointer; }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; }
td, th { text-align: left; padding: 6px 12px 6px 0; border-bottom: 1px solid #ddd6cb; vertical-align: top; }
.label { width: 100mm; border: 2px solid #1b1714; padding: 6mm; background: #fff; margin: 16px 24px; }
.label b { font-size: 22px; } .label small { color: #6f665c; }
@media print { header { display: none; } .label { margin: 0; } }
"""


def page(parcels: list[dict[str, Any]]) -> str:
    """The last parcels, each with what may happen to it next."""
    rows = "".join(map(_row, parcels)) or "<tr><td colspan=5>Chưa có kiện nào.</td></tr>"
    return f"""<!doctype html><html lang="vi"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>Hãng vận chuyển giả lập</title><style>{STYLE}</style>
<header><h1>Hãng vận chuyển giả lập: không có kiện hàng nào thật sự di chuyển</h1>Dùng cho bản thử và kiểm thử.</header>
<main><table><tr><th>Mã vận đơn<th>Từ<th>Đến<th>Trạng thái<th>Bước tiếp theo</tr>{rows}</table></main></html>"""


def label(parcel: dict[str, Any]) -> str:
    """The label of a parcel, as it is stuck on it."""
    wish, no = parcel["wish"], parcel["tracking_no"]
    code = segno.make_qr(no, error="m").svg_data_uri(scale=4, border=1)
    cod = f"<p>Thu hộ <b>{dotted(wish['cod_vnd'])} ₫</b></p>" if wish.get("cod_vnd") else "<p>Không thu tiền</p>"
    return f"""<!doctype html><html lang="vi"><meta charset="utf-8"><title>{escape(no)}</title><style>{STYLE}</style>
<header><h1>Nhãn giả lập</h1></header><article class="label"><img src="{code}" alt="{escape(no)}" width="120" height="120">
<p><b>{escape(no)}</b></p><p><small>Từ</small><br>{_party(wish["sender"])}</p><p><small>Đến</small><br>{_party(wish["recipient"])}</p>
{cod}<p><small>{escape(str(wish.get("contents", "")))}</small></p></article></html>"""


def _row(parcel: dict[str, Any]) -> str:
    wish = parcel["wish"]
    at = datetime.fromtimestamp(parcel["since"], VIETNAM)
    acts = " ".join(
        f'<form method="post" action="/parcels/{quote(parcel["key"])}/{kind}"><button>{BUTTONS[kind]}</button></form>'
        for kind in FOLLOWS.get(parcel["state"], ())
    )
    no = escape(parcel["tracking_no"])
    return (
        f'<tr><td><a href="/labels/{no}">{no}</a><td>{_party(wish["sender"])}<td>{_party(wish["recipient"])}'
        f"<td>{STATES[parcel['state']]}<br>{at:%H:%M:%S}<td>{acts}</tr>\n"
    )


def _party(party: dict[str, Any]) -> str:
    return "<br>".join(escape(str(party.get(part, ""))) for part in ("name", "phone", "address"))
