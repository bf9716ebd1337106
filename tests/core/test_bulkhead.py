"""A crowd of shoppers: it waits in its own line, others pass, and nobody holds a place who is not being served."""

import asyncio
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest
from fastapi import Request, Response
from starlette.types import Message, Receive, Scope, Send

from placket.app import make_app
from placket.core import bulkhead
from placket.core.bulkhead import Bulkhead
from placket.core.http import http_problem
from placket.shop.pages import is_shoppers


@dataclass
class House:
    """An application whose work takes until it is let go on; it notes what it began with, body and all."""

    begun: list[bytes] = field(default_factory=list)
    go_on: asyncio.Event = field(default_factory=asyncio.Event)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Take a request in, and answer it when it is let go on."""
        body, more = b"", scope["method"] == "POST"
        while more:
            message = await receive()
            body, more = body + message["body"], message["more_body"]
        self.begun.append(scope["path"].encode() + b" " + body)
        await self.go_on.wait()
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"done"})


async def never() -> Message:
    await asyncio.Event().wait()
    raise AssertionError


def ask(app: Bulkhead, path: str, *, method: str = "GET", receive: Receive = never) -> tuple[asyncio.Task[None], list[Any]]:
    answers: list[Any] = []

    async def send(message: Message) -> None:
        answers.append(message)

    scope = {"type": "http", "method": method, "path": path, "headers": [], "query_string": b""}
    return asyncio.create_task(app(scope, receive, send)), answers


async def settled() -> None:
    """Everybody has gone as far as they can."""
    for _ in range(20):
        await asyncio.sleep(0)


def played(story: Callable[[], Any]) -> None:
    asyncio.run(story())


def _busy(request: Request) -> Response:
    return http_problem(request, 503, {"retry_after_s": 1})


def crowd(path: str) -> bool:
    return path.startswith("/shop")


def test_a_crowd_waits_in_its_own_line_and_others_pass_it() -> None:
    async def story() -> None:
        house = House()
        app = Bulkhead(house, is_crowd=crowd, busy=_busy, places=2)
        shoppers = [ask(app, f"/shop/{number}")[0] for number in range(5)]
        till, _ = ask(app, "/till")
        await settled()
        assert house.begun == [b"/shop/0 ", b"/shop/1 ", b"/till "]
        house.go_on.set()
        await asyncio.gather(*shoppers, till)
        assert len(house.begun) == 6

    played(story)


def test_whoever_waits_in_vain_is_told_that_it_is_busy_and_takes_no_place(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bulkhead, "WAIT_S", 0.01)

    async def story() -> None:
        house = House()
        app = Bulkhead(house, is_crowd=crowd, busy=_busy, places=1)
        first, _ = ask(app, "/shop/1")
        await settled()
        waiting, answers = ask(app, "/shop/2")
        await waiting
        assert answers[0]["status"] == 503
        assert (b"retry-after", b"1") in answers[0]["headers"]
        assert json.loads(answers[1]["body"])["code"] == "busy"
        house.go_on.set()
        await first
        third, answers = ask(app, "/shop/3")
        await third
        assert answers[0]["status"] == 200

    played(story)


def test_a_body_that_comes_slowly_holds_no_place_and_arrives_whole() -> None:
    async def story() -> None:
        house = House()
        house.go_on.set()
        app = Bulkhead(house, is_crowd=crowd, busy=_busy, places=1)
        parts: asyncio.Queue[Message] = asyncio.Queue()
        slow, _ = ask(app, "/shop/slow", method="POST", receive=parts.get)
        parts.put_nowait({"type": "http.request", "body": b"a shirt", "more_body": True})
        await settled()
        quick, _ = ask(app, "/shop/quick")
        await quick
        parts.put_nowait({"type": "http.request", "body": b" and a skirt", "more_body": False})
        await slow
        assert house.begun == [b"/shop/quick ", b"/shop/slow a shirt and a skirt"]

    played(story)


def test_an_answer_that_is_read_slowly_holds_no_place() -> None:
    async def story() -> None:
        house = House()
        house.go_on.set()
        app = Bulkhead(house, is_crowd=crowd, busy=_busy, places=1)
        reads_on = asyncio.Event()

        async def slowly(_message: Message) -> None:
            await reads_on.wait()

        scope = {"type": "http", "method": "GET", "path": "/shop/slow", "headers": [], "query_string": b""}
        slow = asyncio.create_task(app(scope, never, slowly))
        await settled()
        quick, answers = ask(app, "/shop/quick")
        await quick
        assert answers[0]["status"] == 200
        reads_on.set()
        await slow

    played(story)


def test_a_failure_gives_its_place_back() -> None:
    async def fails(_scope: Scope, _receive: Receive, _send: Send) -> None:
        raise LookupError

    async def story() -> None:
        app = Bulkhead(fails, is_crowd=crowd, busy=_busy, places=1)
        for _ in range(3):
            task, _ = ask(app, "/shop")
            with pytest.raises(LookupError):
                await asyncio.wait_for(task, 1)

    played(story)


SHOPPERS = ("/", "/en/women", "/orders/1", "/api/shop/v1/products", "/media/abc.webp", "/r/1234", "/sw.js")
OTHERS = ("/api/sales", "/api/hooks/stripe", "/pos/", "/office/orders", "/shop/assets/a.js", "/ready", "/health", "/metrics")


def test_knows_what_shoppers_ask_for() -> None:
    assert all(map(is_shoppers, SHOPPERS))
    assert not any(map(is_shoppers, OTHERS))


@pytest.mark.parametrize(
    ("path", "accept", "told"),
    [
        ("/c/all", "text/html", "Trang này tự mở lại sau vài giây"),
        ("/en/c/all", "text/html,*/*", "This page opens again by itself"),
        ("/api/shop/v1/provinces", "application/json", '"code": "busy"'),
    ],
)
def test_people_see_a_page_that_opens_by_itself_and_programs_a_problem(
    monkeypatch: pytest.MonkeyPatch, path: str, accept: str, told: str
) -> None:
    monkeypatch.setattr(bulkhead, "WAIT_S", 0.01)
    monkeypatch.setattr("placket.app.SHOPPERS", 0)

    async def story() -> None:
        door = httpx.ASGITransport(make_app("postgresql://nobody@/nothing"))
        async with httpx.AsyncClient(transport=door, base_url="http://shop") as client:
            answer = await client.get(path, headers={"accept": accept})
        assert (answer.status_code, told in answer.text) == (503, True)
        assert int(answer.headers["retry-after"]) > 0
        assert ('http-equiv="refresh"' in answer.text) is ("html" in accept)

    played(story)
