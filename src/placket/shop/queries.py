"""Questions of the shop window: the goods on show, what is free where, and the branches with their hours."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, text
from sqlalchemy.orm import Session

from placket.shop.models import ShopStory

Rows = Sequence[Row[Any]]


@dataclass(frozen=True, slots=True)
class Branch:
    """A branch as shoppers are told of it."""

    id: UUID
    code: str
    name: str
    city: str
    address: str | None
    phone: str | None
    opening_hours: dict[str, str]


def versions(tx: Session) -> tuple[int, int]:
    """The versions of catalogue and prices."""
    row = tx.execute(text("SELECT catalogue_version, price_version FROM catalogue_state")).one()
    return row.catalogue_version, row.price_version


def categories(tx: Session) -> Rows:
    """The categories with goods on show, in the shop's order."""
    return tx.execute(
        text(
            "SELECT c.id, c.slug, c.name_vi, c.name_en FROM category c "
            "WHERE EXISTS (SELECT 1 FROM style s WHERE s.category_id = c.id AND s.status = 'active') "
            "ORDER BY c.position, c.slug"
        )
    ).all()


def designs(tx: Session) -> Rows:
    """The styles on show, the newest first, with their pictures as (colour code or none, address)."""
    return tx.execute(
        text(
            """
            SELECT s.id, s.code, s.name_vi, s.name_en, s.description_vi, s.material, c.slug AS category, s.tags,
                   season.code AS season, s.created_at,
                   coalesce((SELECT json_agg(json_build_array(o.code, p.sha256) ORDER BY p.position)
                               FROM picture p LEFT JOIN colour o ON o.id = p.colour_id
                              WHERE p.style_id = s.id), '[]') AS pictures
              FROM style s JOIN category c ON c.id = s.category_id LEFT JOIN season ON season.id = s.season_id
             WHERE s.status = 'active'
             ORDER BY s.created_at DESC, s.code
            """
        )
    ).all()


def pieces(tx: Session) -> Rows:
    """The variants on show, by style, in the order of their colours' pictures and of their sizes."""
    return tx.execute(
        text(
            """
            SELECT v.id, v.style_id, v.sku, o.code AS colour, o.name_vi, o.name_en, o.hex, z.code AS size,
                   z.position
              FROM variant v
              JOIN style s ON s.id = v.style_id
              JOIN colour o ON o.id = v.colour_id
              JOIN size z ON z.id = v.size_id
             WHERE v.status = 'active' AND s.status = 'active'
             ORDER BY v.style_id, o.code, z.position
            """
        )
    ).all()


def all_free(tx: Session) -> Rows:
    """What is free of everything everywhere: (variant, location, pieces)."""
    return tx.execute(
        text(
            "SELECT k.variant_id, k.location_id, k.on_hand - k.promised - k.asked AS free FROM stock k "
            "JOIN location l ON l.id = k.location_id AND l.status = 'active' "
            "WHERE k.on_hand - k.promised - k.asked > 0"
        )
    ).all()


def branches(tx: Session) -> list[Branch]:
    """The branches in use, in the order of the chain."""
    rows = tx.execute(
        text(
            "SELECT id, code, name, city, address, phone, opening_hours FROM location "
            "WHERE status = 'active' AND kind = 'branch' ORDER BY position"
        )
    ).all()
    return [Branch(**row._asdict()) for row in rows]


def styles_of(tx: Session, variant_ids: Sequence[UUID]) -> list[UUID]:
    """The styles of some variants, in the order of their first one."""
    rows = tx.execute(
        text(
            "SELECT v.style_id FROM unnest(CAST(:variants AS uuid[])) WITH ORDINALITY AS asked(id, place) "
            "JOIN variant v ON v.id = asked.id ORDER BY asked.place"
        ),
        {"variants": list(variant_ids)},
    )
    return list(dict.fromkeys(row.style_id for row in rows))


def story(tx: Session) -> ShopStory | None:
    """What the first page tells of the house."""
    return tx.get(ShopStory, 1)


def size_guides(tx: Session) -> dict[str, dict[str, dict[str, int]]]:
    """What garments measure, by the slug of their category: size → measure → centimetres."""
    rows = tx.execute(text("SELECT c.slug, g.measures FROM size_guide g JOIN category c ON c.id = g.category_id"))
    return {row.slug: row.measures for row in rows}


def return_days(tx: Session, on: date) -> int:
    """How many days goods at full price have to come back, by the policy of a day."""
    query = text(
        "SELECT days FROM return_policy WHERE valid_from <= :on AND category_id IS NULL AND off_bp_min = 0 "
        "ORDER BY valid_from DESC LIMIT 1"
    )
    return tx.scalar(query, {"on": on}) or 0


def seasons(tx: Session) -> dict[str, dict[str, str]]:
    """The names of the seasons by code and language."""
    rows = tx.execute(text("SELECT code, name_vi, name_en FROM season"))
    return {row.code: {"vi": row.name_vi, "en": row.name_en} for row in rows}


