"""Questions about promotions: the list, one of them with its history, who holds which book, what a customer has had."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from placket.core.refusals import NotFound
from placket.promotions.models import PromotionDraft
from placket.promotions.refusals import UnknownVoucher

LIST = text(
    """
    SELECT p.id, p.name_vi, p.name_en, p.state, p.version, p.row_version, p.terms, p.limits, p.created_at, p.changed_at,
           v.terms IS DISTINCT FROM p.terms OR v.limits IS DISTINCT FROM p.limits AS unpublished,
           v.terms AS live_terms,
           coalesce(u.sales, 0) AS sales, coalesce(u.pieces, 0) AS pieces, coalesce(u.amount_vnd, 0) AS amount_vnd,
           l.uses_max, l.uses, l.pieces_max, l.pieces AS pieces_used, l.budget_vnd, l.spent_vnd
      FROM promotion p
      LEFT JOIN promotion_version v ON v.promotion_id = p.id AND v.version = p.version
      LEFT JOIN promotion_limit l ON l.promotion_id = p.id
      LEFT JOIN (SELECT promotion_id, count(*) AS sales, sum(pieces) AS pieces, sum(amount_vnd) AS amount_vnd
                   FROM promotion_use GROUP BY promotion_id) u ON u.promotion_id = p.id
     ORDER BY p.changed_at DESC, p.id
     LIMIT :limit
    """
)

VERSIONS = text(
    """
    SELECT v.version, v.name_vi, v.name_en, v.terms, v.limits, v.published_at, s.full_name AS published_by
      FROM promotion_version v JOIN staff s ON s.id = v.published_by
     WHERE v.promotion_id = :promotion_id
     ORDER BY v.version DESC
    """
)

TILLS = text(
    """
    SELECT t.id AS till_id, l.code || '-' || t.number AS code, l.id AS location_id, l.name AS location_name, l.city,
           h.promo_version, h.skipped, h.at, t.status,
           EXISTS (SELECT 1 FROM till_opening o WHERE o.till_id = t.id AND o.state = 'attached') AS attached
      FROM till t
      JOIN location l ON l.id = t.location_id
      LEFT JOIN promotion_heard h ON h.till_id = t.id
     WHERE t.status = 'active' AND t.token_hash IS NOT NULL
     ORDER BY l.position, t.number
    """
)


BATCHES = text(
    """
    SELECT b.id, b.promotion_id, b.name, b.kind, b.starts_at, b.ends_at, b.created_at, s.full_name AS created_by,
           p.name_vi, p.name_en, p.state AS promotion_state, v.total, v.issued, v.held, v.redeemed, v.blocked,
           coalesce(u.amount_vnd, 0) AS amount_vnd
      FROM voucher_batch b
      JOIN promotion p ON p.id = b.promotion_id
      JOIN staff s ON s.id = b.created_by
     CROSS JOIN LATERAL (
           SELECT count(*) AS total, count(*) FILTER (WHERE state = 'issued') AS issued,
                  count(*) FILTER (WHERE state = 'held') AS held, count(*) FILTER (WHERE state = 'redeemed') AS redeemed,
                  count(*) FILTER (WHERE state = 'blocked') AS blocked
             FROM voucher WHERE batch_id = b.id) v
      LEFT JOIN LATERAL (
           SELECT sum(x.amount_vnd)::bigint AS amount_vnd
             FROM voucher r JOIN promotion_use x ON x.sale_id = r.sale_id AND x.promotion_id = b.promotion_id
            WHERE r.batch_id = b.id) u ON true
     ORDER BY b.created_at DESC, b.id
     LIMIT :limit
    """
)

VOUCHER = text(
    """
    SELECT v.id, v.code, v.state, b.id AS batch_id, b.name AS batch_name, b.kind, b.promotion_id, b.starts_at, b.ends_at,
           p.name_vi, p.name_en, v.customer_id, c.full_name AS customer_name
      FROM voucher v
      JOIN voucher_batch b ON b.id = v.batch_id
      JOIN promotion p ON p.id = b.promotion_id
      LEFT JOIN customer c ON c.id = v.customer_id
     WHERE v.code = :code
    """
)

ENTRIES = text(
    """
    SELECT e.kind, e.at, a.full_name AS actor, e.sale_id, s.receipt_code, l.name AS location_name
      FROM voucher_entry e
      LEFT JOIN staff a ON a.id = e.actor_id
      LEFT JOIN sale s ON s.id = e.sale_id
      LEFT JOIN location l ON l.id = s.location_id
     WHERE e.voucher_id = :voucher_id
     ORDER BY e.id
    """
)


def promotions(tx: Session, *, limit: int = 500) -> list[Mapping[str, Any]]:
    """Every promotion with what it has given so far, the last changed first."""
    return [dict(row) for row in tx.execute(LIST, {"limit": limit}).mappings()]


def promotion(tx: Session, promotion_id: UUID) -> dict[str, Any]:
    """One promotion with its versions. Refuses ``NotFound``."""
    draft = tx.get(PromotionDraft, promotion_id)
    if draft is None:
        raise NotFound
    row = next(row for row in promotions(tx, limit=100_000) if row["id"] == promotion_id)
    return {**row, "versions": [dict(each) for each in tx.execute(VERSIONS, {"promotion_id": promotion_id}).mappings()]}


def tills(tx: Session) -> list[Mapping[str, Any]]:
    """Which book every paired till holds, by its own word."""
    return [dict(row) for row in tx.execute(TILLS).mappings()]


def batches(tx: Session, *, limit: int = 200) -> list[Mapping[str, Any]]:
    """What vouchers were issued, the newest first, and what became of them."""
    return [dict(row) for row in tx.execute(BATCHES, {"limit": limit}).mappings()]


def voucher(tx: Session, code: str) -> dict[str, Any]:
    """A voucher with its ledger. Refuses ``UnknownVoucher``."""
    row = tx.execute(VOUCHER, {"code": code}).mappings().one_or_none()
    if row is None:
        raise UnknownVoucher(code=code)
    return {**row, "entries": [dict(each) for each in tx.execute(ENTRIES, {"voucher_id": row["id"]}).mappings()]}


def had_by(tx: Session, customer_id: UUID) -> dict[str, tuple[int, int]]:
    """How many uses and pieces of each promotion with limits a person has had, under every id that stands for them."""
    rows = tx.execute(
        text(
            """
            SELECT u.promotion_id, sum(u.uses) AS uses, sum(u.pieces) AS pieces
              FROM promotion_use u JOIN promotion_limit l USING (promotion_id)
             WHERE u.customer_id IN (SELECT k.id FROM (SELECT coalesce(c.merged_into, c.id) AS id FROM customer c
                                                        WHERE c.id = :customer_id) person
                                       JOIN customer k ON k.id = person.id OR k.merged_into = person.id)
               AND (l.uses_a_customer IS NOT NULL OR l.pieces_a_customer IS NOT NULL)
             GROUP BY u.promotion_id
            """
        ),
        {"customer_id": customer_id},
    )
    return {str(row.promotion_id): (int(row.uses), int(row.pieces)) for row in rows}


def names(tx: Session, promotion_ids: list[UUID]) -> dict[UUID, str]:
    """What promotions are called in Vietnamese."""
    rows = tx.execute(select(PromotionDraft.id, PromotionDraft.name_vi).where(PromotionDraft.id.in_(promotion_ids)))
    return {row.id: row.name_vi for row in rows}
