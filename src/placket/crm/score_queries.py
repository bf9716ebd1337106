"""Questions about scores and segments: the grid, who moved where, the people of a cell or a segment."""

from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import Row, text
from sqlalchemy.orm import Session

from placket.crm.queries import FACE

Rows = Sequence[Row[Any]]


def borders(tx: Session) -> Row[Any] | None:
    """The borders in force."""
    return tx.execute(text("SELECT * FROM rfm_borders ORDER BY on_date DESC LIMIT 1")).one_or_none()


def unscored(tx: Session) -> int:
    """Buyers who want no profile."""
    return int(tx.scalar(text("SELECT count(*) FROM customer_score WHERE NOT profiled")) or 0)


def cells(tx: Session) -> Rows:
    """The grid: how many people each pair of R and F has, and what they spent net of returns."""
    return tx.execute(
        text(
            "SELECT c.r, c.f, c.group_key, count(s.customer_id) AS people, coalesce(sum(s.net_vnd), 0)::bigint AS net_vnd "
            "FROM rfm_cell c LEFT JOIN customer_score s ON s.r = c.r AND s.f = c.f GROUP BY c.r, c.f ORDER BY c.r, c.f"
        )
    ).all()


def moves_since(tx: Session, since: date) -> Rows:
    """How many people went from which group to which after a day; who came back to where they were has not moved."""
    return tx.execute(
        text(
            """
            SELECT first.from_group, s.group_key AS to_group, count(*) AS people
              FROM (SELECT DISTINCT ON (customer_id) customer_id, from_group FROM customer_move
                     WHERE on_date > :since ORDER BY customer_id, on_date) first
              LEFT JOIN customer_score s ON s.customer_id = first.customer_id
             WHERE first.from_group IS DISTINCT FROM s.group_key
             GROUP BY 1, 2 ORDER BY 3 DESC, 1, 2
            """
        ),
        {"since": since},
    ).all()


def groups_between(tx: Session, *, from_on: date, to_on: date, places: Sequence[UUID] | None) -> Rows:
    """Every group, the best first: its people now, and how many came to it and left it on some days; those at home there.

    Somebody who moved several times has gone from where they were first to where they were last. No places: everywhere.
    """
    return tx.execute(
        text(
            """
            WITH here AS MATERIALIZED (
                SELECT id FROM customer
                 WHERE CAST(:places AS uuid[]) IS NULL OR home_location_id = ANY(CAST(:places AS uuid[]))),
            moved AS (
                SELECT (array_agg(m.from_group ORDER BY m.on_date))[1] AS from_group,
                       (array_agg(m.to_group ORDER BY m.on_date DESC))[1] AS to_group
                  FROM customer_move m JOIN here ON here.id = m.customer_id
                 WHERE m.on_date BETWEEN :from_on AND :to_on GROUP BY m.customer_id),
            crossed AS (SELECT * FROM moved WHERE from_group IS DISTINCT FROM to_group),
            sizes AS (SELECT s.group_key, count(*) AS people FROM customer_score s JOIN here ON here.id = s.customer_id
                       GROUP BY s.group_key)
            SELECT g.group_key, coalesce(max(z.people), 0) AS people,
                   (SELECT count(*) FROM crossed WHERE to_group = g.group_key) AS came,
                   (SELECT count(*) FROM crossed WHERE from_group = g.group_key) AS went
              FROM rfm_cell g LEFT JOIN sizes z USING (group_key)
             GROUP BY g.group_key ORDER BY max(g.r + g.f) DESC, max(g.r) DESC, g.group_key
            """
        ),
        {"from_on": from_on, "to_on": to_on, "places": None if places is None else list(places)},
    ).all()


def first_move(tx: Session) -> date | None:
    """The first day of which it is known who moved."""
    found: date | None = tx.scalar(text("SELECT min(on_date) FROM customer_move"))
    return found


def people_of_cell(tx: Session, *, r: int, f: int, after: tuple[int, UUID] | None, limit: int) -> Rows:
    """A page of a cell's people, those who spent most first."""
    vnd, last = after or (None, None)
    facts = {"r": r, "f": f, "vnd": vnd, "after": last, "limit": limit}
    return tx.execute(text(f"{_OF_CELL} {_SPENT} ORDER BY shown.net_vnd DESC, c.id DESC"), facts).all()


def people_of_segment(tx: Session, *, segment_id: UUID, after: UUID | None, limit: int) -> Rows:
    """A page of a segment's people."""
    facts = {"segment": segment_id, "after": after, "limit": limit}
    return tx.execute(text(f"{_OF_SEGMENT} {_SPENT} ORDER BY c.id"), facts).all()


