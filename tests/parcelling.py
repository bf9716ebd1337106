"""A carrier that tests drive: the simulator in this process, and what it tells applied as the worker does."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import text

from placket.carriers import simulator
from placket.core.db import Database
from placket.sales import couriers
from waiting import until

SECRET = "khoa-cua-buu-ta"


@dataclass
class Van:
    """The carrier, and the database that its calls are kept in."""

    depot: simulator.Depot
    url: str
    database: Database | None = None

    def move(self, key: str, kind: str) -> None:
        """A parcel is somewhere else; whoever booked it has been told, and has applied it."""
        assert self.database is not None, "say whose calls they are"
        before = self._kept()
        self.depot.move(key, kind)
        until(lambda: self._kept() > before, what="the carrier's call was not heard")
        self.apply()

    def apply(self) -> None:
        """What the worker does with the calls that wait."""
        assert self.database is not None, "say whose calls they are"
        with self.database.transaction() as tx:
            waiting = tx.execute(text("SELECT carrier, event_id FROM carrier_event WHERE applied_at IS NULL")).all()
        for event in waiting:
            couriers.hear(self.database, carrier=event.carrier, event_id=event.event_id)

    def keys(self) -> list[str]:
        """The parcels it has agreed to, the newest first."""
        return [str(parcel["key"]) for parcel in self.depot.last()]

    def _kept(self) -> int:
        assert self.database is not None, "say whose calls they are"
        with self.database.transaction() as tx:
            return int(tx.scalars(text("SELECT count(*) FROM carrier_event")).one())


@contextmanager
def a_van(folder: Path) -> Iterator[Van]:
    """Run a carrier for as long as the block lasts; its calls go to ``depot.hook``, which the test sets."""
    depot = simulator.Depot(folder / "carrier.sqlite3", hook="http://127.0.0.1:9/", secret=SECRET)
    with simulator.serving(0, depot) as url:
        yield Van(depot, url)
