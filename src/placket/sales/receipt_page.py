"""The page behind the QR code of a receipt: what was bought, for whoever holds the paper. It shows no customer."""

import hmac
import re
from collections.abc import Sequence
from datetime import timedelta, timezone
from html import escape
from http import HTTPStatus
from typing import Any, Final
from uuid import UUID

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse
from sqlalchemy import Row
from sqlalchemy.orm import Session

from placket import identity
from placket.core.money import dotted
from placket.core.refusals import NotFound
from placket.sales import queries

router = APIRouter(tags=["receipts"])

CODE: Final = re.compile(r"(02(\d{4})(\d{2})(\d{7})\d)(\d{10})")
VIETNAM: Final = timezone(timedelta(hours=7))
HEADERS: Final = {
    "content-security-policy": "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'",
    "cache-control": "no-store",
    "x-robots-tag": "noindex",
}
STYLE: Final = (
    ":root{color-scheme:light dark;font:16px/1.5 system-ui,sans-serif}body{max-width:30rem;margin:2rem auto;padding:0 1rem}"
    "h1{font:600 1.5rem/1.2 Georgia,serif}td{padding:.4rem 0;vertical-align:top;border-top:1px solid #8884}"
    "table{width:100%;border-collapse:collapse}td:last-child{text-align:right;font-variant-numeric:tabular-nums}"
    "label{display:block;margin:.8rem 0;font-weight:600}input{display:block;width:100%;box-sizing:border-box;padding:.7rem;"
    "font:inherit;border:1px solid #8c8377;border-radius:6px;margin-top:.2rem}"
    "button{font:600 1rem system-ui;padding:.9rem 1.4rem;border:0;border-radius:6px;background:#0e5a4f;color:#fff}"
    "small{opacity:.75}.sum td{font-weight:700;font-size:1.15rem}"
)


@router.get("/r/{code}", include_in_schema=False, openapi_extra={"x-permission": "public"})
def receipt_page(code: str, request: Request) -> HTMLResponse:
    """A receipt by its signed code; the sale of an offline till is told to be on its way."""
    with identity.database_of(request).transaction() as tx:
        barcode = signed_barcode(tx, code)
        company = identity.company(tx)
        name = "Placket" if company is None else company.name
        sale = queries.sale_of_barcode(tx, barcode)
        if sale is None:
            return page(name, "<p>Phiếu này chưa về đến hệ thống. Xin xem lại sau ít phút.</p>", HTTPStatus.ACCEPTED)
        return page(name, shown(sale, queries.lines_of(tx, sale.id), queries.vat_of(tx, sale.id), code=code))


def signed_barcode(tx: Session, code: str) -> str:
    """The receipt's digits out of its signed code. Refuses ``NotFound``: nobody finds a receipt by guessing."""
    signed = CODE.fullmatch(code)
    if signed is None:
        raise NotFound
    barcode, till_no, epoch, _, signature = signed.groups()
    key = identity.receipt_key(tx, till_no=int(till_no), epoch=int(epoch))
    if not hmac.compare_digest(identity.receipt_signature(key, barcode), signature):
        raise NotFound
    return str(barcode)


def sale_of_signed(tx: Session, code: str) -> UUID | None:
    """The sale of a signed code; none while its till has not handed it in. Refuses ``NotFound``."""
    sale = queries.sale_of_barcode(tx, signed_barcode(tx, code))
    return None if sale is None else UUID(str(sale.id))


def page(company: str, body: str, status: HTTPStatus = HTTPStatus.OK) -> HTMLResponse:
    """A page of the company."""
    head = f'<meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>{escape(company)}</title>'
    html = f'<!doctype html><html lang="vi">{head}<style>{STYLE}</style><h1>{escape(company)}</h1>{body}'
    return HTMLResponse(html, status, headers=HEADERS)


def shown(sale: Row[Any], lines: Sequence[Row[Any]], vat: Sequence[Row[Any]], *, code: str) -> str:
    """What stood on the paper."""
    at = f"{sale.sold_at.astimezone(VIETNAM):%d/%m/%Y %H:%M}"
    state = " · <strong>Đã hủy</strong>" if sale.state == "void" else ""
    goods = "".join(
        f"<tr><td>{escape(line.name_vi)}<br><small>{escape(line.sku)} · {line.qty} × {vnd(line.unit_vnd)}"
        f"{f' · giảm {vnd(line.discount_vnd)}' if line.discount_vnd else ''}</small><td>{vnd(line.total_vnd)}"
        for line in lines
    )
    rates = "".join(f"<tr><td>Đã gồm thuế GTGT {one.rate_bp / 100:g}%<td>{vnd(one.vat_vnd)}" for one in vat)
    return (
        f"<p>Phiếu {escape(sale.receipt_code or '')}{state}<br><small>{escape(sale.location_name)} · {at}</small></p>"
        f'<table>{goods}<tr class="sum"><td>Tổng<td>{vnd(sale.total_vnd + sale.rounding_vnd)}&nbsp;₫{rates}</table>'
        "<p>Đổi trả: mang phiếu này và hàng còn tem mác đến chi nhánh bất kỳ của chúng tôi. "
        f'<a href="/r/{escape(code)}/company">Lấy hóa đơn điện tử cho công ty</a></p>'
    )


def vnd(amount_vnd: int) -> str:
    """``1.234.567``."""
    return dotted(amount_vnd).replace("-", "−")
