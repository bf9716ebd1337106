"""Brings documents to the provider, one a transaction under its own row's lock, again and again until it answers."""

from datetime import datetime
from typing import Final

import structlog
from sqlalchemy import select
from sqlalchemy.orm import Session, aliased

from placket import identity, inventory
from placket.core.db import Database
from placket.einvoices import rules
from placket.einvoices.document import xml_of
from placket.einvoices.models import Einvoice, EinvoiceDelivery
from placket.einvoices.provider import Parcel, Provider, ProviderSilent, provider_of

log = structlog.get_logger()
AT_ONCE: Final = 50


def send_waiting(database: Database, *, now: datetime, provider: Provider | None = None) -> dict[str, int]:
    """Hand over what waits; answers how many documents were accepted, rejected, and not answered."""
    done = {"accepted": 0, "rejected": 0, "unanswered": 0}
    with database.transaction() as tx:
        provider = provider or provider_of(in_demo=identity.is_demo(tx))
    if provider is None:
        return done
    for _ in range(AT_ONCE):
        with database.transaction() as tx:
            delivery = _claim(tx, now)
            if delivery is None:
                break
            _hand_over(tx, delivery, provider, now)
            done["unanswered" if delivery.state == "waiting" else delivery.state] += 1
    return done


def _claim(tx: Session, now: datetime) -> EinvoiceDelivery | None:
    """The document that has waited longest. One that adjusts or replaces another waits until that one is there."""
    referred = aliased(EinvoiceDelivery)
    before = select(referred.einvoice_id).where(referred.einvoice_id == Einvoice.refers_to, referred.state == "waiting")
    due = (
        select(EinvoiceDelivery)
        .join(Einvoice, Einvoice.id == EinvoiceDelivery.einvoice_id)
        .where(EinvoiceDelivery.state == "waiting", EinvoiceDelivery.next_try_at <= now, ~before.exists())
    )
    ordered = due.order_by(EinvoiceDelivery.next_try_at, EinvoiceDelivery.einvoice_id).limit(1)
    return tx.scalar(ordered.with_for_update(skip_locked=True, of=EinvoiceDelivery))


def _hand_over(tx: Session, delivery: EinvoiceDelivery, provider: Provider, now: datetime) -> None:
    document = tx.get_one(Einvoice, delivery.einvoice_id)
    referred = None if document.refers_to is None else tx.get_one(Einvoice, document.refers_to)
    delivery.tries += 1
    parcel = Parcel(
        document.id,
        xml_of(document, referred),
        document.code,
        document.serial,
        document.number,
        document.buyer.get("tax_code"),
        document.buyer["name"],
    )
    try:
        verdict = provider.deliver(parcel)
    except ProviderSilent:
        delivery.failure, delivery.next_try_at = "silent", now + rules.wait_after(delivery.tries)
        log.warning("the provider of e-invoices did not answer", einvoice=str(document.id), tries=delivery.tries)
        return
    delivery.state, delivery.ended_at, delivery.code = verdict.outcome, now, verdict.code
    delivery.failure = verdict.reason
    if verdict.outcome == "rejected":
        refs = {"einvoice": str(document.id), "sale": str(document.sale_id), "serial": document.serial}
        inventory.note_exception(
            tx,
            kind="einvoice_rejected",
            severity="urgent",
            refs=refs | {"number": document.number, "reason": verdict.reason},
            location_id=document.location_id,
            now=now,
        )
