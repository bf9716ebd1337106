"""Questions about payments taken before their sale and about banks' credits. Scope is a condition of every query."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, Final, Literal
from uuid import UUID

from sqlalchemy import Row, text
from sqlalchemy.orm import Session

from placket.core.clock import day_bounds
from placket.payments.settlement_rules import Tender

Rows = Sequence[Row[Any]]

LISTED_MAX: Final = 200
NEAR_HOURS: Final = 24

_FACES: Final = """
SELECT r.*, k.code, k.amount_vnd AS code_vnd, k.payload, a.bank_bin, a.account_no, a.account_name,
       coalesce(b.code || '-' || t.number, w.code, o.receipt_code) AS till_code, b.name AS location_name,
       coalesce(p.full_name, w.name, w.code, o.receipt_code) AS staff_name,
       c.full_name AS confirmed_by_name, s.receipt_code,
       coalesce((SELECT sum(m.surplus_vnd) FROM credit_match m WHERE m.request_id = r.id), 0)::bigint AS surplus_vnd
  FROM payment_request r
  LEFT JOIN till t ON t.id = r.till_id
  JOIN location b ON b.id = r.location_id
  LEFT JOIN staff p ON p.id = r.staff_id
  LEFT JOIN web_order w ON w.id = r.cart_id AND r.till_id IS NULL
  LEFT JOIN sale o ON o.id = r.cart_id AND r.till_id IS NULL
  LEFT JOIN staff c ON c.id = r.confirmed_by
  LEFT JOIN sale s ON s.id = r.sale_id
  LEFT JOIN bank_account a ON a.id = r.bank_account_id
  LEFT JOIN LATERAL (SELECT code, amount_vnd, payload FROM payment_code k WHERE k.request_id = r.id
                      ORDER BY k.created_at DESC, k.code DESC LIMIT 1) k ON true
"""

# A credit belongs to the branch whose code or account it names; what names neither is the chain's.
_SEEN: Final = """
(CAST(:scope AS uuid[]) IS NULL
 OR EXISTS (SELECT 1 FROM payment_code k JOIN payment_request r ON r.id = k.request_id
             WHERE k.code = c.code AND r.location_id = ANY(CAST(:scope AS uuid[])))
 OR EXISTS (SELECT 1 FROM bank_account a WHERE a.account_no = c.account_no AND a.location_id = ANY(CAST(:scope AS uuid[]))))
"""
_IS_SEEN: Final = "SELECT 1 FROM bank_credit c WHERE c.id = :id AND "

# By code first; then by amount, the nearest in time first. A hand-recorded transfer of a sale counts as waiting too.
_CREDITS: Final = """
SELECT c.*, m.request_id, coalesce(m.sale_id, r.sale_id) AS sale_id, m.surplus_vnd, m.matched_at,
       x.amount_vnd AS returned_vnd, x.reason AS return_reason, w.full_name AS dealt_by, s.receipt_code,
       g.request_id AS guess_request_id, g.sale_id AS guess_sale_id, g.why AS guess_why, g.name AS guess_name,
       g.amount_vnd AS guess_vnd, g.state AS guess_state, g.at AS guess_at, g.till_code AS guess_till
  FROM bank_credit c
  LEFT JOIN credit_match m ON m.credit_id = c.id
  LEFT JOIN credit_return x ON x.credit_id = c.id
  LEFT JOIN payment_request r ON r.id = m.request_id
  LEFT JOIN sale s ON s.id = coalesce(m.sale_id, r.sale_id)
  LEFT JOIN staff w ON w.id = coalesce(x.staff_id, m.staff_id)
  LEFT JOIN LATERAL (
SELECT * FROM (
    SELECT r.id AS request_id, NULL::uuid AS sale_id, 'code' AS why, coalesce(s.receipt_code, k.code) AS name,
           r.amount_vnd, r.state, r.created_at AS at, 0 AS rank, coalesce(b.code || '-' || t.number, w.code) AS till_code
      FROM payment_code k JOIN payment_request r ON r.id = k.request_id
      LEFT JOIN till t ON t.id = r.till_id JOIN location b ON b.id = r.location_id
      LEFT JOIN web_order w ON w.id = r.cart_id AND r.till_id IS NULL
      LEFT JOIN sale s ON s.id = r.sale_id
     WHERE k.code = c.code
    UNION ALL
    SELECT r.id, NULL, 'amount', coalesce(s.receipt_code, 'QR'), r.amount_vnd, r.state, r.created_at, 1,
           coalesce(b.code || '-' || t.number, w.code)
      FROM payment_request r
      LEFT JOIN till t ON t.id = r.till_id JOIN location b ON b.id = r.location_id
      LEFT JOIN web_order w ON w.id = r.cart_id AND r.till_id IS NULL
      LEFT JOIN sale s ON s.id = r.sale_id
     WHERE r.kind = 'transfer' AND r.amount_vnd - r.received_vnd = c.amount_vnd AND r.state IN ('waiting', 'received')
       AND r.created_at BETWEEN c.received_at - make_interval(hours => :near)
                            AND c.received_at + make_interval(hours => :near)
    UNION ALL
    SELECT NULL, s.id, 'amount', s.receipt_code, y.amount_vnd, s.state, s.sold_at, 2, b.code || '-' || t.number
      FROM payment y JOIN sale s ON s.id = y.sale_id AND s.state = 'posted'
      JOIN till t ON t.id = s.till_id JOIN location b ON b.id = t.location_id
     WHERE y.kind = 'transfer' AND y.payment_id IS NULL AND y.amount_vnd = c.amount_vnd
       AND y.received_at BETWEEN c.received_at - make_interval(hours => :near)
                            AND c.received_at + make_interval(hours => :near)
       AND NOT EXISTS (SELECT 1 FROM credit_match z WHERE z.sale_id = s.id)) guesses
 ORDER BY rank, abs(extract(epoch FROM at - c.received_at)) LIMIT 1) g ON m.credit_id IS NULL AND x.credit_id IS NULL
 WHERE """
_WHICH: Final = {
    "open": "m.credit_id IS NULL AND x.credit_id IS NULL",
    "surplus": "m.surplus_vnd > 0 AND x.credit_id IS NULL",
    "all": "c.received_at >= :since",
}


def request_face(tx: Session, request_id: UUID) -> Row[Any]:
    """A request with its newest code, its account and everybody's names."""
    return tx.execute(text(_FACES + " WHERE r.id = :id"), {"id": request_id}).one()


