"""A person asks to be forgotten: what names them goes, what the law wants kept (receipts) stays."""

from datetime import date, datetime
from typing import Final
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Session

from placket.core.clock import business_day
from placket.core.refusals import Refusal
from placket.crm.models import CustomerAccount
from placket.crm.service.accounts import By, locked_survivor, tell

FORGOTTEN: Final = "Khách đã xóa"


class ErasureOwed(Refusal):
    """We owe them something, or a sale of theirs is being paid."""

    code = "erasure_owed"
    vi = "Khách còn {credit_vnd} ₫ tín dụng hoặc đang thanh toán. Trả xong rồi xóa."
    en = "They still have {credit_vnd} ₫ of credit, or a sale is being paid. Settle it, then erase."


class OrderUnderWay(Refusal):
    """Something is on its way to them, or back: whoever carries it needs their name and address until it has arrived."""

    code = "order_under_way"
    vi = "Đơn {code} của khách đang giao hoặc đang trả. Xong đơn rồi xóa."
    en = "Order {code} is on its way to them or back. Let it arrive, then erase."


class AskedLater(Refusal):
    """Nobody answers what has not been asked yet."""

    code = "asked_later"
    status = 422
    vi = "Ngày khách yêu cầu không thể sau hôm nay."
    en = "The day of the request cannot be after today."


def demand_asked(on: date, now: datetime) -> None:
    """Refuse ``AskedLater`` for a request of a day to come."""
    if on > business_day(now):
        raise AskedLater


def erase_customer(tx: Session, *, customer_id: UUID, by: By, at: datetime) -> UUID:
    """Forget who a customer is, under every id they had; answers the number that stays. Doing it again changes nothing.

    Points expire, consents are taken back, nobody scores them any more; orders of the web keep goods, money and province.
    Refuses ``NotFound``, ``ErasureOwed``, ``OrderUnderWay``.
    """
    survivor = locked_survivor(tx, customer_id)
    account = tx.get_one(CustomerAccount, survivor, populate_existing=True)
    facts = {"id": survivor, "name": FORGOTTEN, "at": at, "staff": by.staff_id, "till": by.till_id}
    held = tx.scalar(text("SELECT EXISTS (SELECT 1 FROM right_hold WHERE resource_id = :id AND state = 'held')"), facts)
    if account.credit_vnd > 0 or held:
        raise ErasureOwed(credit_vnd=account.credit_vnd)
    under_way = tx.scalar(text(_UNDER_WAY), facts)
    if under_way is not None:
        raise OrderUnderWay(code=under_way)
    for statement in _ERASE:
        tx.execute(text(statement), facts)
    tx.expire_all()
    tell(tx, survivor)
    return survivor


# Theirs by account, and what they ordered as a guest under the number they are known by.
_THEIRS: Final = """
SELECT o.id FROM web_order o
 WHERE o.customer_id IN (SELECT c.id FROM customer c WHERE c.id = :id OR c.merged_into = :id)
    OR o.phone IN (SELECT c.phone FROM customer c WHERE c.id = :id OR c.merged_into = :id)
"""
_UNDER_WAY: Final = f"""
SELECT o.code FROM web_order o
 WHERE o.id IN ({_THEIRS})
   AND (o.state IN ('asking', 'held', 'confirmed')
        OR EXISTS (SELECT 1 FROM shipment s WHERE s.subject_id = o.id AND s.state IN ('booked', 'picked_up', 'failed')))
UNION ALL
SELECT r.code FROM courier_return r
 WHERE r.state IN ('asked', 'booked')
   AND r.customer_id IN (SELECT c.id FROM customer c WHERE c.id = :id OR c.merged_into = :id)
 LIMIT 1
"""  # noqa: S608 - our own condition
# Put together from _THEIRS alone, a constant above; whose it is is bound. Nothing a person sent is in these texts.
_ERASE: Final = (
    f"""
    DELETE FROM message m
     WHERE m.subject_id IN ({_THEIRS})
        OR m.subject_id IN (SELECT r.id FROM courier_return r JOIN customer c ON c.id = r.customer_id
                             WHERE c.id = :id OR c.merged_into = :id)
    """,  # noqa: S608 - our own condition
    f"DELETE FROM push_device WHERE subject_id IN ({_THEIRS})",  # noqa: S608 - of _THEIRS, a constant above; whose it is is bound
    f"""
    UPDATE web_order SET name = NULL, phone = NULL, email = NULL, address = NULL, note = NULL, version = version + 1
     WHERE id IN ({_THEIRS})
    """,  # noqa: S608 - our own condition
    """
    UPDATE depot_sending d SET recipient = NULL FROM sale s JOIN customer c ON c.id = s.customer_id
     WHERE s.id = d.sale_id AND (c.id = :id OR c.merged_into = :id)
    """,
    """
    UPDATE sending_lack d SET recipient = NULL FROM sale s JOIN customer c ON c.id = s.customer_id
     WHERE s.id = d.sale_id AND (c.id = :id OR c.merged_into = :id)
    """,
    """
    UPDATE courier_return SET sender = NULL, pay_to = NULL
     WHERE customer_id IN (SELECT c.id FROM customer c WHERE c.id = :id OR c.merged_into = :id)
    """,
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
    UPDATE customer_merge SET was = '{}'
     WHERE survivor_id IN (SELECT c.id FROM customer c WHERE c.id = :id OR c.merged_into = :id)
    """,
    """
    UPDATE customer SET full_name = :name, given_name = split_part(:name, ' ', 3), phone = NULL, email = NULL,
           birth_day = NULL, birth_month = NULL, note = NULL, language = NULL
     WHERE id = :id OR merged_into = :id
    """,
)
