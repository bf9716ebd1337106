"""The bridge as tills see it: jobs, the drawer, the printer's state, and the second copy, over HTTPS with a token.

Browsers may call it from the till's own address only; every call carries the token that the till was given on the counter.
"""

import base64
import binascii
import secrets
from collections.abc import Awaitable, Callable, Sequence
from http import HTTPStatus
from typing import Annotated, Any, Final

import msgspec
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from placket.printing.copies import Copies, CopyForked, CopyGap, Entry
from placket.printing.desk import Desk
from placket.printing.escpos import Raster
from placket.printing.spool import Job, Spool, SpoolFull

BODY_MAX: Final = 4 * 2**20
ENTRIES_MAX: Final = 500
WAIT_S: Final = 2.5

Id = Annotated[str, msgspec.Meta(pattern=r"^[0-9A-Za-z-]{8,64}$")]
Till = Annotated[str, msgspec.Meta(pattern=r"^[0-9a-f-]{36}$")]


class Picture(msgspec.Struct, forbid_unknown_fields=True):
    """A picture: one bit a dot, rows padded to whole bytes, in Base64."""

    width: Annotated[int, msgspec.Meta(ge=1, le=576)]
    height: Annotated[int, msgspec.Meta(ge=1, le=20_000)]
    bits: str


class NewJob(msgspec.Struct, forbid_unknown_fields=True):
    """Something to print."""

    id: Id
    kind: Annotated[str, msgspec.Meta(pattern=r"^[a-z_]{1,30}$")]
    raster: Picture
    copies: Annotated[int, msgspec.Meta(ge=1, le=50)] = 1
    cut: bool = True
    drawer: bool = False


class CopyEntry(msgspec.Struct, forbid_unknown_fields=True):
    """An entry of a journal."""

    seq: Annotated[int, msgspec.Meta(ge=1)]
    hash: Annotated[str, msgspec.Meta(pattern=r"^[0-9a-f]{64}$")]
    text: Annotated[str, msgspec.Meta(max_length=60_000)]


class NewCopy(msgspec.Struct, forbid_unknown_fields=True):
    """Entries of a till's journal, in order."""

    till: Till
    epoch: Annotated[int, msgspec.Meta(ge=1, le=99)]
    entries: Annotated[list[CopyEntry], msgspec.Meta(max_length=ENTRIES_MAX)]


class Turned(Exception):
    """The call is answered with no."""

    def __init__(self, status: HTTPStatus, code: str, **facts: int | str) -> None:
        super().__init__(code)
        self.status, self.body = status, {"code": code, **facts}


Handler = Callable[[Request], Awaitable[Response]]


