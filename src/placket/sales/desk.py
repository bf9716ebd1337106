"""The posting desk: how a sale reaches the database (docs/decisions/0001-the-posting-desk.md).

There is no timer. Two clerks each take whatever is waiting now, at most thirty-two sales, post it with one call of
``post_sales``, answer, and look again; an idle clerk sleeps. A batch is one sale on a quiet morning and thirty-two in a
flash sale, and it is the same code. Answers leave after the commit.
"""

import asyncio
import time
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import msgspec
import psycopg
import structlog
from psycopg import AsyncConnection, errors

from placket.core.metrics import DESK_BATCH_SALES, DESK_POST_SECONDS, DESK_WAIT_SECONDS
from placket.core.refusals import Refusal

log = structlog.get_logger()

CLERKS = 2
BATCH = 32
WAITING_MAX = 2_000
PAUSES_S = (0.05, 0.1, 0.2, 0.4)

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
    reason: str | None = None
    approved_by: UUID | None = None
    fingerprint: str
    sold_at: str
    sold_on: str
    lines: list[dict[str, Any]]
    tenders: list[dict[str, Any]]
    spends: list[dict[str, Any]] = []
    offers: list[dict[str, Any]] = []
    vouchers: list[str] = []
    goods_vnd: int | None = None
    returns: list[dict[str, Any]] = []
    order_code: str | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a sale: ``accepted``, ``repeated``, or a refusal's code; with facts."""

    kind: str
    facts: dict[str, Any]


@dataclass(eq=False, slots=True)
class _Waiting:
    """A sale in the queue and the answer its caller waits for, unless the caller has gone."""

    sale: SaleToPost
    answer: asyncio.Future[Outcome] = field(default_factory=lambda: asyncio.get_running_loop().create_future())
    since: float = field(default_factory=time.perf_counter)

    @property
    def turn(self) -> UUID:
        """Whose sales are posted one after the other."""
        return self.sale.till_id or self.sale.id

    def succeed(self, outcome: Outcome) -> None:
        if not self.answer.done():
            self.answer.set_result(outcome)

    def fail(self, error: Exception) -> None:
        if not self.answer.done():
            self.answer.set_exception(error)


class PostingDesk:
    """One desk a process. Start it before the first sale; stop it after the last answer."""

    def __init__(self, database_url: str) -> None:
        self._url = database_url
        self._waiting: deque[_Waiting] = deque()
        self._bell = asyncio.Event()
        self._clerks: list[asyncio.Task[None]] = []
        self._at_work: set[UUID] = set()
        self._open = False

    async def start(self) -> None:
        """Open the desk."""
        self._open = True
        self._clerks = [asyncio.create_task(self._clerk(), name=f"desk-{number}") for number in range(CLERKS)]

    async def stop(self) -> None:
        """Close the desk: what waits is refused as ``busy``, what is being posted is posted."""
        self._open = False
        self._bell.set()
        await asyncio.gather(*self._clerks)
        while self._waiting:
            self._waiting.popleft().fail(Busy(retry_after_s=1))

    async def post(self, sale: SaleToPost) -> Outcome:
        """Post one sale and answer what became of it, after the commit. Refuses ``Busy``, ``UnknownReference``."""
        if len(self._waiting) >= WAITING_MAX or not self._open:
            raise Busy(retry_after_s=1)
        waiting = _Waiting(sale)
        self._waiting.append(waiting)
        self._bell.set()
        return await waiting.answer

    async def _clerk(self) -> None:
        line = _Line(self._url)
        await line.rehearse()
        try:
            # Asked to stop between batches, never cancelled within one: half an answer would be a lie.
            while self._open:
                batch = self._take()
                if batch:
                    await self._serve(line, batch)
                else:
                    self._bell.clear()
                    await self._bell.wait()
        finally:
            await line.close()

    def _take(self) -> list[_Waiting]:
        """What waits now, in order; of one till only the first, since its numbers are given one after the other."""
        batch: list[_Waiting] = []
        passed: list[_Waiting] = []
        while self._waiting and len(batch) < BATCH:
            waiting = self._waiting.popleft()
            if waiting.turn in self._at_work:
                passed.append(waiting)
                continue
            self._at_work.add(waiting.turn)
            batch.append(waiting)
        self._waiting.extendleft(reversed(passed))
        return batch

    async def _serve(self, line: "_Line", batch: Sequence[_Waiting]) -> None:
        taken = time.perf_counter()
        DESK_BATCH_SALES.observe(len(batch))
        for waiting in batch:
            DESK_WAIT_SECONDS.observe(taken - waiting.since)
        try:
            await _answer(line, batch)
            DESK_POST_SECONDS.observe(time.perf_counter() - taken)
        finally:
            self._at_work.difference_update(waiting.turn for waiting in batch)
            self._bell.set()


