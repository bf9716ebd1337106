"""How far a text reaches in the catalogue, and whom it meets there."""

from typing import Any
from uuid import uuid4

import msgspec
from sqlalchemy.orm import Session

import builders
from placket import catalog, promotions
from placket.promotions.reach import Overlap, reach_of


def a_promotion(**terms: Any) -> promotions.Promotion:
    reward = {"kind": "percent", "bp": 1_000}
    return msgspec.convert({"id": str(uuid4()), "version": 1, "group": 1, "reward": reward, **terms}, promotions.Promotion)


def test_a_text_without_goods_means_everything_and_one_with_goods_what_they_hold(tx: Session) -> None:
    shirt, dress = builders.a_style(tx), builders.a_style(tx, "AO0002", sizes=("S", "M"))
    prices = catalog.load_price_book(tx)
    everything = reach_of(a_promotion(), [], prices)
    assert (everything.styles, everything.variants) == (2, 3)
    one = reach_of(a_promotion(goods={"styles": [prices.facts_of(shirt.one).style_id]}), [], prices)
    assert (one.styles, one.variants) == (1, 1)
    piece = reach_of(a_promotion(goods={"variants": [str(dress.all[0])]}), [], prices)
    assert (piece.styles, piece.variants) == (1, 1)


def test_two_meet_only_in_one_round_at_a_common_time_and_place(tx: Session) -> None:
    builders.a_style(tx)
    prices = catalog.load_price_book(tx)
    text = a_promotion(when={"starts_ms": 1_000, "ends_ms": 2_000}, where={"locations": ["hn"]})
    meets = a_promotion(when={"starts_ms": 1_999})
    others = [
        meets,
        a_promotion(when={"starts_ms": 2_000}),
        a_promotion(group=2),
        a_promotion(exclusive=True),
        a_promotion(where={"locations": ["hcm"]}),
        a_promotion(goods={"styles": [str(uuid4())]}),
    ]
    assert list(reach_of(text, [*others, text], prices).overlaps) == [Overlap(meets.id, 1)]
