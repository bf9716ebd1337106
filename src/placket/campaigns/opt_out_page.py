"""The page behind a campaign's link out of it: no signing in, one button, and RFC 8058's one click at the same address."""

from html import escape
from http import HTTPStatus
from typing import Final

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse
from sqlalchemy.orm import Session
from starlette.concurrency import run_in_threadpool

from placket import identity
from placket.campaigns.service import leaving
from placket.campaigns.wording import SAMPLE_LINK
from placket.core import clock
from placket.core.refusals import NotFound

router = APIRouter(tags=["campaigns"])

PUBLIC: Final = {"x-permission": "public"}
HEADERS: Final = {
    "content-security-policy": "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'",
    "cache-control": "no-store",
    "x-robots-tag": "noindex",
}
STYLE: Final = (
    ":root{color-scheme:light dark;font:16px/1.5 system-ui,sans-serif}body{max-width:30rem;margin:3rem auto;padding:0 1rem}"
    "h1{font:600 1.5rem/1.35 Georgia,serif}button{font:600 1rem system-ui;padding:.9rem 1.4rem;min-height:48px;border:0;"
    "border-radius:6px;background:#0e5a4f;color:#fff}button.soft{background:none;color:inherit;border:1px solid #8c8377}"
    "form{margin:1.2rem 0}"
)
ONE_CLICK: Final = b"List-Unsubscribe=One-Click"
ALL: Final = b"every=1"
BODY_MAX: Final = 1_000
WAYS: Final = {
    "vi": {"email": "e-mail", "sms": "SMS", "zalo": "Zalo"},
    "en": {"email": "e-mail", "sms": "SMS", "zalo": "Zalo"},
}
WORDS: Final = {
    "vi": {
        "title": "Ngừng nhận tin quảng cáo",
        "ask": "Bấm nút dưới đây, chúng tôi sẽ không gửi quảng cáo qua {way} cho bạn nữa.",
        "stop": "Ngừng nhận qua {way}",
        "every": "Ngừng mọi kênh",
        "done": "Xong. Bạn sẽ không nhận quảng cáo {scope} nữa. Tin về đơn hàng của bạn vẫn được gửi.",
        "by": "qua {way}",
        "nowhere": "qua bất kỳ kênh nào",
        "sample": "Đây là thư xem thử: liên kết này không của ai.",
        "unknown": "Liên kết này không đúng. Mở lại từ chính tin bạn nhận được.",
    },
    "en": {
        "title": "No more advertising",
        "ask": "Press the button, and we will send you no more advertising by {way}.",
        "stop": "Stop {way}",
        "every": "Stop every channel",
        "done": "Done. You will get no more advertising {scope}. News of your orders still comes.",
        "by": "by {way}",
        "nowhere": "by any channel",
        "sample": "This is a sample: the link belongs to nobody.",
        "unknown": "This link is not right. Open it from the very message you got.",
    },
}


@router.get("/u/{token}", include_in_schema=False, openapi_extra=PUBLIC)
def opt_out_page(token: str, request: Request) -> HTMLResponse:
    """What pressing the button will do; looking alone, as mail scanners look, does nothing."""
    with identity.database_of(request).transaction() as tx:
        if token == SAMPLE_LINK:
            return _page(tx, "vi", f"<p>{WORDS['vi']['sample']}</p>")
        try:
            _, campaign = leaving.recipient_of(tx, token)
        except NotFound:
            return _page(tx, "vi", f"<p>{WORDS['vi']['unknown']}</p>", HTTPStatus.NOT_FOUND)
        said, way = WORDS[campaign.language], WAYS[campaign.language][campaign.channel]
        here = f'method="post" action="/u/{escape(token)}"'
        return _page(
            tx,
            campaign.language,
            f"<p>{said['ask'].format(way=way)}</p><form {here}><button>{said['stop'].format(way=way)}</button></form>"
            f'<form {here}><input type="hidden" name="every" value="1"><button class="soft">{said["every"]}</button></form>',
        )


@router.post("/u/{token}", include_in_schema=False, openapi_extra=PUBLIC)
async def opt_out(token: str, request: Request) -> HTMLResponse:
    """Stop at once: from the page's button, or from the mail program's own."""
    body = b""
    async for part in request.stream():
        body = (body + part)[:BODY_MAX]
    return await run_in_threadpool(_stop, token, request, body)


def _stop(token: str, request: Request, body: bytes) -> HTMLResponse:
    every = ALL in body
    with identity.database_of(request).transaction() as tx:
        try:
            leaving.opt_out(tx, token=token, every_channel=every, one_click=ONE_CLICK in body, now=clock.now())
            _, campaign = leaving.recipient_of(tx, token)
        except NotFound:
            return _page(tx, "vi", f"<p>{WORDS['vi']['unknown']}</p>", HTTPStatus.NOT_FOUND)
        said, way = WORDS[campaign.language], WAYS[campaign.language][campaign.channel]
        scope = said["nowhere"] if every else said["by"].format(way=way)
        return _page(tx, campaign.language, f'<p role="status">{said["done"].format(scope=scope)}</p>')


def _page(tx: Session, language: str, body: str, status: HTTPStatus = HTTPStatus.OK) -> HTMLResponse:
    company = identity.company(tx)
    name = escape("Placket" if company is None else company.name)
    head = f'<meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>{name}</title>'
    return HTMLResponse(
        f'<!doctype html><html lang="{language}">{head}<style>{STYLE}</style><p>{name}</p>'
        f"<h1>{WORDS[language]['title']}</h1>{body}",
        status,
        headers=HEADERS,
    )
