"""What the worker runs for campaigns: begin what is due, enrol into journeys, ask for messages, note what became of them."""

from datetime import datetime

from placket import catalog
from placket.campaigns import queries
from placket.campaigns.service import running
from placket.core.db import Database


def run(database: Database, *, now: datetime) -> dict[str, int]:
    """One round, each step in a transaction of its own; answers how many campaigns began, and people enrolled or told."""
    done = {"begun": 0, "enrolled": 0, "asked": 0}
    with database.transaction() as tx:
        due = queries.due(tx, now=now)
    for campaign_id in due:
        with database.transaction() as tx:
            done["begun"] += running.start(tx, campaign_id=campaign_id, now=now)
    with database.transaction() as tx:
        under_way = queries.under_way(tx)
    if any(one.suggests for one in under_way):
        catalog.price_books.refresh(database)  # what a mail suggests has a price
    for campaign_id, _ in under_way:
        with database.transaction() as tx:
            running.settle(tx, campaign_id=campaign_id, now=now)
        with database.transaction() as tx:
            done["enrolled"] += running.enrol(tx, campaign_id=campaign_id, now=now)
        with database.transaction() as tx:
            asked = running.ask_batch(tx, campaign_id=campaign_id, now=now)
        while asked:
            done["asked"] += asked
            with database.transaction() as tx:
                asked = running.ask_batch(tx, campaign_id=campaign_id, now=now)
    return done
