"""Counts of the demo's last weeks: every branch counts some of its shelves every other week, and its books get better.

Written as rows, the way the verbs of counts would have left them: lines, tallies, moves, sums.
"""

import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from random import Random
from typing import Final
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Session

from placket.demo.dice import make_id

WEEKS_AGO: Final = (11, 9, 7, 5, 3, 1)
# Of a hundred pieces so many were not where the books had them, in the first of these weeks and in the last.
OFF_AT_FIRST: Final = 3.2
OFF_NOW: Final = 0.4
LINES: Final = 36
_TOO_FEW: Final = 0.7
ZONES: Final = ("Sàn", "Kho")
OFFICE: Final = UUID(int=0)

# Goods that lie somewhere in numbers, so that one more or less takes nothing from a customer; each place in its own order.
SHELVES: Final = text("""
    SELECT location_id, variant_id, on_hand, price_vnd FROM (
        SELECT k.location_id, k.variant_id, k.on_hand, p.price_vnd,
               row_number() OVER (PARTITION BY k.location_id ORDER BY md5(k.variant_id::text || k.location_id)) AS no
          FROM stock k
          JOIN location l ON l.id = k.location_id AND l.kind = 'branch' AND l.status = 'active'
          JOIN variant v ON v.id = k.variant_id
          JOIN price p ON p.style_id = v.style_id AND p.variant_id IS NULL
          JOIN price_list q ON q.id = p.price_list_id AND q.priority = 0 AND q.channel IS NULL AND q.location_id IS NULL
         WHERE k.on_hand - k.promised - k.asked >= 3) s
     WHERE no <= :most ORDER BY location_id, no
""")
COUNT: Final = text("""
    INSERT INTO stock_count (id, number, location_id, kind, state, chosen, recount_vnd, note, created_by, created_at,
                             opened_by, opened_at, ledger_from, closed_by, closed_at, approved_by, approved_at, posted_at,
                             pieces_expected, pieces_off, off_vnd)
    VALUES (:id, nextval('count_no'), :place, 'cycle', 'posted', CAST(:chosen AS jsonb), 500000, :note, :keeper, :begun,
            :keeper, :begun, 0, :keeper, :ended, :keeper, :ended, :ended, :expected, :off, :off_vnd)
""")
ZONE: Final = text("INSERT INTO count_zone (count_id, no, name, done_by, done_at) VALUES (:id, :no, :name, :keeper, :ended)")
DOCUMENT: Final = text(
    "INSERT INTO stock_document (id, kind, reason, staff_id, created_at) VALUES (:id, 'count', :note, :keeper, :ended)"
)
LINE: Final = text("""
    INSERT INTO count_line (count_id, variant_id, in_scope, counted, expected, difference, unit_vnd, booked_at, reason)
    VALUES (:id, :variant, true, :counted, :expected, :counted - :expected, :unit_vnd, :ended,
            CASE WHEN :counted < :expected THEN 'unknown' WHEN :counted > :expected THEN 'miscount' END)
""")
TALLY: Final = text("""
    INSERT INTO count_tally (count_id, variant_id, round, zone_no, staff_id, device_id, pieces, first_at, last_at)
    VALUES (:id, :variant, 1, :zone, :keeper, :device, :counted, :begun, :scanned)
""")
# What a line found other than expected has moved; where it found none, the balance was only counted.
MOVES: Final = text("""
    WITH n AS (SELECT * FROM count_line WHERE count_id = :id), changed AS (
        UPDATE stock s SET on_hand = s.on_hand + n.difference, version = s.version + (n.difference <> 0)::int,
                           count_no = s.count_no + 1, counted_at = :ended
          FROM n WHERE s.location_id = :place AND s.variant_id = n.variant_id
        RETURNING s.*, n.difference AS qty), ledger AS (
        INSERT INTO stock_ledger (location_id, variant_id, qty, kind, ref, staff_id, occurred_at)
        SELECT location_id, variant_id, qty, 'count', :id, :keeper, :ended FROM changed WHERE qty <> 0 ORDER BY variant_id)
    INSERT INTO event (topic, key, key_version, payload)
    SELECT 'stock.changed', location_id || ':' || variant_id, version,
           jsonb_build_object('location_id', location_id, 'variant_id', variant_id, 'on_hand', on_hand, 'promised', promised,
                              'bagged', bagged, 'asked', asked, 'short', short)
      FROM changed WHERE qty <> 0 ORDER BY variant_id
""")


def tell_counts(tx: Session, throw: Random, *, keepers: Mapping[UUID, UUID], now: datetime) -> None:
    """The counts of every branch that has a keeper, the oldest first."""
    shelves: dict[UUID, list[tuple[UUID, int, int]]] = {}
    for row in tx.execute(SHELVES, {"most": LINES * len(WEEKS_AGO)}):
        shelves.setdefault(row.location_id, []).append((row.variant_id, row.on_hand, row.price_vnd))
    for turn, weeks in enumerate(WEEKS_AGO):
        off = OFF_AT_FIRST + (OFF_NOW - OFF_AT_FIRST) * turn / (len(WEEKS_AGO) - 1)
        for place, goods in shelves.items():
            shelf = goods[turn * LINES : (turn + 1) * LINES]
            if shelf and place in keepers:
                begun = (now - timedelta(weeks=weeks)).replace(hour=1, minute=0, second=0, microsecond=0)
                _count(tx, throw, place, keepers[place], shelf, begun, off)


def _count(
    tx: Session,
    throw: Random,
    place: UUID,
    keeper: UUID,
    shelf: list[tuple[UUID, int, int]],
    begun: datetime,
    off: float,
) -> None:
    """One count of a shelf: a piece too few more often than one too many."""
    ended = begun + timedelta(hours=2)
    found = []
    for variant, expected, unit_vnd in shelf:
        differs = throw.random() < off / 100 * expected
        difference = (-1 if throw.random() < _TOO_FEW else 1) if differs else 0
        found.append((variant, expected, expected + difference, unit_vnd))
    facts = {
        "id": UUID(make_id(throw, int(begun.timestamp()) * 1_000)),
        "place": place,
        "keeper": keeper,
        "note": "Kiểm kê luân phiên",
        "begun": begun,
        "ended": ended,
        "chosen": json.dumps({"variant_ids": [str(variant) for variant, *_ in found]}),
        "expected": sum(expected for _, expected, _, _ in found),
        "off": sum(abs(counted - expected) for _, expected, counted, _ in found),
        "off_vnd": sum(abs(counted - expected) * unit_vnd for _, expected, counted, unit_vnd in found),
    }
    tx.execute(COUNT, facts)
    tx.execute(ZONE, [facts | {"no": no, "name": name} for no, name in enumerate(ZONES, 1)])
    tx.execute(DOCUMENT, facts)
    rows = [
        facts
        | {"variant": variant, "expected": expected, "counted": counted, "unit_vnd": unit_vnd}
        | {"zone": 1 + at % len(ZONES), "device": OFFICE, "scanned": begun + timedelta(minutes=2 * at + 2)}
        for at, (variant, expected, counted, unit_vnd) in enumerate(found)
    ]
    tx.execute(LINE, rows)
    tx.execute(TALLY, rows)
    tx.execute(MOVES, facts)
