"""Filling an empty database with the demo chain and its history, ending at a minute."""

import json
import time
from bisect import bisect_right
from collections.abc import Callable, Sequence
from dataclasses import asdict
from datetime import UTC, date, datetime, timedelta
from random import Random
from sys import intern
from typing import Any, Final
from uuid import UUID

import psycopg
from sqlalchemy.orm import Session

from placket import catalog
from placket.core.clock import business_day, day_bounds
from placket.core.db import Database
from placket.core.trouble import Trouble
from placket.demo import campaigning, day, drawers, founding, groups, invoicing, loyalty, promoting, showing
from placket.demo.catalogue import plan_of, start_ms
from placket.demo.chain import PLACES
from placket.demo.costing import Costing
from placket.demo.customers import KNOWN, Customers, customers_of, persons
from placket.demo.dice import dice, make_id
from placket.demo.goods import Goods, Prices
from placket.demo.loading import NULL, Writer, copy_rows, row_of, strip
from placket.demo.offering import Offering
from placket.demo.parts import Shop
from placket.demo.period import Period, is_open, unknown_visits
from placket.demo.rhythm import DAY_S, weight_of
from placket.demo.sizes import SIZES, Size
from placket.demo.trading import Trading
from placket.demo.twice import known_twice

SETTING: Final = "demo"
_SALES_OF_VISIT: Final = 1.07  # returns come on top
_LINES_OF_SALE: Final = 2.15
_DAYS_OF_WEEK: Final = 7
QUARTERS: Final = (1, 4, 7, 10)

Say = Callable[[str], None]


class DatabaseNotEmpty(Trouble):
    """There is a company in the database; the demo would mix with it."""


def fill(database_url: str, *, size: str | Size = "chain", seed: int = 7, ends_at: datetime, say: Say = print) -> None:
    """Fill an empty, migrated database; the same size, seed and end minute give the same rows.

    All of it is one transaction: a fill that fails leaves nothing behind. ``ends_at`` counts to its minute. What differs
    from one fill to the next: the company's incarnation, which must never be repeated, and the salt of the hashes.
    Raises ``DatabaseNotEmpty``.
    """
    minute = ends_at.replace(second=0, microsecond=0)
    database = Database(database_url, pool_size=1)
    try:
        with database.transaction() as tx:
            connection = driver_of(tx)
            if connection.execute("SELECT 1 FROM company").fetchone():
                message = "The database already holds a company. Fill an empty one, or run `make reset` first."
                raise DatabaseNotEmpty(message)
            _fill(tx, connection, SIZES[size] if isinstance(size, str) else size, seed, minute, say)
        say("statistics …")
        with psycopg.connect(database_url, autocommit=True) as own:
            own.execute("VACUUM (ANALYZE)")
    finally:
        database.dispose()


def driver_of(tx: Session) -> psycopg.Connection[Any]:
    """Psycopg's own connection of a transaction, for COPY; without the request's time limits."""
    connection = tx.connection().connection.driver_connection
    assert isinstance(connection, psycopg.Connection), "the driver is psycopg"
    connection.execute("SET LOCAL statement_timeout = 0")
    connection.execute("SET LOCAL maintenance_work_mem = '512MB'")
    connection.execute("SET LOCAL synchronous_commit = off")
    return connection


def lines_a_week(size: Size, days: int) -> float:
    """How much the shelves are made for."""
    return size.sales * _LINES_OF_SALE * _DAYS_OF_WEEK / days


class PriceTable:
    """Prices of every style by channel, read from the chain's own price book once per day that changes them."""

    def __init__(self, tx: Session, connection: psycopg.Connection[Any], *, styles: Sequence[str], place: str) -> None:
        self.book = catalog.load_price_book(tx)
        self.version = self.book.price_version
        self._styles = styles
        self._place = UUID(place)
        moments = connection.execute("SELECT starts_at FROM price_list UNION SELECT ends_at FROM price_list").fetchall()
        days = {business_day(at) for (at,) in moments if at is not None}
        days |= {on for (on,) in connection.execute("SELECT starts_on FROM vat_rate").fetchall()}
        self._changes = sorted(days)
        self._known: dict[tuple[str, int], Prices] = {}

    def on(self, channel: str, on: date) -> Prices:
        """The prices of a day; the same object as long as nothing changes."""
        key = (channel, bisect_right(self._changes, on))
        if key not in self._known:
            at = day_bounds(on)[0]
            self._known[key] = [self._price(variant, channel, at) for variant in self._styles]
        return self._known[key]

    def _price(self, variant: str, channel: str, at: datetime) -> tuple[int, int] | None:
        try:
            return self.book.price_at(UUID(variant), channel=channel, location_id=self._place, at=at)
        except (catalog.NoPrice, catalog.UnknownVariant):
            return None


