"""Telling the demo's history on, from its last minute until now: what a later start of a demo database needs.

The catalogue is planned again from the seed; stock, numbers and customers come from the books. Tills that a person has
paired keep their numbers to themselves: the demo sells at the others.
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from itertools import accumulate
from typing import Any, Final

import psycopg
from sqlalchemy.orm import Session

from placket import events
from placket.core.clock import VIETNAM
from placket.core.db import Database
from placket.core.money import split
from placket.demo import day, drawers, groups, loyalty
from placket.demo.catalogue import plan_of
from placket.demo.chain import DEPOT, PLACES
from placket.demo.customers import KNOWN, hours_of, place_of_visit, visit
from placket.demo.dice import about, dice
from placket.demo.filling import SETTING, PriceTable, Say, driver_of, keep, lines_a_week, write_numbers
from placket.demo.goods import Goods
from placket.demo.loading import NULL, Writer, copy_rows
from placket.demo.offering import Offering
from placket.demo.parts import Piece, Shop, Till
from placket.demo.period import Period, is_open, unknown_visits
from placket.demo.rhythm import DAY_S, weight_of
from placket.demo.sizes import Size
from placket.demo.trading import Trading

_WORTH_IT: Final = timedelta(minutes=10)
_RETURNS_OF_DAYS: Final = 12
_STILL_RETURNED: Final = 0.012
_CUSTOMERS_MAX: Final = 50_000
_LATELY: Final = timedelta(days=120)


def catch_up(database_url: str, *, now: datetime, say: Say = print) -> int:
    """Fill the gap until now in one transaction; answers the sales made. Not a demo: nothing happens.

    A gap under ten minutes waits for the next time: a quick restart should be quick.
    """
    database = Database(database_url, pool_size=1)
    try:
        with database.transaction() as tx:
            connection = driver_of(tx)
            found = connection.execute(
                "SELECT c.demo_seed, s.value FROM company c, setting s WHERE s.key = %s AND c.demo_seed IS NOT NULL",
                [SETTING],
            ).fetchone()
            if found is None:
                return 0
            seed, facts = found
            until, to = datetime.fromisoformat(facts["until"]), now.replace(second=0, microsecond=0)
            if to - until < _WORTH_IT:
                return 0
            say(f"the demo's shops sell on from {until.astimezone(VIETNAM):%d/%m/%Y %H:%M} …")
            sales = _Gap(tx, connection, seed=seed, facts=facts, until=until, to=to).tell()
            say(f"{sales:,} sales more")
            return sales
    finally:
        database.dispose()


class _Gap:
    """The time from ``until`` to ``to``, and everything needed to tell it."""

    def __init__(
        self,
        tx: Session,
        connection: psycopg.Connection[Any],
        *,
        seed: int,
        facts: dict[str, Any],
        until: datetime,
        to: datetime,
    ) -> None:
        size = Size(**facts["size"])
        told = Period.of(size, datetime.fromisoformat(facts["ends_at"]))
        self._tx, self._connection = tx, connection
        self._facts, self._until, self._to = facts, until.astimezone(VIETNAM), to.astimezone(VIETNAM)
        self._since = told.starts_on
        self._dice = dice(seed, f"catch up {until.isoformat()}")
        # Nobody else moves stock or numbers meanwhile; at a start nobody else is there.
        connection.execute("LOCK TABLE till_epoch, stock IN SHARE ROW EXCLUSIVE MODE")
        plan = plan_of(size, seed=seed, starts_on=told.starts_on, ends_on=told.ends_on)
        self._goods = Goods(
            plan, shelves=dice(seed, "shelves"), wishes=self._dice, lines_a_week=lines_a_week(size, len(told.days()))
        )
        self._shops = _shops(connection)
        self._place_of = {shop.id: shop.place for shop in self._shops if shop.id}
        self._before = self._load_stock()
        self._homes: list[int] = []
        self._customers, self._birthdays, self._upto = self._load_customers()

    def tell(self) -> int:
        """All of it; answers the sales made."""
        styles = [style.variants[0].id for style in self._goods.plan.styles]
        prices = PriceTable(self._tx, self._connection, styles=styles, place=next(iter(self._place_of)))
        pieces = self._pieces_to_return()
        offering = Offering(
            self._tx,
            self._connection,
            goods=self._goods,
            shops=self._shops,
            prices=prices.book,
            customers=self._customers,
            birthdays=self._birthdays,
        )
        writer = Writer(self._connection)
        trading = Trading(
            goods=self._goods,
            shops=self._shops,
            customers=self._customers,
            prices_on=prices.on,
            is_open=is_open,
            price_version=prices.version,
            offering=offering,
            writer=writer,
            throw=self._dice,
        )
        trading.due.update(pieces)
        try:
            on = self._until.date()
            while on <= self._to.date():
                from_s = _second(self._until) if on == self._until.date() else 0
                to_s = _second(self._to) if on == self._to.date() else DAY_S
                trading.day(on, self._visits(on, from_s, to_s), from_s=from_s, to_s=to_s)
                on += timedelta(days=1)
        finally:
            writer.close()
        self._write_stock()
        loyalty.collect(self._connection, since=self._until, until=self._to)
        groups.score(self._connection, until=self._to, nights=(0,))
        write_numbers(self._connection, self._shops)
        self._move_limits(offering.used)
        drawers.close_days(self._tx, self._dice, since=self._until.date(), until=self._to.date())
        day.set_targets(self._connection, self._dice, since=self._since, on=self._to.date())
        facts = {key: value for key, value in self._facts.items() if key != "until"}
        keep(self._connection, facts, until=self._to)
        return trading.sales

    def _visits(self, on: date, from_s: int, to_s: int) -> list[int]:
        throw = self._dice
        expected = self._facts["visits"] * weight_of(on, self._since)
        unknown = unknown_visits(throw, on, since=self._since, expected=expected * (1 - KNOWN), from_s=from_s, to_s=to_s)
        known = []
        shop = hours_of(0)
        part = shop.share_before(to_s) - shop.share_before(from_s)
        for _ in range(about(throw, expected * KNOWN * part) if self._upto else 0):
            number = throw.choices(range(len(self._upto)), cum_weights=self._upto)[0]
            place = place_of_visit(throw, self._homes[number], 1.0)
            hours = hours_of(place)
            if hours.share_before(from_s) < hours.share_before(to_s):
                known.append(visit(hours.second(throw, from_s, to_s), place, number + 1))
        return [*unknown, *known]

    def _load_stock(self) -> list[list[int]]:
        """What is free on every shelf; answers a copy, to know afterwards what has moved."""
        number_of = {key: number for number, key in enumerate(self._goods.ids)}
        active = self._connection.execute("SELECT encode(uuid_send(id), 'hex') FROM variant WHERE status = 'active'")
        self._goods.sell_only({key for (key,) in active.fetchall()})
        query = (
            "SELECT encode(uuid_send(location_id), 'hex'), encode(uuid_send(variant_id), 'hex'), "
            "greatest(0, on_hand - promised - asked) FROM stock ORDER BY location_id, variant_id"
        )
        for location, variant, free in self._connection.execute(query).fetchall():
            place, number = self._place_of.get(location), number_of.get(variant)
            if place is not None and number is not None:
                self._goods.note(place, number, free)
        return [shelf.copy() for shelf in self._goods.left]

    def _load_customers(self) -> tuple[list[str], list[str | None], list[int]]:
        """Ids and birthdays (number 0 is nobody) of those who came lately, and how often they did, summed up."""
        query = (
            "SELECT encode(uuid_send(c.id), 'hex'), encode(uuid_send(c.home_location_id), 'hex'), "
            "lpad(c.birth_month::text, 2, '0') || '-' || lpad(c.birth_day::text, 2, '0'), count(*) "
            "FROM sale s JOIN customer c ON c.id = s.customer_id "
            "WHERE s.sold_at >= %s AND c.merged_into IS NULL GROUP BY c.id ORDER BY c.id LIMIT %s"
        )
        rows = self._connection.execute(query, [self._until - _LATELY, _CUSTOMERS_MAX]).fetchall()
        self._homes = [self._place_of.get(home, DEPOT) for _, home, *_ in rows]
        keys, birthdays = [NULL, *(key for key, *_ in rows)], [None, *(birthday for _, _, birthday, _ in rows)]
        return keys, birthdays, list(accumulate(count for *_, count in rows))

    def _pieces_to_return(self) -> dict[int, list[Piece]]:
        """Some of what was sold in the days before the gap comes back within it."""
        rows = self._connection.execute(
            "SELECT s.location_id, l.source_id, s.customer_id, s.id, l.line_no, l.variant_id, l.unit_vnd, l.vat_bp, "
            "l.vat_vnd, l.qty FROM sale s JOIN sale_line l ON l.sale_id = s.id "
            "WHERE s.sold_on >= %s AND s.state = 'posted' AND s.fingerprint IS NULL AND l.qty > 0 AND l.discount_vnd = 0 "
            "AND NOT EXISTS "
            "(SELECT 1 FROM sale_line r WHERE r.returns_sale_id = l.sale_id AND r.returns_line_no = l.line_no) "
            "ORDER BY s.id, l.line_no",
            [self._until.date() - timedelta(days=_RETURNS_OF_DAYS)],
        ).fetchall()
        number_of_variant = {key: number for number, key in enumerate(self._goods.ids)}
        number_of_customer = {key: number for number, key in enumerate(self._customers)}
        due: dict[int, list[Piece]] = {}
        for location, source, customer, sale, line_no, variant, unit_vnd, vat_bp, vat_vnd, qty in rows:
            if self._dice.random() > _STILL_RETURNED or not {location.hex, source.hex} <= self._place_of.keys():
                continue
            piece = Piece(
                self._place_of[location.hex],
                self._place_of[source.hex],
                number_of_customer.get(customer.hex, 0) if customer else 0,
                sale.hex,
                line_no,
                number_of_variant[variant.hex],
                unit_vnd,
                vat_bp,
                split(vat_vnd, [1] * qty)[0],
            )
            on = self._until.date() + timedelta(days=1 + int(self._dice.expovariate(0.25)))
            while not is_open(on):
                on += timedelta(days=1)
            due.setdefault(on.toordinal(), []).append(piece)
        return due

    def _move_limits(self, used: Mapping[str, Sequence[int]]) -> None:
        """Count what was taken of promotions' limits, and tell every terminal."""
        uses, pieces, vnd = (list(column) for column in zip(*used.values(), strict=True)) if used else ([], [], [])
        query = "SELECT move_limits(%s::uuid[], %s::int[], %s::int[], %s::bigint[])"
        self._connection.execute(query, [list(used), uses, pieces, vnd])

    def _write_stock(self) -> None:
        """Move the balances by what was sold and delivered, and tell every terminal the new ones."""
        connection = self._connection
        connection.execute("CREATE TEMP TABLE demo_move (location_id uuid, variant_id uuid, qty int) ON COMMIT DROP")
        for shop in self._shops:
            shelves = zip(self._goods.ids, self._before[shop.place], self._goods.left[shop.place], strict=True)
            rows = (f"{shop.id}\t{key}\t{now - before}" for key, before, now in shelves if now != before)
            copy_rows(connection, "demo_move", "location_id, variant_id, qty", rows)
        moved = connection.execute(
            "UPDATE stock s SET on_hand = s.on_hand + m.qty, version = s.version + 1, "
            "short = greatest(0, s.promised - s.on_hand - m.qty) FROM demo_move m "
            "WHERE s.location_id = m.location_id AND s.variant_id = m.variant_id "
            "RETURNING s.location_id, s.variant_id, s.on_hand, s.promised, s.asked, s.short, s.version"
        ).fetchall()
        for location_id, variant_id, on_hand, promised, asked, short, version in moved:
            events.publish(
                self._tx,
                events.STOCK_CHANGED,
                key=f"{location_id}:{variant_id}",
                key_version=version,
                payload={
                    "location_id": str(location_id),
                    "variant_id": str(variant_id),
                    "on_hand": on_hand,
                    "promised": promised,
                    "asked": asked,
                    "short": short,
                },
            )


