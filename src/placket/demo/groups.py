"""The groups that the history's customers are in: scores of some nights, so that it is known who has moved, and segments."""

from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

import psycopg
from sqlalchemy import text
from sqlalchemy.orm import Session

from placket import crm
from placket.core.clock import business_day
from placket.demo.dice import dice, make_id

READ_ANEW: Final = ("customer", "customer_account", "sale", "sale_line")
SCORED: Final = (
    "SELECT score_customers(NULL, %(on)s, %(at)s)",
    "SELECT take_borders(%(on)s, %(at)s)",
    "SELECT rescore_everybody(%(on)s, %(at)s)",
)
BUYERS: Final = "Khách đã mua hàng"
SEGMENTS: Final[dict[str, list[dict[str, Any]]]] = {
    "Khách thân sắp rời": [
        {"kind": "group", "any_of": ["at_risk", "cant_lose"]},
        {"kind": "spent", "least_vnd": 3_000_000},
    ],
    "Mới mua lần đầu": [{"kind": "orders", "least": 1, "most": 1}, {"kind": "last", "within_days": 30}],
    "Sinh nhật 14 ngày tới": [{"kind": "birthday", "days": 14}, {"kind": "agrees", "purpose": "loyalty"}],
    BUYERS: [{"kind": "orders", "least": 1}],
}


def score(connection: psycopg.Connection[Any], *, until: datetime, nights: tuple[int, ...] = (60, 30, 0)) -> None:
    """Score everybody as some nights before the end, and the last one, would have."""
    for table in READ_ANEW:
        connection.execute(f"ANALYZE {table}".encode())
    for before in nights:
        night = {"on": business_day(until) - timedelta(days=before), "at": until - timedelta(days=before)}
        for statement in SCORED:
            connection.execute(statement.encode(), night)
    connection.execute("SELECT follow_styles()")
    connection.execute("SELECT pair_styles(%(on)s)", {"on": business_day(until)})


def name(tx: Session, *, until: datetime) -> None:
    """The segments that somebody has written."""
    throw = dice(7, "segments")
    for called, every in SEGMENTS.items():
        crm.write_segment(
            tx,
            segment_id=UUID(make_id(throw, int(until.timestamp() * 1000))),
            name=called,
            terms=crm.terms_of({"every": every}),
            version=0,
            by=tx.scalar(text("SELECT id FROM staff ORDER BY id LIMIT 1")),
            on=business_day(until),
            now=until,
        )
