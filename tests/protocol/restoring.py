"""A random day in which the server is lost and put back from a backup: all tills come back, people mend what none knows.

The backup is a copy of the database. What payments and people know of a promise that no board brings back is played here;
that no sale is lost and nothing is promised too early is the product's to show.
"""

import os
from typing import Any
from uuid import UUID

from psycopg.conninfo import conninfo_to_dict
from sqlalchemy import text

from conftest import ADDRESS, drop_database, make_database
from placket import inventory
from placket.core import clock
from placket.core.ids import new_id
from placket.inventory.models import Promise
from protocol.lossy import Books, Floor
from protocol.model.simulation import BRANCHES, OWED, VARIANTS, Till

LEFT = ("fulfilled",)
OPEN = "('asked', 'confirmed', 'bagged', 'to_scan_back')"


class RestoredBooks(Books):
    """Books that can be copied and put back."""

    @property
    def _name_of_it(self) -> str:
        return str(conninfo_to_dict(self.database.url)["dbname"])

    def keep_a_copy(self) -> None:
        """Take a backup."""
        self.database.dispose()
        make_database(f"{self._name_of_it}_copy", os.environ[ADDRESS], self._name_of_it)

    def put_back(self) -> None:
        """The server dies, and comes back from its backup."""
        self.database.dispose()
        make_database(self._name_of_it, os.environ[ADDRESS], f"{self._name_of_it}_copy")
        drop_database(f"{self._name_of_it}_copy")
        self._known.clear()
        self.out.clear()
        with self._tx() as tx:
            inventory.begin_recovery(tx, now=clock.now())
        self.head = self._scalar("SELECT coalesce(max(id), 0) FROM event")
        for name, till in self.tills.items():
            with self._tx() as tx:
                self.facts[name] = self.facts_now(tx, name)
                while self.facts[name].epoch < till["epoch"]:
                    self._enrol(tx, name)

    def refuses(self, place: int) -> str | None:
        """What a branch says to a new promise."""
        return self._refused(self._reserve, "nobody's", new_id(), place, VARIANTS[0], 1)

    def mend(self, order: str, was: dict[str, Any]) -> None:
        """Make a promise again what payments, carriers and customers say it was when the server died."""
        self._undo_earlier_places(order)
        promised = was["phase"] in OWED or was["phase"] in LEFT
        if order not in self.promises:
            if not promised:
                del self.refs[order]
                return
            self._make_again(order, was)
        phase = self.promises[order]["phase"]
        if phase not in OWED:
            return
        if not promised:
            self._give_up(self.promises[order]["id"])
        elif was["phase"] in LEFT:
            self.set(order, "fulfilled")
        elif was["phase"] != "confirmed" and phase == "confirmed":
            self.set(order, "picked")
        if was["phase"] == "undoing" and self.promises[order]["phase"] == "picked":
            self.set(order, "undoing")

    def doubt_again(self, place: int) -> None:
        """Nobody trusts a branch that could not be counted yet."""
        ids = list(self.shop.variants.values())
        with self._tx() as tx:
            at = {"location_id": self.shop.places[place], "variant_ids": ids, "now": clock.now()}
            inventory.doubt(tx, reason="before_count", ref=str(new_id()), **at)

    def _undo_earlier_places(self, order: str) -> None:
        earlier = self.refs[order][:-1]
        query = f"SELECT id FROM promise WHERE ref = ANY(:refs) AND phase IN {OPEN}"
        for row in self._rows(query, refs=earlier):
            self._give_up(row.id)

    def _give_up(self, promise_id: UUID) -> None:
        with self._tx() as tx:
            if inventory.undo(tx, promise_id=promise_id).phase == "to_scan_back":
                inventory.scan_back(tx, promise_id=promise_id)
        self.collect()

    def _make_again(self, order: str, was: dict[str, Any]) -> None:
        place, variant = self.shop.places[was["place"]], self.shop.variants[was["v"]]
        with self._tx() as tx:
            tx.execute(
                text(
                    "UPDATE stock SET promised = promised + :q, short = greatest(0, promised + :q - on_hand), "
                    "version = version + 1 WHERE location_id = :l AND variant_id = :v"
                ),
                {"q": was["q"], "l": place, "v": variant},
            )
            again = Promise(id=was["id"], ref=self.refs[order][-1], location_id=place, variant_id=variant, qty=was["q"])
            again.kind, again.phase, again.paid, again.created_at = self.kind_of(order), "confirmed", True, clock.now()
            again.asked_no, again.pay_by, again.version = None, None, 1
            tx.add(again)


class RestoredFloor(Floor):
    """A floor whose server is lost once."""

    books = RestoredBooks
    server: RestoredBooks

    def restore(self) -> None:
        """Put the server back; every till comes back, one after the other, and people mend what no till knows."""
        was = self.server.promises
        doubted = self.server.doubt
        # Accepted on line by a till that was destroyed before it wrote it down: server and till are both lost (L1).
        written = {entry["id"] for journal in self._journals() for entry in journal if entry["kind"] == "SALE"}
        self.lost |= self.left.keys() - written
        self.server.put_back()
        for till in sorted(self.tills, key=lambda _till: self.draw(100)):
            assert self.server.refuses(till.branch) == "branch_recovering"
            self._comes_back(till)
        assert all(self.server.refuses(place) != "branch_recovering" for place in BRANCHES)
        for order, promise in was.items():
            self.server.mend(order, promise)
        for place in BRANCHES:
            if self.drained(place):
                for v in VARIANTS:
                    self.count(place, v)
            else:
                self.server.doubt_again(place)
        for place, _ in doubted - self.server.doubt:
            if place not in BRANCHES:
                self.server.doubt_again(place)
        self.trace.append("the server is restored")
        self.talk()
        self.check()

    def _journals(self) -> list[list[dict[str, Any]]]:
        return [till.journal for till in self.tills] + [journal for _, _, journal in self.tails]

    def _comes_back(self, till: Till) -> None:
        """Hand in from the server's watermark, then attach with the last board."""
        done = self.server.posted.get((till.name, till.epoch), 0)
        self.server.on({"kind": "push", "till": till.name, "epoch": till.epoch, "entries": till.journal[done:]})
        till.opening += 1
        till.awaiting = till.opening
        attach = {"kind": "attach", "till": till.name, "epoch": till.epoch, "opening": till.opening}
        self.server.on(attach | {"head": len(till.journal), "held": till.held})
        self.talk()
