"""A person asks to be forgotten: what names them goes, what the law wants kept (receipts) stays."""

from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Session

from placket.core.refusals import Refusal
from placket.crm.models import CustomerAccount
from placket.crm.service.accounts import By, locked_survivor, tell

FORGOTTEN: Final = "Khách đã xóa"


class ErasureOwed(Refusal):
    """We owe them something, or a sale of theirs is being paid."""

    code = "erasure_owed"
    vi = "Khách còn {credit_vnd} ₫ tín dụng hoặc đang thanh toán. Trả xong rồi xóa."
    en = "They still have {credit_vnd} ₫ of credit, or a sale is being paid. Settle it, then erase."


def erase_customer(tx: Session, *, customer_id: UUID, by: By, at: datetime) -> UUID:
    """Forget who a customer is, under every id they had; answers the number that stays. Doing it again changes nothing.

    Points expire, consents are taken back, nobody scores them any more. Refuses ``NotFound``, ``ErasureOwed``.
    """
    survivor = locked_survivor(tx, customer_id)
    account = tx.get_one(CustomerAccount, survivor, populate_existing=True)
    facts = {"id": survivor, "name": FORGOTTEN, "at": at, "staff": by.staff_id, "till": by.till_id}
    held = tx.scalar(text("SELECT EXISTS (SELECT 1 FROM right_hold WHERE resource_id = :id AND state = 'held')"), facts)
    if account.credit_vnd > 0 or held:
        raise ErasureOwed(credit_vnd=account.credit_vnd)
    for statement in _ERASE:
        tx.execute(text(statement), facts)
    tx.expire_all()
    tell(tx, survivor)
    return survivor


_ERASE: Final = (
    """
    INSERT INTO consent (customer_id, purpose, granted, channel, text_version, staff_id, till_id, given_at)
    SELECT :id, p.purpose, false, 'office', 'erasure', :staff, :till, :at
      FROM (VALUES ('loyalty'), ('marketing'), ('personalisation')) p(purpose)
     WHERE (SELECT k.granted FROM consent k WHERE k.customer_id = :id AND k.purpose = p.purpose ORDER BY k.id DESC LIMIT 1)
           IS DISTINCT FROM false
    """,
    """
    INSERT INTO loyalty_entry (customer_id, lot_id, kind, points, occurred_at)
    SELECT :id, id, 'expire', -left_points, :at FROM loyalty_lot WHERE customer_id = :id AND left_points > 0 ORDER BY id
    """,
    "UPDATE loyalty_lot SET left_points = 0 WHERE customer_id = :id AND left_points > 0",
    "UPDATE customer_account SET points = 0, earns = false, profiled = false WHERE customer_id = :id",
    "DELETE FROM shopper_session WHERE customer_id = :id",
    """
    DELETE FROM message m USING customer c
     WHERE (c.id = :id OR c.merged_into = :id) AND m.address IN (c.phone, c.email)
    """,
    """
    UPDATE customer SET full_name = :name, given_name = split_part(:name, ' ', 3), phone = NULL, email = NULL,
           birth_day = NULL, birth_month = NULL, note = NULL
     WHERE id = :id OR merged_into = :id
    """,
)
