"""A mail suggests to each what may suit them: left in their size where they shop, at its price, never what they have."""

import pytest
from sqlalchemy import text

from books import UNIT_VND
from builders import a_depot, a_style, a_till, stocked
from campaigns.crowd import DAY, NOON, Crowd, people
from loyal import Shop
from placket import catalog, promotions

PAIR = "INSERT INTO style_pair (style_id, other_id, people, score) VALUES (:own, :other, 9, :score)"
RANK = "INSERT INTO style_rank (style_id, people) VALUES (:id, 3)"


def words_of(crowd: Crowd, kind: str) -> dict[str, str]:
    """What each has got, as words or as a page."""
    told = {}
    for mail in crowd.inbox.by_id().values():
        body = mail.get_body((kind,))
        assert body is not None
        told[str(mail["to"])] = body.get_content()
    return told


def test_each_mail_suggests_what_is_left_in_the_size_of_its_reader_where_they_shop(
    crowd: Crowd, monkeypatch: pytest.MonkeyPatch
) -> None:
    with crowd.database.transaction() as tx:
        here, where = tx.execute(text("SELECT id, name FROM location WHERE kind = 'branch'")).one()
        depot = a_depot(tx)
        had = a_style(tx, "CO", name_vi="Áo đã có", price_vnd=UNIT_VND, sizes=("S", "M"))
        left, gone = (a_style(tx, code, name_vi=code, price_vnd=890_000, sizes=("S", "M")) for code in ("CON", "HET"))
        stocked(tx, here, {had.variants["DEN-S"]: 9, left.variants["DEN-S"]: 5, gone.variants["DEN-M"]: 5})
        stocked(tx, depot, {gone.variants["DEN-M"]: 5})
        for other, score in ((left, 0.9), (gone, 0.8)):
            tx.execute(text(PAIR), {"own": had.style_id, "other": other.style_id, "score": score})
            tx.execute(text(RANK), {"id": other.style_id})
        monkeypatch.setattr(catalog.price_books, "_book", catalog.load_price_book(tx))
        monkeypatch.setattr(promotions.promo_books, "_book", promotions.read_book(tx))
        people(tx, 1, 2)
        buyer, _ = tx.scalars(text("SELECT id FROM customer ORDER BY given_name")).all()
        tx.execute(text("UPDATE customer SET home_location_id = :here WHERE id = :id"), {"here": here, "id": buyer})
        shop = Shop(tx, here, a_till(tx, here), a_till(tx, here), had.variants["DEN-S"])
        shop.sells(buyer, 1, at=NOON - DAY)
    crowd.campaign(suggests=True)
    crowd.round()

    plain = words_of(crowd, "plain")
    assert f"- CON, cỡ S, còn ở {where}: 890.000\u00a0₫\n  http" in plain["khach1@example.com"]
    assert "/p/con" in plain["khach1@example.com"]
    assert "HET" not in plain["khach1@example.com"], "it is not left in their size"
    assert "Áo đã có" not in plain["khach1@example.com"].replace("vì bạn đã mua Áo đã có", "")
    assert "vì bạn đã mua Áo đã có" in words_of(crowd, "html")["khach1@example.com"]
    # Nobody knows the size of somebody who has bought nothing, and who is at home nowhere buys on the web.
    assert "- HET, cỡ M: 890.000" in plain["khach2@example.com"]
    assert "CON" not in plain["khach2@example.com"]


def test_a_mail_without_suggestions_says_nothing_of_them(crowd: Crowd) -> None:
    with crowd.database.transaction() as tx:
        people(tx, 1, 1)
    crowd.campaign(suggests=True)
    crowd.campaign()
    crowd.round()
    assert all("Gợi ý" not in said for said in words_of(crowd, "plain").values())
