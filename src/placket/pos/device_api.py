"""Routes of tills as devices that touch stock as well."""

from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Depends, Request
from pydantic import Field

from placket import identity, inventory
from placket.core import clock
from placket.core.http import Strict, refuses
from placket.core.refusals import NotFound
from placket.pos import devices

router = APIRouter(prefix="/api", tags=["tills"])


class Revocation(Strict):
    """Why the device is taken out of use."""

    status: Literal["lost", "retired"]
    reason: Annotated[str, Field(min_length=3, max_length=300)]


@router.post("/tills/{till_id}/revoke", status_code=204, responses=refuses(NotFound))
def revoke(
    till_id: UUID,
    body: Revocation,
    who: Annotated[identity.Principal, Depends(identity.Permit("till.revoke"))],
    request: Request,
) -> None:
    """Take a till out of use; a lost one puts its branch in doubt."""
    database = identity.database_of(request)
    with database.transaction() as tx:
        location_id = devices.take_out_of_use(
            tx, till_id=till_id, status=body.status, reason=body.reason, actor=who, now=clock.now()
        )
    identity.doorkeeper_of(request).forget()
    with database.transaction() as tx:
        inventory.settle(tx, location_id=location_id)
