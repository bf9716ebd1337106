"""HTTP as every context speaks it: strict bodies, problem details (RFC 9457), pages with cursors, safe headers.

Refusals, malformed requests and failures leave through one door here, in one shape and in the user's language.
"""

import base64
import binascii
import json
import logging
import sys
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Annotated, Any, Generic, Literal, TypeVar
from uuid import UUID

import structlog
from fastapi import FastAPI, Query, Request, Response
from fastapi.exceptions import RequestValidationError
from psycopg.errors import LockNotAvailable
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy.exc import DataError, OperationalError
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from placket.core import origin
from placket.core.ids import new_id
from placket.core.refusals import BadCursor, Refusal
from placket.core.settings import settings

log = structlog.get_logger()

T = TypeVar("T")

PAGE = 50
PAGE_MAX = 200
BODY_MAX = 256 * 1024
UPLOADS: Mapping[str, int] = {
    "/api/imports": 30 * 2**20,
    "/api/catalogue/pictures": 6 * 2**20,
    "/api/settlements": 6 * 2**20,
}

Limit = Annotated[int, Query(ge=1, le=PAGE_MAX)]
Cursor = Annotated[str | None, Query(max_length=500)]

SENTENCES: Mapping[int, tuple[str, str, str]] = {
    400: ("bad_request", "Yêu cầu không đọc được.", "The request cannot be read."),
    401: ("not_signed_in", "Bạn chưa đăng nhập.", "You are not signed in."),
    404: ("not_found", "Không tìm thấy.", "Not found."),
    405: ("method_not_allowed", "Không dùng được cách gọi này.", "This method is not allowed here."),
    413: ("too_large", "Dữ liệu gửi lên quá lớn.", "The request is too large."),
    422: ("malformed", "Dữ liệu gửi lên chưa đúng.", "The request is malformed."),
    500: (
        "failure",
        "Có lỗi ở máy chủ. Dữ liệu chưa đổi, hãy thử lại.",
        "The server failed. Nothing changed; try again.",
    ),
    503: (
        "busy",
        "Máy chủ đang bận. Chưa có gì thay đổi, thử lại ngay sau đây.",
        "The server is busy. Nothing has changed; try again in a moment.",
    ),
}


