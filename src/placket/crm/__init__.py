"""Customers: who buys here, known by a phone number; what they agreed to, their points, their store credit."""

from placket.crm.queries import (
    LANGUAGE,
    Buyer,
    buyer,
    customer_of_phone,
    ids_of,
    is_known,
    language_of,
    purse,
    spendable_points,
    terms_on,
)
from placket.crm.rules import Purse, masked_phone, member_code, modern_phone, phone_of
from placket.crm.score_queries import groups_between, standing
from placket.crm.scoring import catch_up, score_by_night
from placket.crm.segments import terms_of, write_segment
from placket.crm.service.accounts import By, tell_of
from placket.crm.service.customers import (
    Agreed,
    Birthday,
    Details,
    PhoneInvalid,
    PhoneTaken,
    create_customer,
    merge_customers,
    note_language,
    record_customer,
    stop_advertising,
)
from placket.crm.service.holds import NotEnough, free_holds_of_ended, free_holds_of_sale, hold, settle_holds
from placket.crm.service.ledger import Lacking, expire_points, issue_credit, open_points, reverse_rights
from placket.crm.service.order_holds import (
    LinePoints,
    free_holds_of_order,
    hold_for_order,
    spends_of_order,
    split_hold_of_order,
)

__all__ = [
    "LANGUAGE",
    "Agreed",
    "Birthday",
    "Buyer",
    "By",
    "Details",
    "Lacking",
    "LinePoints",
    "NotEnough",
    "PhoneInvalid",
    "PhoneTaken",
    "Purse",
    "buyer",
    "catch_up",
    "create_customer",
    "customer_of_phone",
    "expire_points",
    "free_holds_of_ended",
    "free_holds_of_order",
    "free_holds_of_sale",
    "groups_between",
    "hold",
    "hold_for_order",
    "ids_of",
    "is_known",
    "issue_credit",
    "language_of",
    "masked_phone",
    "member_code",
    "merge_customers",
    "modern_phone",
    "note_language",
    "open_points",
    "phone_of",
    "purse",
    "record_customer",
    "reverse_rights",
    "score_by_night",
    "settle_holds",
    "spendable_points",
    "spends_of_order",
    "split_hold_of_order",
    "standing",
    "stop_advertising",
    "tell_of",
    "terms_of",
    "terms_on",
    "write_segment",
]
