"""The shop's API for members, version 1: sign-in by one-time code, the card, vouchers, purchases of both channels.

Browsers hold the session in a cookie that no script reads; an app asks for the token and sends it as a bearer.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any, Final, Literal
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request, Response
from pydantic import Field
from sqlalchemy import Row
from sqlalchemy.orm import Session

from placket import crm, identity, messages, sales
from placket.core import clock
from placket.core.http import Answer, Id, Strict, client_address, language_of, refuses
from placket.core.settings import settings
from placket.shop import browsing, queries
from placket.shop.pace import TooFast, paced
from placket.shop.service import accounts
from placket.shop.shapes import Card

router = APIRouter(prefix="/api/shop/v1/account", tags=["shop"], dependencies=[Depends(paced)])

COOKIE: Final = "placket_shopper"
PUBLIC: Final[dict[str, Any]] = {"x-permission": "public"}
SHOPPER: Final[dict[str, Any]] = {"x-permission": "shopper"}
PAGE: Final = 10
SUITED: Final = 60
SUGGESTED: Final = 8
"""So many are looked at, so many shown: what is sold out in their size falls away."""
REFUSED: Final = refuses(identity.NotSignedIn, identity.ForeignRequest, TooFast)


class CodeAsked(Strict):
    """Where to send a code: a phone number or an e-mail address, as it was typed."""

    address: Annotated[str, Field(min_length=3, max_length=120)]


class CodeSent(Answer):
    """A code is on its way; ``sent_to`` is masked."""

    id: UUID
    sent_to: str
    expires_at: datetime
    again_after_s: int


class ShopperSignIn(Strict):
    """The code that came. A name is needed only the first time; an app wants the token itself."""

    code_id: Id
    code: Annotated[str, Field(pattern=r"^[0-9]{6}$")]
    full_name: Annotated[str, Field(min_length=1, max_length=80, pattern=r"^[^\x00-\x1f\x7f]+$")] | None = None
    wants_token: bool = False


class MemberVoucher(Answer):
    """A voucher of the member's own."""

    code: str
    name_vi: str
    name_en: str
    starts_at: datetime
    ends_at: datetime


class Member(Answer):
    """The card: its number, its digits for a scanner, what is on it. ``token`` only for who asked for it."""

    full_name: str
    given_name: str
    phone: str | None
    email: str | None
    member_no: int
    code: str
    points: int
    worth_vnd: int
    credit_vnd: int
    earns: bool
    language: Literal["vi", "en"]
    vouchers: list[MemberVoucher]
    token: str | None = None


class LanguageChosen(Strict):
    """The language in which a member wants to be written to."""

    language: Literal["vi", "en"]


class BoughtLine(Answer):
    """Goods of a purchase; a negative number came back."""

    name_vi: str
    name_en: str
    code: str
    colour_vi: str
    colour_en: str
    size: str
    qty: int
    total_vnd: int
    picture: str | None


class Bought(Answer):
    """A purchase in a store or online. ``barcode`` is what a till scans to take goods back; ``receipt`` its page."""

    id: UUID
    receipt_code: str | None
    sold_at: datetime
    channel: str
    location_name: str
    total_vnd: int
    lines: list[BoughtLine]
    barcode: str | None
    receipt: str | None


class BoughtPage(Answer):
    """Some purchases, the newest first; ``before`` asks for the ones before them."""

    items: list[Bought]
    before: datetime | None


class MemberSuggestion(Answer):
    """A style that may suit the member, in their size where it is known, and the style they kept that speaks for it."""

    card: Card
    size: str | None
    because_vi: str | None
    because_en: str | None


def shopper(request: Request) -> UUID:
    """Who is signed in. Refuses ``NotSignedIn``, ``ForeignRequest``."""
    customer_id = anybody(request)
    if customer_id is None:
        raise identity.NotSignedIn
    return customer_id


