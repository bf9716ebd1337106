"""word: from the commit of a question to the commit of its confirmation, at a branch with four attached tills.

The tills are clients with a socket and HTTP, as the app is: a board comes by the socket, the word goes back by HTTP. Other
branches sell meanwhile. Both moments are the events' own, written just before their commits.
"""

import asyncio
import time
from functools import partial
from uuid import UUID

import msgspec

from bench import floor, load
from bench.devices import Device, devices
from bench.latency import Terminal
from bench.report import Result, Spread, percentile, say
from bench.stage import Selling, Stage, goods, open_tills, sell, server, sign_in, stage
from placket.core.db import Database
from placket.core.ids import new_id

TILLS = 4
OTHERS = 8
SALES_PER_S = 40
QUESTIONS = 120
ROUNDS = 5
P50_MS_MAX = 60.0
P95_MS_MAX = 150.0
BRANCH = 11
EVERY_S = 0.08
ANSWER_S = 2.0


class Told(msgspec.Struct):
    """An event of the stream, as far as a till needs it here."""

    topic: str
    payload: msgspec.Raw


class Frame(msgspec.Struct):
    """A frame of the stream."""

    t: str
    events: list[Told] = []


class Board(msgspec.Struct):
    """A board."""

    location_id: UUID
    board_no: int


class Answering(Terminal):
    """A till that gives its word for every board it hears of."""

    def __init__(self, ticket: str, till: Device, words: load.Connection) -> None:
        super().__init__(ticket, {})
        self._till = till
        self._words = words
        self._due = 0
        self._given = 0
        self._speaking: asyncio.Task[None] | None = None

    def heard(self, frame: bytes, at: float) -> None:  # noqa: ARG002 - an override takes what its parent hands it
        """Take over the newest board of the till's own branch."""
        for told in msgspec.json.decode(frame, type=Frame).events:
            if told.topic == "board.changed":
                board = msgspec.json.decode(told.payload, type=Board)
                if board.location_id == self._till.location_id:
                    self._due = max(self._due, board.board_no)
        if self._due > self._given and (self._speaking is None or self._speaking.done()):
            self._speaking = asyncio.create_task(self._speak())

    async def _speak(self) -> None:
        while self._due > self._given:
            board_no = self._due
            body = {"opening": 1, "board_no": board_no, "head_seq": 0, "in_hand": []}
            status, answer = await self._words.send("POST", "/api/till/word", msgspec.json.encode(body))
            if status != 204:
                raise RuntimeError(f"no word: {status} {answer[:300]!r}")
            self._given = board_no


def word() -> Result:
    """The slowest twentieth of all questions, and how many were answered."""
    with stage("word") as at:
        k = floor.slowness(at)
        shelf = goods(at)
        tills = devices(at, TILLS, branch=BRANCH)
        others = open_tills(at, OTHERS)
        _only(at, tills)
        with server(at) as api:
            plan = load.Plan(port=api.port, tills=others, goods=shelf, seconds=3, pace_s=1 / SALES_PER_S)
            sell(plan)  # warms up
            rounds = [asyncio.run(_ask(at, plan, tills, shelf[n][0])) for n in range(-1, ROUNDS)][1:]
    p50_ms, p95_ms = (Spread([percentile(answered, share) for answered in rounds]) for share in (0.5, 0.95))
    unanswered = ROUNDS * QUESTIONS - sum(len(answered) for answered in rounds)
    say(f"p50 {p50_ms} ms, p95 {p95_ms} ms, unanswered {unanswered}; k = {k:.2f}")
    allowed = max(1.0, k)
    return Result(
        name="word",
        value=round(p95_ms.middle, 1),
        unit=f"ms p95 (p50 {p50_ms.middle:.1f})",
        target=f"p95 <= {P95_MS_MAX:.0f} ms, p50 <= {P50_MS_MAX:.0f} ms, x max(1, k), k = {k:.2f}",
        ok=not unanswered and p95_ms.middle <= P95_MS_MAX * allowed and p50_ms.middle <= P50_MS_MAX * allowed,
    )


def _only(at: Stage, tills: list[Device]) -> None:
    """Other tills of this branch have signed off."""
    with at.connect() as connection:
        connection.execute(
            "UPDATE till_opening SET state = 'closed', ended_at = now(), end_reason = 'signed_off' "
            "WHERE state = 'attached' AND location_id = %s AND NOT till_id = ANY(%s)",
            (tills[0].location_id, [till.id for till in tills]),
        )


async def _ask(at: Stage, plan: load.Plan, tills: list[Device], variant_id: str) -> list[float]:
    """One question after the other; the milliseconds of each that was confirmed."""
    loop = asyncio.get_running_loop()
    lines, words = [], []
    for till in tills:
        person = load.Connection(plan.port, till.person_token)
        await person.open()
        status, body = await person.send("POST", "/api/realtime/ticket")
        person.close()
        assert status == 201, body
        speaking = load.Connection(plan.port, till.device_token)
        await speaking.open()
        words.append(speaking)
        ticket = str(msgspec.json.decode(body)["ticket"])
        _, line = await loop.create_connection(partial(Answering, ticket, till, speaking), "127.0.0.1", plan.port)
        lines.append(line)
    office = load.Connection(plan.port, _owner(at))
    await office.open()
    await asyncio.gather(*(line.hello for line in lines))
    plan.seconds = QUESTIONS * EVERY_S + 2
    selling = await asyncio.to_thread(Selling, plan)
    asked = [await _one_question(office, tills[0], variant_id) for _ in range(QUESTIONS)]
    await asyncio.to_thread(selling.report)
    answered = await asyncio.to_thread(_until_answered, at, asked)
    for connection in [*words, office]:
        connection.close()
    for line in lines:
        line.close()
    return answered


async def _one_question(office: load.Connection, till: Device, variant_id: str) -> str:
    promise = str(new_id())
    body = {"id": promise, "location_id": till.location_id, "kind": "ship", "hold_s": 600}
    body |= {"lines": [{"variant_id": variant_id, "qty": 1}]}
    status, answer = await office.send("POST", "/api/promises", msgspec.json.encode(body))
    if status != 201:
        raise RuntimeError(f"not asked: {status} {answer[:300]!r}")
    await asyncio.sleep(EVERY_S)
    return promise


def _owner(at: Stage) -> str:
    database = Database(at.url, pool_size=1)
    with database.transaction() as tx:
        token = sign_in(tx, role="owner", till_id=None, name=f"Chủ {new_id()}")
    database.dispose()
    return token


def _until_answered(at: Stage, refs: list[str]) -> list[float]:
    """All answers, or those that came in time."""
    deadline = time.monotonic() + ANSWER_S
    while len(answered := _answered(at, refs)) < len(refs) and time.monotonic() < deadline:
        time.sleep(0.02)
    return answered


def _answered(at: Stage, refs: list[str]) -> list[float]:
    """Milliseconds from the question to its confirmation, by the events' own clock."""
    with at.connect() as connection:
        rows = connection.execute(
            "SELECT (1000 * extract(epoch FROM max(e.recorded_at) FILTER (WHERE e.payload ->> 'phase' = 'confirmed') "
            "     - min(e.recorded_at) FILTER (WHERE e.payload ->> 'phase' = 'asked')))::float8 "
            "  FROM event e WHERE e.topic = 'promise.changed' AND e.payload ->> 'ref' = ANY(%s) GROUP BY e.key",
            (refs,),
        ).fetchall()
    return [float(str(took_ms)) for (took_ms,) in rows if took_ms is not None]
