"""A campaign that went out three weeks before the history ends, and whom it was held back from: there is a result to read.

Nobody in the history buys because of it: what the report finds is chance, and it says so.
"""

from datetime import datetime, timedelta
from random import Random
from typing import Final
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Session

from placket.campaigns import Campaign, is_held_out
from placket.demo import groups
from placket.demo.dice import make_id

SENT_BEFORE: Final = timedelta(days=21)
TOOK: Final = timedelta(minutes=6)
HOLDOUT_BP: Final = 2_000
WINDOW_DAYS: Final = 14
TEMPLATE: Final = {
    "subject": "{given_name} ơi, hàng mới đã về",
    "heading": "Chào {given_name}",
    "body": "Áo dài lụa và váy linen vừa về đủ cỡ ở các cửa hàng.\n\nBạn đang có {points} điểm để dùng khi thanh toán.",
    "line": "",
    "button_label": "",
    "button_url": "",
}
TO_TELL: Final = """
SELECT c.id
  FROM marketing_consent k
  JOIN customer c ON c.id = k.customer_id AND c.merged_into IS NULL AND c.email IS NOT NULL
  JOIN customer_score s ON s.customer_id = c.id AND s.first_sold_on < CAST(:at AS timestamptz)
 WHERE k.channel = 'email' AND k.since < :at ORDER BY c.id
"""
TOLD: Final = """
INSERT INTO campaign_recipient (id, campaign_id, customer_id, occasion, state, planned_at, message_id)
SELECT md5('recipient' || p.id)::uuid, :campaign, p.id, '', CASE WHEN p.held_out THEN 'held_out' ELSE 'sent' END, :at,
       CASE WHEN NOT p.held_out THEN md5('mail' || p.id)::uuid END
  FROM unnest(CAST(:people AS uuid[]), CAST(:held_out AS boolean[])) AS p(id, held_out) ORDER BY p.id
"""


def send(tx: Session, throw: Random, *, until: datetime) -> None:
    """The campaign to everybody who had bought, had agreed and has an address; one in five held out for comparison."""
    at = until - SENT_BEFORE
    segment_id = tx.scalars(text("SELECT id FROM segment WHERE name = :name"), {"name": groups.BUYERS}).one()
    marketer = "SELECT staff_id FROM staff_role WHERE role = 'marketer' ORDER BY staff_id LIMIT 1"
    campaign = Campaign(
        id=UUID(make_id(throw, int(at.timestamp() * 1_000))),
        kind="once",
        name="Hàng mới đã về",
        channel="email",
        language="vi",
        segment_id=segment_id,
        template=TEMPLATE,
        holdout_bp=HOLDOUT_BP,
        window_days=WINDOW_DAYS,
        state="done",
        starts_at=at,
        started_at=at,
        ended_at=at + TOOK,
        version=2,
        written_by=tx.scalar(text(marketer)),
        written_at=at - timedelta(hours=2),
    )
    tx.add(campaign)
    tx.flush()
    people = tx.scalars(text(TO_TELL), {"at": at}).all()
    held_out = [is_held_out(campaign.id, one, HOLDOUT_BP) for one in people]
    tx.execute(text(TOLD), {"campaign": campaign.id, "at": at, "people": people, "held_out": held_out})
