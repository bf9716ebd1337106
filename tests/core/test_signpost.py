"""The signpost: it knows every route, and answers as the router would that asks one after another."""

from collections.abc import Iterator
from typing import Any

from fastapi.routing import APIRoute
from starlette.convertors import UUIDConvertor
from starlette.routing import Match

from placket.core.signpost import Signpost
from placket.routes import declared

ROUTES = list(declared())
AN_ID = "01990000-0000-7000-8000-000000000001"


def a_path(route: APIRoute) -> str:
    """A path that the route serves."""
    words = {name: AN_ID if isinstance(kind, UUIDConvertor) else "x" for name, kind in route.param_convertors.items()}
    return str(route.path_format).format(**words)


def asked(method: str, path: str) -> dict[str, Any]:
    return {"type": "http", "method": method, "path": path, "root_path": "", "headers": []}


def one_after_another(method: str, path: str) -> APIRoute:
    found = (route for route in ROUTES if route.matches(asked(method, path))[0] is Match.FULL)
    return next(found)


def every_request() -> Iterator[tuple[str, str]]:
    for route in ROUTES:
        for method in sorted(route.methods or ()):
            yield method, a_path(route)


def test_finds_the_routes_that_the_router_would_find() -> None:
    signpost = Signpost(ROUTES)
    wrong = []
    for method, path in every_request():
        match, found = signpost.matches(asked(method, path))
        route = one_after_another(method, path)
        if match is not Match.FULL or found["route"] is not route or found["endpoint"] is not route.endpoint:
            wrong.append((method, path))
    assert wrong == []


def test_leaves_to_the_router_what_it_does_not_know() -> None:
    signpost = Signpost(ROUTES)
    assert signpost.matches(asked("GET", "/api/nothing/here")) == (Match.NONE, {})
    assert signpost.matches(asked("DELETE", "/api/shop/v1/checkout"))[0] is Match.NONE
    assert signpost.matches({**asked("GET", "/api/events"), "type": "websocket"})[0] is Match.NONE
