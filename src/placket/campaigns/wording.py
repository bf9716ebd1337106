"""A template becomes what one person gets: facts for `messages`, with their link out of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy.orm import Session

from placket import identity
from placket.campaigns import rules
from placket.core.clock import VIETNAM
from placket.core.settings import settings

SAMPLE_VOUCHER: Final = "030000000000018"
SAMPLE_LINK: Final = "sample"


@dataclass(frozen=True, slots=True)
class Gift:
    """A voucher as a message tells of it."""

    code: str
    until: datetime


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody as a template knows them."""

    full_name: str
    given_name: str
    points: int


def home() -> str | None:
    """The company's address on the web; none where a real company has not set it."""
    own = settings()
    return own.public_address or (None if own.https else f"http://{own.host}:{own.port}")


def way_out(tx: Session, recipient_id: UUID) -> str:
    """The link by which a recipient wants no more; only we can have made it."""
    return f"{home()}/u/{recipient_id.hex}{identity.page_key(tx, f'opt-out/{recipient_id}')}"


def sample_way_out() -> str:
    """The link of a preview, which belongs to nobody."""
    return f"{home() or ''}/u/{SAMPLE_LINK}"


def worded(
    template: Mapping[str, str],
    person: Person,
    *,
    name: str,
    company: str,
    gift: Gift | None,
    opt_out_url: str,
    goods: Sequence[Mapping[str, Any]] = (),
) -> dict[str, Any]:
    """The facts of one person's message; a campaign without a subject goes by its name."""
    told = {"given_name": person.given_name, "full_name": person.full_name, "company": company}
    told["points"] = f"{person.points:,}".replace(",", ".")
    until = None if gift is None else f"{gift.until.astimezone(VIETNAM):%d/%m/%Y}"
    if gift is not None:
        told |= {"voucher": gift.code, "voucher_until": str(until)}
    facts: dict[str, Any] = {
        "subject": rules.filled(template.get("subject") or name, told),
        "heading": rules.filled(template.get("heading", ""), told),
        "paragraphs": rules.paragraphs(rules.filled(template.get("body", ""), told)),
        "line": " ".join(rules.filled(template.get("line", ""), told).split()),
        "opt_out_url": opt_out_url,
    }
    if template.get("button_label") and template.get("button_url"):
        facts["button"] = {"label": template["button_label"], "url": template["button_url"]}
    if gift is not None:
        facts["voucher"] = {"code": gift.code, "until": until}
    if goods:
        facts["goods"] = goods
    return facts
