"""Promotions: what is cheaper, when, where and for whom, and the one engine that prices a cart by them."""

from placket.promotions.engine import quote
from placket.promotions.terms import CartFacts, CustomerFacts, Left, LineFacts, Promotion

__all__ = ["CartFacts", "CustomerFacts", "Left", "LineFacts", "Promotion", "quote"]
