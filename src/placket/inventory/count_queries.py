"""Questions about counts: lists, the lines of one and what the books said, zones and counters, how right the books are."""

from collections.abc import Callable, Sequence
from typing import Any, Final, Literal
from uuid import UUID

from sqlalchemy import Row, text
from sqlalchemy.orm import Session

from placket.core.refusals import NotFound
from placket.inventory import count_rules
from placket.inventory.count_models import StockCount

Which = Literal["open", "posted", "all"]
PriceOf = Callable[[UUID], int]
"""What a variant sells for now, in đồng."""

OFFICE: Final = UUID(int=0)
"""The device of whoever counts in the office: no till."""
SEEN = "(CAST(:scope AS uuid[]) IS NULL OR c.location_id = ANY(CAST(:scope AS uuid[])))"

_ROW = """
SELECT c.id, c.number, c.location_id, l.name AS location_name, c.kind, c.state, c.blind, c.chosen, c.recount_vnd, c.note,
       c.planned_for, c.created_at, c.opened_at, c.closed_at, c.approved_at, c.posted_at, c.pieces_expected, c.pieces_off,
       c.off_vnd, m.full_name AS created_by, k.full_name AS asked_by, a.full_name AS approved_by, z.zones, z.zones_done,
       coalesce(t.pieces, 0) AS pieces, coalesce(t.variants, 0) AS variants, n.in_scope, n.booked
  FROM stock_count c
  JOIN location l ON l.id = c.location_id JOIN staff m ON m.id = c.created_by
  LEFT JOIN staff k ON k.id = c.asked_by LEFT JOIN staff a ON a.id = c.approved_by
  JOIN LATERAL (SELECT count(*) AS zones, count(done_at) AS zones_done FROM count_zone WHERE count_id = c.id) z ON true
  JOIN LATERAL (SELECT count(*) FILTER (WHERE in_scope) AS in_scope, count(booked_at) AS booked
                  FROM count_line WHERE count_id = c.id) n ON true
  LEFT JOIN LATERAL (SELECT sum(t.pieces)::int AS pieces, count(DISTINCT t.variant_id) AS variants
                       FROM count_tally t JOIN count_line n USING (count_id, variant_id)
                      WHERE t.count_id = c.id AND t.round = n.round) t ON true
"""

# A variant's figure is what its tallies of the round say, each zone's counters added or chosen from by a merge. It was
# true from the first to the last scan; where nobody counted, while the count was open. What has moved since is taken off
# the balance of now, by the time at which it happened: corrections of the books are not moves of goods and stay in.
_LINES = """
SELECT n.variant_id, v.style_id, v.colour_id, z.position AS size_no, n.in_scope, n.round, n.decision, n.reason,
       n.booked_at, n.unit_vnd, coalesce(f.twice, false) AS twice, f.until,
       CASE WHEN n.booked_at IS NULL THEN f.counted ELSE n.counted END AS counted,
       coalesce(n.expected, coalesce(k.on_hand, 0) - coalesce(g.since, 0))::int AS expected,
       n.booked_at IS NULL AND coalesce(g.within, false) AS moved,
       n.booked_at IS NULL AND coalesce(k.counted_at >= w.until, false) AS superseded,
       coalesce(g.since, 0)::int AS since, v.sku, s.name_vi, s.name_en, c.name_vi AS colour_vi, c.name_en AS colour_en,
       c.hex, z.code AS size
  FROM count_line n
  JOIN stock_count o ON o.id = n.count_id
  JOIN variant v ON v.id = n.variant_id JOIN style s ON s.id = v.style_id
  JOIN colour c ON c.id = v.colour_id JOIN size z ON z.id = v.size_id
  LEFT JOIN LATERAL (      -- line by line over the key: a new count has no statistics that would choose a better plan
       SELECT sum(u.pieces)::int AS counted, min(u.first_at) AS since, max(u.last_at) AS until, bool_or(u.twice) AS twice
         FROM (SELECT t.pieces, t.first_at, t.last_at,
                      m.count_id IS NULL AND count(*) OVER (PARTITION BY t.zone_no) > 1 AS twice
                 FROM count_tally t
                 LEFT JOIN count_merge m ON m.count_id = t.count_id AND m.variant_id = t.variant_id
                                        AND m.round = t.round AND m.zone_no = t.zone_no
                WHERE t.count_id = n.count_id AND t.variant_id = n.variant_id AND t.round = n.round
                  AND (m.staff_id IS NULL OR (m.staff_id, m.device_id) = (t.staff_id, t.device_id))) u) f ON true
  LEFT JOIN stock k ON k.location_id = o.location_id AND k.variant_id = n.variant_id
 CROSS JOIN LATERAL (SELECT coalesce(f.since, o.opened_at) AS since,
                            coalesce(f.until, o.closed_at, 'infinity') AS until) w
  LEFT JOIN LATERAL (
       SELECT sum(b.qty) FILTER (WHERE b.occurred_at > w.until) AS since,
              bool_or(b.occurred_at BETWEEN w.since - :slack AND w.until + :slack) AS within
         FROM stock_ledger b
        WHERE b.location_id = o.location_id AND b.variant_id = n.variant_id AND b.id > o.ledger_from
          AND b.kind <> 'count') g ON n.booked_at IS NULL
 WHERE n.count_id = :count AND (CAST(:only AS uuid[]) IS NULL OR n.variant_id = ANY(CAST(:only AS uuid[])))
 ORDER BY s.code, c.name_vi, z.position
"""


