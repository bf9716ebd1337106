"""Planning how points are earned and spent, and what a tier takes: rules that hold from a day on.

What a day has sold keeps the rules of that day, so none that has begun is changed (docs/rules/loyalty.md).
"""

import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta
from itertools import pairwise
from typing import Final
from uuid import UUID

from sqlalchemy import delete, insert, text
from sqlalchemy.orm import Session

from placket.core.clock import business_day
from placket.core.refusals import NotFound, Refusal
from placket.crm.loyalty_models import LoyaltyRule
from placket.crm.rules import Terms, TierTerms
from placket.crm.score_models import TierRule

KEY_MAX: Final = 30


class TermsBegun(Refusal):
    """Rules begin tomorrow at the earliest: what holds is not rewritten."""

    code = "terms_begun"
    vi = "Quy định chỉ có hiệu lực từ ngày mai trở đi; quy định đang áp dụng không sửa được, hãy lập quy định mới."
    en = "Rules begin tomorrow at the earliest; those in force are not changed, plan new ones."


class TiersNotInOrder(Refusal):
    """The first tier asks for nothing, and each after it for more than the one before; no two have one name."""

    code = "tiers_not_in_order"
    status = 422
    vi = "Hạng đầu tiên từ 0 ₫, mỗi hạng sau phải cao hơn hạng trước, và không trùng tên."
    en = "The first tier begins at 0 ₫, each after it above the one before, and no two have the same name."


class TierInUse(Refusal):
    """A promotion or a segment asks for a tier that would be no more."""

    code = "tier_in_use"
    vi = "Hạng “{tier}” đang được “{name}” dùng. Gỡ khỏi đó trước."
    en = "“{name}” asks for the tier “{tier}”. Take it out there first."


class PointsNeverLive(Refusal):
    """Points would expire before they can be spent."""

    code = "points_never_live"
    status = 422
    vi = "Điểm phải dùng được trước khi hết hạn: số ngày hết hạn phải lớn hơn số ngày chờ."
    en = "Points must be good before they expire: more days until they expire than they are pending."


@dataclass(frozen=True, slots=True)
class TierWish:
    """A tier as somebody has written it; without a key it is a new one."""

    tier: str | None
    name_vi: str
    name_en: str
    spend_vnd_min: int


def earliest(on: date) -> date:
    """The first day on which new rules may hold."""
    return on + timedelta(days=1)


def ordered(wishes: Sequence[TierWish]) -> list[TierTerms]:
    """A set of tiers as it would be kept, new ones with keys. Refuses ``TiersNotInOrder``."""
    names = [(" ".join(one.name_vi.split()), " ".join(one.name_en.split())) for one in wishes]
    floors = [one.spend_vnd_min for one in wishes]
    taken = {one.tier for one in wishes if one.tier is not None}
    in_order = floors[0] == 0 and all(low < high for low, high in pairwise(floors))
    named_once = all(len({pair[place].lower() for pair in names}) == len(names) for place in (0, 1))
    if not in_order or not named_once or len(taken) != sum(one.tier is not None for one in wishes):
        raise TiersNotInOrder
    made = []
    for one, (vi, en) in zip(wishes, names, strict=True):
        key = one.tier or _new_key(en, taken)
        taken.add(key)
        made.append(TierTerms(key, vi, en, one.spend_vnd_min))
    return made


def write_tiers(tx: Session, *, valid_from: date, wishes: Sequence[TierWish], by: UUID, now: datetime) -> list[TierTerms]:
    """Let a set of tiers hold from a day on; one planned for that day gives way.

    Refuses ``TermsBegun``, ``TiersNotInOrder``, ``TierInUse``.
    """
    _demand_future(valid_from, now)
    tiers = ordered(wishes)
    # Two who plan for one day come one after the other; who reads is not in the way.
    tx.execute(text("LOCK TABLE tier_rule IN SHARE ROW EXCLUSIVE MODE"))
    asked = tx.execute(text(_ASKED_FOR), {"kept": [one.tier for one in tiers]}).first()
    if asked is not None:
        raise TierInUse(tier=asked.tier_name, name=asked.name)
    tx.execute(delete(TierRule).where(TierRule.valid_from == valid_from))
    signed = {"valid_from": valid_from, "written_by": by, "written_at": now}
    tx.execute(insert(TierRule), [asdict(one) | signed | {"rank": rank} for rank, one in enumerate(tiers)])
    return tiers


def drop_tiers(tx: Session, *, valid_from: date, now: datetime) -> None:
    """Take a planned set back. Refuses ``NotFound``, ``TermsBegun``."""
    _demand_future(valid_from, now)
    if not tx.scalars(delete(TierRule).where(TierRule.valid_from == valid_from).returning(TierRule.tier)).all():
        raise NotFound


def write_points(tx: Session, *, valid_from: date, terms: Terms, by: UUID, now: datetime) -> None:
    """Let a rule of points hold from a day on; one planned for that day gives way.

    Refuses ``TermsBegun``, ``PointsNeverLive``.
    """
    _demand_future(valid_from, now)
    if terms.expire_days <= terms.pending_days:
        raise PointsNeverLive
    tx.execute(text("LOCK TABLE loyalty_rule IN SHARE ROW EXCLUSIVE MODE"))
    tx.execute(delete(LoyaltyRule).where(LoyaltyRule.valid_from == valid_from))
    tx.execute(insert(LoyaltyRule).values(valid_from=valid_from, written_by=by, written_at=now, **asdict(terms)))


def drop_points(tx: Session, *, valid_from: date, now: datetime) -> None:
    """Take a planned rule of points back. Refuses ``NotFound``, ``TermsBegun``."""
    _demand_future(valid_from, now)
    known = tx.get(LoyaltyRule, valid_from)
    if known is None:
        raise NotFound
    tx.delete(known)


# Which promotions and segments ask for tiers that a set would not have.
_ASKED_FOR: Final = """
SELECT coalesce(r.name_vi, asked.tier) AS tier_name, asked.name
  FROM (SELECT p.name_vi AS name, jsonb_path_query(t.terms, '$.who.tiers[*]') #>> '{}' AS tier
          FROM promotion p
          LEFT JOIN promotion_version v ON v.promotion_id = p.id AND v.version = p.version
         CROSS JOIN LATERAL (VALUES (p.terms), (v.terms)) t(terms)
         WHERE p.state <> 'stopped'
        UNION ALL
        SELECT g.name, jsonb_path_query(g.terms, '$.** ? (@.kind == "tier").any_of[*]') #>> '{}'
          FROM segment g WHERE g.state = 'live') asked
  LEFT JOIN tier_rule r ON r.tier = asked.tier
       AND r.valid_from = (SELECT max(valid_from) FROM tier_rule k WHERE k.tier = asked.tier)
 WHERE asked.tier <> ALL(CAST(:kept AS text[])) ORDER BY asked.tier, asked.name LIMIT 1
"""


def _demand_future(valid_from: date, now: datetime) -> None:
    if valid_from < earliest(business_day(now)):
        raise TermsBegun


def _new_key(name: str, taken: set[str]) -> str:
    """A key for a new tier: its English name in letters and digits, and a number if it is taken."""
    stem = re.sub(r"[^a-z0-9]+", "_", name.lower()).strip("_")[: KEY_MAX - 3]
    stem = stem if stem[:1].isalpha() else f"tier_{stem}".rstrip("_")[:KEY_MAX]
    return next(key for key in (stem, *(f"{stem}_{no}" for no in range(2, 100))) if key not in taken)
