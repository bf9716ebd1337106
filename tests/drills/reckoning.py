"""What the books, the provider and the shelves say after the crowd has gone, each asked by itself."""

from collections import Counter
from typing import Any, Final

from sqlalchemy import text

from drills.street import Street

# Every promise to an order that was ever confirmed, by what has become of it; each kind must show the evidence for it.
PROMISES: Final = text(
    """
    WITH ever AS (SELECT DISTINCT e.key FROM event e
                   WHERE e.topic = 'promise.changed' AND e.payload ->> 'phase' = 'confirmed')
    SELECT CASE
             WHEN p.phase IN ('shipped', 'collected') AND EXISTS (
                  SELECT 1 FROM sale s JOIN sale_line b ON b.sale_id = s.id
                   WHERE s.id = n.sale_id AND s.state = 'posted' AND b.variant_id = p.variant_id AND b.qty = p.qty)
               THEN 'kept'
             WHEN p.phase = 'moved' AND EXISTS (SELECT 1 FROM promise f WHERE f.moved_from = p.id) THEN 'moved'
             WHEN p.phase IN ('confirmed', 'bagged') AND n.state = 'open' AND o.state = 'confirmed' AND p.paid THEN 'open'
             WHEN p.phase IN ('refunded', 'released', 'to_scan_back') AND o.reason IN ('customer', 'cancelled')
                  AND o.state = 'cancelled' AND n.state = 'cancelled'
               THEN 'cancelled'
             WHEN p.phase = 'released' AND NOT p.paid
                  AND (n.ref <> p.ref OR (n.state = 'cancelled' AND o.confirmed_at IS NULL))
               THEN 'released unpaid'
             WHEN p.phase IN ('refunded', 'to_scan_back') AND p.paid AND n.state = 'cancelled'
                  AND (o.method = 'cod' OR EXISTS (
                  SELECT 1 FROM online_refund r JOIN online_payment y ON y.id = r.payment_id
                   WHERE y.order_id = o.id AND r.state = 'succeeded' AND r.reason IN ('short', 'no_show')))
               THEN 'refunded'
             ELSE 'nothing of these: ' || concat_ws(' ', p.phase, p.paid, o.code, o.state, o.reason, n.state)
           END AS became, count(*) AS promises, sum(p.qty)::int AS pieces
      FROM ever
      JOIN promise p ON p.id::text = ever.key
      JOIN web_order_question q ON q.ref = p.ref
      JOIN web_order o ON o.id = q.order_id
      JOIN LATERAL (      -- of a line that was cut, the part that this promise is for
           SELECT * FROM web_order_line n WHERE n.order_id = o.id AND n.variant_id = p.variant_id
            ORDER BY n.ref = p.ref DESC NULLS LAST, n.line_no LIMIT 1) n ON true
     GROUP BY 1
    """
)
CONFIRMED: Final = text(
    """
    SELECT count(DISTINCT e.key) FROM event e JOIN web_order_question q ON q.ref::text = e.payload ->> 'ref'
     WHERE e.topic = 'promise.changed' AND e.payload ->> 'phase' = 'confirmed'
    """
)
# What each order that was paid by card owes its customer in goods: what was delivered or will be, less what came back.
OWED: Final = text(
    """
    SELECT o.id::text AS id, sum(n.total_vnd) FILTER (WHERE n.state <> 'cancelled' AND o.state IN ('confirmed', 'done'))
           - coalesce((SELECT sum(r.amount_vnd) FROM online_refund r JOIN online_payment y ON y.id = r.payment_id
                        WHERE y.order_id = o.id AND r.reason = 'returned'), 0) AS vnd
      FROM web_order o JOIN web_order_line n ON n.order_id = o.id
     WHERE EXISTS (SELECT 1 FROM online_payment y WHERE y.order_id = o.id AND y.state = 'received')
     GROUP BY o.id
    """
)
WAITING: Final = text(
    """
    SELECT (SELECT count(*) FROM procrastinate_jobs WHERE task_name = 'provider_event' AND status IN ('todo', 'doing'))
         + (SELECT count(*) FROM web_order WHERE state IN ('asking', 'held'))
         + (SELECT count(*) FROM promise WHERE phase = 'asked')
         + (SELECT count(*) FROM promise p WHERE phase = 'moved'
                           AND NOT EXISTS (SELECT 1 FROM promise f WHERE f.moved_from = p.id))
         + (SELECT count(*) FROM promise p JOIN web_order_question q ON q.ref = p.ref JOIN web_order o ON o.id = q.order_id
                            JOIN web_order_line n ON n.order_id = o.id AND n.ref = p.ref AND n.variant_id = p.variant_id
             WHERE n.state = 'open' AND p.phase IN ('refunded', 'released')
               AND NOT EXISTS (SELECT 1 FROM promise f WHERE f.moved_from = p.id))
         + (SELECT count(*) FROM online_refund WHERE state IN ('requested', 'pending'))
    """
)
SHELVES: Final = text(
    """
    SELECT s.location_id, s.variant_id, s.on_hand FROM stock s
     WHERE NOT EXISTS (SELECT 1 FROM stock_doubt d WHERE d.location_id = s.location_id AND d.variant_id = s.variant_id
                                                     AND d.closed_at IS NULL)
    """
)


def waiting(street: Street) -> int:
    """How much is still under way."""
    with street.database.transaction() as tx:
        return int(tx.scalars(WAITING).one())


def promises(street: Street) -> tuple[int, dict[str, int], int]:
    """Promises that were confirmed; what became of them; the pieces of those that were kept."""
    with street.database.snapshot() as tx:
        rows = tx.execute(PROMISES).all()
        confirmed = int(tx.scalars(CONFIRMED).one())
    return confirmed, {row.became: row.promises for row in rows}, sum(r.pieces for r in rows if r.became == "kept")


def money(street: Street) -> tuple[dict[str, int], dict[str, int]]:
    """By order: what the provider has captured less what it has given back; what the books say is owed."""
    captured: Counter[str] = Counter()
    for charge in street.stripe.control()["charges"]:
        captured[charge["metadata"]["order"]] += charge["amount"] - charge["amount_refunded"]
    with street.database.snapshot() as tx:
        owed = {row.id: int(row.vnd or 0) for row in tx.execute(OWED)}
    return dict(captured), owed


def shelves(street: Street) -> list[tuple[Any, ...]]:
    """Where nobody doubts the books, and they say something else than what lies there or was stolen unseen."""
    with street.database.snapshot() as tx:
        rows = tx.execute(SHELVES).all()
    lies = street.goods.shelf + street.goods.bags + street.goods.stolen
    return [tuple(row) for row in rows if row.on_hand != lies[row.location_id, row.variant_id]]


def cancelled(street: Street) -> int:
    """Orders that the books say their customers have cancelled."""
    query = text("SELECT count(*) FROM web_order WHERE state = 'cancelled' AND reason IN ('customer', 'cancelled')")
    with street.database.snapshot() as tx:
        return int(tx.scalars(query).one())


def deadlocks(street: Street) -> int:
    """Transactions that the database had to end because they waited in a circle."""
    query = text("SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()")
    with street.database.snapshot() as tx:
        return int(tx.scalars(query).one())