def counts(
    tx: Session, *, which: Which, place_id: UUID | None, scope: Sequence[UUID] | None, before: UUID | None, limit: int
) -> Sequence[Row[Any]]:
    """A page of counts of places where one may look, newest first."""
    return tx.execute(
        text(
            _ROW
            + f" WHERE {SEEN} AND (CAST(:place AS uuid) IS NULL OR c.location_id = :place)"
            + " AND CASE :which WHEN 'open' THEN c.state NOT IN ('posted', 'cancelled')"
            + " WHEN 'posted' THEN c.state = 'posted' ELSE true END"
            + " AND (CAST(:before AS uuid) IS NULL OR c.id < :before) ORDER BY c.id DESC LIMIT :limit"
        ),
        {"which": which, "place": place_id, "scope": listed(scope), "before": before, "limit": limit},
    ).all()


def access_count(tx: Session, *, count_id: UUID, scope: Sequence[UUID] | None) -> Row[Any]:
    """A count, for whoever may look at its place. Refuses ``NotFound``."""
    row = tx.execute(text(f"{_ROW} WHERE c.id = :id AND {SEEN}"), {"id": count_id, "scope": listed(scope)}).one_or_none()
    if row is None:
        raise NotFound
    return row


def line_rows(tx: Session, *, count_id: UUID, only: Sequence[UUID] | None = None) -> Sequence[Row[Any]]:
    """Every line of a count with what was counted and what the books said then; ``only`` some variants."""
    facts = {"count": count_id, "only": listed(only), "slack": count_rules.CLOCKS_DIFFER}
    return tx.execute(text(_LINES), facts).all()


def line_of(row: Row[Any], price_of: PriceOf) -> count_rules.Line:
    """A row of ``line_rows`` as the rules read it."""
    return count_rules.Line(
        variant_id=row.variant_id,
        style_id=row.style_id,
        colour_id=row.colour_id,
        size_no=row.size_no,
        in_scope=row.in_scope,
        round=row.round,
        counted=row.counted,
        expected=row.expected,
        moved=row.moved,
        twice=row.twice,
        superseded=row.superseded,
        decision=row.decision,
        unit_vnd=price_of(row.variant_id) if row.unit_vnd is None else row.unit_vnd,
    )


def lines_of(tx: Session, *, count: StockCount, price_of: PriceOf) -> list[count_rules.Line]:
    """The lines of a count as the rules read them."""
    return [line_of(row, price_of) for row in line_rows(tx, count_id=count.id)]


def zones(tx: Session, *, count_id: UUID) -> Sequence[Row[Any]]:
    """The zones of a count, with what lies in each and who has counted there."""
    return tx.execute(
        text(
            """
            SELECT z.no, z.name, z.done_at, d.full_name AS done_by, coalesce(t.pieces, 0) AS pieces,
                   coalesce(t.variants, 0) AS variants, t.last_at, coalesce(t.counters, '{}') AS counters,
                   coalesce(u.pieces, 0) AS unknown
              FROM count_zone z
              LEFT JOIN staff d ON d.id = z.done_by
              LEFT JOIN (SELECT t.zone_no, sum(t.pieces)::int AS pieces, count(DISTINCT t.variant_id) AS variants,
                                max(t.last_at) AS last_at, array_agg(DISTINCT p.full_name) AS counters
                           FROM count_tally t JOIN staff p ON p.id = t.staff_id
                           JOIN count_line n ON n.count_id = t.count_id AND n.variant_id = t.variant_id
                                            AND n.round = t.round
                          WHERE t.count_id = :count GROUP BY t.zone_no) t ON t.zone_no = z.no
              LEFT JOIN (SELECT zone_no, sum(pieces)::int AS pieces FROM count_unknown
                          WHERE count_id = :count GROUP BY zone_no) u ON u.zone_no = z.no
             WHERE z.count_id = :count ORDER BY z.no
            """
        ),
        {"count": count_id},
    ).all()


def unknown(tx: Session, *, count_id: UUID) -> Sequence[Row[Any]]:
    """Codes that nobody knows, found while counting."""
    query = (
        "SELECT zone_no, code, pieces FROM count_unknown WHERE count_id = :count AND pieces > 0 "
        "ORDER BY zone_no, code LIMIT 200"
    )
    return tx.execute(text(query), {"count": count_id}).all()


