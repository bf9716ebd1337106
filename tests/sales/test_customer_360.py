"""One person over both channels: value net of returns, likings, everything in order, and what may suit them here."""

from datetime import datetime
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from books import UNIT_VND, Line, a_sale, post
from builders import a_branch, a_style, a_till, stocked
from loyal import DAY, NOON, TEXT, Shop
from placket import catalog, crm, messages, promotions, sales
from placket.core import clock
from placket.core.ids import new_id
from placket.crm.service.customers import merge_customers, note_consent
from placket.sales import customer_queries
from placket.sales.recommending import recommended_to

ON = clock.business_day(NOON)


@pytest.fixture
def shop(tx: Session, monkeypatch: pytest.MonkeyPatch) -> Shop:
    branch_id = a_branch(tx)
    shirt = a_style(tx, price_vnd=UNIT_VND).one
    stocked(tx, branch_id, {shirt: 10_000})
    monkeypatch.setattr(catalog.price_books, "_book", catalog.load_price_book(tx))
    monkeypatch.setattr(promotions.promo_books, "_book", promotions.read_book(tx))
    one = a_till(tx, branch_id)
    return Shop(tx, branch_id, one, a_till(tx, branch_id), shirt)


def test_the_timeline_has_everything_in_order_also_of_the_other_id(shop) -> None:
    ngoc, other = shop.customer("0912345601", "Ngọc"), shop.customer("0912345602", "Ngọc", agrees=False)
    first, _ = shop.sells(other, 3, at=NOON - 3 * DAY)
    shop.takes_back(other, first, 1, at=NOON - 2 * DAY)
    voided, _ = shop.sells(ngoc, 1, at=NOON - DAY)
    shop.voids(voided, at=NOON - DAY)
    word = crm.Agreed("marketing", granted=True, text_version=TEXT)
    note_consent(shop.tx, customer_id=ngoc, word=word, channel="web", by=crm.By(None), at=NOON)
    merge_customers(shop.tx, loser_id=other, survivor_id=ngoc, at=NOON)
    ids = crm.ids_of(shop.tx, ngoc)
    told = customer_queries.timeline_of(shop.tx, ids, before=NOON + DAY, limit=40)
    assert [(row.kind, row.amount_vnd) for row in told] == [
        ("agreed", None),
        ("void", 100_000),
        ("return", -100_000),
        ("sale", 300_000),
        ("agreed", None),
        ("known", None),
        ("known", None),
    ]
    page = customer_queries.timeline_of(shop.tx, ids, before=told[1].at, limit=1)
    assert page[0].kind == "return"
    assert customer_queries.spent_last_year(shop.tx, ids, on=ON) == 200_000
    (place,) = customer_queries.branches_of(shop.tx, ids)
    assert (place.channel, place.purchases) == ("store", 1)


def test_what_somebody_was_told_stands_between_what_they_did_also_under_the_other_id(shop) -> None:
    ngoc, other = shop.customer("0912345601", "Ngọc"), shop.customer("0912345602", "Ngọc", agrees=False)
    order_id = new_id()
    shop.tx.execute(
        text(
            "INSERT INTO web_order (id, code, state, kind, language, customer_id, list_vnd, discount_vnd, total_vnd, "
            "price_version, promo_version, offers, vouchers, fingerprint, placed_at, held_until, ended_at) "
            "VALUES (:id, 'W-00000009', 'cancelled', 'ship', 'vi', :who, 0, 0, 0, 1, 1, '[]', '{}', '', :at, :at, :at)"
        ),
        {"id": order_id, "who": other, "at": NOON - DAY},
    )
    word = crm.Agreed("marketing", granted=True, text_version=TEXT)
    note_consent(shop.tx, customer_id=ngoc, word=word, channel="web", by=crm.By(None), at=NOON - 3 * DAY)
    told_of(shop, "order_placed", NOON - DAY, subject_id=order_id, facts={"code": "W-00000009"})
    told_of(shop, "campaign", NOON, advertises_to=ngoc, facts={"subject": "Quà cho Ngọc"})
    told_of(shop, "campaign", None, advertises_to=ngoc, facts={"subject": "Còn chờ"})
    shop.sells(ngoc, 1, at=NOON - DAY / 2)
    merge_customers(shop.tx, loser_id=other, survivor_id=ngoc, at=NOON)
    told = customer_queries.timeline_of(shop.tx, crm.ids_of(shop.tx, ngoc), before=NOON + DAY, limit=3)
    assert [(row.kind, row.label, row.channel, row.goods_vi) for row in told[::2]] == [
        ("told", "campaign", "email", "Quà cho Ngọc"),
        ("told", "order_placed", "email", "W-00000009"),
    ]
    assert told[1].kind == "sale"


def told_of(shop, kind: str, sent_at: datetime | None, **more: Any) -> None:
    """A mail of a kind, which has gone out at a moment, or waits."""
    message_id = messages.ask(
        shop.tx, key=str(new_id()), kind=kind, channel="email", address="a@example.com", language="vi", now=NOON, **more
    )
    sent = text("UPDATE message SET state = 'sent', ended_at = :at WHERE id = :id AND CAST(:at AS timestamptz) IS NOT NULL")
    shop.tx.execute(sent, {"id": message_id, "at": sent_at})


def pieces(shop, style: int) -> dict[str, UUID]:
    """The sizes of one more style, all of them on the shelf but the last."""
    made = a_style(shop.tx, code=f"K{style}", sizes=("S", "M", "L"), price_vnd=UNIT_VND)
    return dict(zip(("S", "M", "L"), made.all, strict=True))


def buys(shop, customer_id: UUID, *variants: UUID, days: int = 10) -> UUID:
    sale = a_sale(shop.one, *(Line(one, 1) for one in variants), customer_id=customer_id, at=NOON - days * DAY)
    (outcome,) = post(shop.tx, sale)
    assert outcome.kind == "accepted", outcome
    return sale.id


def test_what_people_keep_together_is_shown_in_ones_size_from_this_shelf_and_never_what_one_had(shop) -> None:
    dress, scarf, coat, belt = (pieces(shop, n) for n in range(4))
    for style in (dress, scarf, coat, belt):
        stocked(shop.tx, shop.branch_id, dict.fromkeys(style.values(), 30))
    for n in range(6):
        buys(shop, shop.customer(f"09123457{n:02d}"), dress["M"], scarf["M"])
    for n in range(4):
        buys(shop, shop.customer(f"09123458{n:02d}"), dress["M"], coat["M"])
    for n in range(9):
        buys(shop, shop.customer(f"09123459{n:02d}"), belt["S"])
    assert sales.pair_styles(shop.tx, on=ON) == 4
    ngoc = shop.customer("0912345601")
    buys(shop, ngoc, dress["M"], days=3)

    def shown(place: UUID | None = None) -> list[tuple[UUID | None, bool]]:
        rows = recommended_to(shop.tx, [ngoc], location_id=place or shop.branch_id, on=ON, most=6)
        return [(row.variant_id, row.because_id is not None) for row in rows]

    assert shown() == [(scarf["M"], True), (coat["M"], True), (belt["M"], False)]
    came_back = buys(shop, ngoc, scarf["L"], days=2)
    back = a_sale(shop.one, Line(scarf["L"], -1, returns=(came_back, 1)), customer_id=ngoc, at=NOON - DAY)
    post(shop.tx, back)
    assert shown() == [(coat["M"], True), (belt["M"], False)]
    shop.tx.execute(text("UPDATE stock SET promised = on_hand WHERE variant_id = :id"), {"id": coat["M"]})
    assert shown() == [(belt["M"], False)]
    assert shown(new_id()) == []
