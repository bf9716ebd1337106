"""What the chain offers its customers these weeks: promotions that run, one that is to begin, and a few vouchers on paper.

Every one of them names the categories it means or asks for a voucher: dresses, trousers, coats and ao dai are sold at their
list prices until the silk week begins.
"""

import json
from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from random import Random
from typing import Any, Final

import psycopg

from placket import promotions
from placket.core.clock import day_bounds
from placket.demo.dice import make_id

_SINCE: Final = timedelta(days=14)
_UNTIL: Final = timedelta(days=60)
_SILK_WEEK: Final = (timedelta(days=21), timedelta(days=28))
_VOUCHERS_UNTIL: Final = timedelta(days=180)
_SLUGS: Final = ("ao-thun", "ao-so-mi", "chan-vay", "phu-kien")
VOUCHERS: Final = tuple(promotions.voucher_code(f"2026{number:08d}") for number in range(1, 7))
"""The codes stand in docs/demo.md."""

Offer = tuple[str, str, dict[str, Any], dict[str, int]]


def offer(connection: psycopg.Connection[Any], throw: Random, *, on: date) -> None:
    """Publish them as head office would have, before the first day of those that run."""
    at = day_bounds(on - _SINCE - timedelta(days=1))[0]
    (by,) = connection.execute("SELECT id FROM staff WHERE email = 'marketer@lua.example'").fetchone() or (None,)
    categories = {slug: str(key) for slug, key in connection.execute("SELECT slug, id FROM category").fetchall()}
    for version, (name_vi, name_en, terms, limits) in enumerate(_offers(categories, on), start=1):
        key = make_id(throw, int(at.timestamp()) * 1_000)
        facts = {"key": key, "vi": name_vi, "en": name_en, "at": at, "by": by, "version": version}
        facts |= {"terms": json.dumps(terms), "limits": json.dumps(limits)}
        connection.execute(
            "INSERT INTO promotion (id, name_vi, name_en, state, terms, limits, version, row_version, created_at, "
            "created_by, changed_at) "
            "VALUES (%(key)s, %(vi)s, %(en)s, 'live', %(terms)s, %(limits)s, 1, 2, %(at)s, %(by)s, %(at)s)",
            facts,
        )
        connection.execute(
            "INSERT INTO promotion_version (promotion_id, version, name_vi, name_en, terms, limits, published_at, "
            "published_by) VALUES (%(key)s, 1, %(vi)s, %(en)s, %(terms)s, %(limits)s, %(at)s, %(by)s)",
            facts,
        )
        connection.execute(
            "INSERT INTO promo_book_entry (promo_version, promotion_id, version, at, by) "
            "VALUES (%(version)s, %(key)s, 1, %(at)s, %(by)s)",
            facts,
        )
        connection.execute("UPDATE promo_state SET promo_version = %(version)s", facts)
        if limits:
            connection.execute(
                "INSERT INTO promotion_limit (promotion_id, pieces_max, pieces_a_customer, budget_vnd) "
                "VALUES (%s, %s, %s, %s)",
                [key, *(limits.get(limit) for limit in ("pieces_max", "pieces_a_customer", "budget_vnd"))],
            )
        if terms.get("voucher"):
            _issue(connection, throw, promotion_id=key, by=by, on=on, at=at)


def note_uses(connection: psycopg.Connection[Any], used: Mapping[str, Sequence[int]]) -> None:
    """What sales have taken of the limits, where there are any: uses, pieces, đồng by promotion."""
    with connection.cursor() as cursor:
        cursor.executemany(
            "UPDATE promotion_limit SET uses = uses + %s, pieces = pieces + %s, spent_vnd = spent_vnd + %s "
            "WHERE promotion_id = %s",
            [(*taken, key) for key, taken in used.items()],
        )


