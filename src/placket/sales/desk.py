"""The posting desk: how a sale reaches the database (docs/decisions/0001-the-posting-desk.md).

There is no timer. Two clerks each take whatever is waiting now, at most thirty-two sales, post it with one call of
``post_sales``, answer, and look again; an idle clerk sleeps. A batch is one sale on a quiet morning and thirty-two in a
flash sale, and it is the same code. Answers leave after the commit.
"""

import asyncio
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import msgspec
import psycopg
import structlog
from psycopg import AsyncConnection, errors

from placket.core.refusals import Refusal

log = structlog.get_logger()

CLERKS = 2
BATCH = 32
WAITING_MAX = 2_000
TRIES = 5

POST = "SELECT ord, outcome, facts FROM post_sales(%s::jsonb, %s::jsonb, %s::jsonb)"

# Trouble of the moment: the same batch may succeed when it is tried again.
PASSING = (
    errors.SerializationFailure,
    errors.DeadlockDetected,
    errors.LockNotAvailable,
    errors.OperationalError,
    errors.InterfaceError,
)


class Busy(Refusal):
    """More sales are waiting than the desk can post in a few seconds, or the database is away."""

    code = "busy"
    status = 503
    vi = "Máy chủ đang bận, hóa đơn chưa được ghi. Thử lại ngay sau đây."
    en = "The server is busy and the sale was not written. Try again in a moment."


class UnknownReference(Refusal):
    """A customer or adviser that does not exist."""

    code = "unknown_reference"
    vi = "Khách hàng hoặc người tư vấn trên hóa đơn không còn trong hệ thống."
    en = "The customer or adviser on the sale does not exist."


