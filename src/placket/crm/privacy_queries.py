"""Questions about requests for personal data: which were answered, and whether whoever was forgotten is gone."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Row, text
from sqlalchemy.orm import Session

from placket.crm.queries import IN_REACH


def answered_requests(tx: Session, *, scope: Sequence[UUID] | None, before: int | None, limit: int) -> Sequence[Row[Any]]:
    """The requests of customers in reach, the latest first.

    Whether somebody is gone is looked up now: under every id they had, and on their orders of the web.
    """
    return tx.execute(
        text(
            f"""
            WITH told AS MATERIALIZED (
                SELECT id, action, at, staff_id, subject_id, after FROM audit_log
                 WHERE subject_type = 'customer' AND action IN ('customer.exported', 'customer.erased')
                   AND (CAST(:before AS bigint) IS NULL OR id < :before))
            SELECT l.id, CASE l.action WHEN 'customer.exported' THEN 'export' ELSE 'erasure' END AS kind,
                   l.at AS answered_at, w.full_name AS staff_name, c.id AS customer_id, c.member_no, c.full_name,
                   CAST(l.after ->> 'asked_on' AS date) AS asked_on, l.after ->> 'way' AS way,
                   l.after ->> 'proof' AS proof, l.after ->> 'sha256' AS sha256,
                   CASE l.action WHEN 'customer.erased' THEN
                        NOT EXISTS (SELECT 1 FROM customer k WHERE (k.id = c.id OR k.merged_into = c.id)
                                       AND num_nonnulls(k.phone, k.email, k.birth_day, k.birth_month, k.note) > 0)
                        AND NOT EXISTS (SELECT 1 FROM web_order o JOIN customer k ON k.id = o.customer_id
                                         WHERE (k.id = c.id OR k.merged_into = c.id)
                                           AND num_nonnulls(o.name, o.phone, o.email, o.address, o.note) > 0)
                   END AS is_gone
              FROM told l
              JOIN customer c ON c.id = CAST(l.subject_id AS uuid)
              LEFT JOIN staff w ON w.id = l.staff_id
             WHERE {IN_REACH} ORDER BY l.id DESC LIMIT :limit
            """  # noqa: S608 - its own condition
        ),
        {"scope": None if scope is None else list(scope), "before": before, "limit": limit},
    ).all()
