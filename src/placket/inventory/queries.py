"""Questions about stock. Balances are the whole chain's: every staff device may see where goods are."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Row, text
from sqlalchemy.orm import Session

from placket.inventory.places import places
from placket.inventory.rules import is_open

ELSEWHERE_MAX = 5
# A till beats every five seconds; after this long without one it is shown as silent.
SILENT_AFTER: Final = timedelta(seconds=12)


@dataclass(frozen=True, slots=True)
class Reach:
    """Whether a branch can answer a question now, and if not, since when it is silent."""

    location_id: UUID
    reachable: bool
    silent_since: datetime | None


def reach(tx: Session, *, now: datetime) -> list[Reach]:
    """How every branch can be reached: by all its attached tills, or by none needed while it is closed."""
    rows = tx.execute(
        text(
            """
            SELECT l.id, l.opening_hours, count(o.till_id) AS attached,
                   min(t.last_seen_at) FILTER (WHERE o.till_id IS NOT NULL) AS eldest, max(t.last_seen_at) AS latest
              FROM location l
              LEFT JOIN till t ON t.location_id = l.id AND t.status = 'active'
              LEFT JOIN till_opening o ON o.till_id = t.id AND o.state = 'attached'
             WHERE l.kind = 'branch' AND l.status = 'active'
             GROUP BY l.id ORDER BY l.position
            """
        )
    ).all()
    found = []
    for row in rows:
        silent = row.eldest is None or row.eldest < now - SILENT_AFTER if row.attached else is_open(row.opening_hours, now)
        found.append(Reach(row.id, not silent, (row.eldest if row.attached else row.latest) if silent else None))
    return found


def elsewhere(tx: Session, *, variant_ids: Sequence[UUID], than: UUID) -> dict[UUID, list[dict[str, Any]]]:
    """Where else some variants are free, the same city first, then where most are left; at most five places each."""
    city = places.city_of(than)
    rows = tx.execute(
        text(
            """
            SELECT s.variant_id, s.location_id, l.name, l.kind, s.on_hand - s.promised - s.asked AS free
              FROM stock s JOIN location l ON l.id = s.location_id
             WHERE s.variant_id = ANY(:variants) AND s.location_id <> :than AND l.status = 'active'
               AND s.on_hand - s.promised - s.asked > 0
             ORDER BY l.city <> :city, free DESC, l.position
            """
        ),
        {"variants": list(variant_ids), "than": than, "city": city or ""},
    ).all()
    found: dict[UUID, list[dict[str, Any]]] = {}
    for row in rows:
        there = found.setdefault(row.variant_id, [])
        if len(there) < ELSEWHERE_MAX:
            there.append({"location_id": str(row.location_id), "name": row.name, "kind": row.kind, "free": row.free})
    return found


@dataclass(frozen=True, slots=True)
class Servant:
    """A place that could promise some variants now: its city, and what it has free of each without a doubt."""

    location_id: UUID
    name: str
    kind: str
    city: str
    position: int
    free: dict[UUID, int]


def servants(tx: Session, *, variant_ids: Sequence[UUID], now: datetime) -> list[Servant]:
    """The places that could promise any of these variants: depots, branches whose tills answer, branches that are closed.

    For whom to ask first; the asking decides.
    """
    rows = tx.execute(
        text(
            """
            SELECT l.id, l.name, l.kind, l.city, l.position, s.variant_id, s.on_hand - s.promised - s.asked AS free
              FROM stock s JOIN location l ON l.id = s.location_id
             WHERE s.variant_id = ANY(:variants) AND l.status = 'active' AND s.on_hand - s.promised - s.asked > 0
               AND NOT EXISTS (SELECT 1 FROM stock_doubt d
                                WHERE d.location_id = s.location_id AND d.closed_at IS NULL
                                  AND (d.variant_id IS NULL OR d.variant_id = s.variant_id))
               AND NOT EXISTS (SELECT 1 FROM till_return t WHERE t.location_id = l.id AND t.returned_at IS NULL)
             ORDER BY l.position, s.variant_id
            """
        ),
        {"variants": list(variant_ids)},
    ).all()
    silent = {branch.location_id for branch in reach(tx, now=now) if not branch.reachable}
    found: dict[UUID, Servant] = {}
    for row in rows:
        if row.id not in silent:
            place = found.setdefault(row.id, Servant(row.id, row.name, row.kind, row.city, row.position, {}))
            place.free[row.variant_id] = row.free
    return list(found.values())


def event_position(tx: Session) -> str:
    """The cursor from which the event stream continues what this very transaction sees (a REPEATABLE READ one)."""
    row = tx.execute(
        text("SELECT (SELECT incarnation FROM company) AS incarnation, pg_current_snapshot()::text AS snapshot")
    ).one()
    return f"{row.incarnation}/{row.snapshot}"


def balances(tx: Session, *, location_id: UUID) -> Sequence[Row[Any]]:
    """Every balance of a location."""
    return tx.execute(
        text("SELECT variant_id, on_hand, promised, asked, short, version FROM stock WHERE location_id = :location"),
        {"location": location_id},
    ).all()


def balances_of(tx: Session, *, variant_ids: Sequence[UUID]) -> Sequence[Row[Any]]:
    """The balances of some variants everywhere."""
    return tx.execute(
        text(
            "SELECT location_id, variant_id, on_hand, promised, asked, short, version FROM stock "
            "WHERE variant_id = ANY(:variants)"
        ),
        {"variants": list(variant_ids)},
    ).all()


def matrix_styles(
    tx: Session,
    *,
    q: str | None,
    category_id: UUID | None,
    season_id: UUID | None,
    only: str,
    after: str | None,
    limit: int,
) -> Sequence[Row[Any]]:
    """A page of styles for the matrix, by code; ``only`` low (some branch has 1 or 2 left) or zero (some has none)."""
    return tx.execute(
        text(
            """
            SELECT s.id, s.code, s.name_vi, s.name_en,
                   (SELECT p.sha256 FROM picture p WHERE p.style_id = s.id ORDER BY p.position LIMIT 1) AS picture
              FROM style s
             WHERE s.status = 'active' AND (CAST(:after AS text) IS NULL OR s.code > :after)
               AND (CAST(:category AS uuid) IS NULL OR s.category_id = :category)
               AND (CAST(:season AS uuid) IS NULL OR s.season_id = :season)
               AND (CAST(:q AS text) IS NULL OR EXISTS (
                     SELECT 1 FROM variant v LEFT JOIN barcode b ON b.variant_id = v.id
                      WHERE v.style_id = s.id AND (f_fold(v.search_text) LIKE ALL (
                              SELECT '%' || word || '%' FROM unnest(string_to_array(f_fold(:q), ' ')) AS word
                               WHERE word <> '')
                         OR b.code = :q OR v.sku = upper(:q))))
               AND (:only = 'all' OR EXISTS (
                     SELECT 1 FROM variant v JOIN stock k ON k.variant_id = v.id
                       JOIN location l ON l.id = k.location_id AND l.kind = 'branch'
                      WHERE v.style_id = s.id
                        AND CASE :only WHEN 'zero' THEN k.on_hand - k.promised <= 0
                                       ELSE k.on_hand - k.promised BETWEEN 1 AND 2 END))
             ORDER BY s.code LIMIT :limit
            """
        ),
        {"q": _words(q), "category": category_id, "season": season_id, "only": only, "after": after, "limit": limit},
    ).all()


def variants_of(tx: Session, *, style_ids: Sequence[UUID]) -> Sequence[Row[Any]]:
    """The variants of some styles, by colour and size."""
    return tx.execute(
        text(
            """
            SELECT v.id, v.style_id, v.sku, c.code AS colour_code, c.name_vi AS colour_vi, c.name_en AS colour_en, c.hex,
                   z.code AS size, z.position
              FROM variant v JOIN colour c ON c.id = v.colour_id JOIN size z ON z.id = v.size_id
             WHERE v.style_id = ANY(:styles) AND v.status = 'active'
             ORDER BY v.style_id, c.name_vi, z.position
            """
        ),
        {"styles": list(style_ids)},
    ).all()


def style_of(tx: Session, *, style_id: UUID) -> Row[Any] | None:
    """A style's face."""
    return tx.execute(
        text(
            "SELECT s.id, s.code, s.name_vi, s.name_en, (SELECT p.sha256 FROM picture p WHERE p.style_id = s.id "
            "ORDER BY p.position LIMIT 1) AS picture FROM style s WHERE s.id = :style"
        ),
        {"style": style_id},
    ).one_or_none()