def _fill(tx: Session, connection: psycopg.Connection[Any], size: Size, seed: int, ends_at: datetime, say: Say) -> None:
    began = time.monotonic()
    period = Period.of(size, ends_at)
    weights = period.weights()
    say(f"the chain Lụa, {size.name}: {period.starts_on:%d/%m/%Y} – {period.ends_on:%d/%m/%Y}, seed {seed}")
    again = strip(connection)
    throw = dice(seed, "founding")
    shops = founding.found(tx, connection, throw, starts_on=period.starts_on, seed=seed)
    plan = plan_of(size, seed=seed, starts_on=period.starts_on, ends_on=period.ends_on)
    founding.shelve(connection, throw, plan, starts_on=period.starts_on)
    say(f"{len(plan.styles):,} styles, {sum(len(s.variants) for s in plan.styles):,} variants")
    wanted = int(size.sales / _SALES_OF_VISIT)
    customers = customers_of(
        dice(seed, "visits"),
        count=size.customers,
        visits_wanted=int(wanted * KNOWN),
        day_weights=weights,
        last_s=period.to_s,
    )
    promoting.offer(connection, dice(seed, "promotions"), on=period.ends_on)
    keys, birthdays = _write_customers(connection, dice(seed, "customers"), customers, period, shops)
    say(f"{size.customers:,} customers")
    goods = Goods(
        plan, shelves=dice(seed, "shelves"), wishes=dice(seed, "wishes"), lines_a_week=lines_a_week(size, len(weights))
    )
    prices = PriceTable(tx, connection, styles=[s.variants[0].id for s in plan.styles], place=shops[0].id)
    known = [NULL, *keys]
    offering = Offering(
        tx, connection, goods=goods, shops=shops, prices=prices.book, customers=known, birthdays=[None, *birthdays]
    )
    writer = Writer(connection)
    costing = Costing(connection, writer, goods, dice(seed, "costs"), on=period.starts_on)
    trading = Trading(
        goods=goods,
        shops=shops,
        customers=known,
        prices_on=prices.on,
        is_open=is_open,
        price_version=prices.version,
        offering=offering,
        writer=writer,
        throw=dice(seed, "trading"),
        costing=costing,
    )
    unknown = max(wanted - sum(map(len, customers.visits)), 0) / sum(weights)
    _tell(trading, writer, dice(seed, "unknown"), customers.visits, unknown, period, say)
    say(f"{trading.sales:,} sales with {trading.lines:,} lines")
    _write_ends(connection, goods, shops, costing)
    loyalty.collect(connection, since=day_bounds(period.starts_on)[0], until=ends_at)
    loyalty.credit(connection, until=ends_at)
    kept = {"size": asdict(size), "ends_at": ends_at.isoformat(), "visits": wanted / sum(weights)}
    keep(connection, kept, until=ends_at)
    for table, statements in again.items():
        say(f"indexes and keys of {table}")
        for statement in statements:
            connection.execute(statement.encode())
    promoting.note_uses(connection, offering.used)
    _round_off(tx, connection, seed=seed, period=period, ends_at=ends_at)
    say(f"filled in {time.monotonic() - began:.0f} s")


def _round_off(tx: Session, connection: psycopg.Connection[Any], *, seed: int, period: Period, ends_at: datetime) -> None:
    """What is made from the history, and what the chain plans from here on."""
    groups.score(connection, until=ends_at)
    groups.name(tx, until=ends_at)
    campaigning.send(tx, dice(seed, "campaign"), until=ends_at)
    lately = max(period.starts_on, period.ends_on - timedelta(days=drawers.DAYS))
    drawers.close_days(tx, dice(seed, "drawers"), since=lately, until=period.ends_on)
    ahead = dice(seed, "days ahead")
    day.set_targets(connection, ahead, since=period.starts_on, on=period.ends_on)
    day.tell(connection, ahead, on=period.ends_on, at=ends_at)
    showing.show(connection)
    invoicing.begin(connection, on=period.ends_on, at=ends_at)


