"""The route that gives out tickets, and the socket that they open."""

import asyncio
import time
from datetime import datetime
from typing import Annotated, Final

from fastapi import APIRouter, Depends, Query, Request, WebSocket

from placket import identity
from placket.core import clock
from placket.core.db import Database
from placket.core.http import Answer, refuses
from placket.realtime import service
from placket.realtime.hub import NOT_SIGNED_IN, SNAPSHOT_NEEDED, Hub, close
from placket.realtime.queries import Position
from placket.realtime.rules import Listener
from placket.realtime.tail import Tail

router = APIRouter(tags=["realtime"])

CURSOR_MAX: Final = 8_000
BEAT_S: Final = 10.0


class Ticket(Answer):
    """Opens one socket, once: ``GET /ws?ticket=…``."""

    ticket: str
    expires_at: datetime


@router.post("/api/realtime/ticket", status_code=201)
def issue_ticket(who: Annotated[identity.Principal, Depends(identity.Permit(None))], request: Request) -> Ticket:
    """A ticket for the stream of events; a browser cannot send its token when it opens a socket."""
    with identity.database_of(request).transaction() as tx:
        ticket, expires_at = service.issue_ticket(tx, session_id=who.session_id, now=clock.now())
    return Ticket(ticket=ticket, expires_at=expires_at)


@router.post(
    "/api/till/ticket",
    status_code=201,
    openapi_extra={"x-permission": "till"},
    responses=refuses(identity.NotSignedIn),
)
def issue_till_ticket(till: Annotated[identity.TillFacts, Depends(identity.paired_till)], request: Request) -> Ticket:
    """The same for a paired device, whoever stands before it: a locked till still hears its board and gives its word."""
    with identity.database_of(request).transaction() as tx:
        ticket, expires_at = service.issue_ticket(tx, till_id=till.id, now=clock.now())
    return Ticket(ticket=ticket, expires_at=expires_at)


@router.websocket("/ws")
async def stream(
    line: WebSocket,
    ticket: Annotated[str, Query(max_length=100)] = "",
    cursor: Annotated[str | None, Query(max_length=CURSOR_MAX)] = None,
) -> None:
    """The stream of events, from the cursor on; docs/rules/events.md names the frames and the codes of its end."""
    await line.accept()
    known_at = time.monotonic()
    who = await asyncio.to_thread(_redeem, line.app.state.database, ticket)
    if who is None:
        await close(line, NOT_SIGNED_IN)
        return
    tail, hub = line.app.state.tail, line.app.state.hub
    assert isinstance(tail, Tail)
    assert isinstance(hub, Hub)
    since = None if cursor is None else Position.parse(cursor)
    if cursor is not None and since is None:
        await close(line, SNAPSHOT_NEEDED)
        return
    await hub.serve(line, who, known_at=known_at, since=since, here=tail.position)


async def beat(hub: Hub) -> None:
    """Let every terminal hear that its line lives, for ever."""
    while True:
        await asyncio.sleep(BEAT_S)
        hub.beat(clock.now())


def _redeem(database: Database, ticket: str) -> Listener | None:
    with database.transaction() as tx:
        return service.redeem_ticket(tx, ticket=ticket, now=clock.now())
