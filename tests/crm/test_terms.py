"""Rules of points and tiers are planned from a day on; what they would come to is told before, and comes to that."""

from dataclasses import asdict, replace
from datetime import timedelta

import pytest
from sqlalchemy import text

from loyal import DAY, NOON
from placket import crm, promotions
from placket.core.clock import business_day
from placket.core.ids import new_id
from placket.core.refusals import NotFound
from placket.crm import score_queries, terms_queries
from placket.crm.rules import Terms, TierMove, TierTerms, tier_preview
from placket.crm.service import terms
from placket.crm.service.terms import TierWish

TODAY = business_day(NOON)
TOMORROW = TODAY + timedelta(days=1)
MEMBER = TierWish("member", "Thành viên", "Member", 0)
SILVER = TierWish("silver", "Bạc", "Silver", 5_000_000)
GOLD = TierWish("gold", "Vàng", "Gold", 15_000_000)
DIAMOND = TierWish("diamond", "Kim Cương", "Diamond", 40_000_000)
DOUBLE = Terms(
    earn_per_vnd=5_000, point_vnd=100, pending_days=7, expire_days=365, spend_points_min=10, spend_share_bp_max=5_000
)


def plans(shop, *wishes, valid_from=TOMORROW):
    return terms.write_tiers(shop.tx, valid_from=valid_from, wishes=wishes, by=shop.one.cashier.id, now=NOON)


def tiers_of_everybody(shop) -> dict[str, int]:
    return dict(shop.tx.execute(text("SELECT tier, count(*) FROM customer_tier GROUP BY 1")).all())


@pytest.fixture
def people(shop):
    """Somebody in each tier, and two in the lowest."""
    for no, shirts in enumerate((1, 30, 60, 200, 450)):
        shop.sells(shop.customer(phone=f"091234560{no}", name=f"Trần Ngọc {no}"), shirts)
    crm.score_by_night(shop.tx, now=NOON)
    assert tiers_of_everybody(shop) == {"member": 2, "silver": 1, "gold": 1, "diamond": 1}
    return shop


def test_a_set_of_tiers_tells_who_would_move_and_then_moves_just_them(people) -> None:
    lower = [MEMBER, SILVER, TierWish("gold", "Vàng", "Gold", 6_000_000), TierWish(None, "Bạch kim", "Platinum", 30_000_000)]
    crm.write_segment(
        people.tx, segment_id=new_id(), name="Bạc", terms=crm.terms_of({"every": [{"kind": "tier", "any_of": ["silver"]}]}),
        version=0, by=None, on=TODAY, now=NOON,
    )  # fmt: skip
    kept = terms.ordered(lower)
    assert [one.tier for one in kept] == ["member", "silver", "gold", "platinum"]
    seen = terms_queries.tiers_previewed(people.tx, kept, on=TODAY)
    assert seen.people == {"member": 2, "silver": 0, "gold": 2, "platinum": 1}
    assert {(move.from_tier, move.to_tier): move.people for move in seen.moves} == {
        ("silver", "gold"): 1,
        ("diamond", "platinum"): 1,
    }
    assert (seen.up, seen.down) == (1, 1)
    assert tiers_of_everybody(people) == {"member": 2, "silver": 1, "gold": 1, "diamond": 1}

    assert plans(people, *lower) == kept
    assert [row.tier for row in score_queries.tiers(people.tx, TODAY)] == ["member", "silver", "gold", "diamond"]
    crm.score_by_night(people.tx, now=NOON + DAY)
    assert tiers_of_everybody(people) == {"member": 2, "gold": 2, "platinum": 1}


def test_rules_begin_tomorrow_and_those_in_force_stay_as_they_are(shop) -> None:
    with pytest.raises(terms.TermsBegun):
        plans(shop, MEMBER, SILVER, GOLD, DIAMOND, valid_from=TODAY)
    with pytest.raises(terms.TermsBegun):
        terms.write_points(shop.tx, valid_from=TODAY, terms=DOUBLE, by=shop.one.cashier.id, now=NOON)
    in_force = shop.tx.scalars(text("SELECT DISTINCT valid_from FROM tier_rule")).one()
    with pytest.raises(terms.TermsBegun):
        terms.drop_tiers(shop.tx, valid_from=in_force, now=NOON)
    assert len(score_queries.tiers(shop.tx, TODAY)) == 4


def test_what_is_planned_for_a_day_gives_way_to_what_is_planned_for_it_next_and_can_be_taken_back(shop) -> None:
    plans(shop, MEMBER, SILVER, GOLD, DIAMOND)
    plans(shop, MEMBER, TierWish("silver", "Bạc", "Silver", 4_000_000), GOLD, DIAMOND)
    states = [(row.valid_from, row.state, row.written_by_name) for row in terms_queries.tier_sets(shop.tx, TODAY)]
    assert [state for _, state, _ in states] == ["planned", "in_force"]
    assert states[0][0] == TOMORROW
    assert states[0][2] is not None
    assert terms_queries.tier_sets(shop.tx, TODAY)[0].tiers[1]["spend_vnd_min"] == 4_000_000
    terms.drop_tiers(shop.tx, valid_from=TOMORROW, now=NOON)
    with pytest.raises(NotFound):
        terms.drop_tiers(shop.tx, valid_from=TOMORROW, now=NOON)
    assert [row.state for row in terms_queries.tier_sets(shop.tx, TODAY)] == ["in_force"]


