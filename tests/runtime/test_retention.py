"""What is forgotten, and what is not."""

from datetime import UTC, datetime, timedelta

from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from builders import a_branch, a_person
from placket import clockwork, imports
from placket.core import jobs
from placket.core.db import Database
from placket.core.ids import new_id
from placket.identity.models import AttemptLimit, PairingCode, StaffSession
from placket.imports.models import ImportFile

NOW = datetime(2026, 11, 26, 3, tzinfo=UTC)


def count(tx: Session, table: type) -> int:
    """Rows of a table."""
    return tx.scalar(select(func.count()).select_from(table)) or 0


def test_sessions_codes_and_attempts_go_when_they_are_old_and_not_before(fresh: Database) -> None:
    with fresh.transaction() as tx:
        branch = a_branch(tx)
        person = a_person(tx)
        session = tx.get_one(StaffSession, person.session_id)
        for days in (29, 31):
            ended = NOW - timedelta(days=days)
            tx.add(
                StaffSession(
                    id=new_id(),
                    token_hash=days.to_bytes(),
                    staff_id=person.id,
                    created_at=ended,
                    last_seen_at=ended,
                    expires_at=ended,
                )
            )
        session.expires_at = NOW + timedelta(hours=1)
        for days in (6, 8):
            tx.add(
                PairingCode(
                    code_hash=days.to_bytes(),
                    location_id=branch,
                    till_name="Quầy 1",
                    created_at=NOW - timedelta(days=days),
                    expires_at=NOW - timedelta(days=days),
                )
            )
        tx.add(AttemptLimit(subject="old", failures=3, window_starts_at=NOW - timedelta(days=2)))
        tx.add(AttemptLimit(subject="new", failures=3, window_starts_at=NOW - timedelta(minutes=2)))
        locked = NOW + timedelta(seconds=30)
        tx.add(AttemptLimit(subject="locked", failures=5, window_starts_at=NOW - timedelta(days=2), locked_until=locked))
    outcome = clockwork.prune(fresh, NOW)
    assert outcome.facts == {
        "sessions": 1,
        "pairing_codes": 1,
        "attempts": 1,
        "import_files": 0,
        "import_records": 0,
        "events": 0,
        "socket_tickets": 0,
        "jobs": 0,
        "messages": 0,
        "push_devices": 0,
    }
    with fresh.transaction() as tx:
        assert (count(tx, StaffSession), count(tx, PairingCode), count(tx, AttemptLimit)) == (2, 1, 2)
    assert set(clockwork.prune(fresh, NOW).facts.values()) == {0}


def test_import_files_lose_their_content_first_and_their_record_later(tx: Session) -> None:
    person = a_person(tx)
    for days in (29, 31, 366):
        tx.add(
            ImportFile(
                id=new_id(),
                kind="catalogue",
                filename=f"{days}.csv",
                body=b"sku",
                state="applied",
                created_by=person.id,
                created_at=NOW - timedelta(days=days),
            )
        )
    tx.flush()
    assert imports.prune(tx, now=NOW) == {"import_files": 2, "import_records": 1}
    tx.expire_all()
    kept = {row.filename: row.body for row in tx.scalars(select(ImportFile))}
    assert kept == {"29.csv": b"sku", "31.csv": None}


def test_events_of_a_week_ago_go_and_yesterdays_stay(fresh: Database) -> None:
    with fresh.transaction() as tx:
        for days in (8, 1):
            columns = "topic, key, key_version, payload, recorded_at"
            query = text(f"INSERT INTO event ({columns}) VALUES ('staff.changed', 'x', 1, '{{}}', :at)")
            tx.execute(query, {"at": NOW - timedelta(days=days)})
    assert clockwork.prune(fresh, NOW).facts["events"] == 1
    with fresh.transaction() as tx:
        assert tx.scalars(text("SELECT recorded_at FROM event")).all() == [NOW - timedelta(days=1)]


def test_failed_jobs_are_kept_for_people_to_see_and_then_go(fresh: Database) -> None:
    with fresh.transaction() as tx:
        for name in ("old", "new"):
            number = jobs.enqueue(tx, name, {})
            tx.execute(text("UPDATE procrastinate_jobs SET status = 'failed' WHERE id = :id"), {"id": number})
        tx.execute(
            text(
                "UPDATE procrastinate_events e SET at = :at FROM procrastinate_jobs j "
                "WHERE j.id = e.job_id AND j.task_name = 'old'"
            ),
            {"at": NOW - timedelta(days=31)},
        )
        tx.execute(
            text(
                "UPDATE procrastinate_events e SET at = :at FROM procrastinate_jobs j "
                "WHERE j.id = e.job_id AND j.task_name = 'new'"
            ),
            {"at": NOW - timedelta(days=29)},
        )
        assert jobs.prune_jobs(tx, before=NOW - clockwork.JOB_HISTORY) == 1
        assert jobs.backlog(tx).failed == 1