def card_of(tx: Session, customer_id: UUID) -> Row[Any] | None:
    """What a member sees of themselves."""
    return tx.execute(
        text(
            "SELECT c.id, c.full_name, c.given_name, c.phone, c.email, c.member_no, a.points, a.earns, "
            "a.credit_vnd - a.credit_held_vnd AS credit_vnd "
            "FROM customer c JOIN customer_account a ON a.customer_id = c.id WHERE c.id = :customer"
        ),
        {"customer": customer_id},
    ).one_or_none()


def vouchers_of(tx: Session, customer_ids: Sequence[UUID], *, now: datetime) -> Rows:
    """The vouchers of a member that can be used now or later, the first to end first."""
    return tx.execute(
        text(
            """
            SELECT v.code, p.name_vi, p.name_en, b.starts_at, b.ends_at
              FROM voucher v JOIN voucher_batch b ON b.id = v.batch_id JOIN promotion p ON p.id = b.promotion_id
             WHERE v.customer_id = ANY(CAST(:ids AS uuid[])) AND v.state = 'issued' AND b.ends_at > :now AND p.state = 'live'
             ORDER BY b.starts_at > :now, b.ends_at LIMIT 50
            """
        ),
        {"ids": list(customer_ids), "now": now},
    ).all()


def purchases(tx: Session, customer_ids: Sequence[UUID], *, before: datetime | None, limit: int) -> Rows:
    """What somebody has bought in stores and online, the newest first, with its lines; what came back counts negative."""
    return tx.execute(
        text(
            """
            SELECT s.id, s.receipt_code, s.sold_at, s.channel, l.name AS location_name,
                   s.total_vnd + s.rounding_vnd AS total_vnd, t.till_no, s.epoch, s.receipt_no,
                   (SELECT json_agg(json_build_object(
                               'name_vi', y.name_vi, 'name_en', y.name_en, 'code', y.code, 'colour_vi', o.name_vi,
                               'colour_en', o.name_en, 'size', z.code, 'qty', n.qty, 'total_vnd', n.total_vnd,
                               'picture', (SELECT p.sha256 FROM picture p WHERE p.style_id = y.id
                                            ORDER BY (p.colour_id = v.colour_id) DESC NULLS LAST, p.position LIMIT 1))
                           ORDER BY n.line_no)
                      FROM sale_line n JOIN variant v ON v.id = n.variant_id JOIN style y ON y.id = v.style_id
                      JOIN colour o ON o.id = v.colour_id JOIN size z ON z.id = v.size_id
                     WHERE n.sale_id = s.id) AS lines
              FROM sale s JOIN location l ON l.id = s.location_id LEFT JOIN till t ON t.id = s.till_id
             WHERE s.customer_id = ANY(CAST(:ids AS uuid[])) AND s.state = 'posted'
               AND (CAST(:before AS timestamptz) IS NULL OR s.sold_at < :before)
             ORDER BY s.sold_at DESC LIMIT :limit
            """
        ),
        {"ids": list(customer_ids), "before": before, "limit": limit},
    ).all()


def points_of(tx: Session, customer_id: UUID, *, now: datetime) -> Row[Any]:
    """A member's points: all, usable, pending, kept for what is being paid; and those that expire next."""
    return tx.execute(
        text(
            """
            WITH lot AS (
                SELECT left_points, held, pending_until, expires_at FROM loyalty_lot
                 WHERE customer_id = :customer AND left_points > 0 AND expires_at > :now)
            SELECT (SELECT points FROM customer_account WHERE customer_id = :customer) AS points,
                   coalesce(sum(left_points - held) FILTER (WHERE pending_until <= :now), 0)::int AS usable,
                   coalesce(sum(left_points) FILTER (WHERE pending_until > :now), 0)::int AS pending,
                   coalesce(sum(held), 0)::int AS kept,
                   coalesce(sum(left_points) FILTER (WHERE expires_at = (SELECT min(expires_at) FROM lot)), 0)::int
                       AS expiring,
                   min(expires_at) AS expires_at
              FROM lot
            """
        ),
        {"customer": customer_id, "now": now},
    ).one()


def points_moved(tx: Session, customer_ids: Sequence[UUID], *, before: int | None, limit: int) -> Rows:
    """The moves of a member's points, the newest first; a merge of accounts moves nothing of theirs."""
    return tx.execute(
        text(
            """
            SELECT max(e.id) AS last_id, e.kind, sum(e.points)::int AS points, e.occurred_at AS at,
                   s.receipt_code, s.channel, l.name AS location_name
              FROM loyalty_entry e
              LEFT JOIN sale s ON s.id = e.ref
              LEFT JOIN location l ON l.id = s.location_id
             WHERE e.customer_id = ANY(CAST(:ids AS uuid[])) AND e.kind <> 'merge'
             GROUP BY e.ref, e.kind, e.points > 0, e.occurred_at, s.receipt_code, s.channel, l.name
            HAVING max(e.id) < coalesce(CAST(:before AS bigint), max(e.id) + 1)
             ORDER BY max(e.id) DESC LIMIT :limit
            """
        ),
        {"ids": list(customer_ids), "before": before, "limit": limit},
    ).all()
