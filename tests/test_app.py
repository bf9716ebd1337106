"""The program put together: what every route declares, how the web apps are delivered, how the process speaks of itself."""

import asyncio
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest
from starlette.applications import Starlette
from starlette.routing import Mount

from builders import a_person
from placket import identity
from placket.app import openapi_document
from placket.core import clock, jobs
from placket.core.db import Database
from placket.core.webapps import web_app
from placket.routes import permissions
from placket.shop import pages, site_files
from serving import serving

Get = Callable[..., httpx.Response]


@pytest.fixture
def client(fresh: Database) -> Iterator[httpx.Client]:
    """The whole program, as a process of its own on a database of its own."""
    with serving(fresh.url) as server, httpx.Client(base_url=server.url) as client:
        yield client


def test_every_route_declares_a_permission_there_is():
    declared = {permission for _, _, permission in permissions()}

    assert declared - set(identity.VERBS) == {"public", "signed_in", "till", "bridge", "shopper"}


def test_nothing_is_public_but_what_must_be():
    public = {(method, path) for method, path, permission in permissions() if permission == "public"}
    shop = {path for _, path, _ in permissions() if path.startswith("/api/shop/v1/")}
    shop |= {route.path for router in (pages.router, site_files.router) for route in router.routes}

    assert {route for route in public if route[1] not in shop} == {
        ("GET", "/health"),
        ("GET", "/ready"),
        ("GET", "/media/{sha256}"),
        ("POST", "/api/auth/sign-in"),
        ("POST", "/api/hooks/carrier"),
        ("POST", "/api/hooks/payos"),
        ("POST", "/api/hooks/sepay"),
        ("POST", "/api/hooks/stripe"),
        ("POST", "/api/tills/pair"),
        ("GET", "/r/{code}"),
        ("GET", "/r/{code}/company"),
        ("POST", "/r/{code}/company"),
        ("GET", "/u/{token}"),
        ("POST", "/u/{token}"),
    }


def test_the_contract_names_permission_and_key_of_every_operation():
    document = openapi_document()
    operations = [operation for path in document["paths"].values() for operation in path.values()]

    assert all("x-permission" in operation and "security" in operation for operation in operations)
    assert document["paths"]["/api/sales"]["post"]["x-permission"] == "sale.sell"
    assert document["paths"]["/api/till/sign-in"]["post"]["security"] == [{"till": []}]
    assert document["paths"]["/health"]["get"]["security"] == []
    assert {"bearer", "bridge", "cookie", "till", "shopper", "shopper_cookie"} == set(
        document["components"]["securitySchemes"]
    )
    assert {"SaleAsked", "Problem"} <= set(document["components"]["schemas"])


def test_says_that_it_lives_and_what_it_is_ready_for(client: httpx.Client):
    assert client.get("/health").json() == {"alive": True}
    assert client.get("/ready").json() == {"ready": True, "database": True, "prices": True, "tail": True}


def test_first_address_is_the_shop(client: httpx.Client):
    answer = client.get("/", headers={"accept": "text/html"})

    assert (answer.status_code, answer.headers["content-type"]) == (200, "text/html; charset=utf-8")


def test_metrics_are_for_this_machine_and_for_who_may_look_at_the_system(client: httpx.Client, fresh: Database):
    with fresh.transaction() as tx:
        cashier, technician = a_person(tx, "cashier"), a_person(tx, "it")
    client.get("/health")
    from_afar = {"x-forwarded-for": "203.0.113.7"}

    assert 'placket_http_requests_total{method="GET",route="/health",status="200"}' in client.get("/metrics").text
    assert client.get("/metrics", headers=from_afar).status_code == 401
    assert client.get("/metrics", headers=from_afar | cashier.bearer).status_code == 403
    assert client.get("/metrics", headers=from_afar | technician.bearer).status_code == 200


def test_metrics_say_at_how_many_places_a_budget_is_passed(client: httpx.Client, fresh: Database):
    passed = {"Sales that were blind this week": ["HN01: 2 of 500 sales", "HN02: 3 of 90 sales"]}
    with fresh.transaction() as tx:
        jobs.note_outcome(tx, name="budgets", ran_at=clock.now(), took_ms=1, healthy=False, facts=passed)

    told = client.get("/metrics").text
    assert 'placket_budget_passed_places{budget="Sales that were blind this week"} 2.0' in told
    assert 'placket_job_healthy{job="budgets"} 0.0' in told


@pytest.fixture
def get(tmp_path: Path) -> Get:
    """Asks a built app."""
    (tmp_path / "assets").mkdir()
    (tmp_path / "index.html").write_text("<title>Quầy</title>", encoding="utf-8")
    (tmp_path / "sw.js").write_text("// worker", encoding="utf-8")
    (tmp_path / "assets" / "index-4f2a.js").write_text("x = 1;" * 1000, encoding="utf-8")
    return _asking(tmp_path)


@pytest.mark.parametrize("address", ["/", "/stock", "/stock/AO0001-DEN-M"])
def test_addresses_inside_an_app_get_its_first_page(get: Get, address: str):
    answer = get(address)

    assert answer.status_code == 200
    assert answer.text == "<title>Quầy</title>"
    assert answer.headers["cache-control"] == "no-cache"
    assert get(address, headers={"if-none-match": answer.headers["etag"]}).status_code == 304


def test_an_address_with_a_dot_is_a_page_to_a_browser_and_a_missing_file_to_a_page(get: Get):
    assert get("/find/1.5", headers={"accept": "text/html"}).status_code == 200
    assert get("/logo.svg").status_code == 404
    assert get("/assets/gone", headers={"accept": "text/html"}).status_code == 404


def test_hashed_files_are_kept_for_ever_and_the_worker_is_not(get: Get):
    script = get("/assets/index-4f2a.js", headers={"accept-encoding": "gzip"})

    assert script.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert script.headers["content-encoding"] == "gzip"
    assert get("/sw.js").headers["cache-control"] == "no-cache"


def test_an_app_that_is_not_built_says_what_to_do(tmp_path: Path):
    answer = _asking(tmp_path / "dist")("/")

    assert answer.status_code == 503
    assert "make run" in answer.text


def _asking(folder: Path) -> Get:
    async def ask(path: str, headers: dict[str, str]) -> httpx.Response:
        transport = httpx.ASGITransport(Starlette(routes=[Mount("/", web_app(folder))]))
        async with httpx.AsyncClient(transport=transport, base_url="http://pos") as client:
            return await client.get(path, headers=headers)

    return lambda path, headers=None: asyncio.run(ask(path, headers or {}))
