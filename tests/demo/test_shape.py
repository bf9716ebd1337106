"""Two years of the demo look like a shop's: weekdays, Tết, growth, returns, tenders, and customers who differ."""

import re
from collections import Counter

from sqlalchemy import text

from demo.conftest import rows, value
from placket.campaigns import extra_of, queries
from placket.core.db import Database
from placket.crm import look_alike_queries
from placket.demo.twice import PAIRS_OF_KIND

MOBILE = re.compile(r"\+84(3\d|5[25689]|7[06-9]|8\d|9\d)\d{7}")


def per_day(url: str, condition: str) -> float:
    """The mean number of sales on the days that meet a condition on ``sold_on``."""
    return float(value(url, f"SELECT count(*) * 1.0 / count(DISTINCT sold_on) FROM sale WHERE {condition}"))


def test_saturdays_are_busier_than_tuesdays(years_url: str) -> None:
    saturday = per_day(years_url, "extract(isodow FROM sold_on) = 6")
    tuesday = per_day(years_url, "extract(isodow FROM sold_on) = 2")
    assert 1.3 < saturday / tuesday < 2.2


def test_the_weeks_before_tet_are_the_strongest_and_tet_is_closed(years_url: str) -> None:
    before = per_day(years_url, "sold_on BETWEEN '2026-01-31' AND '2026-02-14'")
    assert before > 1.5 * per_day(years_url, "true")
    assert value(years_url, "SELECT count(*) FROM sale WHERE sold_on IN ('2025-01-29', '2026-02-17')") == 0
    assert value(years_url, "SELECT count(*) FROM sale WHERE sold_on BETWEEN '2026-02-18' AND '2026-02-23'") > 0
    assert per_day(years_url, "sold_on BETWEEN '2026-02-18' AND '2026-02-23'") < before / 2


def test_each_year_is_stronger_than_the_one_before(years_url: str) -> None:
    last, this = (
        value(years_url, f"SELECT sum(total_vnd) FROM sale WHERE sold_on BETWEEN '{year}-03-01' AND '{year}-10-31'")
        for year in (2025, 2026)
    )
    assert 1.03 < this / last < 1.3


def test_evenings_are_busier_than_mornings_and_shops_keep_their_hours(years_url: str) -> None:
    hour = "extract(hour FROM sold_at AT TIME ZONE 'Asia/Ho_Chi_Minh')"
    morning, evening = (
        value(years_url, f"SELECT count(*) FROM sale WHERE channel = 'store' AND {hour} BETWEEN {a} AND {b}")
        for a, b in ((9, 10), (18, 19))
    )
    assert evening > 2 * morning
    assert value(years_url, f"SELECT count(*) FROM sale WHERE channel = 'store' AND {hour} NOT BETWEEN 9 AND 21") == 0


def test_coats_sell_in_the_northern_winter(years_url: str) -> None:
    pieces = dict(
        rows(
            years_url,
            "SELECT extract(month FROM s.sold_on) IN (12, 1), sum(l.qty) FROM sale s "
            "JOIN sale_line l ON l.sale_id = s.id JOIN location p ON p.id = s.location_id "
            "JOIN variant v ON v.id = l.variant_id JOIN style t ON t.id = v.style_id "
            "WHERE p.code LIKE 'HN%' AND t.code LIKE 'AK%' AND extract(month FROM s.sold_on) IN (12, 1, 6, 7) GROUP BY 1",
        )
    )
    assert pieces[True] > 2 * pieces[False]


def test_both_channels_sell_and_the_web_sells_from_the_depot(years_url: str) -> None:
    web = value(years_url, "SELECT avg((channel = 'web')::int) FROM sale")
    assert 0.1 < web < 0.3
    where = rows(
        years_url,
        "SELECT DISTINCT s.channel, l.kind, s.till_id IS NULL FROM sale s "
        "JOIN location l ON l.id = s.location_id ORDER BY 1",
    )
    assert where == [("store", "branch", False), ("web", "depot", True)]
    orders = "SELECT min(receipt_code), max(receipt_code), count(*) FROM sale WHERE channel = 'web'"
    ((first, last, many),) = rows(years_url, orders)
    assert (first, last) == ("W-00000001", f"W-{many:08d}")


