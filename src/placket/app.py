"""The web program put together: routes, what every process remembers, and what makes it forget.

A composition root: one of the few files that know everybody.
"""

import asyncio
import gc
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import asynccontextmanager
from http import HTTPStatus
from typing import Any, Final
from uuid import UUID

import structlog
from fastapi import APIRouter, FastAPI, Request, Response
from fastapi.dependencies.models import Dependant
from fastapi.responses import JSONResponse
from fastapi.routing import APIRoute
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError
from starlette.concurrency import run_in_threadpool

from placket import catalog, events, identity, inventory, promotions, realtime, sales, shop
from placket.analytics import api as analytics_api
from placket.analytics import pack_api, table_api
from placket.campaigns import campaign_api
from placket.carriers import hook_api as carrier_hook_api
from placket.catalog import api as catalog_api
from placket.catalog import style_api, terms_api
from placket.core import jobs
from placket.core.db import Database
from placket.core.express import Express
from placket.core.http import Envelope, client_address, http_problem, install_problem_details, refusal, refuses
from placket.core.metrics import Meter, exposition
from placket.core.refusals import NotFound
from placket.core.settings import ROOT
from placket.core.webapps import web_app
from placket.crm import api as crm_api
from placket.crm import loyalty_api, merge_api, privacy_api, score_api, segment_api
from placket.crm import till_api as crm_till_api
from placket.einvoices import api as einvoices_api
from placket.einvoices import buyer_page
from placket.einvoices import till_api as einvoices_till_api
from placket.identity import api as identity_api
from placket.identity import approval_api, staff_api, till_api
from placket.imports import api as imports_api
from placket.inventory import (
    adjustment_api,
    count_api,
    hold_api,
    location_api,
    matter_api,
    promise_api,
    supply_api,
    transfer_api,
)
from placket.inventory import api as inventory_api
from placket.operations import api as operations_api
from placket.payments import api as payments_api
from placket.payments import hook_api, office_api, online_hook_api, settlement_api
from placket.pos import api as pos_api
from placket.pos import counter_api, counter_office_api, device_api, print_api, quarantine_api, shift_api, sync_api
from placket.promotions import api as promotions_api
from placket.promotions import voucher_api
from placket.realtime import api as realtime_api
from placket.sales import api as sales_api
from placket.sales import (
    courier_api,
    customer_api,
    order_office_api,
    order_task_api,
    quote_api,
    receipt_page,
    return_api,
    return_terms_api,
    selling_api,
    trial_api,
)
from placket.shop import account_api, browse_api, checkout_api, order_api, pages, send_back_api, site_files
from placket.verify import api as verify_api

log = structlog.get_logger()

system = APIRouter(tags=["system"])

# Every router of the product; a new one is added here and nowhere else.
ROUTERS = (
    system,
    identity_api.router,
    staff_api.router,
    till_api.router,
    approval_api.router,
    inventory_api.router,
    location_api.router,
    device_api.router,
    matter_api.router,
    hold_api.router,
    promise_api.router,
    transfer_api.router,
    count_api.router,
    adjustment_api.router,
    supply_api.router,
    pos_api.router,
    sync_api.router,
    quarantine_api.router,
    counter_api.router,
    counter_office_api.router,
    print_api.router,
    shift_api.router,
    shift_api.office,
    payments_api.router,
    hook_api.router,
    online_hook_api.router,
    carrier_hook_api.router,
    office_api.router,
    settlement_api.router,
    crm_api.router,
    crm_till_api.router,
    loyalty_api.router,
    merge_api.router,
    privacy_api.router,
    score_api.router,
    segment_api.router,
    customer_api.router,
    quote_api.router,
    trial_api.router,
    selling_api.router,
    sales_api.router,
    return_api.router,
    return_terms_api.router,
    order_task_api.router,
    courier_api.router,
    order_office_api.router,
    receipt_page.router,
    einvoices_api.router,
    buyer_page.router,
    einvoices_till_api.router,
    catalog_api.router,
    style_api.router,
    terms_api.router,
    promotions_api.router,
    voucher_api.router,
    *campaign_api.ROUTERS,
    imports_api.router,
    realtime_api.router,
    analytics_api.router,
    table_api.router,
    pack_api.router,
    verify_api.router,
    operations_api.router,
    browse_api.router,
    account_api.router,
    send_back_api.router,
    checkout_api.router,
    order_api.router,
    site_files.router,
    pages.router,
)

