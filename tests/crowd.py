"""A crowd of HTTP clients, each on a connection of its own, who can all be let loose at once.

A hand-written HTTP/1.1 client of forty lines: on two cores a general one would be busier than the server it races.
"""

import asyncio
import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self


@dataclass(frozen=True)
class Ask:
    """One request."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: Any = None

    def encoded(self) -> bytes:
        """The request on the wire."""
        body = b"" if self.body is None else json.dumps(self.body).encode()
        head = [f"{self.method} {self.path} HTTP/1.1", "host: placket", f"content-length: {len(body)}"]
        head += [f"{name}: {value}" for name, value in {"content-type": "application/json", **self.headers}.items()]
        return "\r\n".join([*head, "", ""]).encode() + body


@dataclass(frozen=True)
class Reply:
    """One answer."""

    status: int
    body: Any

    @property
    def code(self) -> str:
        """``201``, or the code of the refusal."""
        return str(self.body["code"]) if isinstance(self.body, dict) and "code" in self.body else str(self.status)


class Client:
    """One connection that is kept open."""

    def __init__(self, port: int) -> None:
        self._port = port

    async def __aenter__(self) -> Self:
        """Connect."""
        self._reader, self._writer = await asyncio.open_connection("127.0.0.1", self._port)
        return self

    async def __aexit__(self, *_error: object) -> None:
        """Hang up."""
        self._writer.close()

    async def ask(self, ask: Ask) -> Reply:
        """Send a request and wait for its answer. Raises ``ConnectionError`` when the server goes away.

        A line that was idle for so long that the server has hung up is opened anew: nothing was asked on it.
        """
        if self._reader.at_eof():
            await self.__aexit__()
            await self.__aenter__()
        self._writer.write(ask.encoded())
        await self._writer.drain()
        try:
            head = (await self._reader.readuntil(b"\r\n\r\n")).decode().lower().split("\r\n")
            lengths = [int(line.split(":")[1]) for line in head if line.startswith("content-length:")]
            body = await self._reader.readexactly(lengths[0]) if lengths else b""
        except asyncio.IncompleteReadError as error:
            raise ConnectionResetError from error
        return Reply(int(head[0].split()[1]), json.loads(body) if body else None)


class Crowd:
    """Many clients, spread evenly over some servers."""

    def __init__(self, ports: Sequence[int], many: int) -> None:
        self.clients = [Client(ports[number % len(ports)]) for number in range(many)]

    async def __aenter__(self) -> Self:
        """Everybody connects."""
        for client in self.clients:
            await client.__aenter__()
        return self

    async def __aexit__(self, *_error: object) -> None:
        """Everybody hangs up."""
        for client in self.clients:
            await client.__aexit__()

    async def all_at_once(self, asks: Sequence[Ask]) -> list[Reply]:
        """Each client sends one request, all in the same moment; answers in the order of the requests."""
        gate = asyncio.Event()

        async def one(client: Client, ask: Ask) -> Reply:
            await gate.wait()
            return await client.ask(ask)

        waiting = [
            asyncio.create_task(one(client, ask)) for client, ask in zip(self.clients[: len(asks)], asks, strict=True)
        ]
        gate.set()
        return await asyncio.gather(*waiting)


def tally(replies: Sequence[Reply]) -> dict[str, int]:
    """How many answers of each kind."""
    return dict(Counter(reply.code for reply in replies))