def keep(connection: psycopg.Connection[Any], facts: dict[str, Any], *, until: datetime) -> None:
    """Note how far the history is told, and what it takes to tell on."""
    connection.execute(
        "INSERT INTO setting (key, value, updated_at) VALUES (%s, %s, %s) "
        "ON CONFLICT (key) DO UPDATE SET value = excluded.value, updated_at = excluded.updated_at",
        [SETTING, json.dumps({**facts, "until": until.isoformat()}), until],
    )


def _tell(
    trading: Trading,
    writer: Writer,
    throw: Random,
    visits: Sequence[Sequence[int]],
    unknown: float,
    period: Period,
    say: Say,
) -> None:
    """All days, with ``unknown`` visits by nobody known for each unit of a day's weight."""
    try:
        trading.stock_up(period.starts_on)
        for on, known in zip(period.days(), visits, strict=True):
            to_s = period.to_s if on == period.ends_on else DAY_S
            expected = unknown * weight_of(on, period.starts_on)
            found = unknown_visits(throw, on, since=period.starts_on, expected=expected, to_s=to_s)
            trading.day(on, [*known, *found], to_s=to_s)
            if on.day == 1 and on.month in QUARTERS:
                say(f"until {on:%m/%Y}: {trading.sales:,} sales")
    finally:
        writer.close()


def _write_customers(
    connection: psycopg.Connection[Any], throw: Random, customers: Customers, period: Period, shops: Sequence[Shop]
) -> tuple[list[str], list[str | None]]:
    """Everybody with the day they were first seen; answers their ids and birthdays in the order of their numbers."""
    midnight_ms = start_ms(period.starts_on)
    keys, rows, consents = [], [], []
    birthdays: list[str | None] = []
    people = known_twice(
        persons(throw, len(customers.homes), period.ends_on), homes=customers.homes, visits=customers.visits
    )
    for home, since, person in zip(customers.homes, customers.since, people, strict=True):
        at_ms = midnight_ms + since * 1000
        keys.append(make_id(throw, at_ms))
        branch = shops[home].id if PLACES[home].is_branch else None
        birthdays.append(None if person.birth_day is None else intern(f"{person.birth_month:02d}-{person.birth_day:02d}"))
        since_at = datetime.fromtimestamp(at_ms // 1000, UTC)
        rows.append(
            row_of(
                keys[-1],
                person.full_name,
                person.given_name,
                person.phone,
                person.email,
                person.birth_day,
                person.birth_month,
                branch,
                since_at,
            )
        )
        if person.agreed:
            word = ("loyalty", True, "till" if branch else "web", loyalty.TEXT_VERSION)
            consents.append(row_of(keys[-1], *word, since_at, since_at))
            if len(keys) % 5 < loyalty.ADVERTISED_OF_FIVE:
                word = ("marketing", True, word[2], loyalty.ADVERTISING_VERSION)
                consents.append(row_of(keys[-1], *word, since_at, since_at))
    columns = "id, full_name, given_name, phone, email, birth_day, birth_month, home_location_id, created_at"
    copy_rows(connection, "customer", columns, rows)
    loyalty.agree(connection, consents)
    return keys, birthdays


def _write_ends(connection: psycopg.Connection[Any], goods: Goods, shops: Sequence[Shop], costing: Costing) -> None:
    """The balances, the costs and the tills' last numbers as the history leaves them."""
    costing.write()
    for shop in shops:
        cells = zip(goods.ids, goods.left[shop.place], goods.moves[shop.place], strict=True)
        rows = (f"{shop.id}\t{key}\t{left}\t{moves}" for key, left, moves in cells if moves)
        copy_rows(connection, "stock", "location_id, variant_id, on_hand, version", rows)
    write_numbers(connection, shops)


def write_numbers(connection: psycopg.Connection[Any], shops: Sequence[Shop]) -> None:
    """Where each till's openings and receipts have come to, and the orders of the web."""
    orders = sum(shop.orders for shop in shops)
    if orders:
        connection.execute("SELECT setval('web_order_no', %s)", [orders])
    with connection.cursor() as cursor:
        tills = [till for shop in shops for till in shop.tills]
        cursor.executemany("UPDATE till SET last_opening = %s WHERE id = %s", [(till.opening, till.id) for till in tills])
        cursor.executemany(
            "UPDATE till_epoch SET last_receipt_no = %s WHERE till_id = %s AND epoch = %s",
            [(till.receipt_no, till.id, till.epoch) for till in tills],
        )