def style_of_variant(tx: Session, *, variant_id: UUID) -> UUID | None:
    """The style a variant belongs to."""
    style_id = tx.scalar(text("SELECT style_id FROM variant WHERE id = :variant"), {"variant": variant_id})
    return UUID(str(style_id)) if style_id is not None else None


def ledger(
    tx: Session,
    *,
    variant_id: UUID,
    location_id: UUID | None,
    scope: Sequence[UUID] | None,
    before_id: int | None,
    limit: int,
) -> Sequence[Row[Any]]:
    """The moves of a variant, newest first, each with the balance of its location before and after it.

    The balance after a move is today's balance less everything that came later, so the answer needs no stored running
    total and reads only the rows of one variant.
    """
    return tx.execute(
        text(
            """
            SELECT * FROM (
                SELECT g.id, g.occurred_at AS at, g.recorded_at, g.location_id, l.name AS location_name, g.qty, g.kind,
                       g.ref, s.receipt_code, d.reason, n.id AS transfer_id, n.code AS transfer_code,
                       c.number AS count_number, p.full_name AS staff_name,
                       b.code || '-' || t.number AS till_code,
                       k.on_hand - coalesce(sum(g.qty) OVER (PARTITION BY g.location_id ORDER BY g.id DESC
                           ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), 0) AS after
                  FROM stock_ledger g
                  JOIN stock k ON k.location_id = g.location_id AND k.variant_id = g.variant_id
                  JOIN location l ON l.id = g.location_id
                  LEFT JOIN sale s ON s.id = g.ref
                  LEFT JOIN stock_document d ON d.id = g.ref
                  LEFT JOIN transfer n ON n.id = d.belongs_to
                  LEFT JOIN stock_count c ON c.id = g.ref
                  LEFT JOIN staff p ON p.id = g.staff_id
                  LEFT JOIN till t ON t.id = g.till_id LEFT JOIN location b ON b.id = t.location_id
                 WHERE g.variant_id = :variant
                   AND (CAST(:location AS uuid) IS NULL OR g.location_id = :location)
                   AND (CAST(:scope AS uuid[]) IS NULL OR g.location_id = ANY(CAST(:scope AS uuid[])))) moves
             WHERE CAST(:before AS bigint) IS NULL OR id < :before
             ORDER BY id DESC LIMIT :limit
            """
        ),
        {
            "variant": variant_id,
            "location": location_id,
            "scope": None if scope is None else list(scope),
            "before": before_id,
            "limit": limit,
        },
    ).all()


def _words(q: str | None) -> str | None:
    """What was typed, with LIKE's own signs taken literally."""
    if q is None or not q.strip():
        return None
    return q.strip().replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
