"""Routes of the jobs screen: how the queue stands, what failed for good and why, and running it again."""

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request, Response
from sqlalchemy.orm import Session

from placket import events, identity
from placket.core import clock, jobs
from placket.core.http import Answer, refuses
from placket.core.refusals import NotFound

router = APIRouter(prefix="/api", tags=["system"])

Runner = Annotated[identity.Principal, Depends(identity.Permit("job.replay"))]


class QueueShown(Answer):
    """Jobs of one name: those that wait and are due, that run, that failed for good; how long the oldest has waited."""

    task: str
    waiting: int
    running: int
    failed: int
    oldest_s: float


class FailedJob(Answer):
    """A job that failed for good: what it was asked to do, how often it was tried, and what the last try came to."""

    id: int
    task: str
    arguments: dict[str, Any]
    attempts: int
    failed_at: datetime | None
    cause: str | None


class ClockJob(Answer):
    """What the last run of a job of the clock that had something to do came to, or why it failed; it runs again anyway."""

    name: str
    ran_at: datetime
    took_ms: int
    healthy: bool
    facts: dict[str, Any]
    cause: str | None


class JobsShown(Answer):
    """The whole queue at one moment; ``worker_at`` is when a worker last gave a sign of life."""

    at: datetime
    worker_at: datetime | None
    queues: list[QueueShown]
    failed: list[FailedJob]
    clock: list[ClockJob]


@router.get("/jobs")
def show_jobs(_who: Annotated[identity.Principal, Depends(identity.Permit("system.read"))], request: Request) -> JobsShown:
    """How the queue stands: depth and age by name, what failed for good, and the last outcomes of the clock's jobs."""
    with identity.database_of(request).transaction() as tx:
        return JobsShown(
            at=clock.now(),
            worker_at=jobs.heard_of_worker(tx),
            queues=[QueueShown.model_validate(row, from_attributes=True) for row in jobs.queues(tx)],
            failed=[FailedJob.model_validate(row, from_attributes=True) for row in jobs.failed(tx)],
            clock=[ClockJob.model_validate(row, from_attributes=True) for row in jobs.outcomes(tx)],
        )


@router.post("/jobs/{job_id}/replay", status_code=204, responses=refuses(NotFound))
def replay_job(who: Runner, request: Request, job_id: int) -> Response:
    """Have a failed job run again, as it was asked for. Refuses ``not_found`` unless it failed."""
    with identity.database_of(request).transaction() as tx:
        _note(tx, who, "job.replayed", job_id, jobs.replay(tx, job_id=job_id))
    return Response(status_code=204)


@router.delete("/jobs/{job_id}", status_code=204, responses=refuses(NotFound))
def drop_job(who: Runner, request: Request, job_id: int) -> Response:
    """Let a failed job go: nobody will do what it asked for. Refuses ``not_found`` unless it failed."""
    with identity.database_of(request).transaction() as tx:
        _note(tx, who, "job.dropped", job_id, jobs.drop(tx, job_id=job_id))
    return Response(status_code=204)


def _note(tx: Session, who: identity.Principal, action: str, job_id: int, job: jobs.Asked | None) -> None:
    if job is None:
        raise NotFound
    after = {"task": job.task, "arguments": dict(job.arguments)}
    identity.audit(tx, action=action, subject_type="job", subject_id=str(job_id), actor=who, after=after)
    events.publish(tx, events.JOBS_CHANGED, key="jobs", key_version=job_id, payload={})
