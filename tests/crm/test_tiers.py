"""A tier is what a year's purchases come to: up at once, down when its year is over or when its reason comes back."""

from sqlalchemy import text

from loyal import DAY, NOON
from placket import crm

YEAR = 365 * DAY


def tier_of(shop, customer_id) -> tuple[str, str] | None:
    row = shop.tx.execute(
        text("SELECT tier, review_on FROM customer_tier WHERE customer_id = :id"), {"id": customer_id}
    ).one_or_none()
    return None if row is None else (row.tier, row.review_on.isoformat())


def buys(shop, customer_id, shirts: int, at):
    sale_id, _ = shop.sells(customer_id, shirts, at=at)
    crm.catch_up(shop.tx, now=at)
    return sale_id


def test_whoever_collects_points_is_a_member_and_goes_up_with_the_sale_that_reaches_the_next(shop) -> None:
    customer_id = shop.customer()
    crm.catch_up(shop.tx, now=NOON)
    assert tier_of(shop, customer_id) == ("member", "2027-11-25")
    buys(shop, customer_id, 49, NOON)
    assert tier_of(shop, customer_id) == ("member", "2027-11-25")
    buys(shop, customer_id, 1, NOON + 3 * DAY)  # 5.000.000 ₫
    assert tier_of(shop, customer_id) == ("silver", "2027-11-28")
    buys(shop, customer_id, 350, NOON + 4 * DAY)
    assert tier_of(shop, customer_id) == ("diamond", "2027-11-29")


def test_who_collects_no_points_has_no_tier(shop) -> None:
    customer_id = shop.customer(agrees=False)
    buys(shop, customer_id, 200, NOON)
    assert tier_of(shop, customer_id) is None


def test_a_tier_is_looked_at_when_its_year_is_over_and_not_before(shop) -> None:
    customer_id = shop.customer()
    buys(shop, customer_id, 150, NOON)
    buys(shop, customer_id, 60, NOON + 300 * DAY)
    crm.score_by_night(shop.tx, now=NOON + YEAR - DAY)
    assert tier_of(shop, customer_id) == ("gold", "2027-11-25")
    crm.score_by_night(shop.tx, now=NOON + YEAR)
    assert tier_of(shop, customer_id) == ("silver", "2028-11-24")
    crm.score_by_night(shop.tx, now=NOON + 2 * YEAR)
    assert tier_of(shop, customer_id) == ("member", "2029-11-24")


def test_goods_without_which_a_tier_would_not_have_been_reached_take_it_back_along(shop) -> None:
    customer_id = shop.customer()
    sale_id = buys(shop, customer_id, 160, NOON)
    shop.takes_back(customer_id, sale_id, 10, at=NOON + DAY)
    crm.catch_up(shop.tx, now=NOON + DAY)
    assert tier_of(shop, customer_id) == ("gold", "2027-11-25")
    shop.takes_back(customer_id, sale_id, 10, at=NOON + 2 * DAY)
    crm.catch_up(shop.tx, now=NOON + 2 * DAY)
    assert tier_of(shop, customer_id) == ("silver", "2027-11-27")


def test_a_new_set_of_rules_holds_from_its_day_for_everybody(shop) -> None:
    customer_id = shop.customer()
    buys(shop, customer_id, 50, NOON)
    crm.score_by_night(shop.tx, now=NOON)
    shop.tx.execute(
        text(
            "INSERT INTO tier_rule VALUES ('2026-11-27', 'member', 0, 'Thành viên', 'Member', 0), "
            "('2026-11-27', 'gold', 1, 'Vàng', 'Gold', 4000000)"
        )
    )
    crm.score_by_night(shop.tx, now=NOON + DAY)
    assert tier_of(shop, customer_id) == ("silver", "2027-11-25")
    crm.score_by_night(shop.tx, now=NOON + 2 * DAY)
    assert tier_of(shop, customer_id) == ("gold", "2027-11-27")