class Bridge:
    """The calls; each is one deed of the desk, the spool or the copies."""

    def __init__(self, *, spool: Spool, desk: Desk, copies: Copies, token: str, printer: str) -> None:
        self._spool = spool
        self._desk = desk
        self._copies = copies
        self._token = token
        self._printer = printer

    def app(self, origins: Sequence[str]) -> Starlette:
        """The program that answers, for tills of these addresses."""
        routes = [
            Route("/status", self._guarded(self._status), methods=["GET"]),
            Route("/jobs", self._guarded(self._jobs), methods=["GET"]),
            Route("/jobs", self._guarded(self._print), methods=["POST"]),
            Route("/jobs/{id}", self._guarded(self._drop), methods=["DELETE"]),
            Route("/drawer", self._guarded(self._kick), methods=["POST"]),
            Route("/copies", self._guarded(self._kept), methods=["GET"]),
            Route("/copies", self._guarded(self._copy), methods=["POST"]),
            Route("/copies/{till}/{epoch:int}", self._guarded(self._entries), methods=["GET"]),
        ]
        cors = Middleware(
            CORSMiddleware,
            allow_origins=origins,
            allow_methods=["GET", "POST", "DELETE"],
            allow_headers=["authorization", "content-type"],
            allow_private_network=True,
            max_age=600,
        )
        return Starlette(routes=routes, middleware=[cors])

    def _guarded(self, handle: Callable[[Request, bytes], Any]) -> Handler:
        async def answer(request: Request) -> Response:
            try:
                self._admit(request)
                body = await whole(request)
                return JSONResponse(await run_in_threadpool(handle, request, body))
            except Turned as turned:
                return JSONResponse(turned.body, turned.status)
            except msgspec.ValidationError as wrong:
                return JSONResponse({"code": "malformed", "detail": str(wrong)}, HTTPStatus.UNPROCESSABLE_ENTITY)
            except msgspec.DecodeError:
                return JSONResponse({"code": "malformed"}, HTTPStatus.BAD_REQUEST)

        return answer

    def _admit(self, request: Request) -> None:
        given = request.headers.get("authorization", "").removeprefix("Bearer ")
        if not secrets.compare_digest(given.encode(), self._token.encode()):
            raise Turned(HTTPStatus.UNAUTHORIZED, "wrong_token")

    def _status(self, _request: Request, _body: bytes) -> dict[str, Any]:
        state = self._desk.look()
        return {"state": state, "queue": len(self._spool.waiting()), "printer": self._printer}

    def _jobs(self, _request: Request, _body: bytes) -> dict[str, Any]:
        return {"items": [{"id": job.id, "kind": job.kind, "copies": job.copies} for job in self._spool.waiting()]}

    def _print(self, _request: Request, body: bytes) -> dict[str, Any]:
        wish = msgspec.json.decode(body, type=NewJob)
        try:
            raster = Raster(wish.raster.width, wish.raster.height, base64.b64decode(wish.raster.bits, validate=True))
        except binascii.Error as wrong:
            raise Turned(HTTPStatus.UNPROCESSABLE_ENTITY, "malformed") from wrong
        if not raster.fits():
            raise Turned(HTTPStatus.UNPROCESSABLE_ENTITY, "malformed")
        job = Job(wish.id, wish.kind, raster, wish.copies, wish.cut, wish.drawer)
        try:
            outcome, state = self._desk.submit(job, wait_s=WAIT_S)
        except SpoolFull as full:
            raise Turned(HTTPStatus.TOO_MANY_REQUESTS, "queue_full") from full
        return {"id": job.id, "outcome": outcome, "state": state, "queue": len(self._spool.waiting())}

    def _drop(self, request: Request, _body: bytes) -> dict[str, Any]:
        self._desk.drop(request.path_params["id"])
        return {"queue": len(self._spool.waiting())}

    def _kick(self, _request: Request, _body: bytes) -> dict[str, Any]:
        return {"state": self._desk.kick()}

    def _kept(self, _request: Request, _body: bytes) -> dict[str, Any]:
        kept = self._copies.kept()
        return {"items": [{"till": till, "epoch": epoch, "first": first, "head": head} for till, epoch, first, head in kept]}

    def _copy(self, _request: Request, body: bytes) -> dict[str, Any]:
        wish = msgspec.json.decode(body, type=NewCopy)
        entries = [Entry(entry.seq, entry.hash, entry.text) for entry in wish.entries]
        try:
            head = self._copies.append(wish.till, wish.epoch, entries)
        except CopyGap as gap:
            raise Turned(HTTPStatus.CONFLICT, "copy_gap", expected=gap.expected) from gap
        except CopyForked as forked:
            raise Turned(HTTPStatus.CONFLICT, "copy_forked") from forked
        return {"head": head.seq}

    def _entries(self, request: Request, _body: bytes) -> dict[str, Any]:
        try:
            till = msgspec.convert(request.path_params["till"], type=Till)
            since = int(request.query_params.get("since", "1"))
        except ValueError as wrong:
            raise Turned(HTTPStatus.UNPROCESSABLE_ENTITY, "malformed") from wrong
        entries = self._copies.entries(till, request.path_params["epoch"], since=since, most=200)
        return {"items": [{"seq": entry.seq, "hash": entry.hash, "text": entry.text} for entry in entries]}


async def whole(request: Request) -> bytes:
    """The body, unless it is too large."""
    body = b""
    async for piece in request.stream():
        body += piece
        if len(body) > BODY_MAX:
            raise Turned(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "too_large")
    return body
