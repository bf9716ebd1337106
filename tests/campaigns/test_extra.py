"""What a campaign has brought: net of returns, by channel, in its window, beside those held out, with its error bar."""

import math
import random
from datetime import timedelta

import pytest
from sqlalchemy import text

from loyal import DAY, NOON, Shop
from placket.campaigns import Group, extra_of, queries
from placket.core.ids import new_id


def a_group(values: list[int]) -> Group:
    return Group(len(values), sum(values), float(sum(value**2 for value in values)))


def test_the_interval_is_that_of_two_means_with_unequal_variances() -> None:
    told, held_out = [0, 100_000, 300_000] * 40, [0, 0, 90_000] * 20
    extra = extra_of(a_group(told), a_group(held_out))
    assert extra is not None

    def spread(values: list[int]) -> float:
        mean = sum(values) / len(values)
        return sum((value - mean) ** 2 for value in values) / (len(values) - 1) / len(values)

    error = 1.959964 * math.sqrt(spread(told) + spread(held_out))
    mean = sum(told) / 120 - sum(held_out) / 60
    assert extra.mean_vnd == round(mean)
    assert abs(extra.low_vnd - (mean - error)) <= 1
    assert abs(extra.high_vnd - (mean + error)) <= 1
    assert extra.total_vnd == round(mean * 120)
    assert extra_of(a_group(told), a_group(held_out[:29])) is None


def test_of_a_hundred_campaigns_that_bring_nothing_about_five_say_they_do() -> None:
    throw = random.Random(7)
    wrong = 0
    for _ in range(400):
        told, held_out = ([throw.choice((0, 0, 0, 250_000, 900_000)) for _ in range(n)] for n in (300, 60))
        extra = extra_of(a_group(told), a_group(held_out))
        assert extra is not None
        wrong += not extra.low_vnd <= 0 <= extra.high_vnd
    assert 8 <= wrong <= 36  # 20 expected


@pytest.fixture
def told(shop: Shop):
    return [shop.customer(f"09123456{n:02d}", f"Khách {n}") for n in range(4)]


def test_sales_count_in_the_window_net_of_what_came_back_and_under_every_id(shop: Shop, told) -> None:
    segment_id, campaign_id = new_id(), new_id()
    tx = shop.tx
    tx.execute(
        text(
            "INSERT INTO segment (id, name, terms, version, state, people, counted_at, written_at) "
            "VALUES (:id, 'n', '{}', 1, 'live', 0, :now, :now)"
        ),
        {"id": segment_id, "now": NOON},
    )
    tx.execute(
        text(
            "INSERT INTO campaign (id, kind, name, channel, language, segment_id, template, holdout_bp, window_days, state, "
            "version, written_at) VALUES (:id, 'once', 'n', 'sms', 'vi', :segment, '{}', 0, 7, 'draft', 1, :now)"
        ),
        {"id": campaign_id, "segment": segment_id, "now": NOON},
    )
    for person, state in zip(told, ("skipped", "skipped", "held_out", "cancelled"), strict=True):
        tx.execute(
            text(
                "INSERT INTO campaign_recipient (id, campaign_id, customer_id, occasion, state, planned_at) "
                "VALUES (:id, :campaign, :customer, '', :state, :now)"
            ),
            {"id": new_id(), "campaign": campaign_id, "customer": person, "state": state, "now": NOON},
        )
    shop.sells(told[0], 9, at=NOON - timedelta(minutes=1))
    sale_id, _ = shop.sells(told[0], 5, at=NOON + DAY)
    shop.takes_back(told[0], sale_id, 2, at=NOON + 2 * DAY)
    shop.sells(told[0], 1, at=NOON + 7 * DAY)
    shop.sells(told[2], 4, at=NOON + 6 * DAY)
    shop.sells(told[3], 8, at=NOON + DAY)

    bought, held_out = queries.bought(tx, campaign_id=campaign_id, days=7)
    assert (bought.group.people, bought.group.sum_vnd, bought.buyers, bought.store_vnd, bought.web_vnd) == (
        2,
        300_000,
        1,
        300_000,
        0,
    )
    assert bought.group.squares == 300_000.0**2
    assert (held_out.group.people, held_out.group.sum_vnd) == (1, 400_000)
