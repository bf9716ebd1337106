"""What the history's customers have gathered: consents, branches that know them, points by the rule, credit of a few.

Set-based, from the sales themselves; the same rows that the posting desk and the nightly job would have written.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Any, Final

import psycopg

from placket.demo.loading import copy_rows

CONSENT_COLUMNS: Final = "customer_id, purpose, granted, channel, text_version, given_at, recorded_at"
TEXT_VERSION: Final = "loyalty-2024-01"
ADVERTISING_VERSION: Final = "advertising-2024-01"
ADVERTISED_OF_FIVE: Final = 3
"""Of five who collect points so many agree to advertising as well."""

KNOWN_AT_HOME: Final = """
INSERT INTO customer_branch (location_id, customer_id)
SELECT home_location_id, id FROM customer WHERE home_location_id IS NOT NULL
"""
AGREED: Final = (
    "UPDATE customer_account a SET earns = true FROM consent c WHERE c.customer_id = a.customer_id AND c.purpose = 'loyalty'"
)
KNOWN_BY_SALES: Final = """
INSERT INTO customer_branch AS k (location_id, customer_id, last_sold_at)
SELECT location_id, customer_id, max(sold_at) FROM sale
 WHERE customer_id IS NOT NULL AND state = 'posted' AND fingerprint IS NULL AND sold_at >= %(since)s
 GROUP BY location_id, customer_id
ON CONFLICT (location_id, customer_id) DO UPDATE SET last_sold_at = greatest(k.last_sold_at, excluded.last_sold_at)
"""
LOTS: Final = """
INSERT INTO loyalty_lot (id, customer_id, points, left_points, earned_at, pending_until, expires_at)
SELECT l.id, l.customer_id, l.points, CASE WHEN l.expires_at <= %(until)s THEN 0 ELSE l.points END,
       l.sold_at, l.pending_until, l.expires_at
  FROM (SELECT s.id, s.customer_id, s.sold_at, (s.total_vnd / r.earn_per_vnd)::int AS points,
               (s.sold_on + 1 + r.pending_days)::timestamp AT TIME ZONE 'Asia/Ho_Chi_Minh' AS pending_until,
               (s.sold_on + 1 + r.expire_days)::timestamp AT TIME ZONE 'Asia/Ho_Chi_Minh' AS expires_at
          FROM sale s
          JOIN customer_account a ON a.customer_id = s.customer_id AND a.earns
          JOIN LATERAL (SELECT * FROM loyalty_rule r WHERE r.valid_from <= s.sold_on
                         ORDER BY r.valid_from DESC LIMIT 1) r ON true
         WHERE s.state = 'posted' AND s.fingerprint IS NULL AND s.sold_at >= %(since)s AND s.total_vnd >= r.earn_per_vnd
           AND NOT EXISTS (SELECT 1 FROM loyalty_lot known WHERE known.id = s.id)) l
 ORDER BY l.sold_at, l.id
"""
ENTRIES: Final = """
INSERT INTO loyalty_entry (customer_id, lot_id, kind, points, ref, occurred_at, recorded_at)
SELECT customer_id, id, kind, points, ref, at, at
  FROM (SELECT customer_id, id, 'earn' AS kind, points, id AS ref, earned_at AS at FROM loyalty_lot
         WHERE earned_at >= %(since)s
        UNION ALL
        SELECT customer_id, id, 'expire', -points, NULL, expires_at FROM loyalty_lot
         WHERE earned_at >= %(since)s AND left_points = 0) told
 WHERE NOT EXISTS (SELECT 1 FROM loyalty_entry e WHERE e.lot_id = told.id)
 ORDER BY at, id, kind
"""
BALANCES: Final = """
UPDATE customer_account a SET points = l.points, version = a.version + 1, changed_xid = pg_current_xact_id()
  FROM (SELECT customer_id, sum(left_points)::int AS points FROM loyalty_lot GROUP BY customer_id) l
 WHERE a.customer_id = l.customer_id AND a.points <> l.points
"""
CREDIT: Final = """
WITH issued AS (
    INSERT INTO credit_entry (customer_id, kind, amount_vnd, ref, reason, occurred_at, recorded_at)
    SELECT id, 'issue', 100000 + 50000 * (member_no %% 5), md5(id::text)::uuid, 'Chênh lệch khi đổi hàng',
           %(until)s, %(until)s
      FROM customer WHERE member_no %% 89 = 0 ORDER BY member_no
    RETURNING customer_id, amount_vnd)
UPDATE customer_account a SET credit_vnd = i.amount_vnd FROM issued i WHERE a.customer_id = i.customer_id
"""


def agree(connection: psycopg.Connection[Any], consents: Iterable[str]) -> None:
    """The words of consent (rows of ``CONSENT_COLUMNS``), and who is known where they are at home."""
    copy_rows(connection, "consent", CONSENT_COLUMNS, consents)
    connection.execute(AGREED)
    connection.execute(KNOWN_AT_HOME)


def collect(connection: psycopg.Connection[Any], *, since: datetime, until: datetime) -> None:
    """Points and branches of the history's sales from a moment on; what would have expired by ``until`` has."""
    for statement in (KNOWN_BY_SALES, LOTS, ENTRIES, BALANCES):
        connection.execute(statement.encode(), {"since": since, "until": until})


def credit(connection: psycopg.Connection[Any], *, until: datetime) -> None:
    """A few have store credit."""
    connection.execute(CREDIT.encode(), {"until": until})
