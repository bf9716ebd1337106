"""Routes that tell machines how the process is: alive, able to sell, and what it counts."""

from typing import Final

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from placket import catalog, identity
from placket.core import jobs
from placket.core.db import Database
from placket.core.http import client_address, refuses
from placket.core.metrics import exposition

router = APIRouter(tags=["system"])

PUBLIC: Final = {"x-permission": "public"}


@router.get("/health", openapi_extra=PUBLIC)
def health() -> dict[str, bool]:
    """Whether the process lives."""
    return {"alive": True}


@router.get("/ready", openapi_extra=PUBLIC, responses={503: {"description": "Not ready; the parts say why"}})
def ready(request: Request) -> Response:
    """Whether the process can sell: the database answers, the prices are in memory, the tail follows."""
    parts = {
        "database": _answers(identity.database_of(request)),
        "prices": catalog.price_books.current().price_version > 0,
        "tail": request.app.state.tail.is_current(),
    }
    return JSONResponse({"ready": all(parts.values()), **parts}, 200 if all(parts.values()) else 503)


@router.get(
    "/metrics",
    openapi_extra={"x-permission": "system.read"},
    responses=refuses(identity.NotSignedIn, identity.NotPermitted),
)
def metrics(request: Request) -> Response:
    """What the process counts, for Prometheus; for programs on this machine and for whoever may look at the system."""
    # A request that came through a proxy is not from this machine, whatever its last hop says.
    if client_address(request.scope) not in {"127.0.0.1", "::1"} or "x-forwarded-for" in request.headers:
        identity.Permit("system.read")(request)
    with identity.database_of(request).transaction() as tx:
        jobs.measure(tx)
    body, media_type = exposition()
    return Response(body, media_type=media_type)


def _answers(database: Database) -> bool:
    try:
        with database.transaction() as tx:
            tx.execute(text("SELECT 1"))
    except SQLAlchemyError:
        return False
    return True
