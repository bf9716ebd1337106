"""Sales and orders, one model for store and web: priced here, posted at the desk, voided on their own day."""

from placket.sales import (
    courier_jobs,
    courier_queries,
    courier_returning,
    couriers,
    order_fulfilling,
    order_jobs,
    order_paying,
    order_quote,
    order_refusals,
    order_view,
    ordering,
    receipt_page,
)
from placket.sales.desk import Busy, Outcome, PostingDesk, SaleToPost, UnknownReference
from placket.sales.keeping import OrderKept, orders_to_keep
from placket.sales.offers import Wishes, offered
from placket.sales.order_rules import Wish
from placket.sales.order_rules import scan_code as order_scan_code
from placket.sales.pieces import Piece
from placket.sales.provinces import PROVINCES
from placket.sales.queries import find_orders, shares_of, today_at
from placket.sales.receipt_page import sale_of_signed
from placket.sales.recommending import kept_with, pair_styles, recommended_to, suited_to
from placket.sales.records import Record, RecordContradicts, record_sales, record_void
from placket.sales.returning import AlreadyReturned, ReturnOfVoid
from placket.sales.rules import (
    Adjust,
    CartLine,
    OfferPart,
    PointsSpent,
    PricedLine,
    Quote,
    VatShare,
    cash_rounding,
    fingerprint,
    price_cart,
    receipt_barcode,
)
from placket.sales.service import VoidNumberWrong, VoidOverLimit, VoidTooLate, void_sale

__all__ = [
    "PROVINCES",
    "Adjust",
    "AlreadyReturned",
    "Busy",
    "CartLine",
    "OfferPart",
    "OrderKept",
    "Outcome",
    "Piece",
    "PointsSpent",
    "PostingDesk",
    "PricedLine",
    "Quote",
    "Record",
    "RecordContradicts",
    "ReturnOfVoid",
    "SaleToPost",
    "UnknownReference",
    "VatShare",
    "VoidNumberWrong",
    "VoidOverLimit",
    "VoidTooLate",
    "Wish",
    "Wishes",
    "cash_rounding",
    "courier_jobs",
    "courier_queries",
    "courier_returning",
    "couriers",
    "find_orders",
    "fingerprint",
    "kept_with",
    "offered",
    "order_fulfilling",
    "order_jobs",
    "order_paying",
    "order_quote",
    "order_refusals",
    "order_scan_code",
    "order_view",
    "ordering",
    "orders_to_keep",
    "pair_styles",
    "price_cart",
    "receipt_barcode",
    "receipt_page",
    "recommended_to",
    "record_sales",
    "record_void",
    "sale_of_signed",
    "shares_of",
    "suited_to",
    "today_at",
    "void_sale",
]
