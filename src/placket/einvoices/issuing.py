"""Verbs of documents: made for sales whose buyer's time is over, adjusted by what comes back, replaced for another buyer.

A till's sale bears the code that its own receipt number gives, so a till without network prints the same one. What has no
number of a till (parcels of the web, a second document of one sale) takes numbers of the server's block.
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any, Final, Literal
from uuid import UUID

from sqlalchemy import Row, text
from sqlalchemy.orm import Session

from placket import identity
from placket.core.db import Database
from placket.core.ids import new_id
from placket.einvoices import queries, rules
from placket.einvoices.amounts import in_words
from placket.einvoices.models import Einvoice, EinvoiceDelivery
from placket.einvoices.refusals import NotRejected
from placket.einvoices.rules import Content, Terms

AT_ONCE: Final = 100
SERVER: Final = "server"


def issue_due(database: Database, *, now: datetime) -> int:
    """Make the documents that are due, each sale in a transaction of its own; answers how many sales that were."""
    with database.transaction() as tx:
        due = queries.due(tx, now=now, most=AT_ONCE)
    for sale_id in due:
        with database.transaction() as tx:
            issue(tx, sale_id=sale_id, now=now)
    return len(due)


def issue(tx: Session, *, sale_id: UUID, now: datetime) -> list[Einvoice]:
    """The documents of a sale: one for what was sold, an adjustment of each earlier one that something came back of.

    A sale that was voided after its document was made has all of it taken back. Asked again it makes nothing.
    """
    tx.execute(text("SELECT pg_advisory_xact_lock(hashtextextended(:id, 0))"), {"id": f"einvoice {sale_id}"})
    sale = queries.sale_of(tx, sale_id)
    terms = queries.terms_on(tx, sale.sold_on)
    if terms is None:
        return []
    known = queries.documents_of(tx, sale_id)
    if sale.state == "void":
        return _take_back(tx, sale, terms, known, now)
    if known:
        return []
    lines = queries.lines_of(tx, sale_id)
    made = []
    sold = [line for line in lines if line["qty"] > 0]
    if sold:
        buyer = queries.buyer_of(tx, sale_id) or {"name": rules.CONSUMER}
        made.append(_write(tx, sale, terms, "original", content=rules.content(sold), buyer=buyer, now=now))
    for of_sale in sorted({line["returns_sale_id"] for line in lines if line["qty"] < 0}):
        first = queries.standing_of(tx, of_sale)
        if first is not None:
            back = [line for line in lines if line["qty"] < 0 and line["returns_sale_id"] == of_sale]
            content = rules.content(back)
            reason = f"Khách trả hàng, phiếu {sale.receipt_code}"
            made.append(
                _write(
                    tx,
                    sale,
                    terms,
                    "adjusting",
                    content=content,
                    buyer=first.buyer,
                    now=now,
                    refers_to=first,
                    reason=reason,
                    own_number=not made,
                )
            )
    return made


def replace(
    tx: Session, *, einvoice_id: UUID, buyer: Mapping[str, Any], reason: str, who: identity.Principal, now: datetime
) -> Einvoice:
    """Write a document anew for another buyer, since the authority has rejected it. Refuses ``NotRejected``."""
    delivery = tx.get(EinvoiceDelivery, einvoice_id, with_for_update=True)
    if delivery is None or delivery.state != "rejected":
        raise NotRejected
    wrong = tx.get_one(Einvoice, einvoice_id)
    sale = queries.sale_of(tx, wrong.sale_id)
    terms = queries.terms_on(tx, wrong.issued_on)
    assert terms is not None, "it was issued under some"
    content = Content(wrong.lines, wrong.vat, wrong.net_vnd, wrong.vat_vnd, wrong.total_vnd)
    made = _write(
        tx,
        sale,
        terms,
        "replacing",
        content=content,
        buyer=dict(buyer),
        now=now,
        refers_to=wrong,
        reason=reason,
        own_number=False,
    )
    delivery.state, delivery.ended_at = "replaced", now
    identity.audit(
        tx,
        action="einvoice.replaced",
        subject_type="einvoice",
        subject_id=einvoice_id,
        actor=who,
        after={"by": str(made.id)},
    )
    return made


def _take_back(tx: Session, sale: Row[Any], terms: Terms, known: Sequence[Einvoice], now: datetime) -> list[Einvoice]:
    """Every document of a voided sale with the opposite sign, once: together they say nothing any more."""
    standing = [one for one in known if not queries.is_replaced(tx, one.id)]
    if sum(one.total_vnd for one in standing) == 0:
        return []
    made = []
    for one in standing:
        turned = [dict(line, **{name: -line[name] for name in SIGNED}) for line in one.lines]
        vat = [{**rate, "net_vnd": -rate["net_vnd"], "vat_vnd": -rate["vat_vnd"]} for rate in one.vat]
        content = Content(turned, vat, -one.net_vnd, -one.vat_vnd, -one.total_vnd)
        made.append(
            _write(
                tx,
                sale,
                terms,
                "adjusting",
                content=content,
                buyer=one.buyer,
                now=now,
                refers_to=one,
                reason=f"Hủy phiếu {sale.receipt_code}",
                own_number=False,
            )
        )
    return made


SIGNED: Final = ("qty", "discount_vnd", "net_vnd", "vat_vnd", "total_vnd")


def _write(
    tx: Session,
    sale: Row[Any],
    terms: Terms,
    kind: Literal["original", "adjusting", "replacing"],
    *,
    content: Content,
    buyer: Mapping[str, Any],
    now: datetime,
    refers_to: Einvoice | None = None,
    reason: str | None = None,
    own_number: bool = True,
) -> Einvoice:
    issued_on = sale.sold_on if kind != "replacing" else queries.day_of(now)
    serial = terms.serial(sale.channel, issued_on)
    company = identity.company(tx)
    assert company is not None, "somebody sells"
    made = Einvoice(
        id=new_id(),
        sale_id=sale.id,
        kind=kind,
        refers_to=None if refers_to is None else refers_to.id,
        reason=reason,
        form=terms.form,
        serial=serial,
        number=queries.next_number(tx, serial),
        code=_code(tx, sale, terms, serial, issued_on, own_number=own_number),
        issued_on=issued_on,
        issued_at=sale.sold_at if kind != "replacing" else now,
        made_at=now,
        location_id=sale.location_id,
        seller={"name": company.name, "tax_code": company.tax_code, "address": company.address},
        place={"code": sale.location_code, "name": sale.location_name, "address": sale.location_address},
        buyer=dict(buyer),
        lines=content.lines,
        vat=content.vat,
        net_vnd=content.net_vnd,
        vat_vnd=content.vat_vnd,
        total_vnd=content.total_vnd,
        total_words=in_words(content.total_vnd),
    )
    tx.add(made)
    tx.flush()
    tx.add(EinvoiceDelivery(einvoice_id=made.id, state="waiting", next_try_at=now))
    tx.flush()
    return made


def _code(tx: Session, sale: Row[Any], terms: Terms, serial: str, on: date, *, own_number: bool) -> str | None:
    """The code that we make ourselves; an ordinary invoice gets its code from the authority."""
    if serial[3] != "M":
        return None
    if own_number and sale.till_id is not None:
        owner = owner_of(sale.till_id, sale.epoch, sale.receipt_no)
        return terms.code(on, block=queries.block_of(tx, owner), number=sale.receipt_no % rules.BLOCK)
    block, number = queries.next_in_block(tx, SERVER)
    return terms.code(on, block=block, number=number)


def owner_of(till_id: UUID, epoch: int, receipt_no: int) -> str:
    """Who gives out the numbers of a receipt's block: a journal of a till, a million receipts at a time."""
    return f"{till_id}/{epoch}/{receipt_no // rules.BLOCK}"
