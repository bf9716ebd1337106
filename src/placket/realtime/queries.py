"""What has happened since a position: the snapshot difference.

A *position* is PostgreSQL's own description of a moment, `pg_current_snapshot()`: which transactions had committed by
then. Unread is every event whose transaction was not visible in the position and is visible now. Both columns come from
one statement, so nothing is lost, doubled, or held up by a writer that stays open (docs/rules/events.md).
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Final, NamedTuple, Self
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Session

DELTAS_MAX: Final = 20_000
"""More than this is not told event by event: whoever is that far behind reads the state anew."""

PRUNED: Final = "pruned"
"""The cursor under which retention writes down how far it has cut: below it, events may be gone."""

# Two branches and no ORDER BY, so that each is a walk along the index of transactions and never one along the table.
_SINCE: Final = """
SELECT here.snapshot, here.incarnation, e.*
  FROM (SELECT pg_current_snapshot()::text AS snapshot, (SELECT incarnation FROM company) AS incarnation) here
  LEFT JOIN LATERAL (
       (SELECT id, topic, key, key_version, location_id, payload::text AS payload,
               extract(epoch FROM clock_timestamp() - recorded_at)::float8 AS age_s
          FROM event WHERE xid >= pg_snapshot_xmax(%(seen)s::pg_snapshot) {upto} {limit})
       UNION ALL
       (SELECT id, topic, key, key_version, location_id, payload::text,
               extract(epoch FROM clock_timestamp() - recorded_at)::float8
          FROM event WHERE xid = ANY (ARRAY(SELECT pg_snapshot_xip(%(seen)s::pg_snapshot))) {upto} {limit})
       ) e ON true
"""
_CAP: Final = f"LIMIT {DELTAS_MAX + 1}"
UNREAD: Final = _SINCE.format(upto="", limit=_CAP)
_MISSED: Final = _SINCE.format(upto="AND pg_visible_in_snapshot(xid, %(upto)s::pg_snapshot)", limit=_CAP)
_ALL_UNREAD: Final = _SINCE.format(upto="", limit="") + " ORDER BY e.id"


class Heard(NamedTuple):
    """An event as the tail hands it on; the payload is JSON text and stays so."""

    id: int
    topic: str
    key: str
    version: int
    location_id: UUID | None
    payload: str
    age_s: float


@dataclass(frozen=True, slots=True)
class Position:
    """A moment of the stream: which life of the company's data, and which transactions had committed."""

    incarnation: str
    snapshot: str

    def __str__(self) -> str:
        """The cursor that terminals keep."""
        return f"{self.incarnation}/{self.snapshot}"

    @classmethod
    def parse(cls, cursor: str) -> Self | None:
        """The position a cursor names; none when it is no cursor."""
        incarnation, slash, snapshot = cursor.partition("/")
        if not slash or not _SNAPSHOT.fullmatch(snapshot) or not _is_in_order(snapshot):
            return None
        return cls(incarnation, snapshot)


_SNAPSHOT: Final = re.compile(r"[1-9][0-9]{0,17}:[1-9][0-9]{0,17}:([1-9][0-9]{0,17}(,[1-9][0-9]{0,17})*)?")


def _is_in_order(snapshot: str) -> bool:
    """PostgreSQL refuses others: xmin ≤ the transactions in progress, ascending, < xmax."""
    xmin, xmax, between = snapshot.split(":")
    open_then = [int(xid) for xid in between.split(",") if xid]
    ascending = all(one < other for one, other in pairwise(open_then))
    inside = not open_then or (int(xmin) <= open_then[0] and open_then[-1] < int(xmax))
    return int(xmin) <= int(xmax) and ascending and inside


def difference(rows: list[tuple[Any, ...]]) -> tuple[Position, list[Heard]]:
    """What the statement answered: the position it read at, and the unread events in the order they were written."""
    position = Position(str(rows[0][1]), rows[0][0])
    return position, sorted(Heard(*row[2:]) for row in rows if row[2] is not None)


def missed(tx: Session, *, since: Position, upto: Position) -> list[Heard] | None:
    """What happened between two positions; none when that cannot be told event by event any more.

    So it is when the company's data lives another life, when events in between have been pruned, or when they are more
    than ``DELTAS_MAX``.
    """
    if since.incarnation != upto.incarnation:
        return None
    rows = tx.connection().exec_driver_sql(_MISSED, {"seen": since.snapshot, "upto": upto.snapshot}).all()
    _, heard = difference([tuple(row) for row in rows])
    # Asked after reading: what retention cuts in between is then noticed.
    return heard if len(heard) <= DELTAS_MAX and _is_kept(tx, since) else None


def _is_kept(tx: Session, since: Position) -> bool:
    """Whether every event after the position is still in the table (and the position is not from the future)."""
    return bool(
        tx.scalar(
            text(
                """
                SELECT pg_snapshot_xmax(CAST(:since AS pg_snapshot)) <= pg_snapshot_xmax(pg_current_snapshot())
                   AND pg_snapshot_xmin(CAST(:since AS pg_snapshot)) >= coalesce(
                       (SELECT pg_snapshot_xmax(snapshot::pg_snapshot) FROM event_cursor WHERE name = :pruned), '0'::xid8)
                """
            ),
            {"since": since.snapshot, "pruned": PRUNED},
        )
    )


def all_unread(tx: Session, *, snapshot: str) -> Iterator[tuple[str, Heard | None]]:
    """Every unread event in order, streamed, each beside the snapshot it was read at; at least one pair."""
    streamed = {"yield_per": 1000}
    for row in tx.connection().exec_driver_sql(_ALL_UNREAD, {"seen": snapshot}, execution_options=streamed):
        yield row[0], None if row[2] is None else Heard(*row[2:])