def test_a_few_pieces_in_a_hundred_come_back_later_at_the_price_paid(years_url: str) -> None:
    share = value(years_url, "SELECT avg((qty < 0)::int) FROM sale_line")
    assert 0.02 < share < 0.05
    wrong = (
        "SELECT count(*) FROM sale_line r JOIN sale rs ON rs.id = r.sale_id "
        "LEFT JOIN sale_line l ON l.sale_id = r.returns_sale_id AND l.line_no = r.returns_line_no "
        "LEFT JOIN sale s ON s.id = l.sale_id "
        "WHERE r.qty < 0 AND (r.variant_id, r.source_id, r.unit_vnd, r.vat_bp, s.state, s.sold_at < rs.sold_at) "
        "IS DISTINCT FROM (l.variant_id, l.source_id, l.unit_vnd, l.vat_bp, 'posted', true)"
    )
    assert value(years_url, wrong) == 0


def test_every_tender_is_used_and_cash_is_handed_over_in_notes(years_url: str) -> None:
    kinds = dict(rows(years_url, "SELECT kind, count(*) FROM payment WHERE amount_vnd > 0 GROUP BY 1"))
    assert kinds.keys() == {"cash", "card", "transfer", "cod"}
    assert min(kinds.values()) > 300
    assert value(years_url, "SELECT count(*) FROM payment WHERE tendered_vnd % 1000 <> 0 OR change_vnd % 1000 <> 0") == 0
    assert value(years_url, "SELECT count(*) FROM payment WHERE kind = 'cash' AND amount_vnd > 0 AND change_vnd > 0") > 300