PUBLIC: Final = {"x-permission": "public"}
SECURITY: Mapping[str, list[dict[str, list[str]]]] = {
    "public": [],
    "till": [{"till": []}],
    "bridge": [{"bridge": []}],
    "shopper": [{"shopper": []}, {"shopper_cookie": []}],
}
SIGNED_IN: Final[list[dict[str, list[str]]]] = [{"bearer": []}, {"cookie": []}]
SCHEMES: Final = {
    "bearer": {"type": "http", "scheme": "bearer", "description": "Session of somebody signed in at a till."},
    "cookie": {
        "type": "apiKey",
        "in": "cookie",
        "name": identity.COOKIE,
        "description": "Session of the office; changes also carry the header `x-placket: 1`.",
    },
    "till": {"type": "http", "scheme": "bearer", "description": "Token of a paired till."},
    "bridge": {"type": "http", "scheme": "bearer", "description": "Key of a branch's print bridge."},
    "shopper": {"type": "http", "scheme": "bearer", "description": "Session of a shopper in an app."},
    "shopper_cookie": {
        "type": "apiKey",
        "in": "cookie",
        "name": account_api.COOKIE,
        "description": "Session of a shopper in a browser; changes also carry the header `x-placket: 1`.",
    },
}


def make_app(database_url: str) -> FastAPI:
    """The application on a migrated database."""
    app = FastAPI(
        title="Placket", version="1", lifespan=_lifespan, docs_url=None, redoc_url=None, openapi_url="/api/openapi.json"
    )
    app.state.database = Database(database_url)
    app.state.doorkeeper = identity.Doorkeeper(app.state.database)
    app.state.desk = sales.PostingDesk(database_url)
    app.state.hub = realtime.Hub(app.state.database)
    app.state.tail = realtime.Tail(database_url, [lambda batch: _forget(app, batch), _tell_window, app.state.hub.hear])
    app.state.prices = Soon(lambda: catalog.price_books.refresh(app.state.database))
    app.state.promotions = Soon(lambda: promotions.promo_books.refresh(app.state.database))
    app.state.places = Soon(lambda: inventory.places.refresh(app.state.database))
    app.state.settings = Soon(lambda: _read_settings(app))
    for router in ROUTERS:
        app.include_router(router)
    for name in ("pos", "office", "shop"):
        app.mount(f"/{name}", web_app(ROOT / "web" / "apps" / name / "dist"), name=name)
    install_problem_details(app, selling_api.COMPONENTS)
    app.add_exception_handler(HTTPStatus.NOT_FOUND, _lost)
    app.add_exception_handler(NotFound, _lost)
    _describe_permissions(app)
    app.add_middleware(Express, routes=[selling_api.SELLING])
    app.add_middleware(Envelope)
    app.add_middleware(Meter)
    return app


def openapi_document() -> dict[str, Any]:
    """The API's contract, as ``contracts/openapi.json`` keeps it; needs no database."""
    return make_app("postgresql://nobody@/nothing").openapi()


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    # The tail first: what changes while the rest is read is then heard, and read again.
    await app.state.tail.start()
    database = app.state.database
    inventory.places.refresh(database)
    catalog.price_books.refresh(database)
    promotions.promo_books.refresh(database)
    _read_settings(app)
    await app.state.desk.start()
    remembered = (app.state.prices, app.state.promotions, app.state.places, app.state.settings)
    tasks = [asyncio.create_task(each) for each in (*map(Soon.follow, remembered), realtime_api.beat(app.state.hub))]
    # What is loaded by now stays: the collector need not walk it again while a sale is being read (p99 −40 %).
    gc.collect()
    gc.freeze()
    yield
    for task in tasks:
        task.cancel()
    await app.state.tail.stop()
    await app.state.desk.stop()
    database.dispose()


class Soon:
    """Work in a thread, done soon after it is asked for: once, however often it was asked for meanwhile."""

    def __init__(self, work: Callable[[], object]) -> None:
        self._work = work
        self._asked = asyncio.Event()

    def ask(self) -> None:
        """Have it done."""
        self._asked.set()

    async def follow(self) -> None:
        """Do it whenever asked, for ever; while the database is away, again and again."""
        while True:
            await self._asked.wait()
            self._asked.clear()
            try:
                await asyncio.to_thread(self._work)
            except SQLAlchemyError as trouble:
                log.warning("what is remembered could not be read anew", trouble=type(trouble).__name__)
                await asyncio.sleep(1)
                self._asked.set()


