"""A campaign whose worker is killed three times by SIGKILL: each who agrees once, nobody else, with a voucher of their own.

It falls due at night, so it is put off until the morning, and a tenth of its people have been told something that day, so
theirs waits for the next. At a size that every run of the tests can afford; ``make campaign`` plays it with 20,000 messages.
"""

import os
import signal
import subprocess
import sys
import time
from datetime import datetime, timedelta

import pytest
from sqlalchemy import text

from campaigns.crowd import DAY, NOON, Crowd, people
from messages.inbox import an_inbox
from placket.core.db import Database
from placket.core.settings import ROOT, settings
from waiting import until

MESSAGES = int(os.environ.get("CAMPAIGN", "80"))
KILLS = 3
SILENT_EVERY = 5
PEOPLE = MESSAGES * SILENT_EVERY // (SILENT_EVERY - 1)
TOLD_BEFORE = PEOPLE // 10
PATIENCE_S = 60 + MESSAGES / 10
NIGHT, MORNING = NOON - timedelta(hours=13), NOON - timedelta(hours=4)

pytestmark = [pytest.mark.xdist_group("drill"), pytest.mark.timeout(int(PATIENCE_S) + 60)]
WHAT_BECAME = """
SELECT c.email, r.state, v.customer_id = c.id AS own, k.customer_id IS NOT NULL AS agrees
  FROM customer c
  LEFT JOIN campaign_recipient r ON r.customer_id = c.id AND r.campaign_id = :id
  LEFT JOIN voucher v ON v.id = r.voucher_id
  LEFT JOIN marketing_consent k ON k.customer_id = c.id AND k.channel = 'email'
"""


def worker(database: Database, smtp_url: str, at: datetime) -> subprocess.Popen[bytes]:
    """A process that asks and sends, at a moment that stands still."""
    paths = os.pathsep.join((str(ROOT / "src"), str(ROOT / "tests")))
    environment = os.environ | {"SMTP_URL": smtp_url, "PYTHONPATH": paths, "LOG_LEVEL": "ERROR"}
    script = str(ROOT / "tests" / "drills" / "sender.py")
    return subprocess.Popen([sys.executable, script, database.url, at.isoformat()], env=environment)


def kill(process: subprocess.Popen[bytes]) -> None:
    """Without a word."""
    process.send_signal(signal.SIGKILL)
    process.wait()


def test_three_kills_lose_nobody_and_tell_nobody_twice(fresh: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    with an_inbox() as inbox:
        monkeypatch.setenv("SMTP_URL", inbox.url)
        settings.cache_clear()
        crowd = Crowd.made(fresh, inbox)
        with fresh.transaction() as tx:
            people(tx, 1, TOLD_BEFORE, silent_every=SILENT_EVERY)
        first_id = crowd.campaign(at=MORNING)
        while crowd.state(first_id) != "done":
            crowd.round(MORNING)
        told_before = crowd.addresses()
        inbox.mails.clear()
        with fresh.transaction() as tx:
            people(tx, TOLD_BEFORE + 1, PEOPLE, silent_every=SILENT_EVERY)
        campaign_id = crowd.campaign(at=NIGHT, gift=True, holdout_bp=1_000)
        crowd.round(NIGHT)
        assert (crowd.state(campaign_id), inbox.mails) == ("sending", [])

        began = time.monotonic()
        for killed in range(1, KILLS + 1):
            process = worker(fresh, inbox.url, NOON)
            enough = killed * MESSAGES // (KILLS + 2)
            until(lambda enough=enough: len(inbox.mails) >= enough, within_s=PATIENCE_S)
            kill(process)
        process = worker(fresh, inbox.url, NOON)
        until(lambda: crowd.waiting(campaign_id, NOON) == 0, within_s=PATIENCE_S)
        kill(process)
        at_noon = crowd.addresses()
        process = worker(fresh, inbox.url, NOON + DAY)
        until(lambda: crowd.state(campaign_id) == "done", within_s=PATIENCE_S)
        kill(process)
        took_s = time.monotonic() - began
    settings.cache_clear()

    with fresh.transaction() as tx:
        rows = tx.execute(text(WHAT_BECAME), {"id": campaign_id}).all()
        vouchers = tx.scalar(text("SELECT count(*) FROM voucher"))
    told = {row.email for row in rows if row.agrees and row.state != "held_out"}
    assert crowd.addresses() == sorted(told)  # once each by the mail's id, and nobody else
    assert at_noon == sorted(told - set(told_before))  # who had been told that day waited for the next
    assert told & set(told_before)
    assert len(inbox.mails) - len(told) <= KILLS  # what a kill between answer and commit sends again under its id
    assert {row.state for row in rows if row.agrees} == {"sent", "held_out"}
    assert {row.state for row in rows if not row.agrees} == {None}
    assert vouchers == len(told)
    assert all(row.own for row in rows if row.state == "sent")
    print(f"{len(told)} told, {len(told & set(told_before))} a day later, in {took_s:.1f} s, {KILLS} kills")
    print(f"{len(inbox.mails) - len(told)} sent again under their id")