def test_customers_differ_in_frequency_and_recency(years_url: str) -> None:
    visits = [
        count
        for (count,) in rows(
            years_url, "SELECT count(*) FROM sale WHERE customer_id IS NOT NULL GROUP BY customer_id ORDER BY 1 DESC"
        )
    ]
    assert sum(visits[: len(visits) // 10]) > 0.25 * sum(visits), "a tenth of the customers makes a quarter of the sales"
    assert 0.3 < sum(1 for count in visits if count == 1) / len(visits) < 0.8
    days = dict(
        rows(
            years_url,
            "SELECT width_bucket(('2026-11-25'::date - last), ARRAY[0, 60, 180, 365]), count(*) FROM "
            "(SELECT max(sold_on) AS last FROM sale WHERE customer_id IS NOT NULL GROUP BY customer_id) c GROUP BY 1",
        )
    )
    assert min(days[bucket] for bucket in (1, 2, 3, 4)) > len(visits) // 20


def test_phone_numbers_are_mobile_ones_each_once(years_url: str) -> None:
    phones = [phone for (phone,) in rows(years_url, "SELECT phone FROM customer WHERE phone IS NOT NULL")]
    assert len(phones) == len(set(phones)) == 3_000 - PAIRS_OF_KIND
    assert all(MOBILE.fullmatch(phone) for phone in phones)


def test_nobody_buys_before_they_are_known(years_url: str) -> None:
    early = "SELECT count(*) FROM sale s JOIN customer c ON c.id = s.customer_id WHERE s.sold_at < c.created_at"
    assert value(years_url, early) == 0


def test_customers_are_scored_have_moved_and_are_in_segments(years_url: str) -> None:
    assert value(years_url, "SELECT count(*) FROM rfm_borders") == 3
    assert value(years_url, "SELECT count(DISTINCT group_key) FROM customer_score") == 10
    assert value(years_url, "SELECT count(*) FROM customer_move WHERE from_group IS NOT NULL") > 50
    assert value(years_url, "SELECT count(*) FROM segment WHERE people > 0") == 4
    assert value(years_url, "SELECT count(DISTINCT tier) FROM customer_tier") >= 3
    assert value(years_url, "SELECT count(*) FROM style_pair") > 100


def test_a_campaign_has_gone_out_to_who_agreed_and_its_report_is_chance(years_url: str) -> None:
    told = "SELECT state, count(*) FROM campaign_recipient GROUP BY 1"
    counts = {str(state): int(str(people)) for state, people in rows(years_url, told)}
    assert set(counts) == {"sent", "held_out"}
    assert 0.1 < counts["held_out"] / sum(counts.values()) < 0.3
    silent = "SELECT count(*) FROM campaign_recipient r LEFT JOIN marketing_consent k ON k.customer_id = r.customer_id "
    silent += "AND k.channel = 'email' AND k.since < r.planned_at WHERE k.customer_id IS NULL"
    assert value(years_url, silent) == 0
    database = Database(years_url, pool_size=1)
    with database.transaction() as tx:
        (campaign_id,) = tx.scalars(text("SELECT id FROM campaign WHERE state = 'done'"))
        told_now, held_out = queries.bought(tx, campaign_id=campaign_id, days=14)
    database.dispose()
    assert told_now.buyers > 0
    extra = extra_of(told_now.group, held_out.group)
    assert extra is not None
    assert extra.low_vnd < 0 < extra.high_vnd


def test_promotions_that_run_have_been_used_and_none_gave_more_than_it_may(small_url: str) -> None:
    used = rows(
        small_url,
        "SELECT p.name_en, count(u.sale_id) > 0 FROM promotion p LEFT JOIN promotion_use u ON u.promotion_id = p.id "
        "GROUP BY p.id, p.name_en ORDER BY p.id",
    )
    begun = [is_used for name, is_used in used if not name.startswith(("Thank you", "Silk week"))]
    assert (len(used), begun) == (7, [True] * 5)
    most = "SELECT max(pieces) FROM (SELECT sum(u.pieces) AS pieces FROM promotion_use u JOIN promotion_limit l "
    most += "USING (promotion_id) WHERE l.pieces_a_customer = 2 GROUP BY coalesce(u.customer_id, u.sale_id)) had"
    assert 1 <= value(small_url, most) <= 2
    assert value(small_url, "SELECT count(*) FROM sale WHERE discount_vnd > 0 AND promo_version = 0") == 0
    back = "SELECT count(*) FROM sale_line r JOIN sale_line l ON l.sale_id = r.returns_sale_id "
    assert value(small_url, f"{back} AND l.line_no = r.returns_line_no AND l.discount_vnd > 0") == 0


def test_every_style_has_a_cost_that_moved_and_leaves_a_margin_that_fashion_lives_on(years_url: str) -> None:
    assert (
        value(
            years_url,
            "SELECT count(*) FROM variant v WHERE NOT EXISTS (SELECT 1 FROM variant_cost c WHERE c.variant_id = v.id)",
        )
        == 0
    )
    moved = "SELECT count(*) FROM receipt_line WHERE cost_before_vnd > 0 AND cost_after_vnd <> cost_before_vnd"
    assert value(years_url, moved) > 100
    margin = """
        SELECT 1 - sum(l.qty * c.average_vnd) / sum(l.total_vnd - l.vat_vnd) FROM sale_line l
          JOIN variant_cost c ON c.variant_id = l.variant_id JOIN sale s ON s.id = l.sale_id WHERE s.state = 'posted'
    """
    assert 0.45 < value(years_url, margin) < 0.65


def test_a_dozen_people_are_known_twice_each_with_purchases(years_url: str) -> None:
    database = Database(years_url, pool_size=1)
    try:
        with database.transaction() as tx:
            found = [(row, frozenset(look_alike_queries.why(row))) for row in look_alike_queries.pairs(tx, scope=None)]
            bought = set(tx.scalars(text("SELECT customer_id FROM customer_score WHERE orders > 0")))
    finally:
        database.dispose()
    kinds = Counter(why for _, why in found)
    assert kinds[frozenset({"email"})] == PAIRS_OF_KIND
    assert kinds[frozenset({"phone", "birthday", "home"})] == PAIRS_OF_KIND
    assert kinds[frozenset({"birthday", "home"})] >= PAIRS_OF_KIND
    assert {one for row, why in found if len(why) != 2 for one in (row.one_id, row.other_id)} <= bought
