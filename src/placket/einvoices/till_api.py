"""What a till needs to make the codes of its e-invoices by itself: its block of numbers and the terms that count."""

from datetime import date
from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends, Request

from placket import identity
from placket.core import clock
from placket.core.http import Answer, refuses
from placket.einvoices import queries
from placket.einvoices.issuing import owner_of

router = APIRouter(prefix="/api/till", tags=["tills"])

BY_DEVICE: Final[dict[str, Any]] = {"x-permission": "till"}
Device = Annotated[identity.TillFacts, Depends(identity.paired_till)]


class EinvoiceTermsTold(Answer):
    """Terms from a day on; ``letter`` M means that the till makes the code."""

    from_on: date
    form: int
    letter: str
    signs: str


class EinvoiceRange(Answer):
    """The block of a till's present journal: a receipt's number is its number in it."""

    epoch: int
    block: int
    terms: list[EinvoiceTermsTold]


@router.get("/einvoice", openapi_extra=BY_DEVICE, responses=refuses(identity.NotSignedIn))
def einvoice_range(till: Device, request: Request) -> EinvoiceRange:
    """The till's own range; it keeps it, and needs no network to use it."""
    with identity.database_of(request).transaction() as tx:
        block = queries.block_of(tx, owner_of(till.id, till.epoch, 0))
        known = queries.terms_since(tx, queries.day_of(clock.now()))
    terms = [
        EinvoiceTermsTold(from_on=row.from_on, form=row.form, letter=row.letter_store, signs=row.authority_signs)
        for row in known
    ]
    return EinvoiceRange(epoch=till.epoch, block=block, terms=terms)