class _Line:
    """A clerk's connection to the database: made when it is needed, made anew when it is lost."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._connection: AsyncConnection[Any] | None = None

    async def post(self, sales: Sequence[SaleToPost]) -> list[Outcome]:
        """Post a list of sales in one transaction, trying again through passing trouble. Refuses ``Busy`` after that."""
        for pause_s in PAUSES_S:
            try:
                return await self._call(sales)
            except PASSING as trouble:
                log.warning("posting is tried again", sales=len(sales), trouble=type(trouble).__name__)
                await asyncio.sleep(pause_s)
        try:
            return await self._call(sales)
        except PASSING as trouble:
            raise Busy(retry_after_s=2) from trouble

    async def rehearse(self) -> None:
        """Connect and post nothing, so that the first customer of the day does not wait while the routine is planned."""
        try:
            await self._call([])
        except PASSING as trouble:
            log.warning("the desk opens without its database", trouble=type(trouble).__name__)

    async def close(self) -> None:
        """Close the connection, if there is one."""
        if self._connection is not None:
            await self._connection.close()

    async def _call(self, sales: Sequence[SaleToPost]) -> list[Outcome]:
        if self._connection is None or self._connection.closed:
            self._connection = await self._connect()
        cursor = await self._connection.execute(POST, arguments(sales))
        return outcomes_of(await cursor.fetchall())

    async def _connect(self) -> AsyncConnection[Any]:
        return await AsyncConnection.connect(
            self._url,
            autocommit=True,
            prepare_threshold=0,
            connect_timeout=5,
            options="-c lock_timeout=5s -c statement_timeout=20s -c timezone=UTC",
        )


async def _answer(line: _Line, batch: Sequence[_Waiting]) -> None:
    """Post a batch and answer everybody in it; one bad sale never fails its neighbours."""
    try:
        outcomes = await line.post([waiting.sale for waiting in batch])
    except Busy as busy:
        for waiting in batch:
            waiting.fail(busy)
    except psycopg.Error as error:
        if len(batch) == 1:
            batch[0].fail(_refusal_of(error))
            return
        for waiting in batch:
            await _answer(line, [waiting])
    else:
        for waiting, outcome in zip(batch, outcomes, strict=True):
            waiting.succeed(outcome)


def arguments(sales: Sequence[SaleToPost]) -> tuple[str, str, str]:
    """A batch as ``POST`` takes it."""
    heads, lines, tenders = [], [], []
    for place, sale in enumerate(sales, start=1):
        head = msgspec.structs.asdict(sale)
        lines += [{"sale": place, **line} for line in head.pop("lines")]
        tenders += [{"sale": place, **tender} for tender in head.pop("tenders")]
        heads.append({"ord": place, **head})
    encode = msgspec.json.encode
    return encode(heads).decode(), encode(lines).decode(), encode(tenders).decode()


def outcomes_of(rows: Sequence[tuple[int, str, dict[str, Any] | None]]) -> list[Outcome]:
    """What ``POST`` answers, in the order of the batch."""
    return [Outcome(kind, facts or {}) for _place, kind, facts in sorted(rows, key=lambda row: row[0])]


def _refusal_of(error: psycopg.Error) -> Exception:
    if isinstance(error, errors.ForeignKeyViolation):
        return UnknownReference(constraint=error.diag.constraint_name)
    if isinstance(error, errors.UniqueViolation):
        # Somebody else's sale has taken this id in the same moment; asked again it is a repeat or a reuse.
        return Busy(retry_after_s=1)
    return error
