"""Who may do what to a transfer, and where: both ends see it, each acts at its own, nobody else knows of it."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import httpx
import pytest

from books import prove
from builders import Person, TillAtWork, a_branch, a_depot, a_person, a_style, a_till, stocked
from placket.core.db import Database
from placket.core.ids import new_id
from placket.inventory.models import Stock
from served import own_database
from serving import serving


@dataclass(frozen=True)
class Chain:
    """A depot with ten shirts, the branch that asks for them, and one that has nothing to do with it."""

    http: httpx.Client
    database: Database
    depot_id: UUID
    keeper: Person
    here: TillAtWork
    manager: Person
    stranger: TillAtWork
    shirt: UUID

    def post(self, path: str, who: dict[str, str], **body: Any) -> httpx.Response:
        """An act of somebody, under an id of its own."""
        return self.http.post(f"/api/transfers{path}", headers=who, json={"id": str(new_id())} | body)

    def ask(self, who: dict[str, str], qty: int = 4) -> httpx.Response:
        """Somebody asks the depot to send shirts here."""
        lines = [{"variant_id": str(self.shirt), "qty": qty}]
        return self.post("", who, from_id=str(self.depot_id), to_id=str(self.here.location_id), lines=lines)

    def lines(self, qty: int) -> list[dict[str, Any]]:
        """Shirts, as picking tells them."""
        return [{"variant_id": str(self.shirt), "qty": qty}]


@pytest.fixture(scope="module")
def chain() -> Iterator[Chain]:
    with own_database("transfer_routes") as database:
        with database.transaction() as tx:
            depot, here, far = a_depot(tx), a_branch(tx), a_branch(tx, "HN02")
            shirt = a_style(tx).one
            stocked(tx, depot, {shirt: 10})
            keeper, manager = a_person(tx, "warehouse", at=depot), a_person(tx, "store_manager", at=here)
            tills = [a_till(tx, place) for place in (here, far)]
        with serving(database.url) as server, httpx.Client(base_url=server.url) as http:
            yield Chain(http, database, depot, keeper, tills[0], manager, tills[1], shirt)


def test_a_transfer_goes_its_way_between_its_two_ends(chain: Chain) -> None:
    asked = chain.ask(chain.manager.bearer)
    assert (asked.status_code, asked.json()["state"], asked.json()["lines"][0]["free"]) == (201, "requested", 10)
    path, code = f"/{asked.json()['id']}", asked.json()["code"]
    assert chain.post(f"{path}/pick", chain.here.bearer, lines=chain.lines(4)).status_code == 403, "the sender picks"
    assert chain.post(f"{path}/pick", chain.keeper.bearer, lines=chain.lines(4)).json()["state"] == "picking"
    assert chain.post(f"{path}/ship", chain.keeper.bearer, looked_for=[]).json()["state"] == "in_transit"
    unpacked = [{"variant_id": str(chain.shirt), "good": 3, "damaged": 1}]
    receiving = {"lines": unpacked, "complete": True}
    assert chain.post(f"{path}/receive", chain.keeper.bearer, **receiving).status_code == 403, "the receiver unpacks"
    received = chain.post(f"{path}/receive", chain.here.bearer, **receiving).json()
    assert (received["state"], received["on_the_way"], received["arrived"]) == ("differs", 0, 4)
    (difference,) = received["differences_shown"]
    assert (difference["kind"], difference["qty"], difference["owner_id"]) == ("transfer_damaged", 1, str(chain.keeper.id))
    settling = {"outcome": "written_off", "qty": 1, "note": "rách cổ áo"}
    settle = f"{path}/differences/{difference['id']}/settle"
    assert chain.post(settle, chain.here.bearer, **settling).status_code == 403, "a cashier writes nothing off"
    settled = chain.post(settle, chain.manager.bearer, **settling).json()
    assert (settled["state"], settled["differences_shown"][0]["outcomes"][0]["note"]) == ("done", "rách cổ áo")
    assert [act["act"] for act in settled["acts"]] == ["pick", "ship", "receive", "settle"]
    assert chain.http.get(f"/api/transfers/by-code/{code}", headers=chain.here.bearer).json()["id"] == asked.json()["id"]
    prove(chain.database)


def test_nobody_else_sees_it_or_touches_it(chain: Chain) -> None:
    path = f"/{chain.ask(chain.manager.bearer).json()['id']}"
    who = chain.stranger.bearer
    assert chain.http.get(f"/api/transfers{path}", headers=who).status_code == 404
    assert chain.post(f"{path}/pick", who, lines=chain.lines(1)).status_code == 404
    assert chain.post(f"{path}/ship", who).status_code == 404
    listed = chain.http.get("/api/transfers?which=all", headers=who).json()["items"]
    assert listed == []
    assert len(chain.http.get("/api/transfers?which=all", headers=chain.keeper.bearer).json()["items"]) >= 1


def test_a_cashier_asks_for_nothing_and_a_manager_only_at_an_end_of_theirs(chain: Chain) -> None:
    assert chain.ask(chain.here.bearer).status_code == 403
    with chain.database.transaction() as tx:
        elsewhere = a_person(tx, "store_manager", at=chain.stranger.location_id)
    assert chain.ask(elsewhere.bearer).status_code == 403


def test_what_is_more_than_free_is_refused_with_the_live_number(chain: Chain) -> None:
    path = f"/{chain.ask(chain.manager.bearer, qty=500).json()['id']}"
    chain.post(f"{path}/pick", chain.keeper.bearer, lines=chain.lines(500))
    with chain.database.transaction() as tx:
        here = tx.get_one(Stock, (chain.depot_id, chain.shirt))
        free = here.on_hand - here.promised
    refused = chain.post(f"{path}/ship", chain.keeper.bearer)
    assert (refused.status_code, refused.json()["code"]) == (409, "shipped_too_many")
    (line,) = refused.json()["facts"]["lines"]
    assert (line["picked"], line["free"]) == (500, free)
    assert chain.post(f"{path}/cancel", chain.manager.bearer).json()["state"] == "cancelled"


def test_lists_say_what_is_to_be_done_at_a_place(chain: Chain) -> None:
    made = chain.ask(chain.manager.bearer, qty=1).json()
    query = f"/api/transfers?which=outgoing&place_id={chain.depot_id}"
    assert made["id"] in {row["id"] for row in chain.http.get(query, headers=chain.keeper.bearer).json()["items"]}
    chain.post(f"/{made['id']}/pick", chain.keeper.bearer, lines=chain.lines(1))
    chain.post(f"/{made['id']}/ship", chain.keeper.bearer)
    coming = chain.http.get(f"/api/transfers?which=incoming&place_id={chain.here.location_id}", headers=chain.here.bearer)
    assert [row["id"] for row in coming.json()["items"]] == [made["id"]]


def test_a_difference_waits_in_the_inbox_until_somebody_takes_it_on(chain: Chain) -> None:
    made = chain.ask(chain.manager.bearer, qty=1).json()
    chain.post(f"/{made['id']}/pick", chain.keeper.bearer, lines=chain.lines(1))
    chain.post(f"/{made['id']}/ship", chain.keeper.bearer)
    chain.post(f"/{made['id']}/receive", chain.here.bearer, lines=[], complete=True)
    listed = chain.http.get("/api/stock/exceptions", headers=chain.manager.bearer).json()["items"]
    (matter,) = [one for one in listed if one["transfer_id"] == made["id"]]
    assert (matter["kind"], matter["transfer_code"], matter["owner_name"], matter["at_risk_vnd"]) == (
        "transfer_missing",
        made["code"],
        "Nguyễn Thị warehouse",
        199_000,
    )
    about = f"/api/stock/exceptions/{matter['id']}"
    closed = chain.http.post(f"{about}/close", headers=chain.manager.bearer, json={"reason": "thôi kệ"})
    assert (closed.status_code, closed.json()["code"]) == (409, "needs_its_document")
    taken = chain.http.post(f"{about}/take", headers=chain.manager.bearer, json={"due_on": "2027-01-02"})
    assert taken.status_code == 204
    (matter,) = [
        one
        for one in chain.http.get("/api/stock/exceptions", headers=chain.manager.bearer).json()["items"]
        if one["transfer_id"] == made["id"]
    ]
    assert (matter["owner_name"], matter["due_on"]) == ("Nguyễn Thị store_manager", "2027-01-02")


def test_a_draft_asks_nobody_until_it_is_sent_and_two_people_do_not_write_over_each_other(chain: Chain) -> None:
    ends = {"from_id": str(chain.depot_id), "to_id": str(chain.here.location_id)}
    made = chain.post("", chain.manager.bearer, **ends, lines=chain.lines(2), draft=True).json()
    path = f"/{made['id']}"
    assert made["state"] == "draft"
    outgoing = f"/api/transfers?which=outgoing&place_id={chain.depot_id}"
    assert made["id"] not in {row["id"] for row in chain.http.get(outgoing, headers=chain.keeper.bearer).json()["items"]}
    picked = chain.post(f"{path}/pick", chain.keeper.bearer, lines=chain.lines(1))
    assert (picked.status_code, picked.json()["code"]) == (409, "transfer_state")

    def rewrite(qty: int, version: int, who: dict[str, str]) -> httpx.Response:
        body = {**ends, "note": "cho thứ bảy", "lines": chain.lines(qty), "version": version}
        return chain.http.put(f"/api/transfers{path}/draft", headers=who, json=body)

    written = rewrite(3, made["version"], chain.keeper.bearer).json()
    assert ([line["asked"] for line in written["lines"]], written["note"]) == ([3], "cho thứ bảy")
    late = rewrite(5, made["version"], chain.manager.bearer)
    assert (late.status_code, late.json()["code"]) == (409, "draft_changed")
    assert rewrite(1, written["version"], chain.stranger.bearer).status_code == 403
    sent = chain.post(f"{path}/submit", chain.manager.bearer).json()
    assert (sent["state"], sent["asked"]) == ("requested", 3)
    assert rewrite(5, sent["version"], chain.manager.bearer).json()["code"] == "transfer_state"
    assert chain.post(f"{path}/cancel", chain.manager.bearer).json()["state"] == "cancelled"


def test_a_lost_piece_beyond_ones_limit_is_settled_by_somebody_else(chain: Chain) -> None:
    with chain.database.transaction() as tx:
        dear = a_style(tx, "AO0009", price_vnd=3_000_000).one
        stocked(tx, chain.depot_id, {dear: 3})
        owner = a_person(tx, "owner")
    lines = [{"variant_id": str(dear), "qty": 3}]
    ends = {"from_id": str(chain.depot_id), "to_id": str(chain.here.location_id)}
    path = f"/{chain.post('', chain.manager.bearer, **ends, lines=lines).json()['id']}"
    chain.post(f"{path}/pick", chain.keeper.bearer, lines=lines)
    chain.post(f"{path}/ship", chain.keeper.bearer)
    (task,) = chain.post(f"{path}/receive", chain.here.bearer, lines=[], complete=True).json()["differences_shown"]

    def settle(who: Person, outcome: str, qty: int) -> tuple[int, str]:
        told = {"outcome": outcome, "qty": qty, "note": "đã hỏi kho"}
        answer = chain.post(f"{path}/differences/{task['id']}/settle", who.bearer, **told)
        return answer.status_code, answer.json().get("code") if answer.status_code != 200 else answer.json()["state"]

    assert settle(chain.manager, "lost", 2) == (403, "beyond_limit"), "6.000.000 of the manager's 5.000.000"
    assert settle(chain.manager, "lost", 1) == (200, "differs")
    assert settle(chain.manager, "lost", 1) == (403, "beyond_limit"), "one by one is as much"
    assert settle(chain.manager, "arrived", 1) == (200, "differs"), "nothing is lost by it"
    assert settle(owner, "lost", 1) == (200, "done")