def anybody(request: Request) -> UUID | None:
    """Who is signed in, or nobody: what anybody may do, done as a member. Refuses ``ForeignRequest``."""
    token = token_of(request)
    if token is None:
        return None
    with identity.database_of(request).transaction() as tx:
        return accounts.shopper_of(tx, token=token, now=clock.now())


def token_of(request: Request) -> str | None:
    """The token of a request; a browser's change must come from our own pages. Refuses ``ForeignRequest``."""
    scheme, _, bearer = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer" and bearer:
        return bearer
    cookie = request.cookies.get(COOKIE)
    if cookie and request.method != "GET" and request.headers.get("x-placket") != "1":
        raise identity.ForeignRequest
    return cookie


Shopper = Annotated[UUID, Depends(shopper)]
Anybody = Annotated[UUID | None, Depends(anybody)]


@router.post(
    "/codes",
    status_code=201,
    openapi_extra=PUBLIC,
    responses=refuses(accounts.AddressInvalid, accounts.TooSoon, identity.TooManyAttempts, messages.CannotSend, TooFast),
)
def ask_code(body: CodeAsked, request: Request) -> CodeSent:
    """Send a code to a phone or an e-mail address; whether somebody is known by it is not told."""
    database, now = identity.database_of(request), clock.now()
    with database.transaction() as tx:
        address = accounts.address_of(body.address)
        made = accounts.make_code(tx, address=address, place=client_address(request.scope), now=now)
        message_id = messages.ask(
            tx,
            key=f"code-{made.id}",
            kind="sign_in_code",
            channel="email" if "@" in address else "sms",
            address=address,
            language=language_of(request),
            facts={"code": made.code},
            not_before=now + messages.SOON,
            use_until=made.expires_at,
            now=now,
        )
    assert message_id is not None, "the code is new"
    messages.send_now(database, message_id=message_id, now=now)
    again_s = int(accounts.AGAIN_AFTER.total_seconds())
    return CodeSent(id=made.id, sent_to=accounts.masked(address), expires_at=made.expires_at, again_after_s=again_s)


@router.post(
    "/session",
    openapi_extra=PUBLIC,
    responses=refuses(accounts.WrongCode, accounts.CodeOver, accounts.NameNeeded, accounts.SeveralAccounts, TooFast),
)
def sign_in(body: ShopperSignIn, request: Request, response: Response) -> Member:
    """Sign in with the code that came."""
    database, now = identity.database_of(request), clock.now()
    with database.transaction() as tx:
        attempts_left = accounts.count_guess(tx, code_id=body.code_id, now=now)
    try:
        with database.transaction() as tx:
            token, customer_id = accounts.sign_in(
                tx,
                code_id=body.code_id,
                code=body.code,
                full_name=body.full_name,
                attempts_left=attempts_left,
                now=now,
            )
            crm.note_language(tx, customer_id=customer_id, language=language_of(request))
            member = _member(tx, customer_id, now)
    except accounts.NameNeeded:
        with database.transaction() as tx:
            accounts.forgive_guess(tx, code_id=body.code_id)
        raise
    if body.wants_token:
        return member.model_copy(update={"token": token})
    response.set_cookie(
        COOKIE,
        token,
        max_age=int(accounts.SESSION.total_seconds()),
        httponly=True,
        samesite="lax",  # the link in a message opens the order signed in
        secure=settings().secure_cookies,
    )
    return member


@router.delete("/session", status_code=204, openapi_extra=PUBLIC, responses=refuses(identity.ForeignRequest, TooFast))
def sign_out(request: Request, response: Response) -> None:
    """End the session of this device."""
    token = token_of(request)
    if token is not None:
        with identity.database_of(request).transaction() as tx:
            accounts.sign_out(tx, token=token)
    response.delete_cookie(COOKIE)


@router.get("", openapi_extra=SHOPPER, responses=REFUSED)
def account(who: Shopper, request: Request) -> Member:
    """The member's card, points, credit and vouchers."""
    with identity.database_of(request).snapshot() as tx:
        return _member(tx, who, clock.now())


