"""Whatever is sent to any route, the answer is never a failure, and whoever may not ask is turned away.

Requests are made up from the OpenAPI document, half of them by its rules and half against them, with ids of real things
among the made-up ones, as the owner and as a cashier at a till. ``PLACKET_FUZZ_EXAMPLES`` sets how many of each.
"""

import json
import os
from typing import Any
from uuid import uuid4

import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import Case, GenerationMode
from schemathesis.openapi import from_dict

from books import prove
from builders import a_person
from placket import identity
from placket.core.settings import ROOT
from placket.routes import permissions

EXAMPLES = int(os.environ.get("PLACKET_FUZZ_EXAMPLES", "6"))
DOCUMENT = json.loads((ROOT / "contracts" / "openapi.json").read_text(encoding="utf-8"))
OPERATIONS = [(method.upper(), path) for path, methods in DOCUMENT["paths"].items() for method in sorted(methods)]
# Programs on this machine may read the metrics without a word, as this test could.
GUARDED = set(identity.VERBS) - {"system.read"}
ROUTES = [(method, path, verb) for method, path, verb in permissions() if method != "HEAD"]


@pytest.fixture(scope="module")
def schema(ground) -> schemathesis.BaseSchema:
    """The document, in which an id may be one of a real thing."""
    known = [
        *(ground.branch_id, ground.other_branch_id, ground.depot_id, ground.till.id, ground.owner.id),
        *(ground.owner.session_id, ground.shirt.style_id, *ground.shirt.all, ground.document_id),
    ]
    return from_dict(with_known_ids(DOCUMENT, [str(thing) for thing in known]))


def with_known_ids(part: Any, known: list[str]) -> Any:
    """The same document with real ids offered wherever it wants a UUID."""
    if isinstance(part, list):
        return [with_known_ids(item, known) for item in part]
    if not isinstance(part, dict):
        return part
    if part.get("type") == "string" and part.get("format") == "uuid":
        return {"anyOf": [{"type": "string", "enum": known}, part]}
    return {key: with_known_ids(value, known) for key, value in part.items()}


def modes(method: str, path: str) -> list[GenerationMode]:
    """By the rules and against them; a route that takes nothing has no rules to break."""
    operation = DOCUMENT["paths"][path][method.lower()]
    takes_something = operation.get("parameters") or operation.get("requestBody")
    return list(GenerationMode) if takes_something else [GenerationMode.POSITIVE]


@pytest.mark.parametrize(("method", "path"), OPERATIONS, ids=[f"{method} {path}" for method, path in OPERATIONS])
def test_no_request_makes_the_server_fail(ground, schema, method: str, path: str) -> None:
    ground.sign_in_again()
    callers = (ground.owner.bearer, ground.till.bearer, {"authorization": f"Bearer {ground.till.device_token}"})
    operation = schema[path][method]
    with requests.Session() as session:

        def send(case: Case) -> None:
            for caller in callers:
                answer = case.call(
                    base_url=ground.server.url, headers={**caller, "x-placket": "1"}, session=session, timeout=30
                )
                assert answer.status_code < 500, ground.server.output()[-3000:]
                if answer.status_code >= 400:
                    assert answer.json()["code"], answer.text

        for mode in modes(method, path):
            fuzz = given(case=operation.as_strategy(generation_mode=mode))(send)
            settings(
                max_examples=EXAMPLES,
                deadline=None,
                database=None,
                derandomize=True,
                phases=[Phase.explicit, Phase.generate],
                suppress_health_check=list(HealthCheck),
            )(fuzz)()


@pytest.mark.parametrize("day", ["0001-01-01", "9999-12-31"])
def test_no_day_is_too_early_or_too_late_for_the_server(ground, day: str) -> None:
    ground.sign_in_again()
    asked = {}
    for method, path in OPERATIONS:
        parameters = DOCUMENT["paths"][path][method.lower()].get("parameters", [])
        words = {each["name"]: found for each in parameters if (found := value_of(each["schema"], day)) is not None}
        if day in words.values():
            answer = ground.client.request(method, path.format_map(words), headers=ground.owner.bearer, params=words)
            asked[path] = answer.status_code

    assert len(asked) > 10
    assert {path: status for path, status in asked.items() if status >= 500} == {}


def value_of(schema: dict[str, Any], day: str) -> str | None:
    """The day where one is wanted, the first of several words, else nothing."""
    shapes = DOCUMENT["components"]["schemas"]
    kinds = [shapes[kind["$ref"].rsplit("/", 1)[1]] if "$ref" in kind else kind for kind in schema.get("anyOf", [schema])]
    if any(kind.get("format") == "date" for kind in kinds):
        return day
    return next((kind["enum"][0] for kind in kinds if "enum" in kind), None)


def test_the_books_are_right_after_all_that(ground) -> None:
    prove(ground.database)
    assert "request failed" not in ground.server.output()


def ask(ground, method: str, path: str, headers: dict[str, str]) -> Any:
    for name in ("sha256", *[part[1:-1] for part in path.split("/") if part.startswith("{")]):
        path = path.replace(f"{{{name}}}", str(uuid4()))
    answer = ground.client.request(method, path, headers=headers, json={} if method != "GET" else None)
    return answer.status_code, answer.json()["code"]


@pytest.mark.parametrize(
    ("method", "path"), [(method, path) for method, path, verb in ROUTES if verb == "signed_in" or verb in GUARDED]
)
@pytest.mark.parametrize("token", [None, "no such token"])
def test_strangers_are_turned_away(ground, method: str, path: str, token: str | None) -> None:
    headers = {} if token is None else {"authorization": f"Bearer {token}"}
    assert ask(ground, method, path, headers) == (401, "not_signed_in")


def test_people_without_the_verb_are_turned_away(ground) -> None:
    """Everybody is tried at every route whose verb none of their roles has."""
    with ground.database.transaction() as tx:
        people = {role: a_person(tx, role) for role in ("cashier", "warehouse", "marketer", "accountant", "it")}
    for role, person in people.items():
        me = ground.client.get("/api/me", headers=person.bearer).json()
        for method, path, verb in ROUTES:
            if verb in GUARDED and verb not in me["permissions"]:
                assert ask(ground, method, path, person.bearer) == (403, "not_permitted"), (role, method, path)
