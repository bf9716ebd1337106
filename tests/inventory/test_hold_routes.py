"""Who may hold and pick, and where: holds reach every branch, picking keeps to one's own."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import httpx
import pytest
from sqlalchemy import text

from builders import Person, TillAtWork, a_branch, a_person, a_style, a_till, stocked
from placket import inventory
from placket.core.db import Database
from placket.core.ids import new_id
from placket.inventory.models import Location
from served import own_database
from serving import serving


@dataclass(frozen=True)
class Chain:
    """Two served branches: a till asks from the one, a till answers at the other, where three shirts are."""

    http: httpx.Client
    database: Database
    asker: TillAtWork
    holder: TillAtWork
    stranger: TillAtWork
    marketer: Person
    shirt: UUID

    def hold(self, who: dict[str, str] | None = None, *, hold_id: UUID | None = None) -> httpx.Response:
        """Somebody asks the other branch to keep a shirt."""
        body = {"id": str(hold_id or new_id()), "location_id": str(self.holder.location_id), "variant_id": str(self.shirt)}
        body |= {"held_for": "chị Lan", "held_phone": "0901234567"}
        return self.http.post("/api/promises/holds", headers=who or self.asker.bearer, json=body | {"qty": 1})

    def word(self) -> None:
        """The holding branch's till answers."""
        with self.database.transaction() as tx:
            board_no = tx.get_one(Location, self.holder.location_id).board_no
            given: dict[str, Any] = {"opening": 1, "board_no": board_no, "head_seq": 0, "in_hand": {}}
            inventory.give_word(tx, till_id=self.holder.id, **given)
            inventory.settle(tx, location_id=self.holder.location_id)

    def see(self, ref: str, who: dict[str, str]) -> tuple[int, str]:
        """Status, and phase or code."""
        answer = self.http.get(f"/api/promises/holds/{ref}", headers=who)
        return answer.status_code, answer.json().get("phase", answer.json().get("code"))

    def act(self, promise_id: str, what: str, who: dict[str, str]) -> tuple[int, str]:
        """Status, and phase or code."""
        answer = self.http.post(f"/api/promises/{promise_id}/{what}", headers=who)
        return answer.status_code, answer.json().get("phase", answer.json().get("code"))


@pytest.fixture(scope="module")
def chain() -> Iterator[Chain]:
    with own_database("hold_routes") as database:
        with database.transaction() as tx:
            here, there, far = a_branch(tx), a_branch(tx, "HN02"), a_branch(tx, "HN03")
            shirt = a_style(tx).one
            stocked(tx, there, {shirt: 3})
            tills = [a_till(tx, place) for place in (here, there, far)]
            marketer = a_person(tx, "marketer")
        with serving(database.url) as server, httpx.Client(base_url=server.url) as http:
            yield Chain(http, database, *tills, marketer, shirt)


def test_a_cashier_holds_at_another_branch_and_sees_its_answer(chain: Chain) -> None:
    made = chain.hold()
    assert (made.status_code, made.json()["phase"]) == (201, "asked")
    ref = made.json()["ref"]
    assert chain.hold(hold_id=UUID(ref)).json()["id"] == made.json()["id"], "asked again it is the same hold"
    chain.word()
    assert chain.see(ref, chain.asker.bearer) == (200, "confirmed")
    assert chain.see(ref, chain.holder.bearer) == (200, "confirmed")
    assert chain.see(ref, chain.stranger.bearer) == (404, "not_found")


def test_picking_keeps_to_its_own_branch(chain: Chain) -> None:
    held = chain.hold().json()
    chain.word()
    assert chain.act(held["id"], "bag", chain.asker.bearer) == (404, "not_found")
    assert chain.act(held["id"], "bag", chain.holder.bearer) == (200, "bagged")
    assert chain.act(held["id"], "unbag", chain.holder.bearer) == (200, "confirmed")
    assert chain.act(held["id"], "not-found", chain.holder.bearer) == (200, "released")
    with chain.database.transaction() as tx:
        actions = tx.scalars(
            text("SELECT action FROM audit_log WHERE subject_id = :id ORDER BY id"), {"id": held["id"]}
        ).all()
        tx.execute(text("UPDATE stock_doubt SET closed_at = now(), closed_by = 'count'"))
    assert list(actions) == ["promise.bagged", "promise.unbagged", "promise.not_found"]


def test_a_bagged_hold_that_is_let_go_is_scanned_back(chain: Chain) -> None:
    held = chain.hold().json()
    chain.word()
    chain.act(held["id"], "bag", chain.holder.bearer)
    gone = chain.http.delete(f"/api/promises/holds/{held['ref']}", headers=chain.asker.bearer)
    assert (gone.status_code, gone.json()["phase"]) == (200, "to_scan_back")
    assert chain.act(held["id"], "scan-back", chain.holder.bearer) == (200, "released")


def test_holding_and_picking_need_their_verbs(chain: Chain) -> None:
    assert chain.hold(chain.marketer.bearer).status_code == 403
    assert chain.act(str(new_id()), "bag", chain.marketer.bearer) == (403, "not_permitted")


def test_a_branch_whose_till_is_silent_is_shown_as_out_of_reach(chain: Chain) -> None:
    with chain.database.transaction() as tx:
        tx.execute(text("UPDATE till SET last_seen_at = now()"))
        tx.execute(text("UPDATE till SET last_seen_at = now() - interval '1 minute' WHERE id = :t"), {"t": chain.holder.id})
    answer = chain.http.get("/api/promises/reach", headers=chain.asker.bearer).json()
    reach = {UUID(one["location_id"]): one["reachable"] for one in answer}
    assert (reach[chain.asker.location_id], reach[chain.holder.location_id]) == (True, False)
