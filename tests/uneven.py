"""An uneven network between a browser and a test server: every request, answer and push takes a time of its own.

``UNEVEN=1 make test`` (any seed) finds tests and screens that only hold while answers are quick or keep their order.
``UNEVEN=1:far`` is harder: whoever looks at a screen always acts before the answers that fill it.
"""

import asyncio
import random
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

SEED = "UNEVEN"
FAR = ":far"
QUICK_S, SLOW_S = (0.0, 0.05), (0.3, 0.8)
SLOW_SHARE = 0.12
FAR_READ_S, FAR_S = (0.0, 1.5), (0.0, 0.5)

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Asgi = Callable[[Message, Receive, Send], Awaitable[None]]


def uneven(app: Asgi, seed: str) -> Asgi:
    """The same app, farther away: what is asked and what is answered takes its own time, pushes keep their order."""
    dice = random.Random(seed)

    def a_way() -> float:
        return dice.uniform(*(SLOW_S if dice.random() < SLOW_SHARE else QUICK_S))

    def a_far_way(scope: Message) -> float:
        """One way of a push, or half of the way there and back."""
        if scope["type"] == "websocket":
            return dice.uniform(*FAR_S)
        return dice.uniform(*(FAR_READ_S if scope["method"] == "GET" else FAR_S)) / 2

    async def travel(scope: Message) -> None:
        await asyncio.sleep(a_far_way(scope) if seed.endswith(FAR) else a_way())

    async def delayed(scope: Message, receive: Receive, send: Send) -> None:
        async def send_late(message: Message) -> None:
            if message["type"] in {"http.response.start", "websocket.send"}:
                await travel(scope)
            await send(message)

        if scope["type"] == "websocket" or str(scope.get("path", "")).startswith("/api/"):
            await travel(scope)
            await app(scope, receive, send_late)
        else:
            await app(scope, receive, send)

    return delayed
