"""What journeys share of parcels and of the money behind them: a depot sends, the provider's stand-in is switched."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx
from playwright.sync_api import Page

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
    """All of an order that is at a place is picked there and leaves with a carrier, by the routes that a depot uses."""
    ((location_id,),) = stage.rows("SELECT id::text FROM location WHERE code = %s", place)
    tasks = [task for task in call(office, "get", "/api/order-tasks") if task["order_id"] == order_id]
    (task,) = [task for task in tasks if task["location_id"] == location_id]
    for line in task["lines"]:
        call(office, "post", f"/api/order-tasks/{order_id}/pick", {"promise_id": line["promise_id"]})
    body = {"location_id": location_id, "carrier": "GHN", "tracking_no": "GHN0001234"}
    call(office, "post", f"/api/order-tasks/{order_id}/ship", body)


def call(office: Page, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
    """An answer of the server to whoever is signed in on this page."""
    headers = {"x-placket": "1", "content-type": "application/json"}
    data = None if body is None else json.dumps(body)
    answer = office.request.fetch(path, method=method, data=data, headers=headers)
    assert answer.ok, f"{path}: {answer.status} {answer.text()}"
    return answer.json() if answer.body() else None


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
