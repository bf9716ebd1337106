"""Money received and given back: tenders, payments taken before their sale, banks' credits, card terminals, cards online."""

from placket.payments import online, online_events, online_talk
from placket.payments.online_models import OnlinePayment, OnlineRefund
from placket.payments.online_rules import CARD_LEAST_VND, REFUND_STATES, Currency
from placket.payments.provider import CardProvider, Page, PageWish, ProviderAway, RefundAt, card_provider, takes_cards
from placket.payments.queries import online_face
from placket.payments.service.accounts import web_account
from placket.payments.service.requests import (
    ask_for_order,
    drop_for_order,
    give_back_for,
    keep_for_order,
    keep_refunds_of,
    settle_up,
)

__all__ = [
    "CARD_LEAST_VND",
    "REFUND_STATES",
    "CardProvider",
    "Currency",
    "OnlinePayment",
    "OnlineRefund",
    "Page",
    "PageWish",
    "ProviderAway",
    "RefundAt",
    "ask_for_order",
    "card_provider",
    "drop_for_order",
    "give_back_for",
    "keep_for_order",
    "keep_refunds_of",
    "online",
    "online_events",
    "online_face",
    "online_talk",
    "settle_up",
    "takes_cards",
    "web_account",
]
