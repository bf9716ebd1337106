"""The web program put together: what it serves, what every process remembers, and what makes it forget.

A composition root: one of the few files that know everybody.
"""

import asyncio
import gc
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from http import HTTPStatus
from typing import Any, Final
from uuid import UUID

import structlog
from anyio.to_thread import current_default_thread_limiter
from fastapi import FastAPI, Request, Response
from sqlalchemy.exc import SQLAlchemyError
from starlette.concurrency import run_in_threadpool

from placket import catalog, events, identity, inventory, promotions, realtime, sales, shop
from placket.core.bulkhead import Bulkhead
from placket.core.db import Database
from placket.core.express import Express
from placket.core.http import Envelope, http_problem, install_problem_details, refusal
from placket.core.metrics import Meter
from placket.core.refusals import NotFound
from placket.core.settings import ROOT
from placket.core.signpost import Signpost
from placket.core.webapps import web_app
from placket.realtime import api as realtime_api
from placket.routes import ROUTERS, Application, declared
from placket.sales import selling_api
from placket.shop import page, pages

log = structlog.get_logger()

SHOPPERS: Final = 12
"""Requests of the shop that are worked on at once, of as many as there are connections."""


def make_app(database_url: str) -> FastAPI:
    """The application on a migrated database."""
    app = Application(
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
    app.router.routes.append(Signpost(declared()))
    for router in ROUTERS:
        app.include_router(router)
    for name in ("pos", "office", "shop"):
        app.mount(f"/{name}", web_app(ROOT / "web" / "apps" / name / "dist"), name=name)
    install_problem_details(app, selling_api.COMPONENTS)
    app.add_exception_handler(HTTPStatus.NOT_FOUND, _lost)
    app.add_exception_handler(NotFound, _lost)
    app.add_middleware(Bulkhead, is_crowd=pages.is_shoppers, places=SHOPPERS, busy=_busy)
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
    # A thread without a connection only waits, and meanwhile keeps the loop from the interpreter.
    current_default_thread_limiter().total_tokens = database.pool_size
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


def _busy(request: Request) -> Response:
    """A page for people who meet a crowd in the shop, a problem for programs."""
    if pages.wants_page(request):
        return page.crowded(request)
    return http_problem(request, HTTPStatus.SERVICE_UNAVAILABLE, {"retry_after_s": 1})


def _tell_window(batch: realtime.Batch) -> None:
    """Let the shop window know what it shows of the past."""
    shop.window.hear(batch.events, lost=batch.lost)
