"""What journeys share of parcels and of the money behind them: a depot sends, the provider's stand-in is switched."""

from collections.abc import Iterator
from contextlib import contextmanager

import httpx
from playwright.sync_api import Page, expect

from stage import Stage

SIMULATOR_PORT = 11
"""So far above the product's own."""

OF_ORDER = (
    "SELECT r.state FROM online_refund r JOIN online_payment y ON y.id = r.payment_id "
    "WHERE y.order_id = %s::uuid ORDER BY r.requested_at, r.id"
)


@contextmanager
def simulator(stage: Stage) -> Iterator[httpx.Client]:
    """The switches of whoever plays Stripe."""
    with httpx.Client(base_url=f"http://127.0.0.1:{stage.server.port + SIMULATOR_PORT}", timeout=10) as client:
        yield client


def send(stage: Stage, office: Page, order_id: str, place: str) -> None:
    """All of an order that is at a place is picked there and leaves with a carrier, on the depot's own screen."""
    ((location_id,),) = stage.rows("SELECT id::text FROM location WHERE code = %s", place)
    office.goto(f"/office/picking?open={order_id}/{location_id}")
    task = office.get_by_test_id("office.picking.task")
    pieces = task.locator('[data-phase="confirmed"]')
    pieces.first.wait_for()
    while pieces.count():
        left = pieces.count()
        pieces.first.get_by_role("button", name="Đã lấy").click()
        expect(pieces).to_have_count(left - 1)
    stage.shot(office, "M-picked")
    office.get_by_test_id("office.picking.send").click()
    office.get_by_test_id("office.picking.send_now").click()
    gone = "SELECT count(*) FROM web_order_sale WHERE order_id = %s::uuid"
    stage.until("the parcel has left", lambda: stage.rows(gone, order_id)[0][0] == 1)


def refunds(stage: Stage, order_id: str) -> list[str]:
    """How the refunds of an order stand."""
    return [str(row[0]) for row in stage.rows(OF_ORDER, order_id)]


def on_hand(stage: Stage, place: str, variant_id: str) -> int:
    """How many of a variant a place has on its books."""
    found = stage.rows(
        "SELECT s.on_hand FROM stock s JOIN location l ON l.id = s.location_id "
        "WHERE l.code = %s AND s.variant_id = %s::uuid",
        place,
        variant_id,
    )
    return int(found[0][0]) if found else 0
