"""A shop on the web: a running server with a depot, branches in two cities, and shoppers who order by the API."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from uuid import UUID

import httpx
from sqlalchemy import text

from books import prove
from builders import Person, TillAtWork, a_branch, a_depot, a_person, a_style, a_till, stocked
from paypoint import VIETCOMBANK, principal
from placket import inventory
from placket.core import clock
from placket.core.db import Database
from placket.core.ids import new_id
from placket.payments.service import accounts
from placket.sales import order_fulfilling, order_jobs
from serving import Server, serving
from waiting import until

PHONE = "0901234567"
HERE = {"province_code": "01", "ward": "Phường Cửa Nam", "street": "12 Tràng Tiền"}


@dataclass
class WebShop:
    """The server, its places and goods, and what shoppers do."""

    server: Server
    client: httpx.Client
    database: Database
    depot_id: UUID
    branch_id: UUID
    far_id: UUID
    till: TillAtWork
    owner: Person
    styles: int = field(default=0)

    def goods(self, *, price_vnd: int = 100_000, **at: int) -> UUID:
        """A new variant with so many pieces at ``depot``, ``branch`` (Hanoi) and ``far`` (Saigon); the till beats."""
        self.styles += 1
        with self.database.transaction() as tx:
            variant = a_style(tx, f"WB{self.styles:04d}", price_vnd=price_vnd).one
            for place, qty in at.items():
                stocked(tx, {"depot": self.depot_id, "branch": self.branch_id, "far": self.far_id}[place], {variant: qty})
            tx.execute(text("UPDATE till SET last_seen_at = clock_timestamp() WHERE id = :till"), {"till": self.till.id})
        self.wait_for_prices(variant)
        return variant

    def wait_for_prices(self, variant: UUID) -> None:
        """The server's price book knows a variant."""
        until(lambda: self.quote((variant, 1)).status_code == httpx.codes.OK)

    def quote(self, *lines: tuple[UUID, int], **more: Any) -> httpx.Response:
        """Ask what a cart costs."""
        return self.client.post("/api/shop/v1/checkout/quote", json=_cart(lines, more))

    def order(
        self, *lines: tuple[UUID, int], total_vnd: int | None = None, order_id: UUID | None = None, **more: Any
    ) -> httpx.Response:
        """Order a cart, at the price that the shop says."""
        if total_vnd is None:
            total_vnd = self.quote(*lines, **more).json()["total_vnd"]
        body = _cart(lines, more) | {"id": str(order_id or new_id()), "expected_total_vnd": total_vnd}
        return self.client.post("/api/shop/v1/checkout", json=body)

    def held(self, *lines: tuple[UUID, int], **more: Any) -> dict[str, Any]:
        """An order whose goods are held."""
        made = self.order(*lines, **more).json()
        assert made.get("state") == "held", made
        return made

    def pay(self, order: dict[str, Any], method: str = "cod", **more: Any) -> httpx.Response:
        """Begin to pay an order."""
        address = HERE if order["fulfilment"]["kind"] == "ship" else None
        recipient = {"phone": PHONE, "name": "Nguyễn Bảo Ngọc", "address": address}
        body = {"recipient": recipient, "method": method, "expected_total_vnd": order["total_vnd"], **more}
        return self.client.post(f"/api/shop/v1/checkout/{order['id']}/pay", json=body, headers=key_of(order))

    def confirmed(self, *lines: tuple[UUID, int], **more: Any) -> dict[str, Any]:
        """An order to be paid on delivery."""
        answer = self.pay(self.held(*lines, **more))
        assert answer.json().get("state") == "confirmed", answer.text
        return answer.json()

    def seen(self, order: dict[str, Any]) -> dict[str, Any]:
        """An order as its customer sees it now."""
        return self.client.get(f"/api/shop/v1/orders/{order['id']}", headers=key_of(order)).json()

    def act(self, order: dict[str, Any], verb: str) -> httpx.Response:
        """Extend or cancel."""
        where = "orders" if verb == "cancel" else "checkout"
        return self.client.post(f"/api/shop/v1/{where}/{order['id']}/{verb}", headers=key_of(order))

    def ship(self, order: dict[str, Any], *, place: UUID | None = None, tracking_no: str | None = None) -> UUID:
        """What is picked of an order leaves with the carrier, from the depot or another place; answers the sale."""
        with self.database.transaction() as tx:
            return order_fulfilling.ship(
                tx,
                order_id=UUID(order["id"]),
                location_id=place or self.depot_id,
                carrier="GHN",
                tracking_no=tracking_no,
                by=inventory.By(self.owner.id),
                now=clock.now(),
            )

    def is_waiting(self) -> bool:
        """Whether somebody waits for a row that another transaction holds."""
        query = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
        with self.database.transaction() as tx:
            return bool(tx.scalar(text(query)))

    def work(self, *, later_s: int = 0) -> None:
        """What the worker does with orders, now or as if it were later."""
        order_jobs.see_to(self.database, now=clock.now() + timedelta(seconds=later_s))

    def promises(self, order: dict[str, Any]) -> list[Any]:
        """The promises of an order, as they stand."""
        query = text(
            "SELECT p.* FROM promise p JOIN web_order_question q ON q.ref = p.ref WHERE q.order_id = :order "
            "AND NOT EXISTS (SELECT 1 FROM promise n WHERE n.moved_from = p.id) ORDER BY p.created_at, p.id"
        )
        with self.database.transaction() as tx:
            return list(tx.execute(query, {"order": order["id"]}).all())

    def stock(self, place: UUID, variant: UUID) -> tuple[int, int]:
        """On hand and promised."""
        with self.database.transaction() as tx:
            row = tx.execute(
                text("SELECT on_hand, promised FROM stock WHERE location_id = :l AND variant_id = :v"),
                {"l": place, "v": variant},
            ).one()
            return row.on_hand, row.promised

    def prove(self) -> None:
        """The books are right."""
        prove(self.database)


def key_of(order: dict[str, Any]) -> dict[str, str]:
    """The header that shows whose order it is."""
    return {"x-order-key": order["key"]}


def _cart(lines: tuple[tuple[UUID, int], ...], more: dict[str, Any]) -> dict[str, Any]:
    fulfilment = more.pop("fulfilment", None) or {"kind": "ship", "province_code": "01"}
    asked = [{"variant_id": str(variant), "qty": qty} for variant, qty in lines]
    return {"lines": asked, "fulfilment": fulfilment, **more}


@contextmanager
def a_web_shop(database: Database, **environment: str) -> Iterator[WebShop]:
    """A shop in an empty database, served for as long as the block lasts."""
    with database.transaction() as tx:
        depot_id = a_depot(tx)
        branch_id, far_id = a_branch(tx), a_branch(tx, "SG01", city="TP. Hồ Chí Minh")
        till, owner = a_till(tx, branch_id), a_person(tx)
        who = principal(tx, owner.session_id)
        accounts.set_account(
            tx,
            location_id=branch_id,
            bank_bin=VIETCOMBANK,
            account_no="0123499999",
            account_name="CONG TY LUA",
            who=who,
            now=clock.now(),
        )
    with serving(database.url, **environment) as server, httpx.Client(base_url=server.url, timeout=20) as client:
        yield WebShop(server, client, database, depot_id, branch_id, far_id, till, owner)