@pytest.mark.parametrize(
    "wishes",
    [
        [SILVER],
        [MEMBER, GOLD, SILVER],
        [MEMBER, SILVER, TierWish("gold", "Vàng", "Gold", 5_000_000)],
        [MEMBER, SILVER, TierWish("gold", " bạc", "Gold", 15_000_000)],
        [MEMBER, SILVER, TierWish("silver", "Vàng", "Gold", 15_000_000)],
    ],
)
def test_tiers_go_up_from_nothing_each_under_a_name_of_its_own(shop, wishes) -> None:
    with pytest.raises(terms.TiersNotInOrder):
        plans(shop, *wishes)
    assert len(terms_queries.tier_sets(shop.tx, TODAY)) == 1


def test_a_tier_that_a_segment_or_a_promotion_asks_for_cannot_go(shop) -> None:
    segment = {"every": [{"kind": "tier", "any_of": ["gold"]}]}
    crm.write_segment(
        shop.tx, segment_id=new_id(), name="Khách Vàng", terms=crm.terms_of(segment), version=0, by=None, on=TODAY, now=NOON
    )
    with pytest.raises(terms.TierInUse) as asked:
        plans(shop, MEMBER, SILVER, DIAMOND)
    assert asked.value.facts == {"tier": "Vàng", "name": "Khách Vàng"}
    plans(shop, MEMBER, SILVER, GOLD)
    promotions.keep_draft(
        shop.tx,
        promotion_id=new_id(),
        names=("Cho hạng cao", "For the highest tier"),
        terms={"group": 9, "who": {"tiers": ["diamond"]}, "reward": {"kind": "amount", "vnd": 100_000}},
        limits={},
        row_version=None,
        staff_id=shop.one.cashier.id,
        now=NOON,
    )
    with pytest.raises(terms.TierInUse) as asked:
        plans(shop, MEMBER, SILVER, GOLD)
    assert asked.value.facts == {"tier": "Kim Cương", "name": "Cho hạng cao"}


def test_up_and_down_go_by_the_order_of_the_new_set_and_from_a_tier_that_is_no_more_by_its_floor() -> None:
    before = [TierTerms("member", "a", "a", 0), TierTerms("silver", "b", "b", 5), TierTerms("gold", "c", "c", 15)]
    after = [TierTerms("member", "a", "a", 0), TierTerms("gold", "c", "c", 4)]
    seen = tier_preview(
        before, after, [TierMove("silver", "gold", 3), TierMove("silver", "member", 2), TierMove(None, "member", 9),
                        TierMove("gold", "gold", 1), TierMove("member", "gold", 7)],
    )  # fmt: skip
    assert (seen.up, seen.down, seen.people) == (7, 5, {"member": 11, "gold": 11})
    assert len(seen.moves) == 4


def test_a_rule_of_points_tells_what_last_years_sales_would_have_earned(shop) -> None:
    customer_id = shop.customer()
    shop.sells(customer_id, 3)
    shop.sells(shop.customer(phone="0912345679", name="Lê Không Tích", agrees=False), 50)
    assert asdict(terms_queries.points_previewed(shop.tx, DOUBLE, on=TODAY)) == {
        "sales": 1, "goods_vnd": 300_000, "now_points": 30, "then_points": 60, "now_vnd": 3_000, "then_vnd": 6_000,
    }  # fmt: skip
    assert terms_queries.points_previewed(shop.tx, DOUBLE, on=TODAY + timedelta(days=366)).sales == 0


def test_a_rule_of_points_holds_from_its_day_and_not_before(shop) -> None:
    customer_id = shop.customer()
    terms.write_points(shop.tx, valid_from=TOMORROW, terms=DOUBLE, by=shop.one.cashier.id, now=NOON)
    shop.sells(customer_id, 1)
    assert shop.points(customer_id) == 10
    shop.sells(customer_id, 1, at=NOON + DAY)
    assert shop.points(customer_id) == 30
    rules = [(row.state, row.earn_per_vnd) for row in terms_queries.points_rules(shop.tx, TODAY)]
    assert rules == [("planned", 5_000), ("in_force", 10_000)]
    with pytest.raises(terms.PointsNeverLive):
        terms.write_points(
            shop.tx, valid_from=TOMORROW, terms=replace(DOUBLE, expire_days=7), by=shop.one.cashier.id, now=NOON
        )
    terms.drop_points(shop.tx, valid_from=TOMORROW, now=NOON)
    assert len(terms_queries.points_rules(shop.tx, TODAY)) == 1