def online_face(tx: Session, request_id: UUID) -> dict[str, Any]:
    """What a shopper needs to pay a transfer: the code, the QR payload, the account; and what has come of it already."""
    face = request_face(tx, request_id)._asdict()
    return {name: face[name] for name in ("payload", "code", "bank_bin", "account_no", "account_name", "received_vnd")}


def open_requests(tx: Session, *, till_id: UUID) -> Rows:
    """What a till has asked for and not used yet: it waits, has come, or is on its way back by the terminal."""
    return tx.execute(
        text(
            _FACES + " WHERE r.till_id = :till AND r.sale_id IS NULL AND (r.state IN ('waiting', 'received') "
            "OR (r.state = 'returning' AND r.kind = 'card')) ORDER BY r.created_at LIMIT 100"
        ),
        {"till": till_id},
    ).all()


def requests_of_day(tx: Session, *, scope: Sequence[UUID] | None, location_id: UUID | None, on: date) -> Rows:
    """The requests of a business day, the newest first."""
    starts_at, ends_at = day_bounds(on)
    return tx.execute(
        text(
            _FACES
            + """
             WHERE r.created_at >= :starts AND r.created_at < :ends
               AND (CAST(:scope AS uuid[]) IS NULL OR r.location_id = ANY(CAST(:scope AS uuid[])))
               AND (CAST(:location AS uuid) IS NULL OR r.location_id = CAST(:location AS uuid))
             ORDER BY r.created_at DESC, r.id LIMIT :most
            """
        ),
        {
            "starts": starts_at,
            "ends": ends_at,
            "scope": _ids(scope),
            "location": location_id,
            "most": LISTED_MAX,
        },
    ).all()


def to_pay_back(tx: Session, *, scope: Sequence[UUID] | None) -> Rows:
    """Transfers that are to go back to their customers by hand, the oldest first."""
    return tx.execute(
        text(
            _FACES
            + """
             WHERE r.state = 'returning' AND r.kind = 'transfer'
               AND (CAST(:scope AS uuid[]) IS NULL OR r.location_id = ANY(CAST(:scope AS uuid[])))
             ORDER BY r.created_at LIMIT :most
            """
        ),
        {"scope": _ids(scope), "most": LISTED_MAX},
    ).all()


def credit_seen(tx: Session, *, credit_id: UUID, scope: Sequence[UUID] | None) -> bool:
    """Whether a credit is one of these branches'."""
    return tx.scalar(text(_IS_SEEN + _SEEN), {"id": credit_id, "scope": _ids(scope)}) is not None


def credits_listed(
    tx: Session, *, scope: Sequence[UUID] | None, which: Literal["open", "surplus", "all"], since: datetime
) -> Rows:
    """Credits, the newest first: those nobody knows the use of, those with money too much, or all since a moment.

    An open one carries the best guess: the request its code names, else a transfer of the same amount that waits for
    its money, not farther away than a day.
    """
    query = text(_CREDITS + _WHICH[which] + " AND " + _SEEN + " ORDER BY c.received_at DESC, c.id LIMIT :most")
    values = {"scope": _ids(scope), "since": since, "most": LISTED_MAX, "near": NEAR_HOURS}
    return tx.execute(query, values).all()


