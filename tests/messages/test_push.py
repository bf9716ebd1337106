"""Push: encrypted as RFC 8291's own example, only to the browsers' services; an order's news go to who asked for them."""

from collections.abc import Iterator
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from sqlalchemy import text

from placket.core import clock
from placket.messages import Device, push, send_waiting
from served import own_database
from shopping import WebShop, a_web_shop, key_of

# RFC 8291, section 5 and appendix A.
RECEIVER = Device(
    endpoint="https://updates.push.services.mozilla.com/wpush/v2/gAAAA",
    p256dh="BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4",
    auth="BTBZMqHH6r4Tts7J_aSIgg",
)
SENDER = "yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw"
SALT = "DGv6ra1nlYgDCS1FRnbzlw"
SENT = (
    "DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl7A_"
    "yl95bQpu6cVPTpK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qulcy4a-fN"
)


@pytest.fixture(scope="module")
def shop() -> Iterator[WebShop]:
    with own_database("push") as database, a_web_shop(database) as made:
        yield made


def told(shop: WebShop, order: dict[str, Any], device: Device = RECEIVER, verb: str = "push", **headers: str) -> Any:
    body = {"endpoint": device.endpoint, "p256dh": device.p256dh, "auth": device.auth}
    body = {"endpoint": device.endpoint} if verb == "push/stop" else body
    return shop.client.post(f"/api/shop/v1/orders/{order['id']}/{verb}", json=body, headers=headers or key_of(order))


def test_encrypts_as_the_standard_does() -> None:
    own = ec.derive_private_key(int.from_bytes(push.raw(SENDER)), ec.SECP256R1())

    sent = push.encrypted(b"When I grow up, I want to be a watermelon", device=RECEIVER, own=own, salt=push.raw(SALT))

    assert push.written(sent) == SENT


@pytest.mark.parametrize(
    "endpoint",
    [
        "http://fcm.googleapis.com/fcm/send/a",
        "https://169.254.169.254/latest",
        "https://fcm.googleapis.com.evil.example/a",
        "https://fcm.googleapis.com:8443/a",
        "https://evilnotify.windows.com/a",
    ],
)
def test_writes_to_nobody_but_the_services_of_browsers(shop: WebShop, endpoint: str) -> None:
    order = shop.held((shop.goods(depot=1), 1))

    answer = told(shop, order, Device(endpoint, RECEIVER.p256dh, RECEIVER.auth))

    assert (answer.status_code, push.is_service(endpoint)) == (422, False)


def test_an_order_is_told_to_the_browser_that_asked_once(shop: WebShop) -> None:
    order, silent = shop.held((shop.goods(depot=1), 1)), shop.held((shop.goods(depot=1), 1))
    key = shop.client.get("/api/shop/v1/push").json()["key"]

    forged = told(shop, order, **{"x-order-key": silent["key"]})
    asked = [told(shop, order).status_code for _ in range(2)]
    told(shop, silent)
    stopped = told(shop, silent, verb="push/stop").status_code
    for one in (order, silent):
        shop.pay(one)
    with shop.database.transaction() as tx:
        query = text("SELECT subject_id::text, kind, facts ->> 'url' AS url FROM message WHERE channel = 'push'")
        rows = [tuple(row) for row in tx.execute(query)]
    send_waiting(shop.database, now=clock.now())
    with shop.database.transaction() as tx:
        ended = tx.scalars(text("SELECT state FROM message WHERE channel = 'push'")).all()

    assert (len(push.raw(key)), forged.status_code, asked, stopped) == (65, 404, [204, 204], 204)
    assert [(subject, kind) for subject, kind, _ in rows] == [(order["id"], "order_placed")]
    assert f"/orders/{order['id']}?key=" in rows[0][2]
    assert list(ended) == ["sent"]


def test_what_waits_for_a_browser_that_is_forgotten_fails_and_is_told_otherwise(shop: WebShop) -> None:
    order = shop.held((shop.goods(depot=1), 1))
    told(shop, order)
    shop.pay(order)
    told(shop, order, verb="push/stop")

    send_waiting(shop.database, now=clock.now())

    with shop.database.transaction() as tx:
        query = text("SELECT channel, state, failure FROM message WHERE subject_id = :order ORDER BY channel")
        ended = [tuple(row) for row in tx.execute(query, {"order": order["id"]})]
    assert ended == [("push", "failed", "no_device"), ("sms", "sent", None)]
