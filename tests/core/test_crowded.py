"""Whoever waits in vain for a row is told that it is busy, not that the server failed."""

import asyncio

import httpx
from fastapi import FastAPI
from sqlalchemy import text

from placket.core.db import Database
from placket.core.http import install_problem_details
from served import own_database

LOCK = text("SELECT pg_advisory_xact_lock(1)")


def an_app(database: Database) -> FastAPI:
    app = FastAPI()
    install_problem_details(app, {})

    @app.get("/row")
    def row() -> None:
        with database.transaction() as tx:
            tx.execute(text("SET LOCAL lock_timeout = '50ms'"))
            tx.execute(LOCK)

    @app.get("/gone")
    def gone() -> None:
        with database.transaction() as tx:
            tx.execute(text("SELECT pg_terminate_backend(pg_backend_pid())"))

    return app


def test_a_lock_that_is_not_to_be_had_is_busy_and_other_trouble_is_a_failure() -> None:
    async def ask(app: FastAPI, path: str) -> httpx.Response:
        door = httpx.ASGITransport(app, raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=door, base_url="http://placket") as client:
            return await client.get(path)

    with own_database("crowded") as database:
        app = an_app(database)
        with database.transaction() as tx:
            tx.execute(LOCK)
            busy = asyncio.run(ask(app, "/row"))
        free = asyncio.run(ask(app, "/row"))
        gone = asyncio.run(ask(app, "/gone"))

    assert (busy.status_code, busy.json()["code"], busy.headers["retry-after"]) == (503, "busy", "1")
    assert (free.status_code, gone.status_code, gone.json()["code"]) == (200, 500, "failure")