class Strict(BaseModel):
    """The base of every request body: unknown fields and lax types are refused."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)


class Answer(BaseModel):
    """The base of every answer."""

    model_config = ConfigDict(frozen=True)


class Problem(BaseModel):
    """Problem details (RFC 9457): a stable ``code``, a sentence for a person, facts for a program."""

    type: str
    title: str
    status: int
    code: str
    detail: str
    facts: dict[str, Any]
    request_id: str


class Page(BaseModel, Generic[T]):
    """One page of a list; ``next_cursor`` is none on the last."""

    items: list[T]
    next_cursor: str | None


# A JSON number or a RFC 3339 string stays what it is in strict mode; ids and moments arrive as strings.
Id = Annotated[UUID, Field(strict=False)]


def refuses(*refusals: type[Refusal]) -> dict[int | str, dict[str, Any]]:
    """The ``responses=`` of a route that may refuse so; puts the codes into the OpenAPI document."""
    by_status: dict[int, list[type[Refusal]]] = {}
    for refusal in refusals:
        by_status.setdefault(refusal.status, []).append(refusal)
    return {
        status: {
            "description": "; ".join(f"`{refusal.code}`: {refusal.en}" for refusal in group),
            "content": {
                "application/problem+json": {
                    "schema": {
                        "allOf": [
                            {"$ref": "#/components/schemas/Problem"},
                            {"properties": {"code": {"enum": [refusal.code for refusal in group]}}},
                        ]
                    }
                }
            },
        }
        for status, group in by_status.items()
    }


def encode_cursor(*place: object) -> str:
    """An opaque page cursor: the sort key of the last row shown."""
    text = json.dumps([str(part) for part in place], separators=(",", ":"))
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def decode_cursor(cursor: str | None, *parts: Callable[[str], T]) -> tuple[T, ...] | None:
    """The sort key inside a cursor, or none for the first page. Refuses ``BadCursor``."""
    if cursor is None:
        return None
    try:
        place = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        if not isinstance(place, list) or len(place) != len(parts):
            raise BadCursor
        return tuple(part(value) for part, value in zip(parts, place, strict=True))
    except (ValueError, TypeError, OverflowError, binascii.Error) as error:
        raise BadCursor from error


def newest_moment_first(cursor: str | None) -> tuple[datetime, UUID] | None:
    """The moment and the id before which a page begins of a list by time, the newest first. Refuses ``BadCursor``."""
    place = decode_cursor(cursor, str, str)
    try:
        return None if place is None else (datetime.fromisoformat(place[0]), UUID(place[1]))
    except ValueError as error:
        raise BadCursor from error


def page(rows: Sequence[T], limit: int, place: Callable[[T], tuple[object, ...]]) -> tuple[list[T], str | None]:
    """Cut a page from ``limit + 1`` rows and make the cursor of the next one."""
    shown = list(rows[:limit])
    return shown, encode_cursor(*place(shown[-1])) if len(rows) > limit else None


def newest_first(cursor: str | None) -> UUID | None:
    """The id before which a page begins of a list by id, the newest first. Refuses ``BadCursor``."""
    after = decode_cursor(cursor, UUID)
    return None if after is None else after[0]


def page_by_id(rows: Sequence[Any], limit: int, show: Callable[[Any], T]) -> Page[T]:
    """A page of such a list, from ``limit + 1`` rows, each as it is shown."""
    shown, next_cursor = page(rows, limit, lambda row: (row.id,))
    return Page(items=[show(row) for row in shown], next_cursor=next_cursor)


def language_of(request: Request) -> Literal["vi", "en"]:
    """``en`` if the client prefers it over Vietnamese, else ``vi``."""
    return "en" if request.headers.get("accept-language", "vi").lower().startswith("en") else "vi"


def client_address(scope: Scope) -> str | None:
    """The address of the peer; a proxy in front is uvicorn's business (``--forwarded-allow-ips``)."""
    client = scope.get("client")
    return client[0] if client else None


def problem(
    request: Request, *, status: int, code: str, title: str, detail: str, facts: Mapping[str, object] | None = None
) -> Response:
    """The answer that says no."""
    body = {
        "type": f"/problems/{code}",
        "title": title,
        "status": status,
        "code": code,
        "detail": detail,
        "facts": dict(facts or {}),
        "request_id": request.scope.get("request_id", ""),
    }
    headers: dict[str, str] = {"content-language": language_of(request)}
    if facts and isinstance(facts.get("retry_after_s"), int):
        headers["retry-after"] = str(facts["retry_after_s"])
    content = json.dumps(body, ensure_ascii=False, default=str).encode()
    return Response(content, status, headers, media_type="application/problem+json")


def http_problem(request: Request, status: int, facts: Mapping[str, object] | None = None) -> Response:
    """The answer to what HTTP itself refuses, or to a failure."""
    code, vi, en = SENTENCES.get(status, SENTENCES[400])
    return problem(
        request,
        status=status,
        code=code,
        title=en,
        detail=en if language_of(request) == "en" else vi,
        facts=facts,
    )


def refusal(request: Request, refused: Refusal) -> Response:
    """The answer to a request that was understood and refused."""
    return problem(
        request,
        status=refused.status,
        code=refused.code,
        title=refused.en.split(".")[0],
        detail=refused.sentence(language_of(request)),
        facts=refused.facts,
    )


