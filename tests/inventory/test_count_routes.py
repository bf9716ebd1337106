"""Who may plan, count, review and approve, and where; a blind counter never learns what the books say."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import httpx
import pytest

from books import prove
from builders import Person, TillAtWork, a_branch, a_person, a_style, a_till, stocked
from placket.core import clock
from placket.core.db import Database
from placket.core.ids import new_id
from placket.inventory.jobs import post_count
from served import own_database
from serving import serving

CODES = iter(range(100, 999))


@dataclass(frozen=True)
class Chain:
    """A branch with a till, its manager (who may stand for 5.000.000 ₫), the owner, and a branch of strangers."""

    http: httpx.Client
    database: Database
    here: TillAtWork
    stranger: TillAtWork
    manager: Person
    owner: Person

    def goods(self, pieces: int, price_vnd: int = 1_000_000) -> UUID:
        """A style of one variant, with so many pieces on the books here."""
        with self.database.transaction() as tx:
            variant_id = a_style(tx, f"AO{next(CODES)}", price_vnd=price_vnd).one
            stocked(tx, self.here.location_id, {variant_id: pieces})
        return variant_id

    def post(self, path: str, who: Person | TillAtWork, **body: Any) -> httpx.Response:
        """Ask for something."""
        return self.http.post(path, headers=who.bearer, json=body)

    def opened(self, variant_id: UUID) -> str:
        """The address of a count of one variant that is open."""
        chosen = {"variant_ids": [str(variant_id)]}
        made = self.post(
            "/api/counts",
            self.manager,
            id=str(new_id()),
            location_id=str(self.here.location_id),
            kind="cycle",
            chosen=chosen,
            zones=["Sàn", "Kho"],
            recount_vnd=100_000_000,
        )
        assert made.status_code == 201, made.text
        address = f"/api/counts/{made.json()['id']}"
        assert self.post(f"{address}/open", self.manager).json()["state"] == "counting"
        return address

    def scan(self, address: str, variant_id: UUID, qty: int, who: Person | TillAtWork | None = None) -> httpx.Response:
        """Somebody counts some pieces now."""
        at = clock.now().isoformat()
        line = {"variant_id": str(variant_id), "qty": qty, "first_at": at, "last_at": at}
        return self.post(f"{address}/entries", who or self.here, id=str(new_id()), zone_no=1, lines=[line])

    def closed(self, address: str) -> dict[str, Any]:
        """The count is closed, and looked at."""
        assert self.post(f"{address}/close", self.manager).status_code == 200
        seen = self.http.get(f"{address}/lines", headers=self.manager.bearer)
        assert seen.status_code == 200, seen.text
        return dict(seen.json())


@pytest.fixture(scope="module")
def chain() -> Iterator[Chain]:
    with own_database("count_routes") as database:
        with database.transaction() as tx:
            places = [a_branch(tx), a_branch(tx, "HN02")]
            tills = [a_till(tx, place) for place in places]
            manager, owner = a_person(tx, "store_manager", at=places[0]), a_person(tx)
        with serving(database.url) as server, httpx.Client(base_url=server.url) as http:
            yield Chain(http, database, *tills, manager, owner)


def test_a_count_goes_its_way_and_the_books_follow(chain: Chain) -> None:
    shirt = chain.goods(5)
    address = chain.opened(shirt)
    assert chain.scan(address, shirt, 4).json()["zones_shown"][0]["pieces"] == 4
    assert chain.post(f"{address}/zones/1/done", chain.here, done=True).json()["zones_done"] == 1
    review = chain.closed(address)
    assert (review["sums"]["off_vnd"], review["sums"]["accuracy_bp"], review["sums"]["may_post"]) == (1_000_000, 8_000, True)
    (line,) = review["items"]
    assert (line["counted"], line["expected"], line["difference"], line["flag"]) == (4, 5, -1, None)
    assert [(tally["pieces"], tally["till_code"]) for tally in line["tallies"]] == [(4, "HN01-1")]
    decided = chain.post(f"{address}/decide", chain.manager, variant_ids=[str(shirt)], reason="theft")
    assert decided.status_code == 200
    assert chain.post(f"{address}/post", chain.manager).json()["state"] == "posting"
    post_count(chain.database, count_id=address.rsplit("/", 1)[1])
    done = chain.http.get(address, headers=chain.manager.bearer).json()
    assert (done["state"], done["pieces_off"], done["accuracy_bp"], done["booked"]) == ("posted", 1, 8_000, 1)
    ledger = chain.http.get(f"/api/stock/ledger?variant_id={shirt}", headers=chain.manager.bearer).json()["items"][0]
    assert (ledger["qty"], ledger["after"], ledger["document"]) == (
        -1,
        4,
        {"type": "count", "id": done["id"], "code": str(done["number"])},
    )
    (point,) = chain.http.get("/api/counts/accuracy", headers=chain.manager.bearer).json()["items"]
    assert (point["expected"], point["off"], point["accuracy_bp"]) == (5, 1, 8_000)
    prove(chain.database)


def test_who_counts_sees_no_figure_of_the_books(chain: Chain) -> None:
    shirt = chain.goods(5)
    address = chain.opened(shirt)
    chain.scan(address, shirt, 3)
    sheet = chain.http.get(f"{address}/sheet", headers=chain.here.bearer).json()
    assert (sheet["expected"], [line["pieces"] for line in sheet["lines"]]) == (None, [3])
    refused = chain.http.get(f"{address}/lines", headers=chain.here.bearer)
    assert refused.json()["code"] == "not_permitted"
    for act in ("open", "close", "cancel", "post"):
        assert chain.post(f"{address}/{act}", chain.here).status_code == 403
    assert chain.post(f"{address}/cancel", chain.manager).json()["state"] == "cancelled"


def test_a_late_scan_is_whose_scanned_and_not_whose_sends_it(chain: Chain) -> None:
    shirt = chain.goods(5)
    address = chain.opened(shirt)
    with chain.database.transaction() as tx:
        sender = a_person(tx, "cashier", at=chain.here.location_id, till_id=chain.here.id)
        marketer = a_person(tx, "marketer")
    at = clock.now().isoformat()
    line = {"variant_id": str(shirt), "qty": 4, "first_at": at, "last_at": at}
    act = {"id": str(new_id()), "zone_no": 1, "lines": [line], "staff_id": str(chain.here.cashier.id)}
    for _ in range(2):
        assert chain.post(f"{address}/entries", sender, **act).status_code == 200
    assert chain.post(f"{address}/entries", sender, **act | {"staff_id": None}).json()["code"] == "document_id_reused"
    for who, whose in ((sender, marketer.id), (chain.manager, chain.here.cashier.id)):
        refused = chain.post(f"{address}/entries", who, **act | {"id": str(new_id()), "staff_id": str(whose)})
        assert refused.json()["code"] == "not_permitted"
    for who, pieces in ((sender, 0), (chain.here, 4)):
        sheet = chain.http.get(f"{address}/sheet", headers=who.bearer).json()
        assert sum(line["pieces"] for line in sheet["lines"]) == pieces
    assert chain.post(f"{address}/cancel", chain.manager).json()["state"] == "cancelled"


def test_strangers_know_nothing_of_a_count(chain: Chain) -> None:
    shirt = chain.goods(1)
    address = chain.opened(shirt)
    assert chain.http.get(address, headers=chain.stranger.bearer).status_code == 404
    assert chain.scan(address, shirt, 1, chain.stranger).status_code == 404
    assert chain.http.get("/api/counts", headers=chain.stranger.bearer).json()["items"] == []


def test_beyond_what_a_manager_may_the_owner_stands_for_it(chain: Chain) -> None:
    shirt = chain.goods(9)
    address = chain.opened(shirt)
    chain.scan(address, shirt, 3)
    assert chain.closed(address)["sums"]["may_post"] is False
    assert chain.post(f"{address}/post", chain.manager).json()["state"] == "waiting"
    exceptions = chain.http.get("/api/stock/exceptions", headers=chain.owner.bearer).json()["items"]
    (matter,) = [one for one in exceptions if one["kind"] == "count_approval"]
    assert (matter["amount_vnd"], matter["qty"], f"/api/counts/{matter['count_id']}") == (6_000_000, 6, address)
    assert chain.post(f"{address}/post", chain.owner).json()["state"] == "posting"
    post_count(chain.database, count_id=address.rsplit("/", 1)[1])
    assert chain.http.get(address, headers=chain.owner.bearer).json()["off_vnd"] == 6_000_000
    prove(chain.database)


def test_an_adjustment_beyond_the_limit_waits_in_the_inbox(chain: Chain) -> None:
    shirt = chain.goods(10)
    asked = {"location_id": str(chain.here.location_id), "cause": "damaged", "reason": "mưa dột"}
    line = {"variant_id": str(shirt), "qty": -6}
    made = chain.post("/api/stock/adjustments", chain.manager, id=str(new_id()), **asked, lines=[line])
    assert (made.status_code, made.json()["state"], made.json()["may_decide"]) == (201, "waiting", False)
    address = f"/api/stock/adjustments/{made.json()['id']}"
    assert chain.post(f"{address}/approve", chain.manager).json()["code"] == "beyond_limit"
    assert chain.post(f"{address}/approve", chain.owner).json()["state"] == "booked"
    listed = chain.http.get("/api/stock/adjustments?which=booked", headers=chain.manager.bearer).json()["items"]
    assert [(one["pieces_out"], one["value_vnd"], one["decided_by"]) for one in listed] == [
        (6, 6_000_000, "Nguyễn Thị owner")
    ]
    prove(chain.database)


def test_an_empty_plan_suggests_what_was_not_counted_for_long(chain: Chain) -> None:
    chain.goods(3)
    place = chain.here.location_id
    said = chain.http.get(f"/api/counts/suggestion?place_id={place}", headers=chain.manager.bearer).json()
    assert (said["zones"], said["categories"][0]["counted_at"]) == (["Sàn", "Kho"], None)
