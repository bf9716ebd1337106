"""E-invoices as the office looks at them. Questions only."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Session

from placket import identity
from placket.core.refusals import NotFound
from placket.einvoices import queries
from placket.einvoices.models import STATES
from placket.einvoices.provider import provider_of

COLUMNS: Final = """
SELECT e.*, coalesce(d.code, e.code) AS code, s.receipt_code, l.name AS location_name, e.buyer ->> 'name' AS buyer_name,
       e.buyer ->> 'tax_code' AS buyer_tax_code, d.state, d.tries, d.failure, d.next_try_at, d.ended_at
  FROM einvoice e JOIN einvoice_delivery d ON d.einvoice_id = e.id JOIN sale s ON s.id = e.sale_id
  JOIN location l ON l.id = e.location_id
"""
SEEN: Final = "(CAST(:scope AS uuid[]) IS NULL OR e.location_id = ANY(CAST(:scope AS uuid[])))"
PAGE: Final = text(
    f"""{COLUMNS} WHERE {SEEN} AND (CAST(:state AS text) IS NULL OR d.state = CAST(:state AS text))
       AND (CAST(:q AS text) IS NULL OR e.code = :q OR d.code = :q OR s.receipt_code = upper(:q)
            OR e.buyer ->> 'tax_code' = :q OR (e.serial || e.number) = upper(:q) OR e.number::text = ltrim(:q, '0'))
       AND (CAST(:at AS timestamptz) IS NULL OR (e.issued_at, e.id) < (CAST(:at AS timestamptz), CAST(:id AS uuid)))
     ORDER BY e.issued_at DESC, e.id DESC LIMIT :limit"""
)
ONE: Final = text(f"{COLUMNS} WHERE e.id = :id AND {SEEN}")
COUNTS: Final = text("""
    SELECT d.state, count(*) FROM einvoice e JOIN einvoice_delivery d ON d.einvoice_id = e.id
     WHERE (CAST(:scope AS uuid[]) IS NULL OR e.location_id = ANY(CAST(:scope AS uuid[]))) GROUP BY d.state
""")
TO_ISSUE: Final = text(
    """
    SELECT count(*) FROM sale e WHERE e.state = 'posted' AND e.sold_at >= :since
       AND EXISTS (SELECT 1 FROM einvoice_terms t WHERE t.from_on <= e.sold_on)
       AND NOT EXISTS (SELECT 1 FROM einvoice x WHERE x.sale_id = e.id)
       AND (CAST(:scope AS uuid[]) IS NULL OR e.location_id = ANY(CAST(:scope AS uuid[])))
    """
)
TERMS: Final = text(
    "SELECT t.*, s.full_name AS written_by FROM einvoice_terms t LEFT JOIN staff s ON s.id = t.written_by "
    "ORDER BY t.from_on DESC"
)


def page(
    tx: Session,
    *,
    scope: Sequence[UUID] | None,
    state: str | None,
    q: str | None,
    before: tuple[datetime, UUID] | None,
    limit: int,
) -> list[dict[str, Any]]:
    """A page of documents, the newest first."""
    values = {
        "scope": None if scope is None else list(scope),
        "state": state,
        "q": (q or "").strip() or None,
        "at": None if before is None else before[0],
        "id": None if before is None else before[1],
        "limit": limit,
    }
    return [dict(row) for row in tx.execute(PAGE, values).mappings()]


def whole(tx: Session, einvoice_id: UUID, *, scope: Sequence[UUID] | None) -> dict[str, Any]:
    """One document with what it refers to and what refers to it. Refuses ``NotFound``."""
    values = {"id": einvoice_id, "scope": None if scope is None else list(scope)}
    row = tx.execute(ONE, values).mappings().one_or_none()
    if row is None:
        raise NotFound
    number = text("SELECT form || serial || ' ' || lpad(number::text, 8, '0') FROM einvoice WHERE id = :id")
    after = text("SELECT id FROM einvoice WHERE refers_to = :id ORDER BY made_at, id")
    return dict(row) | {
        "refers_to_number": tx.scalar(number, {"id": row["refers_to"]}),
        "followed_by": list(tx.scalars(after, {"id": einvoice_id})),
    }


def demand(tx: Session, einvoice_id: UUID, *, scope: Sequence[UUID] | None) -> None:
    """Refuse ``NotFound`` unless a document is one of these places'."""
    whole(tx, einvoice_id, scope=scope)


def counts(tx: Session, *, scope: Sequence[UUID] | None, now: datetime) -> dict[str, Any]:
    """How many documents each state has, and what is still to be issued."""
    seen = {"scope": None if scope is None else list(scope)}
    row: dict[str, Any] = dict.fromkeys(STATES, 0) | dict(tx.execute(COUNTS, seen).tuples().all())
    row["to_issue"] = tx.scalar(TO_ISSUE, seen | {"since": now - queries.LOOKS_BACK})
    return row | {"has_provider": provider_of(in_demo=identity.is_demo(tx)) is not None}


def terms(tx: Session) -> list[dict[str, Any]]:
    """All terms."""
    return [dict(row) for row in tx.execute(TERMS).mappings()]
