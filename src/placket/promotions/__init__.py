"""Promotions: what is cheaper, when, where and for whom, the one engine that prices a cart by them, and vouchers."""

from placket.promotions.books import PromoBook, promo_books, read_book, trying
from placket.promotions.engine import quote
from placket.promotions.queries import had_by
from placket.promotions.refusals import NoVoucherPromotion, PromotionMalformed, UnknownVoucher, VoucherNotUsable
from placket.promotions.service.publishing import keep_draft, publish, stop
from placket.promotions.service.vouchers import (
    VoucherFound,
    demand_voucher_promotion,
    find,
    give_back,
    hold_voucher,
    issue,
    issue_each,
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
    "NoVoucherPromotion",
    "PromoBook",
    "Promotion",
    "PromotionMalformed",
    "UnknownVoucher",
    "VoucherFound",
    "VoucherNotUsable",
    "demand_voucher_promotion",
    "find",
    "give_back",
    "had_by",
    "hold_voucher",
    "issue",
    "issue_each",
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
