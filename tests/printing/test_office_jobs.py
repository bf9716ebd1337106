"""What the office sends to a branch: kept by the server, taken by one bridge, printed once, and told back."""

import base64
import uuid
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import pytest
from sqlalchemy import text

from builders import Person, a_branch, a_person
from placket.core.db import Database
from placket.pos import print_jobs
from placket.printing.asking import Asker, caller
from placket.printing.desk import Desk
from placket.printing.printer import NetworkPrinter
from placket.printing.spool import Spool
from placket.printing.virtual import VirtualPrinter
from printing.counter import picture
from served import own_database
from serving import serving


@dataclass
class Office:
    """A served branch, its manager, and the bridge on its counter."""

    http: httpx.Client
    database: Database
    place: UUID
    manager: Person
    printer: VirtualPrinter
    asker: Asker

    def send(self, who: Person | None = None, *, job_id: str | None = None, place: UUID | None = None) -> httpx.Response:
        """Send forty rows of dots in two copies."""
        raster = {"width": 576, "height": 40, "bits": base64.b64encode(picture(40)).decode()}
        body = {"id": job_id or str(uuid.uuid4()), "location_id": str(place or self.place), "kind": "tag", "title": "Tem"}
        return self.http.post(
            "/api/print-jobs", json={**body, "raster": raster, "copies": 2}, headers=(who or self.manager).bearer
        )

    def jobs(self) -> list[tuple[Any, ...]]:
        """Outcome of every job, and whether a bridge has taken it."""
        with self.database.transaction() as tx:
            return [tuple(row) for row in tx.execute(text("SELECT outcome, taken_at IS NOT NULL FROM print_job"))]


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    with own_database("office_jobs") as database, closing(VirtualPrinter()) as printer:
        with database.transaction() as tx:
            place = a_branch(tx)
            manager = a_person(tx, "store_manager", at=place)
            key = print_jobs.add_bridge(tx, location_id=place, now=datetime.now(UTC))
        with serving(database.url) as server, httpx.Client(base_url=server.url, timeout=30) as http:
            spool = Spool(tmp_path)
            desk = Desk(spool, NetworkPrinter("127.0.0.1", printer.port), retry_s=0.05)
            desk.start()
            yield Office(
                http, database, place, manager, printer, Asker(spool=spool, desk=desk, call=caller(server.url, key, None))
            )
            desk.stop()
            assert printer.trouble == []


def test_a_job_is_printed_once_at_the_branch_and_the_server_hears_of_it(office: Office) -> None:
    assert office.send().json()["code"] == "no_print_bridge"
    office.asker.ask()
    job_id = str(uuid.uuid4())
    assert [office.send(job_id=job_id).status_code for _ in range(2)] == [204, 204]
    assert office.jobs() == [(None, False)]
    for _ in range(200):
        office.asker.ask()
        if office.jobs() == [("printed", True)]:
            break
    assert office.jobs() == [("printed", True)]
    office.asker.ask()
    assert office.printer.paper.pieces == [picture(40)] * 2


def test_only_for_ones_own_branch_and_only_bridges_hear_of_it(office: Office) -> None:
    with office.database.transaction() as tx:
        elsewhere = a_branch(tx, "HN09")
        cashier = a_person(tx, "cashier", at=office.place)
    office.asker.ask()
    assert office.send(place=elsewhere).status_code == 404
    assert office.send(cashier).status_code == 403
    stranger = office.http.post("/api/print-bridge/ask", json={"state": "ready"}, headers={"authorization": "Bearer no"})
    assert stranger.status_code == 401
    assert office.jobs() == []
