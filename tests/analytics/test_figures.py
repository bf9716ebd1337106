"""The dashboard and reports against sums that are written another way, sale by sale, on the demo's two years."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from io import BytesIO
from typing import Any

import pytest
from openpyxl import load_workbook
from sqlalchemy import text
from sqlalchemy.orm import Session

from demo.conftest import ENDS_AT
from placket.analytics import documents, queries, sheet, tables
from placket.analytics.dashboard import day_of
from placket.analytics.queries import KEYS, By, Span
from placket.analytics.rules import Compare, Figures, day_before, total
from placket.core.clock import VIETNAM, business_day, day_bounds
from placket.core.db import Database

TODAY = business_day(ENDS_AT)


@pytest.fixture(scope="module")
def years(years_url: str) -> Iterator[Session]:
    """A session on two years of sales, some of them void and some with goods that came back."""
    database = Database(years_url, pool_size=1)
    with database.transaction() as tx:
        yield tx
    database.dispose()


def by_hand(tx: Session, starts: datetime, ends: datetime, **where: Any) -> Figures:
    """The same figures sale by sale, in Python."""
    rows = tx.execute(
        text(
            "SELECT s.id, s.location_id, s.channel, s.staff_id, l.adviser_id, l.qty, l.total_vnd, l.vat_vnd, y.category_id "
            "FROM sale s JOIN sale_line l ON l.sale_id = s.id JOIN variant v ON v.id = l.variant_id "
            "JOIN style y ON y.id = v.style_id "
            "WHERE s.state <> 'void' AND s.sold_at BETWEEN :starts AND :ends AND s.sold_at <> :ends"
        ),
        {"starts": starts, "ends": ends},
    ).all()
    kept = [row for row in rows if all(str(value_of(row, key)) == str(value) for key, value in where.items())]
    return Figures(
        revenue_vnd=sum(row.total_vnd for row in kept),
        net_vnd=sum(row.total_vnd for row in kept) - sum(row.vat_vnd for row in kept),
        bills=len({row.id for row in kept if row.qty > 0}),
        sold=sum(max(row.qty, 0) for row in kept),
        returned=sum(max(-row.qty, 0) for row in kept),
    )


def value_of(row: Any, key: str) -> Any:
    """A column, or who a line belongs to."""
    return (row.adviser_id or row.staff_id) if key == "staff" else getattr(row, key)


@pytest.mark.parametrize("compare", ["date", "weekday", "lunar"])
@pytest.mark.parametrize("on", [TODAY, date(2026, 2, 13), date(2026, 2, 28)])
def test_a_day_equals_its_sales_to_the_dong_beside_the_same_minute(years: Session, on: date, compare: Compare) -> None:
    day = day_of(years, on=on, compare=compare, now=ENDS_AT, places=None)
    starts, at = day_bounds(on)[0], min(ENDS_AT, day_bounds(on)[1])
    before_starts, before_ends = day_bounds(day_before(on, compare))
    assert (day.sums.today, day.at) == (by_hand(years, starts, at), at)
    assert day.sums.before == by_hand(years, before_starts, before_starts + (at - starts))
    assert day.sums.before_whole_vnd == by_hand(years, before_starts, before_ends).revenue_vnd == day.before_vnd[-1]
    assert day.today_vnd[-1] == day.sums.today.revenue_vnd
    noon = datetime.combine(on, datetime.min.time(), VIETNAM) + timedelta(hours=12)
    assert day.today_vnd[11] == by_hand(years, starts, min(noon.astimezone(UTC), at)).revenue_vnd


def test_branches_and_channels_add_up_to_the_chain(years: Session) -> None:
    day = day_of(years, on=date(2026, 11, 21), compare="weekday", now=ENDS_AT, places=None)
    branches = total(branch.sums.today for branch in day.branches)
    assert branches == day.channels["store"].today
    assert branches + day.channels["web"].today == day.sums.today
    assert day.channels["web"].today.revenue_vnd > 0


@pytest.mark.parametrize(
    ("by", "column"), [("branch", "location_id"), ("channel", "channel"), ("staff", "staff"), ("category", "category_id")]
)
def test_every_row_of_a_report_equals_its_sales_to_the_dong(years: Session, by: By, column: str) -> None:
    starts, ends = day_bounds(date(2026, 10, 1))[0], day_bounds(date(2026, 10, 31))[1]
    rows = queries.sales_by(years, Span(starts, ends, None), by)
    assert len(rows) > 1
    for key, figures in rows.items():
        assert figures == by_hand(years, starts, ends, **{column: key}), key
    whole = queries.sales_of(years, Span(starts, ends, None))
    assert whole == by_hand(years, starts, ends)
    assert sum(figures.revenue_vnd for figures in rows.values()) == whole.revenue_vnd


def test_every_key_divides_the_same_whole(years: Session) -> None:
    span = Span(day_bounds(date(2025, 12, 1))[0], day_bounds(date(2026, 2, 28))[1], None)
    whole = queries.sales_of(years, span)
    for by in KEYS:
        assert total(queries.sales_by(years, span, by).values()).net_vnd == whole.net_vnd, by


def test_a_person_sees_the_places_they_may_and_no_others(years: Session) -> None:
    here = years.execute(text("SELECT id FROM location WHERE kind = 'branch' ORDER BY position LIMIT 1")).scalar_one()
    span = Span(day_bounds(date(2026, 10, 1))[0], day_bounds(date(2026, 10, 31))[1], [here])
    assert queries.sales_of(years, span) == by_hand(years, span.starts, span.ends, location_id=here)
    assert set(queries.sales_by(years, span, "branch")) == {str(here)}
    day = day_of(years, on=TODAY, compare="weekday", now=ENDS_AT, places=[here])
    assert [branch.place.id for branch in day.branches] == [here]


OCTOBER = Span(day_bounds(date(2026, 10, 1))[0], day_bounds(date(2026, 10, 31))[1], None)


def one(tx: Session, query: str) -> int:
    """A number that is asked for another way."""
    return int(tx.scalar(text(query), {"starts": OCTOBER.starts, "ends": OCTOBER.ends}) or 0)


def table(tx: Session, kind: tables.Kind) -> dict[str, int | None]:
    """The totals of a report, by column."""
    made = tables.table_of(tx, kind, OCTOBER, at=ENDS_AT)
    return dict(zip((key for key, _ in made.columns), made.total, strict=True))


def test_the_tables_add_up_to_what_the_books_hold(years: Session) -> None:
    of_month = "state = 'posted' AND sold_at >= :starts AND sold_at < :ends"
    revenue = one(years, f"SELECT sum(total_vnd) FROM sale WHERE {of_month}")
    assert table(years, "staff")["revenue"] == revenue - one(
        years, f"SELECT sum(total_vnd) FROM sale WHERE {of_month} AND staff_id IS NULL"
    )
    assert sum(value or 0 for value in table(years, "heat").values()) == revenue
    hours = [int(row.key) for row in tables.table_of(years, "heat", OCTOBER, at=ENDS_AT).rows]
    assert hours == sorted(set(hours))
    returned = table(years, "returns")
    assert returned["pieces"] == one(
        years, f"SELECT -sum(qty) FROM sale_line JOIN sale ON id = sale_id WHERE qty < 0 AND {of_month}"
    )
    assert (returned["pieces"] or 0) > 0
    voids = one(years, "SELECT count(*) FROM sale WHERE state = 'void' AND sold_at >= :starts AND sold_at < :ends")
    assert table(years, "staff")["voids"] == voids > 0


def test_every_piece_on_hand_has_an_age(years: Session) -> None:
    ages = table(years, "ageing")
    on_hand = one(
        years,
        "SELECT sum(on_hand) FROM stock JOIN location l ON l.id = location_id "
        "WHERE on_hand > 0 AND l.kind IN ('branch', 'depot')",
    )
    assert ages["pieces"] == sum(value or 0 for key, value in ages.items() if key.startswith("days_")) == on_hand > 0


def test_sell_through_is_what_was_sold_of_what_there_was(years: Session) -> None:
    made = tables.table_of(years, "sell_through", OCTOBER, at=ENDS_AT)
    best = made.rows[0]
    sold = int(
        years.scalar(
            text(
                "SELECT sum(l.qty) FROM sale s JOIN sale_line l ON l.sale_id = s.id JOIN variant v ON v.id = l.variant_id "
                "WHERE v.style_id = CAST(:style AS uuid) AND s.state = 'posted' "
                "AND s.sold_at >= :starts AND s.sold_at < :ends"
            ),
            {"style": best.key, "starts": OCTOBER.starts, "ends": OCTOBER.ends},
        )
        or 0
    )
    assert best.values[0] == sold == max(row.values[0] or 0 for row in made.rows)
    assert best.values[2] == round(10_000 * sold / (sold + (best.values[1] or 0)))


def test_margins_are_what_is_left_after_costs_and_what_has_no_cost_stands_apart(years: Session) -> None:
    lines = (
        "SELECT y.category_id::text AS key, l.variant_id, l.qty, l.total_vnd - l.vat_vnd AS net_vnd FROM sale s "
        "JOIN sale_line l ON l.sale_id = s.id JOIN variant v ON v.id = l.variant_id JOIN style y ON y.id = v.style_id "
        "WHERE s.state = 'posted' AND s.sold_at >= :starts AND s.sold_at < :ends"
    )
    with years.begin_nested() as undone:
        sold = years.execute(text(lines), {"starts": OCTOBER.starts, "ends": OCTOBER.ends}).all()
        unknown = sold[0].variant_id
        years.execute(text("DELETE FROM variant_cost WHERE variant_id = :id"), {"id": unknown})
        costs = dict(years.execute(text("SELECT variant_id, average_vnd FROM variant_cost")).all())
        made = tables.table_of(years, "margin", OCTOBER, at=ENDS_AT)
        undone.rollback()
    for row in made.rows:
        own = [line for line in sold if line.key == row.key]
        net_vnd = sum(line.net_vnd for line in own if line.variant_id != unknown)
        cost_vnd = sum(line.qty * costs[line.variant_id] for line in own if line.variant_id != unknown)
        apart_vnd = sum(line.net_vnd for line in own if line.variant_id == unknown)
        share = round(10_000 * (net_vnd - cost_vnd) / net_vnd)
        assert list(row.values) == [net_vnd, cost_vnd, net_vnd - cost_vnd, share, apart_vnd]
    assert sum(row.values[4] or 0 for row in made.rows) == made.total[4] != 0
    assert 4_500 < (made.total[3] or 0) < 6_500


def test_discounts_are_told_by_their_parts_and_what_has_none_stands_as_such(years: Session) -> None:
    with years.begin_nested() as undone:
        sold = years.execute(
            text(
                "UPDATE sale_line l SET discount_vnd = 7000, total_vnd = l.total_vnd - 7000 FROM sale s "
                "WHERE s.id = l.sale_id AND s.id = (SELECT id FROM sale JOIN sale_line ON sale_id = id WHERE qty > 0 "
                "AND state = 'posted' AND line_no = 1 AND sold_at >= :starts AND sold_at < :ends ORDER BY id LIMIT 1) "
                "AND l.line_no = 1 RETURNING s.id"
            ),
            {"starts": OCTOBER.starts, "ends": OCTOBER.ends},
        ).scalar_one()
        part = (
            "INSERT INTO sale_discount (sale_id, line_no, no, kind, amount_vnd, reason) "
            "VALUES (:id, 1, 1, 'manual', 5000, 'regular')"
        )
        years.execute(text(part), {"id": sold})
        rows = tables.table_of(years, "discounts", OCTOBER, at=ENDS_AT).rows
        told = {
            row.key: documents.documents_of(years, "discounts", row.key, OCTOBER, at=ENDS_AT).items[0].id for row in rows
        }
        undone.rollback()
    assert [(row.key, *row.values) for row in rows] == [
        ("manual:regular", 5_000, 1, 7_143),
        ("unexplained", 2_000, 1, 2_857),
    ]
    assert told == {"manual:regular": str(sold), "unexplained": str(sold)}


@pytest.mark.parametrize(
    ("kind", "number"), [("returns", 1), ("margin", 0), ("ageing", 0), ("sell_through", 1), ("cash", 7)]
)
def test_the_documents_of_a_row_add_up_to_its_number(years: Session, kind: tables.Kind, number: int) -> None:
    rows = tables.table_of(years, kind, OCTOBER, at=ENDS_AT).rows
    if kind != "cash":
        assert rows
    for row in rows[:5]:
        found = documents.documents_of(years, kind, row.key, OCTOBER, at=ENDS_AT)  # type: ignore[arg-type]
        assert (found.pieces if kind in {"ageing", "sell_through"} else found.vnd) == row.values[number], row.key


@pytest.mark.parametrize("by", list(KEYS))
def test_the_documents_of_a_row_of_sales_add_up_to_its_revenue(years: Session, by: By) -> None:
    found = queries.sales_by(years, OCTOBER, by)
    for key in list(found)[:3]:
        assert documents.documents_of(years, by, key, OCTOBER, at=ENDS_AT).vnd == found[key].revenue_vnd, key


def test_a_workbook_holds_what_was_shown_and_runs_nothing() -> None:
    shown = [["=1\x1a+1", 378_000], ["Tổng", None]]
    made = sheet.Sheet(title="Giảm giá [10]\x1a", head=["Lý do", "Số tiền"], rows=shown, has_total=True)
    book = load_workbook(BytesIO(sheet.workbook([made])))
    rows = list(book.active.iter_rows())
    assert [[cell.value for cell in row] for row in rows] == [["Lý do", "Số tiền"], ["=1+1", 378_000], ["Tổng", None]]
    assert rows[1][0].data_type == "s"
