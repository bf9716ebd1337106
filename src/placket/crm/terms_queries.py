"""Questions about the rules of points and tiers: what held, holds and will hold, and what other rules would come to."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any, Final

import msgspec
from sqlalchemy import Row, text
from sqlalchemy.orm import Session

from placket.crm import score_queries
from placket.crm.queries import terms_on
from placket.crm.rules import Terms, TierMove, TierPreview, TierTerms, tier_preview

Rows = Sequence[Row[Any]]
YEAR_DAYS: Final = 365


def points_rules(tx: Session, on: date) -> Rows:
    """Every rule of points, the latest first; ``state`` says whether it holds, is planned, or was replaced."""
    return tx.execute(
        text(
            """
            SELECT r.valid_from, w.full_name AS written_by_name, r.written_at,
                   r.earn_per_vnd, r.point_vnd, r.pending_days, r.expire_days, r.spend_points_min, r.spend_share_bp_max,
                   CASE WHEN r.valid_from > :on THEN 'planned'
                        WHEN r.valid_from = (SELECT max(valid_from) FROM loyalty_rule
                                              WHERE valid_from <= :on) THEN 'in_force'
                        ELSE 'replaced' END AS state
              FROM loyalty_rule r LEFT JOIN staff w ON w.id = r.written_by ORDER BY r.valid_from DESC
            """
        ),
        {"on": on},
    ).all()


def tier_sets(tx: Session, on: date) -> Rows:
    """Every set of tiers, the latest first, each from its lowest."""
    return tx.execute(
        text(
            """
            SELECT r.valid_from, max(w.full_name) AS written_by_name, max(r.written_at) AS written_at,
                   jsonb_agg(jsonb_build_object('tier', r.tier, 'name_vi', r.name_vi, 'name_en', r.name_en,
                                                'spend_vnd_min', r.spend_vnd_min) ORDER BY r.rank) AS tiers,
                   CASE WHEN r.valid_from > :on THEN 'planned'
                        WHEN r.valid_from = (SELECT max(valid_from) FROM tier_rule WHERE valid_from <= :on) THEN 'in_force'
                        ELSE 'replaced' END AS state
              FROM tier_rule r LEFT JOIN staff w ON w.id = r.written_by GROUP BY r.valid_from ORDER BY r.valid_from DESC
            """
        ),
        {"on": on},
    ).all()


def tiers_previewed(tx: Session, tiers: Sequence[TierTerms], *, on: date) -> TierPreview:
    """What a set of tiers would come to if it held today, by the routine that keeps the tiers; nothing is kept."""
    rows = [asdict(one) | {"rank": rank, "valid_from": on.isoformat()} for rank, one in enumerate(tiers)]
    asked = {"on": on, "rules": msgspec.json.encode(rows).decode()}
    tx.execute(text("SELECT sum_for_tiers(NULL, :on)"), asked)
    moves = tx.execute(
        text(
            """
            SELECT d.old AS from_tier, CASE WHEN d.anew THEN d.earned ELSE d.old END AS to_tier, count(*) AS people
              FROM tiers_by(NULL, :on, ARRAY(
                       SELECT r FROM jsonb_populate_recordset(NULL::tier_rule, CAST(:rules AS jsonb)) r)) d
             GROUP BY 1, 2 ORDER BY 3 DESC, 1, 2
            """
        ),
        asked,
    )
    before = [TierTerms(row.tier, row.name_vi, row.name_en, row.spend_vnd_min) for row in score_queries.tiers(tx, on)]
    return tier_preview(before, tiers, [TierMove(**row._asdict()) for row in moves])


@dataclass(frozen=True, slots=True)
class PointsYear:
    """What members bought within a year, and the points of it by two rules."""

    sales: int
    goods_vnd: int
    now_points: int
    then_points: int
    now_vnd: int
    then_vnd: int


def points_previewed(tx: Session, terms: Terms, *, on: date) -> PointsYear:
    """The points of last year's sales by the rule in force and by another. What came back later is not taken off."""
    held = terms_on(tx, on)
    per_now, worth_now = (0, 0) if held is None else (held.earn_per_vnd, held.point_vnd)
    row = tx.execute(
        text(
            """
            SELECT count(*) AS sales, coalesce(sum(g.vnd), 0)::bigint AS goods_vnd,
                   coalesce(sum(g.vnd / nullif(CAST(:per_now AS bigint), 0)), 0)::bigint AS now_points,
                   coalesce(sum(g.vnd / CAST(:per_then AS bigint)), 0)::bigint AS then_points
              FROM sale s
              LEFT JOIN customer c ON c.id = s.customer_id AND c.merged_into IS NOT NULL
              JOIN customer_account a ON a.customer_id = coalesce(c.merged_into, s.customer_id) AND a.earns
              -- The goods are what a sale comes to without what it takes back; lines that do are few, and an index.
              LEFT JOIN (SELECT l.sale_id, sum(l.total_vnd)::bigint AS vnd FROM sale_line l
                          WHERE l.returns_sale_id IS NOT NULL GROUP BY l.sale_id) b ON b.sale_id = s.id
             CROSS JOIN LATERAL (SELECT s.total_vnd - coalesce(b.vnd, 0) AS vnd) g
             WHERE s.state = 'posted' AND s.sold_on > CAST(:on AS date) - CAST(:days AS int) AND s.sold_on <= :on
               AND g.vnd > 0
            """
        ),
        {"per_now": per_now, "per_then": terms.earn_per_vnd, "on": on, "days": YEAR_DAYS},
    ).one()
    return PointsYear(**row._asdict(), now_vnd=row.now_points * worth_now, then_vnd=row.then_points * terms.point_vnd)