def hand_transfer_of(tx: Session, sale_id: UUID) -> Row[Any] | None:
    """A posted sale's branch, and how much of its hand-recorded transfers no credit has shown yet; none without such."""
    return tx.execute(
        text(
            """
            SELECT s.location_id, (sum(y.amount_vnd) - coalesce(
                       (SELECT sum(c.amount_vnd - m.surplus_vnd) FROM credit_match m JOIN bank_credit c ON c.id = m.credit_id
                         WHERE m.sale_id = s.id), 0))::bigint AS open_vnd
              FROM sale s JOIN payment y ON y.sale_id = s.id AND y.kind = 'transfer' AND y.payment_id IS NULL
             WHERE s.id = :sale AND s.state = 'posted'
             GROUP BY s.id
            """
        ),
        {"sale": sale_id},
    ).one_or_none()


def accounts(tx: Session, *, scope: Sequence[UUID] | None) -> Rows:
    """Every branch with the account it receives into, if it has one."""
    return tx.execute(
        text(
            """
            SELECT l.id AS location_id, l.code AS location_code, l.name AS location_name, a.bank_bin, a.account_no,
                   a.account_name, a.created_at
              FROM location l LEFT JOIN bank_account a ON a.location_id = l.id AND a.active
             WHERE l.kind = 'branch' AND (CAST(:scope AS uuid[]) IS NULL OR l.id = ANY(CAST(:scope AS uuid[])))
             ORDER BY l.position
            """
        ),
        {"scope": _ids(scope)},
    ).all()


def hook_healths(tx: Session) -> Rows:
    """How each provider's calls fare."""
    return tx.execute(text("SELECT * FROM hook_health ORDER BY provider")).all()


def card_tenders(tx: Session, *, location_id: UUID, from_on: date, to_on: date) -> list[Tender]:
    """The card tenders of a branch's standing sales in some days, both included."""
    rows = tx.execute(
        text(
            """
            SELECT y.sale_id, y.no, s.sold_on, coalesce(y.reference, '') AS reference, y.amount_vnd
              FROM sale s JOIN payment y ON y.sale_id = s.id AND y.kind = 'card' AND y.amount_vnd > 0
             WHERE s.location_id = :location AND s.state = 'posted' AND s.sold_at >= :starts AND s.sold_at < :ends
            """
        ),
        {"location": location_id, "starts": day_bounds(from_on)[0], "ends": day_bounds(to_on)[1]},
    )
    return [Tender(*row) for row in rows]


def settlements(tx: Session, *, scope: Sequence[UUID] | None, file_id: UUID | None = None) -> Rows:
    """Files that have been compared, the newest first; or one of them."""
    return tx.execute(
        text(
            """
            SELECT f.*, l.name AS location_name, p.full_name AS uploaded_by, c.*
              FROM settlement_file f
              JOIN location l ON l.id = f.location_id
              JOIN staff p ON p.id = f.uploaded_by
              JOIN LATERAL (SELECT count(*) AS lines, count(*) FILTER (WHERE outcome <> 'matched') AS differences,
                                   count(*) FILTER (WHERE outcome <> 'matched' AND accepted_at IS NULL) AS open
                              FROM settlement_line n WHERE n.file_id = f.id) c ON true
             WHERE (CAST(:scope AS uuid[]) IS NULL OR f.location_id = ANY(CAST(:scope AS uuid[])))
               AND (CAST(:file AS uuid) IS NULL OR f.id = CAST(:file AS uuid))
             ORDER BY f.uploaded_at DESC LIMIT :most
            """
        ),
        {"scope": _ids(scope), "file": file_id, "most": LISTED_MAX},
    ).all()


def settlement_lines(tx: Session, file_id: UUID) -> Rows:
    """The lines of a file: open differences first, then accepted ones, then what agrees."""
    return tx.execute(
        text(
            """
            SELECT n.no, n.occurred_on, n.reference, n.bank_vnd, n.ours_vnd, n.sale_id, s.receipt_code, n.outcome, n.note,
                   p.full_name AS accepted_by, n.accepted_at
              FROM settlement_line n LEFT JOIN sale s ON s.id = n.sale_id LEFT JOIN staff p ON p.id = n.accepted_by
             WHERE n.file_id = :file
             ORDER BY n.outcome = 'matched', n.accepted_at IS NOT NULL, n.no
            """
        ),
        {"file": file_id},
    ).all()


def _ids(scope: Sequence[UUID] | None) -> list[UUID] | None:
    return None if scope is None else list(scope)
