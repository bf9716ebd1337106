"""Pages of the list of customers: who fits what is asked, by given name; facts are read for those on the page alone."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Row, text
from sqlalchemy.orm import Session

from placket.crm.queries import FACE, KNOWN_IN_REACH
from placket.crm.rules import SHOWN_LAST, phone_of

MEMBER_DIGITS: Final = 9
INDEXED_LETTERS: Final = 3
"""Fewer letters are the beginning of a word, which the index of names also knows; a part in its middle it would not."""
NOBODY: Final = "none"
"""Instead of a channel: those who agree to none."""

# Who is on a page is found first, in an index that holds all this asks for.
_IN_ORDER: Final = "SELECT c.id, c.given_name FROM customer c WHERE c.merged_into IS NULL AND"
_TOLD: Final = """
    SELECT coalesce(z.net_vnd, 0) AS net_vnd, coalesce(z.orders, 0) AS orders, z.group_key, t.tier,
           ARRAY(SELECT k.channel FROM marketing_consent k WHERE k.customer_id = c.id ORDER BY 1) AS agrees,
           ARRAY(SELECT g.name FROM segment_member m JOIN segment g ON g.id = m.segment_id
                  WHERE m.customer_id = c.id ORDER BY lower(g.name)) AS segments, c.id,
"""
_BESIDE: Final = """
      JOIN shown ON shown.id = c.id
      LEFT JOIN customer_score z ON z.customer_id = c.id
      LEFT JOIN customer_tier t ON t.customer_id = c.id
     ORDER BY c.given_name, c.id
"""
_LISTED: Final = FACE.replace("SELECT c.id,", _TOLD) + _BESIDE


@dataclass(frozen=True, slots=True)
class Wanted:
    """Who is asked for: ``q`` is a part of a name, the end of a phone, a whole number; ``agrees`` a channel or ``none``."""

    q: str | None = None
    group: str | None = None
    tier: str | None = None
    segment_id: UUID | None = None
    agrees: str | None = None


def page_of_customers(
    tx: Session, wanted: Wanted, *, scope: Sequence[UUID] | None, after: tuple[str, UUID] | None, limit: int
) -> Sequence[Row[Any]]:
    """A page of customers in reach by given name, each with their group, tier, segments, channels and value."""
    asked, facts = _meant((wanted.q or "").strip())
    conditions = [asked, *_filters(wanted)]
    facts |= {"group": wanted.group, "tier": wanted.tier, "segment": wanted.segment_id, "channel": wanted.agrees}
    # Said only where it holds: a plan for both cases would look for the branches of everybody.
    if scope is not None:
        conditions.append(KNOWN_IN_REACH)
        facts["scope"] = list(scope)
    if after is not None:
        conditions.append("(c.given_name, c.id) > (:name, :after)")
        facts |= {"name": after[0], "after": after[1]}
    facts["limit"] = limit
    shown = f"{_IN_ORDER} {' AND '.join(conditions)} ORDER BY c.given_name, c.id LIMIT :limit"
    return tx.execute(text(f"WITH shown AS MATERIALIZED ({shown}) {_LISTED}"), facts).all()


def _filters(wanted: Wanted) -> list[str]:
    """What is asked beside the words that were typed; each is a key of a small row."""
    agreed = "EXISTS (SELECT 1 FROM marketing_consent k WHERE k.customer_id = c.id"
    said = {
        "EXISTS (SELECT 1 FROM customer_score z WHERE z.customer_id = c.id AND z.group_key = :group)": wanted.group,
        "EXISTS (SELECT 1 FROM customer_tier t WHERE t.customer_id = c.id AND t.tier = :tier)": wanted.tier,
        "EXISTS (SELECT 1 FROM segment_member m WHERE m.customer_id = c.id AND m.segment_id = :segment)": wanted.segment_id,
        f"NOT {agreed})" if wanted.agrees == NOBODY else f"{agreed} AND k.channel = :channel)": wanted.agrees,
    }
    return [condition for condition, value in said.items() if value is not None]


def _meant(q: str) -> tuple[str, dict[str, Any]]:
    """What was typed, as a condition for an index."""
    if not q:
        return "true", {}
    digits = "".join(q.split()).replace(".", "").replace("-", "")
    if (phone := phone_of(q)) is not None:
        return "c.phone = :phone", {"phone": phone}
    if digits.isascii() and digits.isdigit():
        if len(digits) == MEMBER_DIGITS:
            return "c.member_no = :number", {"number": int(digits)}
        end = "right(c.phone, 4) = :digits" if len(digits) >= SHOWN_LAST else "right(c.phone, 4) LIKE '%' || :digits"
        return end, {"digits": digits[-SHOWN_LAST:]}
    like = q.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    if len(q) < INDEXED_LETTERS:
        starts = ("f_fold(:name_part) || '%'", "'% ' || f_fold(:name_part) || '%'")
        return f"({' OR '.join(f'c.folded_name LIKE {start}' for start in starts)})", {"name_part": like}
    return "c.folded_name LIKE '%' || f_fold(:name_part) || '%'", {"name_part": like}
