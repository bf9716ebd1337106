"""The page behind a receipt's QR code where a company asks for the invoice in its name, until the document is made.

Whoever holds the paper may ask: the address is signed like the receipt's own page. No script, no foreign thing.
"""

from datetime import datetime
from html import escape
from http import HTTPStatus
from typing import Annotated, Final
from uuid import UUID

from fastapi import APIRouter, Form, Request
from fastapi.responses import HTMLResponse
from sqlalchemy.orm import Session

from placket import identity, sales
from placket.core import clock
from placket.core.money import dotted
from placket.core.refusals import Refusal
from placket.einvoices import queries, service
from placket.einvoices.models import Einvoice

router = APIRouter(tags=["receipts"])
PUBLIC: Final = {"x-permission": "public"}
Field = Annotated[str, Form(max_length=200)]
FIELDS: Final = (
    ("tax_code", "Mã số thuế", 'inputmode="numeric" autocomplete="off" required maxlength="14"'),
    ("name", "Tên công ty", 'autocomplete="organization" required maxlength="200"'),
    ("address", "Địa chỉ", 'autocomplete="street-address" required maxlength="200"'),
    ("email", "E-mail nhận hóa đơn (nếu muốn)", 'type="email" autocomplete="email" maxlength="120"'),
)


@router.get("/r/{code}/company", include_in_schema=False, openapi_extra=PUBLIC)
def company_page(code: str, request: Request) -> HTMLResponse:
    """The form, or the invoice that was made."""
    with identity.database_of(request).transaction() as tx:
        sale_id = sales.sale_of_signed(tx, code)
        return _shown(tx, sale_id, now=clock.now(), given=None, refused=None)


@router.post("/r/{code}/company", include_in_schema=False, openapi_extra=PUBLIC)
def ask_for_company(
    code: str, request: Request, tax_code: Field, name: Field, address: Field, email: Field = ""
) -> HTMLResponse:
    """A company asks; it may correct itself until the document is made."""
    database, now = identity.database_of(request), clock.now()
    given = {"tax_code": tax_code.strip(), "name": name.strip(), "address": address.strip(), "email": email.strip()}
    with database.transaction() as tx:
        sale_id = sales.sale_of_signed(tx, code)
    try:
        with database.transaction() as tx:
            if sale_id is not None:
                service.ask_for_company(tx, sale_id=sale_id, **given, now=now)
    except Refusal as refusal:
        with database.transaction() as tx:
            return _shown(tx, sale_id, now=now, given=given, refused=refusal.sentence("vi"))
    with database.transaction() as tx:
        return _shown(tx, sale_id, now=now, given=None, refused=None)


def _shown(
    tx: Session, sale_id: UUID | None, *, now: datetime, given: dict[str, str] | None, refused: str | None
) -> HTMLResponse:
    company = identity.company(tx)
    title = "Placket" if company is None else company.name
    if sale_id is None:
        return sales.receipt_page.page(
            title, "<p>Phiếu này chưa về đến hệ thống. Xin xem lại sau ít phút.</p>", HTTPStatus.ACCEPTED
        )
    sale = queries.sale_of(tx, sale_id)
    terms = queries.terms_on(tx, sale.sold_on)
    head = f"<p>Phiếu {escape(sale.receipt_code)} · {dotted(sale.total_vnd)}&nbsp;₫</p>"
    made = queries.standing_of(tx, sale_id)
    trouble = "" if refused is None else f'<p role="alert"><strong>{escape(refused)}</strong></p>'
    if made is not None:
        return sales.receipt_page.page(title, head + trouble + _made(made))
    if terms is None or now >= terms.buyer_until(sale.sold_at) or sale.state == "void":
        return sales.receipt_page.page(title, f"{head}{trouble}<p>Phiếu này đã hết giờ nhận thông tin công ty.</p>")
    asked = queries.buyer_of(tx, sale_id)
    until = f"{terms.buyer_until(sale.sold_at).astimezone(clock.VIETNAM):%H:%M ngày %d/%m}"
    known = given or {name: str((asked or {}).get(name) or "") for name, _, _ in FIELDS}
    note = f"<p>Nhận thông tin đến {until}. Sau đó hóa đơn phát hành cho người tiêu dùng.</p>"
    if asked is not None and refused is None:
        note = f"<p><strong>Đã ghi nhận {escape(str(asked['name']))}.</strong> Hóa đơn sẽ phát hành cho công ty này.</p>"
    return sales.receipt_page.page(title, head + note + trouble + _form(known))


def _form(known: dict[str, str]) -> str:
    fields = "".join(
        f'<label>{label}<input name="{name}" {more} value="{escape(known[name], quote=True)}"></label>'
        for name, label, more in FIELDS
    )
    return f'<form method="post">{fields}<button>Lấy hóa đơn cho công ty</button></form>'


def _made(document: Einvoice) -> str:
    code = f"<br>Mã cơ quan thuế {escape(document.code)}" if document.code else ""
    return (
        f"<p>Hóa đơn điện tử {document.form}{escape(document.serial)} số {document.number:08d}{code}</p>"
        f"<p>Người mua: {escape(str(document.buyer['name']))}<br>{escape(document.total_words)}</p>"
    )
