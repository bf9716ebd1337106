"""Verbs of e-invoices besides issuing: a buyer asks, somebody tries again, terms are written."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from placket import identity
from placket.einvoices import queries, rules
from placket.einvoices.models import EinvoiceBuyer, EinvoiceDelivery, EinvoiceTerms
from placket.einvoices.refusals import BuyerTooLate, TaxCodeInvalid, TermsPast


def buyer(*, tax_code: str | None, name: str | None, address: str | None, email: str | None) -> dict[str, Any]:
    """Who a document is for; without a tax code a consumer. Refuses ``TaxCodeInvalid``."""
    if tax_code is None:
        return {"name": name or rules.CONSUMER}
    code = tax_code.replace(" ", "")
    if not rules.is_tax_code(code):
        raise TaxCodeInvalid
    return {"name": name or "", "tax_code": code, "address": address or "", "email": email}


def ask_for_company(
    tx: Session, *, sale_id: UUID, tax_code: str, name: str, address: str, email: str = "", now: datetime
) -> None:
    """A company wants a sale's document in its name, and may correct itself until it is made.

    Refuses ``TaxCodeInvalid``, ``BuyerTooLate``.
    """
    asked = buyer(tax_code=tax_code, name=name.strip(), address=address.strip(), email=email or None)
    tx.execute(text("SELECT pg_advisory_xact_lock(hashtextextended(:id, 0))"), {"id": f"einvoice {sale_id}"})
    sale = queries.sale_of(tx, sale_id)
    terms = queries.terms_on(tx, sale.sold_on)
    is_late = terms is None or now >= terms.buyer_until(sale.sold_at) or bool(queries.documents_of(tx, sale_id))
    if is_late or sale.state == "void":
        raise BuyerTooLate
    row = {**asked, "sale_id": sale_id, "asked_at": now}
    tx.execute(insert(EinvoiceBuyer).values(row).on_conflict_do_update(index_elements=["sale_id"], set_=row))


def retry(tx: Session, *, einvoice_id: UUID, who: identity.Principal, now: datetime) -> None:
    """Hand a document over again at once, if it is not there yet."""
    delivery = tx.get_one(EinvoiceDelivery, einvoice_id, with_for_update=True)
    if delivery.state not in {"waiting", "rejected"}:
        return
    delivery.state, delivery.next_try_at, delivery.ended_at = "waiting", now, None
    identity.audit(tx, action="einvoice.retried", subject_type="einvoice", subject_id=einvoice_id, actor=who, after={})


def write_terms(tx: Session, *, values: Mapping[str, Any], who: identity.Principal, now: datetime) -> None:
    """Write terms for a day to come; the first ones may begin today. Refuses ``TermsPast``."""
    today = queries.day_of(now)
    is_first = tx.scalar(select(EinvoiceTerms.from_on).limit(1)) is None
    if values["from_on"] < today or (values["from_on"] == today and not is_first):
        raise TermsPast
    row = {**values, "written_by": who.staff_id, "written_at": now}
    tx.execute(insert(EinvoiceTerms).values(row).on_conflict_do_update(index_elements=["from_on"], set_=row))
    after = {name: str(value) for name, value in values.items()}
    identity.audit(tx, action="einvoice.terms", subject_type="company", subject_id=1, actor=who, after=after)