def install_problem_details(app: FastAPI, components: Mapping[str, Any]) -> None:
    """Make every refusal, malformed request and failure answer in one shape.

    ``components`` are schemas of the API's document that FastAPI cannot know, because it does not parse those routes.
    """

    async def refused(request: Request, error: Exception) -> Response:
        assert isinstance(error, Refusal)
        return refusal(request, error)

    async def malformed(request: Request, error: Exception) -> Response:
        assert isinstance(error, RequestValidationError)
        fields = [{"where": ".".join(str(part) for part in found["loc"]), "what": found["msg"]} for found in error.errors()]
        return http_problem(request, 422, {"fields": fields[:20]})

    async def unholdable(request: Request, error: Exception) -> Response:
        # What no column can hold (a NUL in a text, a number beyond its type) is the asker's mistake, as is a day without
        # a day before or after it.
        log.info("request holds what no column can", error=type(error.__cause__ or error).__name__)
        return http_problem(request, 422)

    async def crowded(request: Request, error: Exception) -> Response:
        # Too many want the same row: whoever waited in vain may ask again, and nothing of theirs is done.
        if not isinstance(getattr(error, "orig", None), LockNotAvailable):
            return await failed(request, error)
        log.warning("a lock was not to be had", path=request.url.path)
        return http_problem(request, 503, {"retry_after_s": 1})

    async def http_error(request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)
        return http_problem(request, error.status_code if error.status_code in SENTENCES else 400)

    async def failed(request: Request, error: Exception) -> Response:
        log.error("request failed", path=request.url.path, exc_info=error)
        return http_problem(request, 500)

    describe = app.openapi

    def openapi() -> dict[str, Any]:
        """The document, with the schemas that routes point at and FastAPI does not add by itself."""
        document = describe()
        document["components"]["schemas"].update({"Problem": Problem.model_json_schema(), **components})
        return document

    app.openapi = openapi  # type: ignore[method-assign]
    app.add_exception_handler(Refusal, refused)
    app.add_exception_handler(RequestValidationError, malformed)
    app.add_exception_handler(DataError, unholdable)
    app.add_exception_handler(OverflowError, unholdable)
    app.add_exception_handler(OperationalError, crowded)
    app.add_exception_handler(HTTPException, http_error)
    app.add_exception_handler(Exception, failed)


CONTENT_SECURITY = (
    "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; img-src 'self' data: blob:; "
    "style-src 'self' 'unsafe-inline'; connect-src 'self' {bridge}; "
    "worker-src 'self' blob:; frame-ancestors 'none'; base-uri 'none'; form-action 'self'; object-src 'none'"
)
HEADERS: Sequence[tuple[bytes, bytes]] = (
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"same-origin"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"permissions-policy", b"camera=(self), geolocation=(), microphone=()"),
)


def safe_headers() -> Sequence[tuple[bytes, bytes]]:
    """The headers of every answer. A page may call our own address, and print bridges, known by their port."""
    port = settings().print_bridge_port
    bridge = f"https://*:{port} http://127.0.0.1:{port} http://localhost:{port}"
    return ((b"content-security-policy", CONTENT_SECURITY.format(bridge=bridge).encode()), *HEADERS)


class Envelope:
    """Around every request: an id for the logs, a limit on the body, safe headers on the answer."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app
        self.headers = safe_headers()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on inside the envelope."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        headers = dict(scope["headers"])
        request_id = scope["request_id"] = str(new_id())
        origin.request_id.set(request_id)
        origin.address.set(client_address(scope))
        structlog.contextvars.clear_contextvars()
        structlog.contextvars.bind_contextvars(request_id=request_id)
        limit = next((most for path, most in UPLOADS.items() if scope["path"].startswith(path)), BODY_MAX)
        declared = headers.get(b"content-length", b"0")

        async def out(message: Message) -> None:
            if message["type"] == "http.response.start":
                given = {name for name, _ in message["headers"]}
                message["headers"] = [
                    *message["headers"],
                    *((name, value) for name, value in self.headers if name not in given),
                    (b"x-request-id", request_id.encode()),
                ]
            await send(message)

        if not declared.isdigit() or int(declared) > limit:
            await http_problem(Request(scope), 413)(scope, receive, out)
            return
        received = 0

        async def bounded() -> Message:
            nonlocal received
            message = await receive()
            received += len(message.get("body", b""))
            if received > limit:
                raise HTTPException(413)
            return message

        await self.app(scope, bounded, out)


def configure_logging(level: str) -> None:
    """JSON lines with the request's id, libraries' own lines too; never bodies, tokens or personal data."""
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
    ]
    render = structlog.processors.JSONRenderer(ensure_ascii=False)
    structlog.configure(
        processors=[*shared, render],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[level]),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, render],
        )
    )
    logging.basicConfig(handlers=[handler], level=logging.WARNING, force=True)
