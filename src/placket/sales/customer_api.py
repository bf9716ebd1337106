"""What a customer has bought, for whoever serves them: the last purchases of every channel, and the sizes they take."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Request

from placket import crm, identity
from placket.core.http import Answer, refuses
from placket.core.refusals import NotFound
from placket.sales import queries

router = APIRouter(prefix="/api/customers", tags=["customers"])


class Purchase(Answer):
    """A sale to them, its goods in one line."""

    sale_id: UUID
    receipt_code: str | None
    sold_at: datetime
    channel: str
    location_name: str
    pieces: int
    total_vnd: int
    goods_vi: str
    goods_en: str


class UsualSize(Answer):
    """A size they have kept most often in a category."""

    category_vi: str
    category_en: str
    size: str
    pieces: int


class Purchases(Answer):
    """The last purchases, newest first, and usual sizes."""

    purchases: list[Purchase]
    sizes: list[UsualSize]


@router.get("/{customer_id}/purchases", responses=refuses(NotFound))
def purchases(
    customer_id: UUID,
    who: Annotated[identity.Principal, Depends(identity.Permit("customer.read"))],
    request: Request,
) -> Purchases:
    """What somebody whom a branch in reach knows has bought, under every id they had."""
    with identity.database_of(request).snapshot() as tx:
        if not crm.is_known(tx, customer_id=customer_id, scope=who.scope("customer.read")):
            raise NotFound
        ids = crm.ids_of(tx, customer_id)
        return Purchases(
            purchases=[Purchase(**row._asdict()) for row in queries.purchases_of(tx, ids)],
            sizes=[UsualSize(**row._asdict()) for row in queries.sizes_of(tx, ids)],
        )
