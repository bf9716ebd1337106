"""The floor: what naive raw SQL reaches on this machine now, measured by pgbench.

It writes the rows of a checkout of three lines (3 stock changes, sale, 3 lines, 3 ledger rows, payment, the till's number,
an event for each changed balance and one for the sale), one statement each, stock first by conditional UPDATE, prepared,
over the Unix socket, into the same tables as the product. It neither prices nor checks anything else.
"""

import os
import re
import subprocess
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from psycopg.conninfo import conninfo_to_dict

from bench.stage import Stage, open_tills
from placket.core import postgres

QUIET_LATENCY_MS = 0.79
"""The latency of one pgbench client on the machine that the absolute targets were set on."""

TAKE = """
UPDATE stock s SET on_hand = s.on_hand - 1, version = s.version + 1
  FROM bench_cell c
 WHERE c.client = :client_id AND c.n = :n{i} AND s.location_id = c.location_id AND s.variant_id = c.variant_id
   AND s.on_hand - s.promised >= 1
RETURNING s.location_id AS place{i}, s.variant_id AS variant{i}, s.version AS version{i}, s.on_hand AS left{i},
          s.promised AS promised{i} \\gset
"""
NUMBER = """
UPDATE till_epoch e SET last_receipt_no = e.last_receipt_no + 1
  FROM bench_till b WHERE b.client = :client_id AND e.till_id = b.till_id AND e.epoch = 1
RETURNING e.till_id AS till, e.last_receipt_no AS number, b.branch_id AS branch, b.staff_id AS staff,
          e.receipt_prefix || '-' || lpad(e.last_receipt_no::text, 7, '0') AS receipt \\gset
"""
SALE = """
INSERT INTO sale (id, channel, state, location_id, till_id, epoch, opening, receipt_no, receipt_code, staff_id, pieces,
                  list_vnd, discount_vnd, total_vnd, vat_vnd, price_version, promo_version, fingerprint, sold_at, sold_on)
VALUES (uuidv7(), 'store', 'posted', :branch, :till, 1, 1, :number, :receipt, :staff, 3,
        900000, 0, 900000, 66667, 1, 0, sha256(convert_to(:receipt, 'UTF8')), now(), current_date)
RETURNING id AS sale \\gset
"""
LINE = """
INSERT INTO sale_line (sale_id, line_no, variant_id, source_id, qty, unit_vnd, discount_vnd, total_vnd, vat_bp, vat_vnd)
VALUES (:sale, {i}, :variant{i}, :place{i}, 1, 300000, 0, 300000, 800, 22222);
"""
LEDGER = """
INSERT INTO stock_ledger (location_id, variant_id, qty, kind, ref, staff_id, till_id, epoch, occurred_at)
VALUES (:place{i}, :variant{i}, -1, 'sale', :sale, :staff, :till, 1, now());
"""
PAYMENT = """
INSERT INTO payment (sale_id, no, kind, amount_vnd, tendered_vnd, change_vnd, received_at)
VALUES (:sale, 1, 'cash', 900000, 900000, 0, now());
"""
STOCK_EVENT = """
INSERT INTO event (topic, key, key_version, payload)
VALUES ('stock.changed', :place{i}::text || ':' || :variant{i}::text, :version{i},
        jsonb_build_object('location_id', :place{i}::text, 'variant_id', :variant{i}::text, 'on_hand', :left{i}::int,
                           'promised', :promised{i}::int, 'asked', 0, 'short', 0));
"""
SALE_EVENT = """
INSERT INTO event (topic, key, key_version, location_id, payload)
VALUES ('sale.completed', :sale, 1, :branch,
        jsonb_build_object('id', :sale::text, 'receipt_code', :receipt::text, 'location_id', :branch::text,
                           'till_id', :till::text, 'staff_id', :staff::text, 'customer_id', NULL,
                           'channel', 'store', 'pieces', 3, 'total_vnd', 900000, 'vat_vnd', 66667, 'sold_at', now()));
"""

ENOUGH = """
INSERT INTO stock (location_id, variant_id, on_hand, version) SELECT location_id, variant_id, 1000000, 1 FROM bench_cell
ON CONFLICT (location_id, variant_id) DO UPDATE SET on_hand = EXCLUDED.on_hand WHERE stock.on_hand - stock.promised < 100000
"""


