"""A pack of reports as sheets: the tables of the office's reports, column by column, for one period and some places.

Shares are fractions here (floating point), as the files of the office keep them.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final, Literal
from uuid import UUID

from sqlalchemy import Row
from sqlalchemy.orm import Session

from placket import crm
from placket.analytics import pack_words as words
from placket.analytics import tables
from placket.analytics.beside import SalesBeside, sales_beside
from placket.analytics.pack_words import Language, word
from placket.analytics.queries import By, Span
from placket.analytics.rules import Cadence, Compare, Figures, growth_bp
from placket.analytics.sheet import Cell, Sheet, Unit
from placket.core.clock import day_bounds
from placket.core.money import dotted, rounded_quotient

Pack = Literal["sales", "marketing"]
SALES: Final[Mapping[Pack, Sequence[By]]] = {"sales": ("branch", "day", "staff"), "marketing": ("channel", "category")}
TABLES: Final[Mapping[Pack, Sequence[tables.Kind]]] = {
    "sales": ("returns", "cash"),
    "marketing": ("discounts", "sell_through"),
}
COMPARE: Final[Mapping[Cadence, Compare]] = {"weekly": "weekday", "monthly": "date"}
_UNITS: Final[Mapping[tables.Unit, Unit]] = {"vnd": "number", "count": "number", "bp": "percent", "weeks10": "tenths"}
_PERCENTS: Final = {"share", "growth", "return_rate"}


@dataclass(frozen=True, slots=True)
class Made:
    """A pack: what it is called, of which days, what it says in one sentence, and its tables."""

    title: str
    period: str
    sentence: str
    sheets: Sequence[Sheet]


def pack_of(
    tx: Session,
    pack: Pack,
    cadence: Cadence,
    *,
    from_on: date,
    to_on: date,
    language: Language,
    now: datetime,
    places: Sequence[UUID] | None,
) -> Made:
    """The tables of a pack; what they hold is what the reports show of the same days and places."""
    told = {
        by: sales_beside(tx, from_on=from_on, to_on=to_on, by=by, compare=COMPARE[cadence], now=now, places=places)
        for by in SALES[pack]
    }
    span = Span(day_bounds(from_on)[0], day_bounds(to_on)[1], places)
    sheets = [sales_sheet(by, sales, language) for by, sales in told.items()]
    sheets += [table_sheet(kind, tables.table_of(tx, kind, span, at=now), language) for kind in TABLES[pack]]
    if pack == "marketing":
        sheets.append(group_sheet(crm.groups_between(tx, from_on=from_on, to_on=to_on, places=places), language))
    first = next(iter(told.values()))
    return Made(
        title=word(words.PACKS[pack, cadence], language),
        period=f"{_day(from_on)} – {_day(to_on)}",
        sentence=_sentence(first.now_whole.revenue_vnd, first.before_whole.revenue_vnd, language),
        sheets=sheets,
    )


def sales_sheet(by: By, told: SalesBeside, language: Language) -> Sheet:
    """Sales by one thing, the one that took most first; days stand in their order."""
    keys = told.in_order()
    if by != "day":
        keys.sort(key=lambda key: -told.row(key)[0].revenue_vnd)
    whole_vnd = told.now_whole.revenue_vnd
    rows = [_line(_name(by, key, told, language), *told.row(key), whole_vnd) for key in keys]
    total = _line(word(words.SAID["total"], language), told.now_whole, told.before_whole, whole_vnd)
    against = {"from_on": _day(told.before_from_on), "to_on": _day(told.before_to_on)}
    return Sheet(
        title=word(words.SALES_TITLES[by], language),
        note=word(words.SAID["against"], language).format(**against),
        head=[word(words.BY[by], language), *(word(pair, language) for pair in words.FIGURES.values())],
        units=["text", *("percent" if key in _PERCENTS else "number" for key in words.FIGURES)],
        rows=[*rows, total] if rows else [],
        has_total=bool(rows),
    )


def _line(name: str, now: Figures, before: Figures, whole_vnd: int) -> list[Cell]:
    growth = growth_bp(now.revenue_vnd, before.revenue_vnd)
    return [
        name,
        now.revenue_vnd,
        _fraction(tables.share_bp(now.revenue_vnd, whole_vnd)),
        before.revenue_vnd,
        _fraction(growth),
        now.net_vnd,
        now.bills,
        rounded_quotient(now.net_vnd, now.bills) if now.bills else None,
        now.sold,
        now.returned,
        now.returned / now.sold if now.sold else None,
    ]


def _name(by: By, key: str | None, told: SalesBeside, language: Language) -> str:
    if key is None:
        return word(words.SAID["unknown"], language)
    if by == "channel":
        return word(words.SAID["web" if key == "web" else "store"], language)
    return _day(date.fromisoformat(key)) if by == "day" else word(told.names[key], language)


def table_sheet(kind: tables.Kind, table: tables.Table, language: Language) -> Sheet:
    """A report that is a table, with its total."""
    units = [unit for _, unit in table.columns]

    def line(name: str, values: Sequence[int | None]) -> list[Cell]:
        return [name, *(_kept(value, unit) for value, unit in zip(values, units, strict=True))]

    rows = [line(_row_name(kind, row, language), row.values) for row in table.rows]
    total = [line(word(words.SAID["total"], language), table.total)] if rows else []
    return Sheet(
        title=word(words.TITLES[kind], language),
        head=[word(words.ROW_OF[kind], language), *(word(words.COLUMNS[key], language) for key, _ in table.columns)],
        units=["text", *(_UNITS[unit] for unit in units)],
        rows=[*rows, *total],
        has_total=bool(rows),
    )


def group_sheet(groups: Sequence[Row[Any]], language: Language) -> Sheet:
    """The RFM groups: how many people each has, and who came and left meanwhile."""
    rows: list[list[Cell]] = [
        [word(words.GROUPS[one.group_key], language), one.people, one.came, one.went] for one in groups
    ]
    people, came, went = (sum(column) for column in zip(*((one.people, one.came, one.went) for one in groups), strict=True))
    total: list[Cell] = [word(words.SAID["total"], language), people, came, went]
    return Sheet(
        title=word(words.SAID["groups"], language),
        head=[word(pair, language) for pair in words.GROUP_HEAD],
        units=["text", "number", "number", "number"],
        rows=[*rows, total],
        has_total=True,
    )


def _row_name(kind: tables.Kind, row: tables.Row, language: Language) -> str:
    if row.name_vi is not None:
        return word((row.name_vi, row.name_en or row.name_vi), language)
    if kind == "returns":
        return word(words.RETURN_REASONS.get(row.key, words.SAID["no_reason"]), language)
    what, _, reason = row.key.partition(":")
    if what == "manual":
        said = words.REASONS.get(reason)
        return word(words.SAID["by_hand"], language).format(reason=reason if said is None else word(said, language))
    known = words.DISCOUNT_KINDS.get(what)
    return row.key if known is None else word(known, language)


def _kept(value: int | None, unit: tables.Unit) -> Cell:
    if value is None or unit in ("vnd", "count"):
        return value
    return _fraction(value) if unit == "bp" else value / 10


def _fraction(bp: int | None) -> float | None:
    return None if bp is None else bp / 10_000


def _sentence(now_vnd: int, before_vnd: int, language: Language) -> str:
    growth, money = growth_bp(now_vnd, before_vnd), f"{dotted(now_vnd)}\N{NO-BREAK SPACE}₫".replace("-", "−")
    if growth is None:
        return word(words.SAID["alone"], language).format(money=money)
    percent = f"{abs(growth) / 100:.1f}%".replace(".", ",")
    return word(words.SAID["more" if growth >= 0 else "less"], language).format(money=money, percent=percent)


def _day(on: date) -> str:
    return f"{on:%d/%m/%Y}"
