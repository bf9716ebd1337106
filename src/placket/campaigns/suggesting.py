"""What may suit somebody, as a mail shows it: left in their size where they shop, with its price and its picture.

See docs/rules/recommendations.md. Whoever asks has refreshed the price book.
"""

from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Row, text
from sqlalchemy.orm import Session

from placket import catalog, crm, sales
from placket.campaigns import wording
from placket.core.clock import business_day

SHOWN: Final = 3
CONSIDERED: Final = 6
"""Some have no price where somebody shops."""

# Whoever is at home nowhere buys on the web, which sells from the depot.
_HOME: Final = """
SELECT l.id, l.name, l.kind FROM location l
 WHERE l.id = coalesce((SELECT home_location_id FROM customer WHERE id = :id),
                       (SELECT id FROM location WHERE kind = 'depot' ORDER BY position, id LIMIT 1))
"""
# The first picture of the colour that is suggested, else the first of the style; mail programs show no drawings (SVG).
_PICTURE: Final = """
SELECT p.sha256 FROM picture p JOIN picture_blob b USING (sha256) LEFT JOIN variant v ON v.id = :variant
 WHERE p.style_id = :style AND b.media_type <> 'image/svg+xml'
 ORDER BY (p.colour_id IS NOT DISTINCT FROM v.colour_id) DESC, p.position, p.id LIMIT 1
"""


def goods_for(tx: Session, customer_id: UUID | None, *, language: str, now: datetime) -> list[dict[str, Any]]:
    """Up to three styles, the best first: [name, price_vnd, size, where it is left (none: on the web), why, picture, url].

    Of nobody in particular: those that most people keep.
    """
    place = tx.execute(text(_HOME), {"id": customer_id}).one_or_none()
    if place is None:
        return []
    ids = [] if customer_id is None else crm.ids_of(tx, customer_id)
    found = sales.recommended_to(tx, ids, location_id=place.id, on=business_day(now), most=CONSIDERED)
    shown = [told for one in found if (told := _told(tx, one, place, language, now)) is not None]
    return shown[:SHOWN]


def _told(tx: Session, one: Row[Any], place: Row[Any], language: str, now: datetime) -> dict[str, Any] | None:
    in_shop = place.kind == "branch"
    try:
        price_vnd, _ = catalog.price_books.current().price_at(
            one.variant_id, channel="store" if in_shop else "web", location_id=place.id, at=now
        )
    except (catalog.NoPrice, catalog.UnknownVariant):
        return None
    picture = tx.scalar(text(_PICTURE), {"variant": one.variant_id, "style": one.style_id})
    own = wording.home() or ""
    return {
        "name": _of(one, "name", language),
        "price_vnd": price_vnd,
        "size": one.size,
        "place": place.name if in_shop else None,
        "because": _of(one, "because", language),
        "picture": None if picture is None else f"{own}/media/{picture}",
        "url": f"{own}/{'en/' if language == 'en' else ''}p/{one.style_code.lower()}",
    }


def _of(row: Row[Any], what: str, language: str) -> str | None:
    """A name in a language; what has none in English is called as it is in Vietnamese."""
    said: str | None = (getattr(row, f"{what}_en") if language == "en" else None) or getattr(row, f"{what}_vi")
    return said