@dataclass(frozen=True, slots=True)
class Run:
    """One run of pgbench."""

    per_second: float
    latency_ms: float


@dataclass(frozen=True, slots=True)
class Floor:
    """Everything pgbench needs on a stage: its clients have tills of their own, whose receipt numbers are nobody's."""

    at: Stage
    clients: int
    hot: bool
    variants: int

    def run(self, seconds: float) -> Run:
        """Let all clients sell for so long."""
        parts = conninfo_to_dict(self.at.url)
        environment = os.environ | {"PGPASSWORD": str(parts["password"])}
        with TemporaryDirectory() as folder:
            script = Path(folder) / "checkout.sql"
            script.write_text(_script(hot=self.hot, variants=self.variants), encoding="utf-8")
            done = subprocess.run(
                [
                    str(postgres.tool("pgbench")),
                    *("-h", str(parts["host"]), "-p", str(parts["port"]), "-U", str(parts["user"])),
                    *("-n", "-M", "prepared", "-c", str(self.clients), "-j", str(min(self.clients, 2))),
                    *("-T", str(round(seconds)), "-f", str(script), str(parts["dbname"])),
                ],
                env=environment,
                capture_output=True,
                text=True,
                check=False,
            )
        rate = re.search(r"^tps = ([\d.]+)", done.stdout, re.MULTILINE)
        latency = re.search(r"^latency average = ([\d.]+) ms", done.stdout, re.MULTILINE)
        if done.returncode or rate is None or latency is None:
            raise RuntimeError(f"pgbench failed: {done.stderr[-2000:]}")
        return Run(float(rate[1]), float(latency[1]))


def prepare(at: Stage, *, clients: int, hot: bool) -> Floor:
    """Give each client a till and number the cells it buys from: all of its branch, or (hot) one row of the depot."""
    open_tills(at, clients)
    with at.connect() as connection:
        connection.execute("DROP TABLE IF EXISTS bench_till, bench_cell")
        connection.execute(
            "CREATE UNLOGGED TABLE bench_till AS SELECT row_number() OVER () - 1 AS client, last.* FROM ("
            "SELECT t.id AS till_id, t.location_id AS branch_id, s.staff_id FROM till t "
            "JOIN staff_session s ON s.till_id = t.id ORDER BY t.id DESC LIMIT %s) last",
            (clients,),
        )
        source = "(SELECT id FROM location WHERE kind = 'depot')" if hot else "b.branch_id"
        connection.execute(
            f"CREATE UNLOGGED TABLE bench_cell AS SELECT b.client, v.n, {source} AS location_id, v.id AS variant_id "
            "FROM bench_till b, (SELECT row_number() OVER (ORDER BY id) AS n, id FROM variant) v"
        )
        connection.execute("ALTER TABLE bench_till ADD PRIMARY KEY (client)")
        connection.execute("ALTER TABLE bench_cell ADD PRIMARY KEY (client, n)")
        connection.execute("VACUUM ANALYZE bench_till, bench_cell")
        variants = connection.execute("SELECT max(n) FROM bench_cell").fetchone()
    assert variants is not None
    return Floor(at, clients, hot, int(str(variants[0])))


def slowness(at: Stage) -> float:
    """The factor k of absolute targets: how much slower this machine is now than the one they were set on."""
    alone = prepare(at, clients=1, hot=False)
    with at.connect() as connection:
        connection.execute(ENOUGH)  # the shelves of the large chain are as empty as a shop's
    return median(alone.run(2).latency_ms for _ in range(5)) / QUIET_LATENCY_MS


def _script(*, hot: bool, variants: int) -> str:
    # Three thirds, so that every sale takes its rows in one order and no two wait for each other.
    third = variants // 3
    picks = [f"\\set n{i} {1 if hot else f'random({(i - 1) * third + 1}, {i * third})'}" for i in (1, 2, 3)]
    take, line, ledger, event = ([step.format(i=i) for i in (1, 2, 3)] for step in (TAKE, LINE, LEDGER, STOCK_EVENT))
    # Three changes of one row are one state in the end, and one event.
    steps = [*take, NUMBER, SALE, *line, *ledger, PAYMENT, *(event[2:] if hot else event), SALE_EVENT]
    return "\n".join([*picks, "BEGIN;", *steps, "END;", ""])
