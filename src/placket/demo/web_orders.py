"""Orders of the web on the day a demo is filled: waiting to be picked, in a bag, on their way, called off.

Made by the same verbs as a shopper's and a picker's, from the goods of the depot.
"""

from datetime import datetime, timedelta
from random import Random
from typing import Final, Literal
from uuid import UUID

from sqlalchemy import text

from placket import catalog, inventory, promotions, sales
from placket.core.db import Database
from placket.demo.dice import dice, make_id

Ends = Literal["waits", "bagged", "left", "called off"]

# How many hours ago each was placed, and how far it is now.
ORDERS: Final[tuple[tuple[float, Ends], ...]] = (
    (0.3, "waits"),
    (0.9, "waits"),
    (1.6, "waits"),
    (2.5, "bagged"),
    (3.5, "called off"),
    (6.0, "left"),
    (8.0, "left"),
)
STREETS: Final = (
    ("01", "Phường Cửa Nam", "12 Tràng Tiền"),
    ("01", "Phường Thanh Xuân", "88 Nguyễn Trãi"),
    ("79", "Phường Sài Gòn", "45 Lê Lợi"),
    ("79", "Phường Bình Thạnh", "210 Điện Biên Phủ"),
    ("48", "Phường Hải Châu", "31 Bạch Đằng"),
    ("31", "Phường Hồng Bàng", "5 Điện Biên Phủ"),
    ("92", "Phường Ninh Kiều", "17 Hai Bà Trưng"),
)
_PAID_AFTER: Final = timedelta(minutes=3)
_PICKED_AFTER: Final = timedelta(minutes=50)
_LEFT_AFTER: Final = timedelta(minutes=95)

_DEPOT: Final = text("""
    SELECT l.id, r.staff_id FROM location l JOIN staff_role r ON r.location_id = l.id
     WHERE l.kind = 'depot' AND l.status = 'active' ORDER BY l.position, r.staff_id LIMIT 1
""")
_GOODS: Final = text("""
    SELECT k.variant_id FROM stock k JOIN variant v ON v.id = k.variant_id AND v.status = 'active'
     WHERE k.location_id = :place AND k.on_hand - k.promised - k.asked >= 3 ORDER BY k.variant_id
""")
_PEOPLE: Final = text("""
    SELECT full_name, phone FROM customer WHERE phone IS NOT NULL AND merged_into IS NULL ORDER BY id LIMIT 400
""")


def order(database_url: str, *, seed: int, now: datetime) -> None:
    """Let the web's shoppers order in a demo that has just been filled."""
    database = Database(database_url, pool_size=2)
    try:
        catalog.price_books.refresh(database)
        promotions.promo_books.refresh(database)
        inventory.places.refresh(database)
        _Web(database, dice(seed, "web orders"), now).tell()
    finally:
        database.dispose()


class _Web:
    """One morning of the shop on the web."""

    def __init__(self, database: Database, throw: Random, now: datetime) -> None:
        self._database, self._throw, self._now = database, throw, now
        with database.transaction() as tx:
            self._depot, self._picker = tx.execute(_DEPOT).one()
            self._goods = list(tx.scalars(_GOODS, {"place": self._depot}))
            self._people = throw.sample(tx.execute(_PEOPLE).all(), len(ORDERS))

    def tell(self) -> None:
        """Every order, the oldest first."""
        for (ago_h, ends), person, street in sorted(zip(ORDERS, self._people, STREETS, strict=True), reverse=True):
            placed_at = self._now - timedelta(hours=ago_h)
            order_id = self._place(street[0], placed_at)
            recipient = sales.order_paying.Recipient(person.phone, person.full_name, None, None, _address(street))
            self._pay(order_id, recipient, placed_at)
            if ends == "called off":
                self._call_off(order_id, placed_at + _PICKED_AFTER)
            elif ends != "waits":
                self._pick(order_id, placed_at + _PICKED_AFTER)
            if ends == "left":
                self._send(order_id, placed_at + _LEFT_AFTER)

    def _place(self, province_code: str, at: datetime) -> UUID:
        """Order two kinds of goods, to be sent; the depot keeps them at once."""
        order_id = UUID(make_id(self._throw, int(at.timestamp()) * 1_000))
        lines = [(variant_id, 1) for variant_id in self._throw.sample(self._goods, 2)]
        wish = sales.order_quote.wish_of(
            order_id,
            lines,
            kind="ship",
            province_code=province_code,
            location_id=None,
            vouchers=(),
            language="vi",
            customer_id=None,
        )
        with self._database.transaction() as tx:
            sales.ordering.place(tx, wish=wish, priced=sales.order_quote.priced(tx, wish, now=at), now=at)
        sales.order_jobs.ask_on(self._database, order_id, now=at)
        return order_id

    def _pay(self, order_id: UUID, recipient: sales.order_paying.Recipient, placed_at: datetime) -> None:
        """To be paid to the carrier, which confirms the order at once."""
        with self._database.transaction() as tx:
            means = sales.order_jobs.means_of(tx)
        sales.order_paying.pay(
            self._database,
            order_id=order_id,
            recipient=recipient,
            method="cod",
            means=means,
            back_url="",
            now=placed_at + _PAID_AFTER,
        )

    def _call_off(self, order_id: UUID, at: datetime) -> None:
        with self._database.transaction() as tx:
            sales.order_fulfilling.cancel(tx, order_id=order_id, now=at)

    def _pick(self, order_id: UUID, at: datetime) -> None:
        with self._database.transaction() as tx:
            for promise in sales.order_paying.promises_of_order(tx, order_id):
                sales.order_fulfilling.pick(tx, order_id=order_id, promise_id=promise.id, staff_id=self._picker, now=at)

    def _send(self, order_id: UUID, at: datetime) -> None:
        with self._database.transaction() as tx:
            sales.order_fulfilling.ship(
                tx,
                order_id=order_id,
                location_id=self._depot,
                carrier="GHN",
                tracking_no=f"GHN{self._throw.randrange(10**9):09d}",
                by=inventory.By(self._picker),
                now=at,
            )


def _address(street: tuple[str, str, str]) -> dict[str, str]:
    province_code, ward, line = street
    return {"province_code": province_code, "ward": ward, "street": line}