def _offers(categories: dict[str, str], on: date) -> list[Offer]:
    tees, shirts, skirts, accessories = ({"categories": [categories[slug]]} for slug in _SLUGS)
    now = {"starts_ms": _ms(on - _SINCE), "ends_ms": _ms(on + _UNTIL)}
    noon = now | {"minutes": [12 * 60, 13 * 60]}
    silk = {"starts_ms": _ms(on + _SILK_WEEK[0]), "ends_ms": _ms(on + _SILK_WEEK[1])}
    dresses = {"categories": [categories["dam"]]}
    steps = [{"at_least": 1_000_000, "bp": 500}, {"at_least": 2_000_000, "bp": 1_000}]
    parts = [{"goods": shirts, "qty": 1}, {"goods": skirts, "qty": 1}]
    return [
        (
            "Mua 2 áo thun giảm 15%",
            "Two T-shirts, 15% off",
            {"group": 1, "when": now, "goods": tees, "need": {"qty": 2}, "reward": {"kind": "percent", "bp": 1_500}},
            {},
        ),
        (
            "Flash sale 12–13 giờ: chân váy giảm 40%",
            "Flash sale, noon to one: skirts 40% off",
            {"group": 1, "when": noon, "goods": skirts, "reward": {"kind": "percent", "bp": 4_000}},
            {"pieces_max": 500, "pieces_a_customer": 2},
        ),
        (
            "Set công sở: áo sơ mi và chân váy 990.000 ₫",
            "Office set: shirt and skirt for 990.000 ₫",
            {"group": 1, "when": now, "reward": {"kind": "bundle", "parts": parts, "vnd": 990_000}},
            {},
        ),
        (
            "Phụ kiện: từ 1.000.000 ₫ giảm 5%, từ 2.000.000 ₫ giảm 10%",
            "Accessories: 5% off from 1.000.000 ₫, 10% from 2.000.000 ₫",
            {"group": 2, "when": now, "goods": accessories, "reward": {"kind": "tiers", "by": "spend", "steps": steps}},
            {},
        ),
        (
            "Sinh nhật vui: phụ kiện giảm 20%",
            "Happy birthday: accessories 20% off",
            {
                "group": 1,
                "when": now,
                "who": {"birthday_days": 7},
                "goods": accessories,
                "reward": {"kind": "percent", "bp": 2_000},
            },
            {},
        ),
        (
            "Tri ân: giảm 100.000 ₫ cho hóa đơn từ 500.000 ₫",
            "Thank you: 100.000 ₫ off from 500.000 ₫",
            {"group": 9, "voucher": True, "need": {"spend_vnd": 500_000}, "reward": {"kind": "amount", "vnd": 100_000}},
            {"budget_vnd": 50_000_000},
        ),
        (
            "Tuần lễ lụa: đầm giảm 20%",
            "Silk week: dresses 20% off",
            {"group": 1, "when": silk, "goods": dresses, "reward": {"kind": "percent", "bp": 2_000}},
            {},
        ),
    ]


def _issue(
    connection: psycopg.Connection[Any], throw: Random, *, promotion_id: str, by: object, on: date, at: datetime
) -> None:
    """A handful of vouchers for whoever holds the code."""
    batch, at_ms = make_id(throw, int(at.timestamp()) * 1_000), int(at.timestamp()) * 1_000
    period = day_bounds(on - _SINCE)[0], day_bounds(on + _VOUCHERS_UNTIL)[0]
    connection.execute(
        "INSERT INTO voucher_batch (id, promotion_id, name, kind, starts_at, ends_at, created_at, created_by) "
        "VALUES (%s, %s, 'Tri ân khách quen', 'bearer', %s, %s, %s, %s)",
        [batch, promotion_id, *period, at, by],
    )
    for code in VOUCHERS:
        key = make_id(throw, at_ms)
        connection.execute("INSERT INTO voucher (id, batch_id, code) VALUES (%s, %s, %s)", [key, batch, code])
        connection.execute(
            "INSERT INTO voucher_entry (voucher_id, kind, actor_id, at) VALUES (%s, 'issue', %s, %s)", [key, by, at]
        )


def _ms(on: date) -> int:
    return int(day_bounds(on)[0].timestamp()) * 1_000
