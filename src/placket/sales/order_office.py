"""Questions of the office about online orders. Scope is a condition of every query: the places an order asked."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Row, text
from sqlalchemy.orm import Session

from placket import identity
from placket.core.refusals import NotFound

LISTED_MAX: Final = 200
RECENT: Final = timedelta(days=7)

_SEEN: Final = """
(CAST(:scope AS uuid[]) IS NULL OR o.location_id = ANY(CAST(:scope AS uuid[]))
 OR EXISTS (SELECT 1 FROM web_order_question q WHERE q.order_id = o.id AND q.location_id = ANY(CAST(:scope AS uuid[]))))
"""
# What each view of B4 holds.
VIEWS: Final[Mapping[str, str]] = {
    "to_do": """o.state = 'confirmed' AND EXISTS (SELECT 1 FROM web_order_line n JOIN promise p ON p.ref = n.ref
                  AND p.variant_id = n.variant_id WHERE n.order_id = o.id AND n.state = 'open'
                  AND p.phase IN ('confirmed', 'moved', 'asked'))""",
    "to_collect": """o.state = 'confirmed' AND EXISTS (SELECT 1 FROM web_order_ready r WHERE r.order_id = o.id)""",
    "on_its_way": """o.kind = 'ship' AND o.state = 'done' AND o.ended_at > now() - interval '5 days'""",
    "payment_trouble": """EXISTS (SELECT 1 FROM online_payment y LEFT JOIN online_refund r ON r.payment_id = y.id
                  LEFT JOIN online_dispute d ON d.payment_id = y.id WHERE y.order_id = o.id
                  AND (r.state = 'failed' OR d.state = 'open' OR (y.method = 'transfer' AND r.state = 'requested')))""",
    "open": "o.state IN ('asking', 'held')",
    "all": "true",
}
_LIST: Final = """
SELECT o.id, o.code, o.state, o.kind, o.name, o.phone, o.method, o.total_vnd, o.placed_at,
       (SELECT sum(qty) FROM web_order_line n WHERE n.order_id = o.id)::int AS pieces,
       (SELECT y.state FROM online_payment y WHERE y.order_id = o.id ORDER BY y.attempt DESC LIMIT 1) AS payment_state,
       ARRAY(SELECT DISTINCT l.name FROM web_order_line n JOIN promise p ON p.ref = n.ref AND p.variant_id = n.variant_id
               AND NOT EXISTS (SELECT 1 FROM promise x WHERE x.moved_from = p.id)
               JOIN location l ON l.id = p.location_id WHERE n.order_id = o.id ORDER BY 1) AS places,
       ARRAY(SELECT what FROM (VALUES {needs}) AS v(what, holds) WHERE holds) AS needs
  FROM web_order o
 WHERE {view} AND {seen}
   AND (CAST(:q AS text) IS NULL OR o.code = upper(:q) OR o.phone LIKE '%' || :digits
        OR f_fold(o.name) LIKE '%' || f_fold(:q) || '%')
   AND (CAST(:at AS timestamptz) IS NULL OR (o.placed_at, o.id) < (CAST(:at AS timestamptz), CAST(:id AS uuid)))
 ORDER BY o.placed_at DESC, o.id DESC LIMIT :limit
"""
_NEEDS: Final = ", ".join(f"('{name}', {VIEWS[name]})" for name in ("to_do", "to_collect", "payment_trouble"))

_REFUNDS: Final = """
SELECT r.id, o.id AS order_id, o.code, y.method, r.amount_vnd, r.reason, r.state, r.failure, r.provider_id, r.tries,
       r.requested_at, r.ended_at, p.full_name AS settled_by, r.settled_note
  FROM online_refund r
  JOIN online_payment y ON y.id = r.payment_id
  JOIN web_order o ON o.id = y.order_id
  LEFT JOIN staff p ON p.id = r.settled_by
"""


def page(
    tx: Session,
    *,
    scope: Sequence[UUID] | None,
    view: str,
    q: str | None,
    before: tuple[datetime, UUID] | None,
    limit: int,
) -> list[dict[str, Any]]:
    """A page of orders, the newest first."""
    wanted = (q or "").strip().replace("\\", "").replace("%", "").replace("_", "") or None
    digits = "".join(filter(str.isdigit, wanted or ""))
    query = text(_LIST.format(view=VIEWS[view], seen=_SEEN, needs=_NEEDS))
    values = {
        "scope": None if scope is None else list(scope),
        "q": wanted,
        "digits": digits.removeprefix("0") or "-",
        "at": None if before is None else before[0],
        "id": None if before is None else before[1],
        "limit": limit,
    }
    return [dict(row) for row in tx.execute(query, values).mappings()]


def counts(tx: Session, *, scope: Sequence[UUID] | None) -> dict[str, int]:
    """How many orders each view has; looks at those that are open or recent."""
    of_view = ", ".join(f"count(*) FILTER (WHERE {VIEWS[name]}) AS {name}" for name in VIEWS if name != "all")
    query = text(f"SELECT {of_view} FROM web_order o WHERE {_SEEN}")  # noqa: S608 - our own views
    return dict(tx.execute(query, {"scope": None if scope is None else list(scope)}).mappings().one())


def demand(tx: Session, order_id: UUID, scope: Sequence[UUID] | None) -> None:
    """Refuse ``NotFound`` unless an order is one of these places'."""
    query = text(f"SELECT 1 FROM web_order o WHERE o.id = :id AND {_SEEN}")  # noqa: S608 - our own condition
    if tx.scalar(query, {"id": order_id, "scope": None if scope is None else list(scope)}) is None:
        raise NotFound