class SaleToPost(msgspec.Struct, kw_only=True):
    """A priced sale on its way to the database; the columns of ``sale``, ids as text."""

    id: UUID
    mode: str
    channel: str
    location_id: UUID
    till_id: UUID | None
    epoch: int | None
    opening: int | None
    receipt_no: int | None
    staff_id: UUID | None
    customer_id: UUID | None
    pieces: int
    list_vnd: int
    discount_vnd: int
    total_vnd: int
    vat_vnd: int
    rounding_vnd: int
    price_version: int
    promo_version: int
    exception: str | None
    fingerprint: str
    sold_at: str
    sold_on: str
    lines: list[dict[str, Any]]
    tenders: list[dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a sale: ``accepted``, ``repeated``, or a refusal's code; with facts."""

    kind: str
    facts: dict[str, Any]


@dataclass(eq=False, slots=True)
class _Waiting:
    sale: SaleToPost
    answer: asyncio.Future[Outcome] = field(default_factory=lambda: asyncio.get_running_loop().create_future())


class PostingDesk:
    """One desk a process. Start it before the first sale; stop it after the last answer."""

    def __init__(self, database_url: str) -> None:
        self._url = database_url
        self._waiting: deque[_Waiting] = deque()
        self._bell = asyncio.Event()
        self._clerks: list[asyncio.Task[None]] = []
        self._tills_at_work: set[object] = set()

    async def start(self) -> None:
        """Open the desk."""
        self._clerks = [asyncio.create_task(self._clerk(), name=f"desk-{number}") for number in range(CLERKS)]

    async def stop(self) -> None:
        """Close the desk: what waits is refused as ``busy``, what is being posted is posted."""
        for clerk in self._clerks:
            clerk.cancel()
        await asyncio.gather(*self._clerks, return_exceptions=True)
        for waiting in self._waiting:
            if not waiting.answer.done():
                waiting.answer.set_exception(Busy(retry_after_s=1))

    async def post(self, sale: SaleToPost) -> Outcome:
        """Post one sale and answer what became of it, after the commit. Refuses ``Busy``, ``UnknownReference``."""
        if len(self._waiting) >= WAITING_MAX:
            raise Busy(retry_after_s=1)
        waiting = _Waiting(sale)
        self._waiting.append(waiting)
        self._bell.set()
        return await waiting.answer

    async def _clerk(self) -> None:
        connection: AsyncConnection[Any] | None = None
        try:
            while True:
                batch = self._take()
                if not batch:
                    self._bell.clear()
                    await self._bell.wait()
                    continue
                try:
                    # A batch once begun is answered even when the desk closes: half an answer would be a lie.
                    connection = await asyncio.shield(self._serve(connection, batch))
                finally:
                    self._tills_at_work -= {_turn(waiting) for waiting in batch}
                    self._bell.set()
        finally:
            if connection is not None:
                await connection.close()

    def _take(self) -> list[_Waiting]:
        """What waits now, in order; of one till only the first, since its numbers are given one after the other."""
        batch: list[_Waiting] = []
        passed: list[_Waiting] = []
        while self._waiting and len(batch) < BATCH:
            waiting = self._waiting.popleft()
            if _turn(waiting) in self._tills_at_work:
                passed.append(waiting)
                continue
            self._tills_at_work.add(_turn(waiting))
            batch.append(waiting)
        self._waiting.extendleft(reversed(passed))
        return batch

    async def _serve(
        self, connection: AsyncConnection[Any] | None, batch: Sequence[_Waiting]
    ) -> AsyncConnection[Any] | None:
        """Post a batch, trying again through passing trouble; one bad sale never fails its neighbours."""
        pause_s = 0.05
        for attempt in range(1, TRIES + 1):
            try:
                if connection is None or connection.closed:
                    connection = await self._connect()
                outcomes = await self._call(connection, [waiting.sale for waiting in batch])
            except PASSING as trouble:
                log.warning("posting is tried again", attempt=attempt, sales=len(batch), trouble=type(trouble).__name__)
                if connection is not None and connection.broken:
                    connection = None
                if attempt < TRIES:
                    await asyncio.sleep(pause_s)
                    pause_s *= 2
                continue
            except psycopg.Error as error:
                if len(batch) > 1:
                    for waiting in batch:
                        connection = await self._serve(connection, [waiting])
                else:
                    _answer_error(batch[0], error)
                return connection
            for waiting, outcome in zip(batch, outcomes, strict=True):
                if not waiting.answer.done():
                    waiting.answer.set_result(outcome)
            return connection
        for waiting in batch:
            if not waiting.answer.done():
                waiting.answer.set_exception(Busy(retry_after_s=2))
        return connection

    async def _connect(self) -> AsyncConnection[Any]:
        return await AsyncConnection.connect(
            self._url,
            autocommit=True,
            prepare_threshold=0,
            connect_timeout=5,
            options="-c lock_timeout=5s -c statement_timeout=20s -c timezone=UTC",
        )

    async def _call(self, connection: AsyncConnection[Any], sales: Sequence[SaleToPost]) -> list[Outcome]:
        heads, lines, tenders = [], [], []
        for place, sale in enumerate(sales, start=1):
            head = msgspec.structs.asdict(sale)
            lines += [{"sale": place, **line} for line in head.pop("lines")]
            tenders += [{"sale": place, **tender} for tender in head.pop("tenders")]
            heads.append({"ord": place, **head})
        encode = msgspec.json.encode
        cursor = await connection.execute(POST, (encode(heads).decode(), encode(lines).decode(), encode(tenders).decode()))
        by_place = {row[0]: Outcome(row[1], row[2] or {}) for row in await cursor.fetchall()}
        return [by_place[place] for place in range(1, len(sales) + 1)]


def _turn(waiting: _Waiting) -> object:
    return waiting.sale.till_id or waiting.sale.id


def _answer_error(waiting: _Waiting, error: psycopg.Error) -> None:
    if waiting.answer.done():
        return
    if isinstance(error, errors.ForeignKeyViolation):
        waiting.answer.set_exception(UnknownReference(constraint=error.diag.constraint_name))
    elif isinstance(error, errors.UniqueViolation):
        # Somebody else's sale has taken this id in the same moment; asked again it is a repeat or a reuse.
        waiting.answer.set_exception(Busy(retry_after_s=1))
    else:
        waiting.answer.set_exception(error)
