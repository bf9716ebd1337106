"""Jobs as the contexts see them: ask for one in the transaction that gives it its work, and it is run after the commit.

The worker's table (``placket.worker``) says which function a name stands for. The sale's transaction asks for no job:
the queue notifies, and a notification in that transaction costs most of its speed.
"""

import json
import traceback
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import BigInteger, Row, select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Mapped, Session, mapped_column

from placket.core import metrics
from placket.core.db import Base

QUEUE = "placket"
FAILED_SHOWN: Final = 200
FRAMES_KEPT: Final = 3
BUDGETS = "budgets"


class JobOutcome(Base):
    """What the last run of a job of the clock came to; ``cause`` says why it failed, if it did."""

    __tablename__ = "job_outcome"

    name: Mapped[str] = mapped_column(primary_key=True)
    ran_at: Mapped[datetime]
    took_ms: Mapped[int]
    healthy: Mapped[bool]
    facts: Mapped[dict[str, Any]]
    cause: Mapped[str | None]


class JobFailure(Base):
    """Why a job failed when it was last tried; it goes with the job."""

    __tablename__ = "job_failure"

    job_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    at: Mapped[datetime]
    cause: Mapped[str]


@dataclass(frozen=True, slots=True)
class Asked:
    """What a job was asked to do."""

    task: str
    arguments: Mapping[str, Any]


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


def note_outcome(
    tx: Session,
    *,
    name: str,
    ran_at: datetime,
    took_ms: int,
    healthy: bool,
    facts: Mapping[str, Any],
    cause: str | None = None,
) -> None:
    """Remember what a job of the clock came to, in place of its last run."""
    new = {"ran_at": ran_at, "took_ms": took_ms, "healthy": healthy, "facts": dict(facts), "cause": cause}
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


def queues(tx: Session) -> Sequence[Row[Any]]:
    """The queue by name."""
    return tx.execute(
        text(
            """
            SELECT j.task_name AS task,
                   count(*) FILTER (WHERE j.status = 'todo' AND coalesce(j.scheduled_at, now()) <= now()) AS waiting,
                   count(*) FILTER (WHERE j.status = 'doing') AS running,
                   count(*) FILTER (WHERE j.status = 'failed') AS failed,
                   coalesce(extract(epoch FROM now() - min(e.at) FILTER (
                       WHERE j.status = 'todo' AND coalesce(j.scheduled_at, now()) <= now())), 0)::float8 AS oldest_s
              FROM procrastinate_jobs j
              LEFT JOIN LATERAL (SELECT min(at) AS at FROM procrastinate_events
                                  WHERE job_id = j.id AND type = 'deferred') e ON true
             WHERE j.status IN ('todo', 'doing', 'failed')
             GROUP BY j.task_name ORDER BY j.task_name
            """
        )
    ).all()


def failed(tx: Session) -> Sequence[Row[Any]]:
    """Jobs that failed for good, the newest first, with what they were asked to do and why they failed."""
    return tx.execute(
        text(
            """
            SELECT j.id, j.task_name AS task, j.args AS arguments, j.attempts,
                   coalesce(f.at, e.at) AS failed_at, f.cause
              FROM procrastinate_jobs j
              LEFT JOIN job_failure f ON f.job_id = j.id
              LEFT JOIN LATERAL (SELECT max(at) AS at FROM procrastinate_events
                                  WHERE job_id = j.id AND type = 'failed') e ON true
             WHERE j.status = 'failed' ORDER BY j.id DESC LIMIT :most
            """
        ),
        {"most": FAILED_SHOWN},
    ).all()


def heard_of_worker(tx: Session) -> datetime | None:
    """When a worker last gave a sign of life."""
    heard_at: datetime | None = tx.scalar(text("SELECT max(last_heartbeat) FROM procrastinate_workers"))
    return heard_at


def replay(tx: Session, *, job_id: int) -> Asked | None:
    """Have a failed job run again with all its tries; none when there is no such job."""
    return _asked(
        tx,
        """
        UPDATE procrastinate_jobs SET status = 'todo', attempts = 0, scheduled_at = NULL
         WHERE id = :id AND status = 'failed' RETURNING task_name, args
        """,
        job_id,
    )


def drop(tx: Session, *, job_id: int) -> Asked | None:
    """Let a failed job go; none when there is no such job."""
    return _asked(
        tx, "DELETE FROM procrastinate_jobs WHERE id = :id AND status = 'failed' RETURNING task_name, args", job_id
    )


def _asked(tx: Session, query: str, job_id: int) -> Asked | None:
    row = tx.execute(text(query), {"id": job_id}).one_or_none()
    tx.execute(text("DELETE FROM job_failure WHERE job_id = :id"), {"id": job_id})
    return None if row is None else Asked(row.task_name, row.args)


def note_failure(tx: Session, *, job_id: int, at: datetime, cause: str) -> None:
    """Remember why a job failed, in place of its last try."""
    new = {"at": at, "cause": cause}
    tx.execute(
        insert(JobFailure).values(job_id=job_id, **new).on_conflict_do_update(index_elements=[JobFailure.job_id], set_=new)
    )


def cause_of(failure: Exception) -> str:
    """Why a job failed, with the last frames of where."""
    return "".join(traceback.format_exception(failure, limit=-FRAMES_KEPT))


def measure(tx: Session) -> None:
    """Put how the queue stands, and what the jobs of the clock came to, into the metrics."""
    queue = backlog(tx)
    metrics.JOBS.labels("waiting").set(queue.waiting)
    metrics.JOBS.labels("failed").set(queue.failed)
    metrics.JOB_OLDEST_SECONDS.set(queue.oldest_s)
    for outcome in outcomes(tx):
        metrics.JOB_HEALTHY.labels(outcome.name).set(outcome.healthy)
        metrics.JOB_RAN_SECONDS.labels(outcome.name).set(outcome.ran_at.timestamp())
        if outcome.name == BUDGETS:
            for budget, passed_at in outcome.facts.items():
                metrics.BUDGET_PASSED.labels(budget).set(len(passed_at))


def prune_jobs(tx: Session, *, before: datetime) -> int:
    """Forget the jobs that failed or were given up before a moment; those that succeeded are forgotten at once."""
    tx.execute(text("DELETE FROM job_failure f WHERE NOT EXISTS (SELECT 1 FROM procrastinate_jobs WHERE id = f.job_id)"))
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