def demand_refund(tx: Session, refund_id: UUID, who: identity.Principal) -> UUID:
    """The order of a refund that somebody may see to. Refuses ``NotFound``."""
    query = text("SELECT y.order_id FROM online_refund r JOIN online_payment y ON y.id = r.payment_id WHERE r.id = :refund")
    found = tx.scalar(query, {"refund": refund_id})
    if found is None:
        raise NotFound
    order_id = UUID(str(found))
    demand(tx, order_id, who.scope("order.manage"))
    return order_id


def refunds(tx: Session, *, scope: Sequence[UUID] | None, now: datetime) -> Sequence[Row[Any]]:
    """Refunds that somebody or the provider has to see to, failed ones first; and what a week has seen."""
    query = text(
        _REFUNDS
        + f" WHERE (r.state IN ('requested', 'pending', 'failed') OR r.requested_at >= :since) AND {_SEEN}"
        + " ORDER BY r.state <> 'failed', r.state NOT IN ('requested', 'pending'), r.requested_at DESC LIMIT :most"
    )
    values = {"scope": None if scope is None else list(scope), "since": now - RECENT, "most": LISTED_MAX}
    return tx.execute(query, values).all()


def events(tx: Session, *, which: str) -> Sequence[Row[Any]]:
    """The provider's events, the newest first, or those that wait."""
    query = text(
        "SELECT * FROM provider_event WHERE applied_at IS NULL OR NOT :waiting ORDER BY received_at DESC LIMIT :most"
    )
    return tx.execute(query, {"waiting": which == "waiting", "most": LISTED_MAX}).all()


def event(tx: Session, event_id: str) -> Row[Any] | None:
    """One of them."""
    return tx.execute(
        text("SELECT * FROM provider_event WHERE provider = 'stripe' AND event_id = :id"), {"id": event_id}
    ).one_or_none()


def behind(tx: Session, order_id: UUID) -> dict[str, Any]:
    """What stands behind an order: attempts, refunds, promises with their moves, events, sales, what is still to deliver."""
    values = {"order": order_id}

    def rows(query: str) -> list[dict[str, Any]]:
        return [dict(row) for row in tx.execute(text(query), values).mappings()]

    return {
        "attempts": rows("SELECT * FROM online_payment WHERE order_id = :order ORDER BY attempt"),
        "refunds": rows(_REFUNDS + " WHERE o.id = :order ORDER BY r.requested_at, r.id"),
        "moves": rows(
            "SELECT n.line_no, l.name AS location_name, p.phase, p.created_at, p.moved_from IS NOT NULL AS moved "
            "FROM web_order_question q JOIN promise p ON p.ref = q.ref JOIN location l ON l.id = p.location_id "
            "CROSS JOIN LATERAL (SELECT n.line_no FROM web_order_line n WHERE n.order_id = q.order_id "
            "AND n.variant_id = p.variant_id ORDER BY n.ref = q.ref DESC NULLS LAST, n.line_no LIMIT 1) n "
            "WHERE q.order_id = :order ORDER BY p.created_at, p.id"
        ),
        "events": rows(
            "SELECT e.* FROM provider_event e WHERE e.object_id IN ("
            "SELECT session_id FROM online_payment WHERE order_id = :order "
            "UNION SELECT intent_id FROM online_payment WHERE order_id = :order "
            "UNION SELECT r.provider_id FROM online_refund r JOIN online_payment y ON y.id = r.payment_id "
            "WHERE y.order_id = :order) ORDER BY e.made_at, e.received_at"
        ),
        "sales": rows(
            "SELECT w.sale_id, s.receipt_code, s.total_vnd, l.name AS location_name, w.left_at FROM web_order_sale w "
            "JOIN sale s ON s.id = w.sale_id JOIN location l ON l.id = w.location_id WHERE w.order_id = :order ORDER BY w.no"
        ),
        "back_vnd": tx.scalar(
            text(
                "SELECT coalesce(sum(n.total_vnd), 0)::bigint FROM web_order_line n JOIN web_order o ON o.id = n.order_id "
                "WHERE o.id = :order AND o.state = 'confirmed' AND n.state = 'open' AND o.method <> 'cod'"
            ),
            values,
        ),
    }
