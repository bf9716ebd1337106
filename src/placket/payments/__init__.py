"""Money received and given back: tenders, payments taken before their sale, banks' credits, the card terminal."""

from placket.payments.service.requests import give_back_for, keep_refunds_of, settle_up

__all__ = ["give_back_for", "keep_refunds_of", "settle_up"]