@router.put("/language", status_code=204, openapi_extra=SHOPPER, responses=REFUSED)
def choose_language(body: LanguageChosen, who: Shopper, request: Request) -> None:
    """Write to the member in this language from now on."""
    with identity.database_of(request).transaction() as tx:
        crm.note_language(tx, customer_id=who, language=body.language)


@router.get("/purchases", openapi_extra=SHOPPER, responses=REFUSED)
def bought(who: Shopper, request: Request, before: Annotated[datetime | None, Query()] = None) -> BoughtPage:
    """What the member has bought, in stores and online, the newest first."""
    with identity.database_of(request).snapshot() as tx:
        rows = queries.purchases(tx, crm.ids_of(tx, who), before=before, limit=PAGE + 1)
        items = [_bought(tx, row) for row in rows[:PAGE]]
    return BoughtPage(items=items, before=items[-1].sold_at if len(rows) > PAGE else None)


@router.get("/recommendations", openapi_extra=SHOPPER, responses=REFUSED)
def suggested(who: Shopper, request: Request) -> list[MemberSuggestion]:
    """What may suit the member: left somewhere in their size, never what they bought; nothing for who wants no profile."""
    now = clock.now()
    on = clock.business_day(now)
    with identity.database_of(request).snapshot() as tx:
        stands = crm.standing(tx, who, on=on)
        if stands is None or not stands.profiled:
            return []
        rows = sales.suited_to(tx, crm.ids_of(tx, who), on=on, most=SUITED)
    seen = browsing.glance(identity.database_of(request), now)
    shown = []
    for row in rows:
        design = seen.show.by_id.get(row.style_id)
        pieces = [] if design is None else [one for one in design.pieces if row.size in (None, one.size)]
        if design is not None and any(map(seen.show.free, pieces)):
            told = {"size": row.size, "because_vi": row.because_vi, "because_en": row.because_en}
            shown += [MemberSuggestion(card=card, **told) for card in browsing.cards(seen, [design])]
    return shown[:SUGGESTED]


def _member(tx: Session, customer_id: UUID, now: datetime) -> Member:
    row = queries.card_of(tx, customer_id)
    assert row is not None, "whoever is signed in is a customer"
    terms = crm.terms_on(tx, clock.business_day(now))
    spendable = crm.spendable_points(tx, customer_id=customer_id, now=now)
    return Member(
        full_name=row.full_name,
        given_name=row.given_name,
        phone=None if row.phone is None else crm.masked_phone(row.phone),
        email=row.email,
        member_no=row.member_no,
        code=crm.member_code(row.member_no),
        points=row.points,
        worth_vnd=0 if terms is None else spendable * terms.point_vnd,
        credit_vnd=row.credit_vnd,
        earns=row.earns,
        language=crm.language_of(tx, customer_id),
        vouchers=[MemberVoucher(**each._asdict()) for each in queries.vouchers_of(tx, crm.ids_of(tx, customer_id), now=now)],
    )


def _bought(tx: Session, row: Row[Any]) -> Bought:
    barcode = receipt = None
    if row.till_no is not None:
        barcode = sales.receipt_barcode(till_no=row.till_no, epoch=row.epoch, receipt_no=row.receipt_no)
        key = identity.receipt_key(tx, till_no=row.till_no, epoch=row.epoch)
        receipt = f"/r/{barcode}{identity.receipt_signature(key, barcode)}"
    elif row.channel == "web" and (row.receipt_code or "").startswith("W-"):  # a parcel that came back is no order
        barcode = sales.order_scan_code(row.receipt_code)
    return Bought(
        id=row.id,
        receipt_code=row.receipt_code,
        sold_at=row.sold_at,
        channel=row.channel,
        location_name=row.location_name,
        total_vnd=row.total_vnd,
        lines=[BoughtLine(**line) for line in _lines(row.lines)],
        barcode=barcode,
        receipt=receipt,
    )


def _lines(found: Sequence[dict[str, Any]] | None) -> Sequence[dict[str, Any]]:
    return found or ()