def _shops(connection: psycopg.Connection[Any]) -> list[Shop]:
    """The demo's places as the books know them, with their tills that nobody has paired."""
    ids = dict(connection.execute("SELECT code, id FROM location WHERE status = 'active'").fetchall())
    staff = connection.execute(
        "SELECT r.location_id, r.role, s.id FROM staff_role r JOIN staff s ON s.id = r.staff_id "
        "WHERE s.status = 'active' AND r.location_id IS NOT NULL ORDER BY s.code"
    ).fetchall()
    tills = connection.execute(
        "SELECT t.location_id, t.id, t.number, t.epoch, e.receipt_prefix, t.last_opening, e.last_receipt_no FROM till t "
        "JOIN till_epoch e ON e.till_id = t.id AND e.epoch = t.epoch "
        "WHERE t.paired_at IS NULL AND t.status = 'active' ORDER BY t.number"
    ).fetchall()
    orders = connection.execute("SELECT CASE WHEN is_called THEN last_value ELSE 0 END FROM web_order_no").fetchone()
    shops = []
    for place, facts in enumerate(PLACES):
        here = ids.get(facts.code)
        cashiers = [key.hex for at, role, key in staff if at == here and role == "cashier"]
        keepers = [key.hex for at, role, key in staff if at == here and role in {"store_manager", "warehouse"}]
        free = [Till(key.hex, *rest) for at, key, *rest in tills if at == here]
        shops.append(
            Shop(place, here.hex if here else "", free if cashiers else [], cashiers, keepers[0] if keepers else NULL)
        )
    shops[DEPOT].orders = orders[0] if orders else 0
    return shops


def _second(at: datetime) -> int:
    return at.hour * 3600 + at.minute * 60
