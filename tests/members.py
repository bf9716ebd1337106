"""Members who are signed in at the shop: their points are there, and their session is good."""

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID, uuid4

from sqlalchemy.orm import Session

from placket import crm
from placket.core import clock
from placket.core.ids import new_id
from placket.shop.service import accounts


@dataclass(frozen=True)
class Member:
    """Somebody, and the header by which an app shows who they are."""

    id: UUID
    bearer: dict[str, str]


def a_member(tx: Session, *, points: int, phone: str | None = None) -> Member:
    """Somebody who collects points, has so many to spend, and has signed in by a code."""
    now, phone = clock.now(), phone or f"+8490{new_id().int % 10**7:07d}"
    made = crm.create_customer(
        tx,
        customer_id=new_id(),
        details=crm.Details("Trần Bảo Ngọc", phone),
        home_location_id=None,
        agreed=[crm.Agreed("loyalty", granted=True, text_version="v1")],
        channel="web",
        by=crm.By(None),
        now=now,
    )
    if points:
        crm.open_points(tx, lot_id=new_id(), customer_id=made.id, points=points, now=now - timedelta(days=1))
    code = accounts.make_code(tx, address=phone, place=str(uuid4()), now=now)
    token, _ = accounts.sign_in(tx, code_id=code.id, code=code.code, full_name=None, attempts_left=4, now=now)
    return Member(made.id, {"authorization": f"Bearer {token}"})
