"""Files over HTTP: who may hand them in, the template that works as it is, and limits."""

from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from sqlalchemy import text

from builders import Person, a_branch, a_person, a_style
from imports.conftest import as_csv, row
from placket import catalog
from placket.core.db import Database
from placket.core.ids import new_id
from placket.imports import jobs
from served import own_database
from serving import serving


class Counter:
    """A served shop where files are handed in."""

    def __init__(self, http: httpx.Client, database: Database, owner: Person, cashier: Person) -> None:
        """Who is there."""
        self.http, self.database, self.owner, self.cashier = http, database, owner, cashier

    def upload(self, body: bytes, who: Person | None = None, **form: str) -> httpx.Response:
        """Hand a file in."""
        files = {"file": ("C:\\Hàng\\mùa thu.csv", body)}
        return self.http.post("/api/imports", headers=(who or self.owner).bearer, files=files, data=form)

    def read(self, import_id: str) -> dict[str, Any]:
        """The file as the office sees it."""
        return dict(self.http.get(f"/api/imports/{import_id}", headers=self.owner.bearer).json())

    def apply(self, import_id: str) -> httpx.Response:
        """Ask for it to be applied."""
        return self.http.post(f"/api/imports/{import_id}/apply", headers=self.owner.bearer)

    def template(self, kind: str) -> bytes:
        """The file to start from."""
        return self.http.get(f"/api/imports/template?format={kind}", headers=self.owner.bearer).content


@pytest.fixture(scope="module")
def counter() -> Iterator[Counter]:
    with own_database("imports") as database:
        with database.transaction() as tx:
            owner, cashier = a_person(tx, "owner"), a_person(tx, "cashier", at=a_branch(tx))
            a_style(tx, "AO0001", colours=("DEN", "KEM"))
            names = {"name_vi": "Đầm", "name_en": "Dresses"}
            sizes = [(new_id(), size) for size in ("S", "M", "L", "XL", "XXL")]
            catalog.create_category(tx, category_id=new_id(), slug="dam", position=2, **names)
            catalog.create_size_scale(tx, size_scale_id=new_id(), code="S-XXL", sizes=sizes, **names)
        with serving(database.url) as server, httpx.Client(base_url=server.url, timeout=30) as http:
            yield Counter(http, database, owner, cashier)


def test_a_file_is_taken_checked_and_applied(counter: Counter) -> None:
    taken = counter.upload(as_csv(row("DM0001", name="Đầm hoa")))
    assert taken.status_code == 202
    shown = taken.json()
    assert (shown["filename"], shown["state"], shown["created_by"]) == ("mùa thu.csv", "checking", "Nguyễn Thị owner")
    early = counter.apply(shown["id"])
    assert (early.status_code, early.json()["code"], early.json()["facts"]) == (
        409,
        "import_not_ready",
        {"state": "checking"},
    )
    jobs.check(counter.database, shown["id"])
    checked = counter.read(shown["id"])
    assert (checked["state"], checked["rows_total"], checked["summary"]["new_variants"]) == ("checked", 1, 1)
    assert counter.apply(shown["id"]).json()["state"] == "applying"
    jobs.apply(counter.database, shown["id"])
    assert counter.read(shown["id"])["state"] == "applied"
    listed = counter.http.get("/api/imports?limit=1", headers=counter.owner.bearer).json()["items"]
    assert [file["id"] for file in listed] == [shown["id"]]


def test_each_file_waits_as_a_job_of_its_own(counter: Counter) -> None:
    taken = counter.upload(as_csv(row("DM0002", name="Đầm"))).json()
    with counter.database.transaction() as tx:
        query = text("SELECT task_name, lock FROM procrastinate_jobs WHERE args->>'import_id' = :id")
        waiting = tx.execute(query, {"id": taken["id"]}).all()
    assert waiting == [("import_check", "import")]


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_the_template_is_a_file_that_works(counter: Counter, kind: str) -> None:
    taken = counter.upload(counter.template(kind)).json()
    jobs.check(counter.database, taken["id"])
    checked = counter.read(taken["id"])
    assert (checked["errors"], checked["summary"]["new_variants"], checked["summary"]["price_changes"]) == ([], 2, 2)


def test_an_upload_repeated_under_its_id_is_taken_once(counter: Counter) -> None:
    import_id = str(new_id())
    for _ in range(2):
        assert counter.upload(as_csv(row("DM0003")), id=import_id).json()["id"] == import_id
    with counter.database.transaction() as tx:
        query = text("SELECT count(*) FROM procrastinate_jobs WHERE args->>'import_id' = :id")
        assert tx.scalar(query, {"id": import_id}) == 1


def test_who_may_not_bring_goods_in_does_not(counter: Counter) -> None:
    refused = counter.upload(as_csv(row("DM0004")), counter.cashier)
    assert (refused.status_code, refused.json()["code"]) == (403, "not_permitted")
    for path in ("imports", f"imports/{new_id()}", "imports/template"):
        assert counter.http.get(f"/api/{path}", headers=counter.cashier.bearer).status_code == 403, path


def test_what_is_no_file_is_refused(counter: Counter) -> None:
    assert counter.upload(b"").json()["code"] == "empty_file"
    assert counter.upload(b"x", kind="orders").json()["code"] == "malformed"
    assert counter.upload(b"x" * (30 * 2**20 + 1)).json()["code"] == "too_large"
    unknown = counter.apply(str(new_id()))
    assert (unknown.status_code, unknown.json()["code"]) == (404, "not_found")