_OF_CELL = """
    WITH shown AS MATERIALIZED (
        SELECT s.customer_id, s.net_vnd, s.orders, s.group_key FROM customer_score s
         WHERE s.r = :r AND s.f = :f
           AND (CAST(:after AS uuid) IS NULL
                OR (s.net_vnd, s.customer_id) < (CAST(:vnd AS bigint), CAST(:after AS uuid)))
         ORDER BY s.net_vnd DESC, s.customer_id DESC LIMIT :limit)
"""
_OF_SEGMENT = """
    WITH shown AS MATERIALIZED (
        SELECT m.customer_id, s.group_key, coalesce(s.net_vnd, 0) AS net_vnd, coalesce(s.orders, 0) AS orders
          FROM segment_member m LEFT JOIN customer_score s USING (customer_id)
         WHERE m.segment_id = :segment AND (CAST(:after AS uuid) IS NULL OR m.customer_id > CAST(:after AS uuid))
         ORDER BY m.customer_id LIMIT :limit)
"""
_SPENT = FACE.replace("SELECT c.id,", "SELECT shown.net_vnd, shown.orders, shown.group_key, c.id,") + (
    " JOIN shown ON shown.customer_id = c.id"
)


def segments(tx: Session) -> Rows:
    """Every segment that is in use, with what promotions ask for it and how its size has been for ninety days."""
    return tx.execute(
        text(
            """
            SELECT g.id, g.name, g.terms, g.version, g.people, g.counted_at, g.written_at, w.full_name AS written_by_name,
                   (SELECT coalesce(jsonb_agg(jsonb_build_object('on_date', z.on_date, 'people', z.people)
                                             ORDER BY z.on_date), '[]')
                      FROM segment_size z WHERE z.segment_id = g.id AND z.on_date > current_date - 90) AS sizes,
                   ARRAY(SELECT p.name_vi FROM promotion p
                           LEFT JOIN promotion_version v ON v.promotion_id = p.id AND v.version = p.version
                          WHERE p.state <> 'stopped'
                            AND (p.terms #> '{who,segments}' ? g.id::text OR v.terms #> '{who,segments}' ? g.id::text)
                          ORDER BY 1) AS promotions
              FROM segment g LEFT JOIN staff w ON w.id = g.written_by
             WHERE g.state = 'live' ORDER BY lower(g.name), g.id
            """
        )
    ).all()


def names_of_groups(tx: Session) -> Rows:
    """What promotions may ask for: the segments by name."""
    return tx.execute(text("SELECT id, name, people FROM segment WHERE state = 'live' ORDER BY lower(name), id")).all()


def tiers(tx: Session, on: date) -> Rows:
    """The tiers in force on a day, from the lowest, with how many people have each."""
    return tx.execute(
        text(
            """
            SELECT r.tier, r.rank, r.name_vi, r.name_en, r.spend_vnd_min, r.valid_from,
                   (SELECT count(*) FROM customer_tier t WHERE t.tier = r.tier) AS people
              FROM tier_rule r
             WHERE r.valid_from = (SELECT max(valid_from) FROM tier_rule WHERE valid_from <= :on) ORDER BY r.rank
            """
        ),
        {"on": on},
    ).all()


def overlap(tx: Session, segment_ids: Sequence[UUID]) -> Rows:
    """How many people two segments share, for every two of them."""
    return tx.execute(
        text(
            "SELECT a.segment_id AS one_id, b.segment_id AS other_id, count(*) AS people FROM segment_member a "
            "JOIN segment_member b ON b.customer_id = a.customer_id AND b.segment_id > a.segment_id "
            "WHERE a.segment_id = ANY(CAST(:ids AS uuid[])) AND b.segment_id = ANY(CAST(:ids AS uuid[])) GROUP BY 1, 2"
        ),
        {"ids": list(segment_ids)},
    ).all()


def standing(tx: Session, customer_id: UUID, *, on: date) -> Row[Any] | None:
    """How somebody stands: sums, scores and group, tier with the day it is looked at, and the tier above it.

    The sums are those of this moment, also in the second or two until the scores follow.
    """
    return tx.execute(
        text(
            """
            WITH rules AS (SELECT * FROM tier_rule
                            WHERE valid_from = (SELECT max(valid_from) FROM tier_rule WHERE valid_from <= :on))
            SELECT a.profiled, b.orders, b.net_vnd, b.first_sold_on, b.last_sold_on, s.r, s.f, s.m, s.group_key, s.scored_at,
                   t.tier, t.review_on, r.name_vi AS tier_vi, r.name_en AS tier_en,
                   n.name_vi AS next_vi, n.name_en AS next_en, n.spend_vnd_min AS next_vnd,
                   ARRAY(SELECT g.name FROM segment_member m JOIN segment g ON g.id = m.segment_id
                          WHERE m.customer_id = a.customer_id ORDER BY lower(g.name)) AS segments
              FROM customer_account a
              LEFT JOIN bought_by(ARRAY[CAST(:id AS uuid)], :on) b ON b.customer_id = a.customer_id
              LEFT JOIN customer_score s ON s.customer_id = a.customer_id
              LEFT JOIN customer_tier t ON t.customer_id = a.customer_id
              LEFT JOIN rules r ON r.tier = t.tier
              LEFT JOIN rules n ON n.rank = r.rank + 1
             WHERE a.customer_id = :id
            """
        ),
        {"id": customer_id, "on": on},
    ).one_or_none()
