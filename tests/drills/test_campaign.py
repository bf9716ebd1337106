"""A campaign whose worker is killed three times by SIGKILL: each who agrees once, nobody else, with a voucher of their own.

At a size that every run of the tests can afford; ``make campaign`` plays it with 20,000.
"""

import os
import signal
import subprocess
import sys
import time

import pytest
from sqlalchemy import text

from campaigns.crowd import Crowd, people
from messages.inbox import an_inbox
from placket.core.db import Database
from placket.core.settings import ROOT, settings
from waiting import until

SIZE = int(os.environ.get("CAMPAIGN", "100"))
KILLS = 3
SILENT_EVERY = 5
PATIENCE_S = 60 + SIZE / 10

pytestmark = [pytest.mark.xdist_group("drill"), pytest.mark.timeout(int(PATIENCE_S) + 60)]


def worker(database: Database, smtp_url: str) -> subprocess.Popen[bytes]:
    """A process that asks and sends."""
    paths = os.pathsep.join((str(ROOT / "src"), str(ROOT / "tests")))
    environment = os.environ | {"SMTP_URL": smtp_url, "PYTHONPATH": paths, "LOG_LEVEL": "ERROR"}
    return subprocess.Popen([sys.executable, str(ROOT / "tests" / "drills" / "sender.py"), database.url], env=environment)


def test_three_kills_lose_nobody_and_tell_nobody_twice(fresh: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    with an_inbox() as inbox:
        monkeypatch.setenv("SMTP_URL", inbox.url)
        settings.cache_clear()
        crowd = Crowd.made(fresh, inbox)
        with fresh.transaction() as tx:
            people(tx, 1, SIZE, silent_every=SILENT_EVERY)
        campaign_id = crowd.campaign(gift=True, holdout_bp=1_000)
        began = time.monotonic()
        agreed = SIZE - SIZE // SILENT_EVERY
        for kill in range(1, KILLS + 1):
            process = worker(fresh, inbox.url)
            enough = kill * agreed // (KILLS + 2)
            until(lambda enough=enough: len(inbox.mails) >= enough, within_s=PATIENCE_S)
            process.send_signal(signal.SIGKILL)
            process.wait()
        process = worker(fresh, inbox.url)
        until(lambda: crowd.state(campaign_id) == "done", within_s=PATIENCE_S)
        process.kill()
        process.wait()
        took_s = time.monotonic() - began
    settings.cache_clear()

    with fresh.transaction() as tx:
        rows = tx.execute(
            text(
                "SELECT c.email, r.state, v.customer_id = c.id AS own, k.customer_id IS NOT NULL AS agrees "
                "FROM customer c LEFT JOIN campaign_recipient r ON r.customer_id = c.id "
                "LEFT JOIN voucher v ON v.id = r.voucher_id "
                "LEFT JOIN marketing_consent k ON k.customer_id = c.id AND k.channel = 'email'"
            )
        ).all()
        vouchers = tx.scalar(text("SELECT count(*) FROM voucher"))
    told = {row.email for row in rows if row.agrees and row.state != "held_out"}
    assert crowd.addresses() == sorted(told)  # once each by the mail's id, and nobody else
    assert len(inbox.mails) - len(told) <= KILLS  # what a kill between answer and commit sends again under its id
    assert {row.state for row in rows if row.agrees} == {"sent", "held_out"}
    assert {row.state for row in rows if not row.agrees} == {None}
    assert vouchers == len(told)
    assert all(row.own for row in rows if row.state == "sent")
    print(f"{len(told)} told in {took_s:.1f} s, {len(inbox.mails) - len(told)} sent again under their id, {KILLS} kills")
