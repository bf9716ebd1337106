"""Which document a finding is about: what the office opens to show it. Read from what a rule calls its subject."""

import re
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Row, text
from sqlalchemy.orm import Session

_UUID: Final = r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"


@dataclass(frozen=True, slots=True)
class Document:
    """A document: its kind, the key that opens it, what people call it, and the place whose it is."""

    kind: str
    key: str
    label: str
    location_id: UUID | None


_SALE: Final = """
SELECT 'sale' AS kind, s.id::text AS key, coalesce(s.receipt_code, s.id::text) AS label, s.location_id
  FROM sale s WHERE s.id::text = :word OR s.receipt_code = :word LIMIT 1
"""
_MOVE: Final = """
SELECT CASE WHEN s.id IS NULL THEN 'balance' ELSE 'sale' END AS kind,
       coalesce(s.id::text, g.location_id || ':' || g.variant_id) AS key,
       coalesce(s.receipt_code, g.id::text) AS label, g.location_id
  FROM stock_ledger g LEFT JOIN sale s ON s.id = g.ref WHERE g.id = CAST(:word AS bigint)
"""
_BALANCE: Final = """
SELECT 'balance' AS kind, CAST(:word AS text) AS key, v.sku || ' · ' || p.name AS label, p.id AS location_id
  FROM location p CROSS JOIN variant v
 WHERE p.id = CAST(split_part(:word, ':', 1) AS uuid) AND v.id = CAST(split_part(:word, ':', 2) AS uuid)
"""
_CUSTOMER: Final = """
SELECT 'customer' AS kind, id::text AS key, member_no AS label, CAST(NULL AS uuid) AS location_id
  FROM customer WHERE id = CAST(:word AS uuid)
"""
_LOT: Final = """
SELECT 'customer' AS kind, c.id::text AS key, c.member_no AS label, CAST(NULL AS uuid) AS location_id
  FROM loyalty_lot l JOIN customer c ON c.id = l.customer_id WHERE l.id::text = :word
"""
_EPOCH: Final = """
SELECT 'epoch' AS kind, e.till_id || ':' || e.epoch AS key, e.receipt_prefix AS label, t.location_id
  FROM till_epoch e JOIN till t ON t.id = e.till_id WHERE e.receipt_prefix = :word
"""
_ORDER: Final = """
SELECT 'order' AS kind, id::text AS key, code AS label, CAST(NULL AS uuid) AS location_id FROM web_order WHERE code = :word
"""
_TRANSFER: Final = """
SELECT 'transfer' AS kind, id::text AS key, code AS label, CAST(NULL AS uuid) AS location_id FROM transfer WHERE code = :word
"""
_PROMOTION: Final = """
SELECT 'promotion' AS kind, id::text AS key, name_vi AS label, CAST(NULL AS uuid) AS location_id
  FROM promotion WHERE id = CAST(:word AS uuid)
"""
_SHIFT: Final = """
SELECT 'shift' AS kind, h.id::text AS key, l.code || '-' || t.number || coalesce(' · Z ' || z.number, '') AS label,
       t.location_id
  FROM shift h
  JOIN till t ON t.id = h.till_id JOIN location l ON l.id = t.location_id
  LEFT JOIN z_report z ON z.shift_id = h.id
 WHERE h.id::text = :word OR z.number || ' of till ' || h.till_id = :word
"""
_COUNT: Final = """
SELECT 'count' AS kind, id::text AS key, number::text AS label, location_id
  FROM stock_count WHERE number = CAST(:word AS bigint)
"""
_DAY: Final = """
SELECT 'day' AS kind, CAST(:word AS text) AS key, to_char(CAST(:word AS date), 'DD/MM/YYYY') AS label,
       CAST(NULL AS uuid) AS location_id
"""

# The first that matches the subject and is found says what it is about; more particular ones stand first.
_READERS: Final = tuple(
    (re.compile(pattern), query)
    for pattern, query in (
        (rf"^({_UUID}:{_UUID})$", _BALANCE),
        (r"^ledger (\d+)", _MOVE),
        (rf"^(?:customer|alias) ({_UUID})", _CUSTOMER),
        (rf"^lot ({_UUID}|\d+)", _LOT),
        (rf"^promotion ({_UUID})", _PROMOTION),
        (r"^order (\S+)", _ORDER),
        (r"^transfer (\S+)", _TRANSFER),
        (rf"^shift ({_UUID})", _SHIFT),
        (rf"^Z (\d+ of till {_UUID})", _SHIFT),
        (r"^count (\d+)", _COUNT),
        (r"^day (\d{4}-\d{2}-\d{2})", _DAY),
        (rf"^(?:sale )?({_UUID})", _SALE),
        (r"^(\S+)$", _EPOCH),
        (r"^(\S+)", _SALE),
    )
)


def document_of(tx: Session, subject: str) -> Document | None:
    """The document of a subject; none when the office has nothing to open for it."""
    for pattern, query in _READERS:
        named = pattern.search(subject)
        row: Row[Any] | None = tx.execute(text(query), {"word": named[1]}).first() if named else None
        if row is not None:
            return Document(row.kind, row.key, row.label, row.location_id)
    return None
