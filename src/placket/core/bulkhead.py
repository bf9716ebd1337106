"""A bulkhead: a crowd of shoppers fills its own part of the server and nothing else.

Handlers run on threads, each with a connection to the database. Were the shop free to take them all, a thousand people who
watch their orders would stand before a till's search, and before the provider's call that one of those orders is paid.
"""

import asyncio
from collections import deque
from collections.abc import Callable
from typing import Final

from fastapi import Request, Response
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from placket.core.http import http_problem

WAIT_S: Final = 8.0


class Bulkhead:
    """Lets so many requests of the crowd in at a time; the others wait in line, and after eight seconds may ask again."""

    def __init__(
        self, app: ASGIApp, *, is_crowd: Callable[[str], bool], places: int, busy: Callable[[Request], Response]
    ) -> None:
        self.app = app
        self.is_crowd = is_crowd
        self.places = asyncio.Semaphore(places)
        self.busy = busy

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, at once or when there is a place for it."""
        if scope["type"] != "http" or not self.is_crowd(scope["path"]):
            await self.app(scope, receive, send)
            return
        try:
            again = await _read_whole(scope, receive)
        except HTTPException as error:
            await http_problem(Request(scope), error.status_code)(scope, receive, send)
            return
        try:
            async with asyncio.timeout(WAIT_S):
                await self.places.acquire()
        except TimeoutError:
            await self.busy(Request(scope))(scope, receive, send)
            return
        await self._inside(scope, again, send)

    async def _inside(self, scope: Scope, receive: Receive, send: Send) -> None:
        inside = True

        def leave() -> None:
            nonlocal inside
            if inside:
                inside = False
                self.places.release()

        async def out(message: Message) -> None:
            leave()  # the work is done: whoever reads the answer slowly keeps nobody waiting
            await send(message)

        try:
            await self.app(scope, receive, out)
        finally:
            leave()


async def _read_whole(scope: Scope, receive: Receive) -> Receive:
    """The body before its place is taken: whoever sends it slowly keeps nobody waiting either."""
    if scope["method"] in {"GET", "HEAD"}:
        return receive
    came: deque[Message] = deque()
    while True:
        came.append(await receive())
        if not came[-1].get("more_body", False):
            break

    async def again() -> Message:
        return came.popleft() if came else await receive()

    return again
