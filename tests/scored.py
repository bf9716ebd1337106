"""What scores and goods must be, told by a reference that knows nothing of our SQL, beside what is kept of them."""

import json
from collections import Counter, defaultdict
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy import text

GRID = json.loads((Path(__file__).parent / "vectors" / "rfm_grid.json").read_text())["cells"]
F_FROM = (1, 2, 3, 5, 8)


@dataclass(frozen=True)
class Score:
    """What the reference says of somebody."""

    orders: int
    last_on: date
    net_vnd: int
    r: int
    f: int
    m: int
    group: str


def reached(value: Any, borders: list[Any]) -> int:
    return 1 + sum(value >= border for border in borders)


def fifths(values: list[Any]) -> list[Any]:
    """The smallest value that 20, 40, 60 and 80 % of all values do not exceed."""
    ranked = sorted(values)
    return [ranked[-(-len(ranked) * fifth // 5) - 1] for fifth in (1, 2, 3, 4)]


def bought(tx) -> dict[UUID, tuple[int, date, int]]:
    """Orders, last day and net money of every buyer, from the rows of sales one by one."""
    person = {row.id: row.merged_into or row.id for row in tx.execute(text("SELECT id, merged_into FROM customer"))}
    sold = {row.sale_id for row in tx.execute(text("SELECT DISTINCT sale_id FROM sale_line WHERE qty > 0"))}
    days: dict[UUID, list[date]] = defaultdict(list)
    money: dict[UUID, int] = defaultdict(int)
    for sale in tx.execute(text("SELECT id, customer_id, state, sold_on, total_vnd FROM sale")):
        if sale.customer_id is not None and sale.state == "posted":
            who = person[sale.customer_id]
            money[who] += sale.total_vnd
            if sale.id in sold:
                days[who].append(sale.sold_on)
    return {who: (len(on), max(on), money[who]) for who, on in days.items()}


def reference(tx, borders=None) -> dict[UUID, Score]:
    """Everybody's score: under given borders, or under those of this moment."""
    unknown = set(tx.scalars(text("SELECT customer_id FROM customer_account WHERE NOT profiled")))
    facts = {who: each for who, each in bought(tx).items() if who not in unknown}
    r_from, m_from = borders or (
        fifths([last for _, last, _ in facts.values()]),
        fifths([net for _, _, net in facts.values()]),
    )
    scores = {}
    for who, (orders, last, net) in facts.items():
        r, f, m = reached(last, r_from), sum(orders >= least for least in F_FROM), reached(net, m_from)
        scores[who] = Score(orders, last, net, r, f, m, GRID[f"{r}{f}"])
    return scores


def kept(tx) -> dict[UUID, Score]:
    rows = tx.execute(text("SELECT * FROM customer_score WHERE profiled")).all()
    return {
        row.customer_id: Score(row.orders, row.last_sold_on, row.net_vnd, row.r, row.f, row.m, row.group_key) for row in rows
    }


def borders_of(tx) -> tuple[list[date], list[int]]:
    row = tx.execute(text("SELECT r_from, m_from FROM rfm_borders ORDER BY on_date DESC LIMIT 1")).one()
    return row.r_from, row.m_from


Goods = dict[UUID, tuple[dict[UUID, date], set[str]]]


def goods_kept(tx) -> Goods:
    rows = tx.execute(
        text("SELECT g.*, s.in_shops, s.on_web FROM customer_bought g JOIN customer_score s USING (customer_id)")
    ).all()
    assert all(row.last_on == sorted(row.last_on) for row in rows)
    return {
        row.customer_id: (
            dict(zip(row.categories, row.last_on, strict=True)),
            {channel for channel, said in (("store", row.in_shops), ("web", row.on_web)) if said},
        )
        for row in rows
    }


def goods_bought(tx) -> Goods:
    """Categories with their last day and channels of everybody, from the lines one by one."""
    person = {row.id: row.merged_into or row.id for row in tx.execute(text("SELECT id, merged_into FROM customer"))}
    found: Goods = defaultdict(lambda: ({}, set()))
    for line in tx.execute(
        text(
            "SELECT s.customer_id, s.sold_on, s.channel, y.category_id FROM sale s JOIN sale_line l ON l.sale_id = s.id "
            "JOIN variant v ON v.id = l.variant_id JOIN style y ON y.id = v.style_id "
            "WHERE s.state = 'posted' AND l.qty > 0 AND s.customer_id IS NOT NULL"
        )
    ):
        days, channels = found[person[line.customer_id]]
        days[line.category_id] = max(line.sold_on, days.get(line.category_id, line.sold_on))
        channels.add(line.channel)
    return dict(found)


def people_meant(tx, condition: dict[str, Any], on: date) -> set[UUID]:
    """Whom a condition on purchases is true of, from the rows of sales one by one; nobody who wants no profile."""
    first = on - timedelta(days=condition.get("days", 100_000) - 1)
    count, money, goods = Counter[UUID](), Counter[UUID](), defaultdict(set)
    rows = tx.execute(
        text(
            "SELECT coalesce(c.merged_into, c.id) AS who, s.id, s.sold_on, s.total_vnd, s.channel, "
            "array_agg(y.category_id) FILTER (WHERE l.qty > 0) AS bought "
            "FROM sale s JOIN customer c ON c.id = s.customer_id JOIN sale_line l ON l.sale_id = s.id "
            "JOIN variant v ON v.id = l.variant_id JOIN style y ON y.id = v.style_id "
            "WHERE s.state = 'posted' GROUP BY 1, 2, 3, 4, 5"
        )
    )
    for row in rows:
        if row.sold_on >= first:
            count[row.who] += row.bought is not None
            money[row.who] += row.total_vnd
            goods[row.who] |= {str(category) for category in row.bought or []} | ({row.channel} if row.bought else set())
    named = {*condition.get("categories", []), condition.get("channel")}
    tells = {
        "orders": lambda who: condition.get("least", 0) <= count[who] <= condition.get("most", 10**9),
        "spent": lambda who: condition.get("least_vnd", -(10**15)) <= money[who] < condition.get("under_vnd", 10**15),
        "bought": lambda who: bool(goods[who] & named) != condition.get("isnt", False),
        "channel": lambda who: bool(goods[who] & named) != condition.get("isnt", False),
    }
    everybody = tx.scalars(
        text(
            "SELECT a.customer_id FROM customer_account a JOIN customer c ON c.id = a.customer_id "
            "WHERE a.profiled AND c.merged_into IS NULL"
        )
    )
    return {who for who in everybody if tells[condition["kind"]](who)}
