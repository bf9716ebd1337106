"""The web program put together: routes, what every process remembers, and what makes it forget.

A composition root: one of the few files that know everybody.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI

from placket import catalog, identity, inventory, sales
from placket.catalog import api as catalog_api
from placket.core.db import Database
from placket.core.http import Envelope, install_problem_details
from placket.identity import api as identity_api
from placket.identity import till_api
from placket.inventory import api as inventory_api
from placket.pos import api as pos_api
from placket.sales import api as sales_api
from placket.sales import selling_api

ROUTERS = (
    identity_api.router,
    till_api.router,
    inventory_api.router,
    pos_api.router,
    selling_api.router,
    sales_api.router,
    catalog_api.router,
)


def make_app(database_url: str) -> FastAPI:
    """The application on a migrated database."""

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        database = app.state.database
        inventory.places.refresh(database)
        catalog.price_books.refresh(database)
        with database.transaction() as tx:
            app.state.cash_rounding_vnd = identity.setting(tx, "cash_rounding_vnd")
        await app.state.desk.start()
        yield
        await app.state.desk.stop()
        database.dispose()

    app = FastAPI(title="Placket", version="1", lifespan=lifespan, docs_url=None, redoc_url=None)
    app.state.database = Database(database_url)
    app.state.doorkeeper = identity.Doorkeeper(app.state.database)
    app.state.desk = sales.PostingDesk(database_url)
    for router in ROUTERS:
        app.include_router(router)
    install_problem_details(app, selling_api.COMPONENTS)
    app.add_middleware(Envelope)
    return app