def _read_settings(app: FastAPI) -> None:
    with app.state.database.transaction() as tx:
        app.state.cash_rounding_vnd = identity.setting(tx, "cash_rounding_vnd")


def _forget_session(app: FastAPI, key: str) -> None:
    app.state.doorkeeper.forget(UUID(key))


def _forget_people(app: FastAPI, _key: str) -> None:
    app.state.doorkeeper.forget()


def _anew(name: str) -> Callable[[FastAPI, str], None]:
    """Have what the program remembers under a name read again."""
    return lambda app, _key: getattr(app.state, name).ask()


_read_prices, _read_promotions, _read_places, _settings_soon = map(_anew, ("prices", "promotions", "places", "settings"))


FORGETS: Mapping[str, Callable[[FastAPI, str], None]] = {
    events.SESSION_REVOKED: _forget_session,
    events.STAFF_CHANGED: _forget_people,
    events.TILL_CHANGED: _forget_people,
    events.CATALOGUE_CHANGED: _read_prices,
    events.PRICES_CHANGED: _read_prices,
    events.PROMOTIONS_CHANGED: _read_promotions,
    events.PROMOTION_USED: _read_promotions,
    events.LOCATION_CHANGED: _read_places,
    events.SETTINGS_CHANGED: _settings_soon,
}
"""What every process does when it hears of something it remembers."""


def _forget(app: FastAPI, batch: realtime.Batch) -> None:
    """Let go of what has changed; of everything, when it cannot be told what has."""
    if batch.lost:
        for forget in (_forget_people, _read_prices, _read_promotions, _read_places, _settings_soon):
            forget(app, "")
    for topic, key in dict.fromkeys((heard.topic, heard.key) for heard in batch.events if heard.topic in FORGETS):
        FORGETS[topic](app, key)


async def _lost(request: Request, error: Exception) -> Response:
    """A page for people who are lost in the shop, a problem for programs."""
    if pages.is_lost(request):
        return await run_in_threadpool(pages.lost, request)
    return refusal(request, error) if isinstance(error, NotFound) else http_problem(request, HTTPStatus.NOT_FOUND)


def _tell_window(batch: realtime.Batch) -> None:
    """Let the shop window know what it shows of the past."""
    shop.window.hear(batch.events, lost=batch.lost)


@system.get("/health", openapi_extra=PUBLIC)
def health() -> dict[str, bool]:
    """Whether the process lives."""
    return {"alive": True}


@system.get("/ready", openapi_extra=PUBLIC, responses={503: {"description": "Not ready; the parts say why"}})
def ready(request: Request) -> Response:
    """Whether the process can sell: the database answers, the prices are in memory, the tail follows."""
    parts = {
        "database": _answers(identity.database_of(request)),
        "prices": catalog.price_books.current().price_version > 0,
        "tail": request.app.state.tail.is_current(),
    }
    return JSONResponse({"ready": all(parts.values()), **parts}, 200 if all(parts.values()) else 503)


@system.get(
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


def permissions() -> Iterator[tuple[str, str, str]]:
    """Method, path and permission of every route: a verb, ``signed_in``, ``till``, ``bridge`` or ``public``."""
    for router in ROUTERS:
        for route in router.routes:
            if isinstance(route, APIRoute):
                for method in sorted(route.methods or ()):
                    yield method, route.path, _permission(route)


def _permission(route: APIRoute) -> str:
    declared = (route.openapi_extra or {}).get("x-permission") or _permit(route.dependant)
    assert declared, f"{route.path} declares no permission"
    return str(declared)


def _permit(dependant: Dependant) -> str | None:
    if isinstance(dependant.call, identity.Permit):
        return dependant.call.verb or "signed_in"
    return next(filter(None, map(_permit, dependant.dependencies)), None)


def _describe_permissions(app: FastAPI) -> None:
    describe = app.openapi

    def openapi() -> dict[str, Any]:
        document = describe()
        document["components"]["securitySchemes"] = SCHEMES
        for method, path, permission in permissions():
            operation = document["paths"].get(path, {}).get(method.lower())
            if operation is not None:
                operation["x-permission"] = permission
                operation["security"] = SECURITY.get(permission, SIGNED_IN)
        return document

    app.openapi = openapi  # type: ignore[method-assign]
