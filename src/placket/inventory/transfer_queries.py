"""Questions about transfers: lists, one with its lines, its differences and everything that was done to it."""

from collections.abc import Sequence
from typing import Any, Literal
from uuid import UUID

from sqlalchemy import Row, text
from sqlalchemy.orm import Session

from placket.core.refusals import NotFound

Which = Literal["open", "outgoing", "incoming", "differs", "closed", "all"]

_ROW = """
SELECT t.id, t.code, t.state, t.version, t.from_id, f.name AS from_name, t.to_id, o.name AS to_name, t.note, t.created_at,
       t.shipped_at, t.closed_at, r.full_name AS requested_by, h.full_name AS shipped_by, s.asked, s.picked, s.shipped,
       s.arrived, s.on_the_way,
       (SELECT count(*) FROM exception_log x WHERE x.belongs_to = t.id AND x.state = 'open') AS differences
  FROM transfer t
  JOIN location f ON f.id = t.from_id JOIN location o ON o.id = t.to_id
  JOIN staff r ON r.id = t.requested_by LEFT JOIN staff h ON h.id = t.shipped_by
  JOIN LATERAL (SELECT sum(asked)::int AS asked, sum(picked)::int AS picked, sum(shipped)::int AS shipped,
                       sum(accepted + damaged + extra)::int AS arrived,
                       sum(shipped - accepted - damaged - settled)::int AS on_the_way
                  FROM transfer_line WHERE transfer_id = t.id) s ON true
"""


def transfers(
    tx: Session, *, which: Which, place_id: UUID | None, scope: Sequence[UUID] | None, before: UUID | None, limit: int
) -> Sequence[Row[Any]]:
    """A page of transfers that begin or end where one may look, newest first.

    ``outgoing`` are to be picked at the place, ``incoming`` on their way to it; without a place, anywhere.
    """
    return tx.execute(
        text(
            _ROW
            + """
             WHERE (CAST(:scope AS uuid[]) IS NULL OR t.from_id = ANY(CAST(:scope AS uuid[]))
                    OR t.to_id = ANY(CAST(:scope AS uuid[])))
               AND (CAST(:place AS uuid) IS NULL
                    OR (t.from_id = :place AND :which <> 'incoming') OR (t.to_id = :place AND :which <> 'outgoing'))
               AND CASE :which WHEN 'open' THEN t.state NOT IN ('done', 'cancelled')
                               WHEN 'outgoing' THEN t.state IN ('requested', 'picking')
                               WHEN 'incoming' THEN t.state IN ('in_transit', 'part_received')
                               WHEN 'differs' THEN t.state = 'differs'
                               WHEN 'closed' THEN t.state IN ('done', 'cancelled') ELSE true END
               AND (CAST(:before AS uuid) IS NULL OR t.id < :before)
             ORDER BY t.id DESC LIMIT :limit
            """
        ),
        {
            "which": which,
            "place": place_id,
            "scope": None if scope is None else list(scope),
            "before": before,
            "limit": limit,
        },
    ).all()


def access_transfer(tx: Session, *, transfer_id: UUID | None, code: str | None, scope: Sequence[UUID] | None) -> Row[Any]:
    """A transfer by its id or the code on its boxes, for whoever may look at either end. Refuses ``NotFound``."""
    row = tx.execute(
        text(
            _ROW
            + "WHERE (t.id = :id OR t.code = :code) AND (CAST(:scope AS uuid[]) IS NULL "
            + "OR t.from_id = ANY(CAST(:scope AS uuid[])) OR t.to_id = ANY(CAST(:scope AS uuid[])))"
        ),
        {"id": transfer_id, "code": code, "scope": None if scope is None else list(scope)},
    ).one_or_none()
    if row is None:
        raise NotFound
    return row


def lines(tx: Session, *, transfer_id: UUID) -> Sequence[Row[Any]]:
    """The lines of a transfer by style, colour and size, with what is free at its sender now."""
    return tx.execute(
        text(
            """
            SELECT n.variant_id, v.sku, s.name_vi, s.name_en, c.name_vi AS colour_vi, c.name_en AS colour_en, z.code AS size,
                   (SELECT '/media/' || p.sha256 FROM picture p WHERE p.style_id = s.id
                     ORDER BY p.colour_id IS DISTINCT FROM v.colour_id, p.position LIMIT 1) AS picture,
                   n.asked, n.picked, n.shipped, n.accepted, n.damaged, n.settled, n.extra,
                   n.shipped - n.accepted - n.damaged - n.settled AS on_the_way,
                   greatest(0, coalesce(k.on_hand - k.promised, 0)) AS free
              FROM transfer_line n
              JOIN transfer t ON t.id = n.transfer_id
              JOIN variant v ON v.id = n.variant_id JOIN style s ON s.id = v.style_id
              JOIN colour c ON c.id = v.colour_id JOIN size z ON z.id = v.size_id
              LEFT JOIN stock k ON k.location_id = t.from_id AND k.variant_id = n.variant_id
             WHERE n.transfer_id = :transfer
             ORDER BY s.code, c.name_vi, z.position
            """
        ),
        {"transfer": transfer_id},
    ).all()


def differences(tx: Session, *, transfer_id: UUID) -> Sequence[Row[Any]]:
    """What differed on arrival, open ones first, with who has to explain it by when and what came out."""
    return tx.execute(
        text(
            """
            SELECT x.id, x.kind, x.state, x.qty, x.variant_id, v.sku, s.name_vi, s.name_en, x.owner_id,
                   p.full_name AS owner_name, x.due_on, x.opened_at, x.closed_at,
                   coalesce(x.refs -> 'outcomes', '[]'::jsonb) AS outcomes
              FROM exception_log x
              JOIN variant v ON v.id = x.variant_id JOIN style s ON s.id = v.style_id
              LEFT JOIN staff p ON p.id = x.owner_id
             WHERE x.belongs_to = :transfer
             ORDER BY x.state DESC, x.opened_at, x.id
            """
        ),
        {"transfer": transfer_id},
    ).all()


def acts(tx: Session, *, transfer_id: UUID) -> Sequence[Row[Any]]:
    """Everything that was done to a transfer, in order: who, where, how many pieces."""
    return tx.execute(
        text(
            """
            SELECT a.id, a.act, a.at, p.full_name AS staff_name, b.code || '-' || t.number AS till_code,
                   (SELECT coalesce(sum(coalesce((e ->> 'qty')::int, 0) + coalesce((e ->> 'good')::int, 0)
                                        + coalesce((e ->> 'damaged')::int, 0)), 0)::int
                      FROM jsonb_array_elements(a.lines) e) AS pieces
              FROM transfer_act a
              LEFT JOIN staff p ON p.id = a.staff_id
              LEFT JOIN till t ON t.id = a.till_id LEFT JOIN location b ON b.id = t.location_id
             WHERE a.transfer_id = :transfer
             ORDER BY a.at, a.id
            """
        ),
        {"transfer": transfer_id},
    ).all()
