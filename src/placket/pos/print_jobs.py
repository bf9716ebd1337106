"""Paper from the office to a branch: jobs are kept here until a bridge of the branch has printed them.

A bridge asks every few seconds. What it was given it keeps on its own disk; it says so, and later what became of it.
A job goes to one bridge, and under the same id again it is the same job.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import select, text, update
from sqlalchemy.orm import Session

from placket import identity
from placket.core.ids import new_id
from placket.core.refusals import NotFound, Refusal
from placket.pos.print_models import PrintBridge, PrintJob

AT_ONCE: Final = 3
OPEN_MAX: Final = 500
AWAY: Final = timedelta(minutes=2)


class NoPrintBridge(Refusal):
    """Nobody at the branch would print it."""

    code = "no_print_bridge"
    vi = "Cầu in của chi nhánh chưa nối với máy chủ. Mở cầu in rồi gửi lại, hoặc in bằng trình duyệt."
    en = "No print bridge of the branch is in touch. Start it and send again, or print by browser."


class PrintQueueFull(Refusal):
    """So much waits that somebody must look at the printer first."""

    code = "print_queue_full"
    vi = "Hàng đợi in của chi nhánh đã đầy. Xem máy in trước."
    en = "The branch's print queue is full. See to the printer first."


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture of one bit a dot."""

    width: int
    height: int
    bits: bytes


def add_bridge(tx: Session, *, location_id: UUID, now: datetime) -> str:
    """A key by which a new bridge of a branch asks for jobs; shown once."""
    token = identity.new_token()
    tx.add(
        PrintBridge(
            id=new_id(), location_id=location_id, token_hash=identity.token_hash(token), state="offline", created_at=now
        )
    )
    identity.audit(tx, action="print.bridge_added", subject_type="location", subject_id=location_id, actor=None)
    return token


def send(
    tx: Session,
    *,
    job_id: UUID,
    location_id: UUID,
    kind: str,
    title: str,
    picture: Picture,
    copies: int,
    by: identity.Principal,
    now: datetime,
) -> None:
    """Keep a job for a branch; the same id again changes nothing. Refuses ``NoPrintBridge``, ``PrintQueueFull``."""
    if tx.get(PrintJob, job_id) is not None:
        return
    seen = tx.scalar(
        select(PrintBridge.id).where(PrintBridge.location_id == location_id, PrintBridge.seen_at > now - AWAY).limit(1)
    )
    if seen is None:
        raise NoPrintBridge
    query = text("SELECT count(*) FROM print_job WHERE location_id = :place AND ended_at IS NULL")
    if (tx.scalar(query, {"place": location_id}) or 0) >= OPEN_MAX:
        raise PrintQueueFull
    tx.add(
        PrintJob(
            id=job_id,
            location_id=location_id,
            kind=kind,
            title=title,
            width=picture.width,
            height=picture.height,
            bits=picture.bits,
            copies=copies,
            created_by=by.staff_id,
            created_at=now,
        )
    )
    tx.flush()


def bridge_of(tx: Session, token: str) -> PrintBridge:
    """The bridge with this key. Refuses ``NotFound``."""
    bridge = tx.scalar(select(PrintBridge).where(PrintBridge.token_hash == identity.token_hash(token)))
    if bridge is None:
        raise NotFound
    return bridge


def hand_out(
    tx: Session, *, bridge: PrintBridge, state: str, taken: Sequence[UUID], ended: dict[UUID, str], now: datetime
) -> tuple[Sequence[PrintJob], Sequence[UUID]]:
    """Note what a bridge says; answers what it is to print next, and of which jobs the end is still to be told."""
    bridge.state, bridge.seen_at = state, now
    mine = PrintJob.bridge_id == bridge.id
    if taken:
        tx.execute(update(PrintJob).where(mine, PrintJob.id.in_(taken), PrintJob.taken_at.is_(None)).values(taken_at=now))
    for job_id, outcome in ended.items():
        # The picture has served; that there was such a job stays.
        tx.execute(
            update(PrintJob)
            .where(mine, PrintJob.id == job_id, PrintJob.ended_at.is_(None))
            .values(ended_at=now, outcome=outcome)
        )
    waiting = tx.scalars(
        select(PrintJob)
        .where(
            PrintJob.location_id == bridge.location_id,
            PrintJob.ended_at.is_(None),
            PrintJob.taken_at.is_(None),
            mine | PrintJob.bridge_id.is_(None),
        )
        .order_by(PrintJob.created_at, PrintJob.id)
        .limit(AT_ONCE)
        .with_for_update(skip_locked=True)
    ).all()
    for job in waiting:
        job.bridge_id = bridge.id
    asked = tx.scalars(select(PrintJob.id).where(mine, PrintJob.ended_at.is_(None), PrintJob.taken_at.is_not(None))).all()
    return waiting, asked
