"""People of a chain by what they agree to, a segment of everybody, and campaigns for them."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Self
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Session

from builders import LONG_AGO, a_branch, a_person
from messages.inbox import Inbox
from placket import crm, messages, promotions
from placket.campaigns import jobs, queries
from placket.campaigns.service import writing
from placket.core import clock
from placket.core.db import Database
from placket.core.ids import new_id

NOON = datetime(2026, 11, 26, 5, 0, tzinfo=UTC)
DAY = timedelta(days=1)
TEMPLATE = {
    "subject": "Quà cho {given_name}",
    "heading": "Chào {given_name}",
    "body": "Mời bạn ghé xem hàng mới.\n\nBạn có {points} điểm.",
    "line": "Chào {given_name}, mời bạn ghé xem hàng mới.",
    "button_label": "",
    "button_url": "",
}
PEOPLE = """
WITH made AS (
    INSERT INTO customer (id, full_name, given_name, phone, email, created_at)
    SELECT gen_random_uuid(), 'Khách Số ' || n, n::text, NULL, 'khach' || n || '@example.com', :long_ago
      FROM generate_series(CAST(:first AS int), CAST(:last AS int)) n
    RETURNING id, given_name)
INSERT INTO consent (customer_id, purpose, granted, channel, text_version, given_at)
SELECT id, 'marketing', true, 'web', 'ads-2026-11', :long_ago FROM made WHERE given_name::int % :every <> 0
"""
WAITING = """
SELECT count(*) FROM campaign_recipient r LEFT JOIN message m ON m.id = r.message_id
 WHERE r.campaign_id = :id AND (r.state = 'planned' OR (m.state = 'waiting' AND m.next_try_at <= :now))
"""


def people(tx: Session, first: int, last: int, *, silent_every: int = 10**9) -> None:
    """Customers ``khach<n>@example.com``; of those whose number divides by ``silent_every`` nobody agrees."""
    tx.execute(text(PEOPLE), {"first": first, "last": last, "every": silent_every, "long_ago": LONG_AGO})


def segment_of_all(tx: Session) -> UUID:
    """A segment of everybody who has bought nothing yet."""
    segment_id = new_id()
    crm.write_segment(
        tx,
        segment_id=segment_id,
        name=f"Mọi người {segment_id}",
        terms=crm.terms_of({"every": [{"kind": "orders", "most": 0}]}),
        version=0,
        by=None,
        on=clock.business_day(NOON),
        now=NOON,
    )
    return segment_id


def a_gift(tx: Session, by: UUID) -> UUID:
    """A published promotion that vouchers open."""
    promotion_id = new_id()
    promotions.keep_draft(
        tx,
        promotion_id=promotion_id,
        names=("Giảm 100.000", "100,000 off"),
        terms={"group": 9, "voucher": True, "reward": {"kind": "amount", "vnd": 100_000}},
        limits={},
        row_version=None,
        staff_id=by,
        now=NOON,
    )
    promotions.publish(tx, promotion_id=promotion_id, row_version=1, staff_id=by, now=NOON)
    return promotion_id


@dataclass
class Crowd:
    """The chain."""

    database: Database
    inbox: Inbox
    marketer: UUID

    @classmethod
    def made(cls, database: Database, inbox: Inbox) -> Self:
        """A branch, nobody yet, and a marketer."""
        with database.transaction() as tx:
            a_branch(tx)
            return cls(database, inbox, a_person(tx, "marketer", email="marketer@lua.example").id)

    def campaign(self, *, at: datetime = NOON, gift: bool = False, **changes: Any) -> UUID:
        """A campaign to everybody there is, sent at a moment."""
        campaign_id = new_id()
        with self.database.transaction() as tx:
            facts = {
                "name": "Hàng mới",
                "channel": "email",
                "language": "vi",
                "segment_id": segment_of_all(tx),
                "template": TEMPLATE,
                "template_en": None,
                "promotion_id": a_gift(tx, self.marketer) if gift else None,
                "voucher_days": 14 if gift else None,
                "holdout_bp": 0,
                "window_days": 14,
            }
            written = writing.Written(**facts | changes)
            writing.write(tx, campaign_id=campaign_id, written=written, version=0, by=self.marketer, now=NOON)
            told = audience_told(tx, campaign_id)
            writing.schedule(tx, campaign_id=campaign_id, version=1, at=at, people=told, by=self.marketer)
        return campaign_id

    def round(self, now: datetime = NOON) -> None:
        """The worker's jobs, once."""
        jobs.run(self.database, now=now)
        messages.send_waiting(self.database, now=now)
        jobs.run(self.database, now=now)

    def addresses(self) -> list[str]:
        """Whom the mail server has kept something for, once for each mail."""
        return sorted(str(mail["to"]) for mail in self.inbox.by_id().values())

    def states(self, campaign_id: UUID) -> dict[str, int]:
        """How many of its people stand where."""
        with self.database.transaction() as tx:
            rows = tx.execute(
                text("SELECT state, count(*) FROM campaign_recipient WHERE campaign_id = :id GROUP BY 1"),
                {"id": campaign_id},
            )
            return {str(state): int(count) for state, count in rows}

    def waiting(self, campaign_id: UUID, now: datetime) -> int:
        """For how many of its people there is something to do at a moment: to ask for their message, or to send it."""
        with self.database.transaction() as tx:
            return int(tx.scalar(text(WAITING), {"id": campaign_id, "now": now}) or 0)

    def state(self, campaign_id: UUID) -> str:
        """Where it stands itself."""
        with self.database.transaction() as tx:
            return str(tx.scalar(text("SELECT state FROM campaign WHERE id = :id"), {"id": campaign_id}))


def audience_told(tx: Session, campaign_id: UUID) -> int:
    """How many would be told."""
    row = queries.campaign(tx, campaign_id)
    assert row is not None
    found = queries.audience(
        tx, campaign_id=campaign_id, segment_id=row.segment_id, channel=row.channel, holdout_bp=row.holdout_bp
    )
    return found.told
