"""Hundreds of sales without network while everything goes wrong that can: none is lost, none is doubled, the books prove it.

Real Chromium, real server, real PostgreSQL; run by `make drill`, like a journey. ``DRILL_SALES`` says how many sales.
"""

import os
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Error as BrowserError
from playwright.sync_api import Route, expect
from sqlalchemy import text

from books import prove
from drills.till import SLOW_MS, Drill, a_drill
from placket.printing.copies import Copies

SALES = int(os.environ.get("DRILL_SALES", "40"))
SHARE = SALES // 10
HOURS_AHEAD = 3


@pytest.mark.timeout(1800)
def test_nothing_is_lost_and_nothing_doubled(tmp_path: Path) -> None:
    with a_drill(tmp_path) as drill:
        drill.sell(2)
        alone_and_killed(drill)
        reloaded_and_in_two_windows(drill)
        with_a_wrong_clock(drill)
        cut_three_times_in_mid_sync(drill)
        wiped_and_recovered(drill)
        drill.sell(max(0, SALES - len(drill.sold)))
        drill.handed_in()
        assert sorted(drill.receipts()) == sorted(drill.sold)
        assert len(set(drill.sold)) == len(drill.sold) >= SALES
        with drill.database.transaction() as tx:
            statuses = tx.execute(text("SELECT status, count(*) FROM sync_entry GROUP BY 1")).all()
            assert [status for status, _ in statuses] == ["posted"]
            assert tx.scalar(text("SELECT count(*) FROM exception_log WHERE kind = 'clock_unsure'"))
        prove(drill.database)


def alone_and_killed(drill: Drill) -> None:
    """The browser is killed while it sells; what it had shown, and whatever else is in its journal, is there afterwards."""
    drill.offline(cut=True)
    drill.sell(2 * SHARE)
    drill.begin_to_sell(SHARE)
    drill.page.wait_for_timeout(2_000)
    shown = list(drill.page.evaluate("window.sold"))
    drill.kill_browser()
    drill.start_browser(offline=True)
    drill.ready()
    numbers = drill.journalled()
    assert set(shown) <= set(numbers)
    assert len(numbers) - len(shown) <= 1, "a sale is either whole or not there"
    drill.sold = numbers
    drill.sell(SHARE)


def reloaded_and_in_two_windows(drill: Drill) -> None:
    """A reload and a closed tab without network; a second window takes over and the first writes nothing any more."""
    assert drill.context is not None
    drill.page.reload()
    drill.ready()
    drill.sell(SHARE)
    closing = drill.page
    drill.context.new_page()
    closing.close()
    drill.page.goto("/pos/")
    drill.ready()
    first = drill.page
    drill.context.new_page().goto("/pos/")
    drill.page.get_by_test_id("pos.elsewhere.take").click()
    drill.ready()
    expect(first.get_by_test_id("pos.elsewhere")).to_be_visible()
    drill.sell(SHARE)
    first.close()


def with_a_wrong_clock(drill: Drill) -> None:
    """The device starts with a clock that is hours ahead, and sells."""
    assert drill.context is not None
    drill.context.close()
    drill.start_browser(offline=True, clock_ahead_s=HOURS_AHEAD * 3600)
    drill.ready()
    drill.sell(SHARE)
    drill.context.close()
    drill.start_browser(offline=True)
    drill.ready()
    drill.sell(SHARE)


def cut_three_times_in_mid_sync(drill: Drill) -> None:
    """The network comes and goes: a request is lost, an answer is lost, the server is killed; the fourth time it holds."""
    assert drill.waiting() >= SALES // 2
    for how in ("request", "answer", "server"):
        cut = Cut(drill, how)
        drill.page.route("**/api/till/push", cut.make)
        drill.offline(cut=False)
        drill.wait(f"the push that loses its {how}", lambda cut=cut: cut.made)
        drill.page.unroute("**/api/till/push")
        drill.sell(max(1, SHARE // 4))
        if how == "server":
            drill.server.start()
    drill.offline(cut=False)
    drill.handed_in()


@dataclass
class Cut:
    """Takes the network away in the middle of a push, and with it the request, its answer, or the server."""

    drill: Drill
    how: str
    made: bool = False

    def make(self, route: Route) -> None:
        """The push is on its way."""
        if not self.made and self.how == "answer":
            route.fetch()
        if not self.made and self.how == "server":
            self.drill.server.kill()
        self.made = True
        self.drill.offline(cut=True)
        with suppress(BrowserError):
            route.abort("internetdisconnected")


def wiped_and_recovered(drill: Drill) -> None:
    """The storage is wiped with sales in it that nobody has but the second copy on the counter."""
    assert drill.context is not None
    drill.server.kill()
    expect(drill.page.get_by_test_id("pos.sale.fence")).to_be_visible(timeout=SLOW_MS)
    drill.sell(SHARE)
    unsent = drill.waiting()
    entries = drill.entries()
    copies = Copies(drill.folder / "copies")
    drill.wait("the second copy of every entry", lambda: max(kept[3] for kept in copies.kept()) >= entries)
    drill.page.goto("about:blank")
    wipe = {"origin": drill.server.url, "storageTypes": "all"}
    drill.context.new_cdp_session(drill.page).send("Storage.clearDataForOrigin", wipe)
    drill.server.start()
    drill.page.goto("/pos/")
    drill.pair()
    drill.page.get_by_test_id("pos.shell.sync").click()
    expect(drill.page.get_by_test_id("pos.copy.recoverable")).to_contain_text(f"còn {unsent} mục", timeout=SLOW_MS)
    drill.page.get_by_test_id("pos.copy.recover").click()
    expect(drill.page.get_by_test_id("pos.copy.recoverable")).to_have_count(0, timeout=SLOW_MS)
    drill.page.keyboard.press("Escape")
    drill.sell(2)
