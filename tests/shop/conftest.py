"""A served shop with a depot, two branches and goods that shoppers can look at."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import httpx
import pytest

from builders import Goods, a_branch, a_depot, a_style, stocked
from placket.core.db import Database
from served import own_database
from serving import serving
from waiting import until


@dataclass(frozen=True)
class Shop:
    """The shop over HTTP, as anybody comes to it."""

    http: httpx.Client
    database: Database
    depot: UUID
    here: UUID
    there: UUID
    dress: Goods
    shirt: Goods
    gone: Goods

    def read(self, path: str, **query: Any) -> Any:
        """Something of the API."""
        answer = self.http.get(f"/api/shop/v1/{path}", params=query)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def codes(self, **query: Any) -> list[str]:
        """The styles a list shows, in order."""
        return [card["code"] for card in self.read("styles", **query)["items"]]

    def put(self, location_id: UUID, pieces: dict[UUID, int]) -> None:
        """Change what is on a shelf, and wait until the window shows it."""
        with self.database.transaction() as tx:
            stocked(tx, location_id, pieces)
        (variant_id, qty), *_ = pieces.items()
        told = None if qty > 3 else qty
        until(lambda: self.read("live", variant=str(variant_id))["items"][0]["left"] == told, within_s=10)


@pytest.fixture(scope="module")
def shop() -> Iterator[Shop]:
    with own_database("shop") as database:
        with database.transaction() as tx:
            depot, here = a_depot(tx), a_branch(tx, "HN01", name="Tràng Tiền")
            there = a_branch(tx, "SG01", city="TP. Hồ Chí Minh", name="Đồng Khởi")
            dress = a_style(
                tx, "DM2041", name_vi="Đầm lụa cổ đổ", price_vnd=1_890_000, colours=("DEN", "KEM"), sizes=("S", "M")
            )
            shirt = a_style(tx, "SM1180", name_vi="Áo sơ mi linen", price_vnd=690_000, sizes=("M", "L"))
            gone = a_style(tx, "KL0310", name_vi="Khăn đã hết", price_vnd=390_000, sizes=("M",))
            stocked(tx, depot, {dress.variants["DEN-S"]: 2, shirt.variants["DEN-M"]: 40})
            stocked(tx, here, {dress.variants["KEM-M"]: 1})
        with serving(database.url) as server, httpx.Client(base_url=server.url, timeout=30) as http:
            yield Shop(http, database, depot, here, there, dress, shirt, gone)
