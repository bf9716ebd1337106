"""Jobs as the contexts see them: ask for one in the transaction that gives it its work, and it is run after the commit.

The worker's table (``placket.worker``) says which function a name stands for. The sale's transaction asks for no job:
the queue notifies, and a notification in that transaction costs most of its speed.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Mapped, Session, mapped_column

from placket.core import metrics
from placket.core.db import Base

QUEUE = "placket"


class JobOutcome(Base):
    """What the last run of a job of the clock came to."""

    __tablename__ = "job_outcome"

    name: Mapped[str] = mapped_column(primary_key=True)
    ran_at: Mapped[datetime]
    took_ms: Mapped[int]
    healthy: Mapped[bool]
    facts: Mapped[dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Backlog:
    """How the queue stands: jobs that wait, how long the oldest has, and those that failed for good."""

    waiting: int
    oldest_s: float
    failed: int


def enqueue(tx: Session, task: str, arguments: Mapping[str, Any], *, lock: str | None = None) -> int:
    """Ask for a job in the caller's transaction; jobs with the same ``lock`` run one after the other. Answers its id."""
    made: int = tx.execute(
        text(
            """
            SELECT (procrastinate_defer_jobs_v1(ARRAY[
                ROW(:queue, :task, 0, CAST(:lock AS text), NULL, CAST(:arguments AS jsonb), NULL)
            ]::procrastinate_job_to_defer_v1[]))[1]
            """
        ),
        {"queue": QUEUE, "task": task, "lock": lock, "arguments": json.dumps(dict(arguments), default=str)},
    ).scalar_one()
    return made


def under_way(tx: Session, task: str, argument: str) -> set[str]:
    """The values of an argument for which a job of this name waits or runs."""
    query = text("SELECT args->>:argument FROM procrastinate_jobs WHERE task_name = :task AND status IN ('todo', 'doing')")
    return set(tx.scalars(query, {"task": task, "argument": argument}))


def note_outcome(tx: Session, *, name: str, ran_at: datetime, took_ms: int, healthy: bool, facts: Mapping[str, Any]) -> None:
    """Remember what a job of the clock came to, in place of its last run."""
    new = {"ran_at": ran_at, "took_ms": took_ms, "healthy": healthy, "facts": dict(facts)}
    tx.execute(insert(JobOutcome).values(name=name, **new).on_conflict_do_update(index_elements=[JobOutcome.name], set_=new))


def outcomes(tx: Session) -> list[JobOutcome]:
    """The last outcome of every job of the clock."""
    return list(tx.scalars(select(JobOutcome).order_by(JobOutcome.name)))


def outcome_of(tx: Session, name: str) -> JobOutcome | None:
    """The last outcome of one job."""
    return tx.get(JobOutcome, name)


def backlog(tx: Session) -> Backlog:
    """How the queue stands."""
    row = tx.execute(
        text(
            """
            SELECT count(*) FILTER (WHERE j.status = 'todo' AND coalesce(j.scheduled_at, now()) <= now()),
                   coalesce(extract(epoch FROM now() - min(e.at) FILTER (WHERE j.status = 'todo')), 0)::float8,
                   count(*) FILTER (WHERE j.status = 'failed')
              FROM procrastinate_jobs j
              LEFT JOIN procrastinate_events e ON e.job_id = j.id AND e.type = 'deferred'
             WHERE j.status IN ('todo', 'failed')
            """
        )
    ).one()
    return Backlog(*row)


def measure(tx: Session) -> None:
    """Put how the queue stands, and what the jobs of the clock came to, into the metrics."""
    queue = backlog(tx)
    metrics.JOBS.labels("waiting").set(queue.waiting)
    metrics.JOBS.labels("failed").set(queue.failed)
    metrics.JOB_OLDEST_SECONDS.set(queue.oldest_s)
    for outcome in outcomes(tx):
        metrics.JOB_HEALTHY.labels(outcome.name).set(outcome.healthy)
        metrics.JOB_RAN_SECONDS.labels(outcome.name).set(outcome.ran_at.timestamp())


def prune_jobs(tx: Session, *, before: datetime) -> int:
    """Forget the jobs that failed or were given up before a moment; those that succeeded are forgotten at once."""
    return len(
        tx.execute(
            text(
                """
                DELETE FROM procrastinate_jobs j
                 WHERE j.status IN ('succeeded', 'failed', 'cancelled', 'aborted')
                   AND NOT EXISTS (SELECT 1 FROM procrastinate_events e WHERE e.job_id = j.id AND e.at >= :before)
                RETURNING j.id
                """
            ),
            {"before": before},
        ).all()
    )
