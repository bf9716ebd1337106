"""Who may order, unpack and see what goods cost, and where."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import httpx
import pytest

from books import prove
from builders import Person, TillAtWork, a_branch, a_person, a_style, a_till
from placket.core.db import Database
from placket.core.ids import new_id
from served import own_database
from serving import serving


@dataclass(frozen=True)
class Chain:
    """Two branches with a till each, and somebody who orders for the first."""

    http: httpx.Client
    database: Database
    here: TillAtWork
    elsewhere: TillAtWork
    buyer: Person
    shirt: UUID

    def post(self, path: str, who: dict[str, str], **body: Any) -> httpx.Response:
        """Ask for something under an id of its own."""
        return self.http.post(path, headers=who, json={"id": str(new_id())} | body)

    def ordered(self) -> dict[str, Any]:
        """An order of five shirts at 120.000 ₫."""
        supplier = self.post("/api/suppliers", self.buyer.bearer, name=f"Xưởng {new_id()}")
        line = {"variant_id": str(self.shirt), "qty": 5, "unit_cost_vnd": 120_000}
        facts = {"supplier_id": supplier.json()["id"], "location_id": str(self.here.location_id), "lines": [line]}
        made = self.post("/api/purchase-orders", self.buyer.bearer, **facts)
        assert (made.status_code, made.json()["cost_vnd"]) == (201, 600_000)
        return dict(made.json())

    def receive(self, who: dict[str, str], order_id: str | None = None, **line: Any) -> httpx.Response:
        """Unpack some shirts here."""
        lines = [{"variant_id": str(self.shirt)} | line]
        place = str(self.here.location_id)
        return self.post("/api/goods-receipts", who, location_id=place, order_id=order_id, lines=lines)


@pytest.fixture(scope="module")
def chain() -> Iterator[Chain]:
    with own_database("supply_routes") as database:
        with database.transaction() as tx:
            places = [a_branch(tx), a_branch(tx, "HN02")]
            tills = [a_till(tx, place) for place in places]
            buyer, shirt = a_person(tx, "warehouse", at=places[0]), a_style(tx).one
        with serving(database.url) as server, httpx.Client(base_url=server.url) as http:
            yield Chain(http, database, *tills, buyer, shirt)


def test_a_cashier_unpacks_an_order_and_does_not_see_what_it_costs(chain: Chain) -> None:
    order = chain.ordered()
    seen = chain.http.get(f"/api/purchase-orders/{order['id']}", headers=chain.here.bearer).json()
    assert (seen["cost_vnd"], seen["lines"][0]["unit_cost_vnd"], seen["lines"][0]["ordered"]) == (None, None, 5)
    took = chain.receive(chain.here.bearer, order["id"], accepted=4, rejected=1, reason="damaged")
    assert (took.status_code, took.json()[0]["cost_after_vnd"]) == (201, None)
    known = chain.http.get(f"/api/purchase-orders/{order['id']}", headers=chain.buyer.bearer).json()
    assert (known["state"], known["received"], known["rejected"], known["receipts"][0]["cost_vnd"]) == (
        "part",
        4,
        1,
        480_000,
    )
    closed = chain.post(f"/api/purchase-orders/{order['id']}/close", chain.buyer.bearer)
    assert closed.json()["state"] == "closed"
    assert chain.receive(chain.here.bearer, order["id"], accepted=1).json()["code"] == "order_closed"
    prove(chain.database)


def test_only_who_orders_may_name_a_cost(chain: Chain) -> None:
    assert chain.receive(chain.here.bearer, accepted=1, unit_cost_vnd=90_000).status_code == 403
    assert chain.receive(chain.here.bearer, accepted=1).status_code == 201
    assert chain.receive(chain.buyer.bearer, accepted=1, unit_cost_vnd=90_000).status_code == 201
    assert chain.post("/api/suppliers", chain.here.bearer, name="Ai đó").status_code == 403


def test_nobody_unpacks_or_sees_what_is_for_another_place(chain: Chain) -> None:
    order = chain.ordered()
    assert chain.http.get(f"/api/purchase-orders/{order['id']}", headers=chain.elsewhere.bearer).status_code == 404
    assert chain.receive(chain.elsewhere.bearer, order["id"], accepted=1).status_code == 403
    assert chain.http.get("/api/purchase-orders?which=all", headers=chain.elsewhere.bearer).json()["items"] == []
    assert chain.http.get("/api/goods-receipts", headers=chain.elsewhere.bearer).json()["items"] == []


def test_a_rejected_piece_has_a_reason(chain: Chain) -> None:
    assert chain.receive(chain.here.bearer, rejected=1).status_code == 422
    assert chain.receive(chain.here.bearer, accepted=1, reason="late").status_code == 422


def test_an_order_sent_twice_is_one_and_its_id_serves_no_other(chain: Chain) -> None:
    order = chain.ordered()
    line = {"variant_id": str(chain.shirt), "qty": 5, "unit_cost_vnd": 120_000}
    facts = {"id": order["id"], "supplier_id": order["supplier_id"], "location_id": str(chain.here.location_id)}
    again = chain.post("/api/purchase-orders", chain.buyer.bearer, **facts, lines=[line])
    assert (again.status_code, again.json()["number"]) == (201, order["number"])
    other = chain.http.post(
        "/api/purchase-orders", headers=chain.buyer.bearer, json={**facts, "lines": [{**line, "qty": 6}]}
    )
    assert (other.status_code, other.json()["code"]) == (409, "document_id_reused")
