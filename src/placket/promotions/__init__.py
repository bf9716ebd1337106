"""Promotions: what is cheaper, when, where and for whom, the one engine that prices a cart by them, and vouchers."""

from placket.promotions.books import PromoBook, promo_books, read_book, trying
from placket.promotions.engine import quote
from placket.promotions.queries import had_by
from placket.promotions.refusals import PromotionMalformed, UnknownVoucher, VoucherNotUsable
from placket.promotions.service.publishing import keep_draft, publish, stop
from placket.promotions.service.vouchers import (
    VoucherFound,
    find,
    give_back,
    hold_voucher,
    issue,
    opened_by,
    release_expired,
    release_voucher,
    voucher_code,
)
from placket.promotions.terms import CartFacts, CustomerFacts, Left, LineFacts, Promotion

__all__ = [
    "CartFacts",
    "CustomerFacts",
    "Left",
    "LineFacts",
    "PromoBook",
    "Promotion",
    "PromotionMalformed",
    "UnknownVoucher",
    "VoucherFound",
    "VoucherNotUsable",
    "find",
    "give_back",
    "had_by",
    "hold_voucher",
    "issue",
    "keep_draft",
    "opened_by",
    "promo_books",
    "publish",
    "quote",
    "read_book",
    "release_expired",
    "release_voucher",
    "stop",
    "trying",
    "voucher_code",
]