def tallies(tx: Session, *, count_id: UUID, variant_ids: Sequence[UUID]) -> Sequence[Row[Any]]:
    """Who counted how many of some variants where, in every round, and what was decided where two did."""
    return tx.execute(
        text(
            """
            SELECT t.variant_id, t.round, t.zone_no, z.name AS zone, t.staff_id, p.full_name AS staff_name, t.device_id,
                   b.code || '-' || i.number AS till_code, t.pieces, t.first_at, t.last_at,
                   m.count_id IS NOT NULL AS merged,
                   coalesce(m.staff_id IS NULL OR (m.staff_id, m.device_id) = (t.staff_id, t.device_id), true) AS holds
              FROM count_tally t
              JOIN count_zone z ON z.count_id = t.count_id AND z.no = t.zone_no
              JOIN staff p ON p.id = t.staff_id
              LEFT JOIN till i ON i.id = t.device_id LEFT JOIN location b ON b.id = i.location_id
              LEFT JOIN count_merge m ON m.count_id = t.count_id AND m.variant_id = t.variant_id AND m.round = t.round
                                     AND m.zone_no = t.zone_no
             WHERE t.count_id = :count AND t.variant_id = ANY(:variants)
             ORDER BY t.variant_id, t.round, t.zone_no, p.full_name
            """
        ),
        {"count": count_id, "variants": list(variant_ids)},
    ).all()


def sheet(tx: Session, *, count_id: UUID, staff_id: UUID, device_id: UUID) -> Sequence[Row[Any]]:
    """What a counter holds of a count: their own tallies of the rounds that hold, and what is to be counted again."""
    return tx.execute(
        text(
            """
            SELECT n.variant_id, n.round, t.zone_no, coalesce(t.pieces, 0) AS pieces,
                   n.round > 1 AND NOT EXISTS (SELECT 1 FROM count_tally o WHERE o.count_id = n.count_id
                                                  AND o.variant_id = n.variant_id AND o.round = n.round) AS again
              FROM count_line n
              LEFT JOIN count_tally t ON t.count_id = n.count_id AND t.variant_id = n.variant_id AND t.round = n.round
                                     AND t.staff_id = :staff AND t.device_id = :device
             WHERE n.count_id = :count AND (t.count_id IS NOT NULL OR n.round > 1)
            """
        ),
        {"count": count_id, "staff": staff_id, "device": device_id},
    ).all()


def accuracy(tx: Session, *, scope: Sequence[UUID] | None, place_id: UUID | None) -> Sequence[Row[Any]]:
    """How far the books of each place were off, by the month in which its counts were booked."""
    return tx.execute(
        text(
            """
            SELECT c.location_id, l.name AS location_name, to_char(c.posted_at AT TIME ZONE 'Asia/Ho_Chi_Minh', 'YYYY-MM')
                   AS month, count(*) AS counts, sum(c.pieces_expected)::int AS expected, sum(c.pieces_off)::int AS off,
                   sum(c.off_vnd)::bigint AS off_vnd
              FROM stock_count c JOIN location l ON l.id = c.location_id
             WHERE c.state = 'posted'
               AND (CAST(:scope AS uuid[]) IS NULL OR c.location_id = ANY(CAST(:scope AS uuid[])))
               AND (CAST(:place AS uuid) IS NULL OR c.location_id = :place)
             GROUP BY c.location_id, l.name, l.position, month ORDER BY l.position, month
            """
        ),
        {"scope": listed(scope), "place": place_id},
    ).all()


def suggestions(tx: Session, *, place_id: UUID) -> Sequence[Row[Any]]:
    """The categories that a place has, those first that should be counted next: least lately counted, most pieces."""
    return tx.execute(
        text(
            """
            SELECT g.id AS category_id, g.name_vi, g.name_en, count(*) AS variants, sum(k.on_hand)::int AS pieces,
                   min(coalesce(k.counted_at, '-infinity')) = '-infinity' AS never,
                   min(k.counted_at) AS counted_at
              FROM stock k
              JOIN variant v ON v.id = k.variant_id JOIN style s ON s.id = v.style_id
              JOIN category g ON g.id = s.category_id
             WHERE k.location_id = :place AND k.on_hand > 0
             GROUP BY g.id ORDER BY never DESC, min(k.counted_at), sum(k.on_hand) DESC LIMIT 60
            """
        ),
        {"place": place_id},
    ).all()


def last_zones(tx: Session, *, place_id: UUID) -> list[str]:
    """The zones of the last count of a place: shops do not move their shelves."""
    query = (
        "SELECT z.name FROM count_zone z WHERE z.count_id = (SELECT id FROM stock_count WHERE location_id = :place "
        "ORDER BY id DESC LIMIT 1) ORDER BY z.no"
    )
    return list(tx.scalars(text(query), {"place": place_id}))


def listed(scope: Sequence[UUID] | None) -> list[UUID] | None:
    """A scope as the driver takes it."""
    return None if scope is None else list(scope)
