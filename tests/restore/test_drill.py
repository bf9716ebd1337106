"""The restore drill: a chain at work loses its server, is put back from a backup, and loses and doubles nothing.

Real processes: `placket up`, `placket backup` beside it, SIGKILL, `placket restore`, and tills that speak HTTP.
"""

import json
import shutil
import signal
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

import httpx
import psycopg
import pytest

from builders import Person, a_branch, a_person, a_promise, a_style, a_till, stocked
from house import House
from placket.core import backup_restore, postgres
from placket.core.db import Database
from placket.core.trouble import Trouble
from serving import free_port
from speaking import SpeakingTill
from waiting import until

PIECES = 50
PRICE_VND = 199_000


@dataclass
class Chain:
    """A house with two branches: two tills here, one there, and a person in the office."""

    house: House
    http: httpx.Client
    owner: Person
    here: UUID
    there: UUID
    shirt: UUID
    one: SpeakingTill
    other: SpeakingTill
    far: SpeakingTill

    @property
    def tills(self) -> list[SpeakingTill]:
        """All of them."""
        return [self.one, self.other, self.far]

    def ask(self, place: UUID) -> tuple[int, str]:
        """A web order asks for a shirt; answers the status, and the promise or the refusal's code."""
        asked = a_promise(place, (self.shirt, 1))
        answer = self.http.post("/api/promises", json=asked, headers=self.owner.bearer)
        return answer.status_code, answer.json().get("code") or str(asked["id"])

    def promised(self, place: UUID, *tills: SpeakingTill) -> str:
        """A promise that these tills have given their word for."""
        status, promise = self.ask(place)
        assert status == 201
        for till in tills:
            till.heartbeat()
            till.word()
        assert self.phase(promise) == "confirmed"
        for till in tills:
            till.heartbeat()
        return promise

    def phase(self, promise: str) -> str:
        """How far a promise has come."""
        return str(self.http.get(f"/api/promises/{promise}", headers=self.owner.bearer).json()["phase"])

    def missing(self) -> list[str]:
        """The tills the office waits for."""
        shown = self.http.get("/api/stock/recovery", headers=self.owner.bearer).json()["items"]
        return [row["till_code"] for row in shown]

    def rows(self, query: str) -> list[tuple[object, ...]]:
        """Ask the database."""
        with psycopg.connect(self.house.placket("psql-url").stdout.strip()) as connection:
            return connection.execute(query.encode()).fetchall()

    def backup(self, folder: Path) -> Path:
        """Back up while everything runs."""
        made = self.house.placket("backup", str(folder), "--json")
        assert made.returncode == 0, made.stderr
        return Path(json.loads(made.stdout)["backup"])

    def dies(self) -> None:
        """The power goes, and the disk with it."""
        self.house.stop(signal.SIGKILL)
        until(lambda: self.house.pids() == {})
        assert self.house.placket("reset", "--yes").returncode == 0

    def restored(self, *options: str) -> dict[str, object]:
        """The backup is put back and everything starts."""
        done = self.house.placket("restore", *options, "--json")
        assert done.returncode == 0, done.stderr
        self.house.up()
        return dict(json.loads(done.stdout))


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    """A founded house that does not run."""
    made = House(tmp_path / "house", free_port())
    made.home.mkdir()
    named = ("--company", "Lụa", "--owner", "Trần Minh Lụa", "--email", "owner@lua.example")
    founded = made.placket("init", *named, "--depot", "KHO:Kho trung tâm:Hà Nội")
    assert founded.returncode == 0, founded.stderr
    yield made
    made.ensure_down()
    assert made.placket("reset", "--yes").returncode == 0


@pytest.fixture
def chain(house: House) -> Iterator[Chain]:
    """It runs, with branches, goods and people."""
    with httpx.Client(base_url=house.url, timeout=30) as http:
        with postgres.running(postgres.Cluster("pg", (house.home / "pg").resolve())) as cluster:
            database = Database(cluster.url(), pool_size=1)
            with database.transaction() as tx:
                here, there, shirt = a_branch(tx, "HN01"), a_branch(tx, "HN02"), a_style(tx, price_vnd=PRICE_VND).one
                for place in (here, there):
                    stocked(tx, place, {shirt: PIECES})
                tills = [SpeakingTill(http, a_till(tx, place)) for place in (here, here, there)]
                owner = a_person(tx, "owner")
            database.dispose()
        house.up()
        yield Chain(house, http, owner, here, there, shirt, *tills)


def test_a_chain_that_is_put_back_loses_nothing_and_doubles_nothing(chain: Chain, tmp_path: Path) -> None:
    for till in chain.tills:
        till.sell(chain.shirt, PRICE_VND, online=True)
        till.drain()
    before = chain.promised(chain.here, chain.one, chain.other)
    chain.backup(tmp_path / "backups")

    chain.one.sell(chain.shirt, PRICE_VND, online=True)
    chain.one.sell(chain.shirt, PRICE_VND, qty=3, online=False)
    chain.one.drain()
    chain.other.sell(chain.shirt, PRICE_VND, online=True)
    after = [chain.promised(chain.here, chain.one, chain.other) for _ in range(2)] + [chain.promised(chain.there, chain.far)]
    chain.other.sell(chain.shirt, PRICE_VND, online=False)
    chain.other.sign_off()
    chain.other.drain()
    chain.far.sell(chain.shirt, PRICE_VND, qty=2, online=False)  # handed in to nobody before the server dies
    assert chain.rows("SELECT count(*) FROM sale") == [(7,)]

    chain.dies()
    told = chain.restored(str(tmp_path / "backups"), "--until", "backup")
    assert told["waits_for_tills"] == 3
    assert chain.rows("SELECT count(*) FROM sale") == [(3,)], "the backup is older than the shop"
    assert chain.missing() == ["HN01-1", "HN01-2", "HN02-1"]
    assert [chain.ask(place) for place in (chain.here, chain.there)] == [(409, "branch_recovering")] * 2
    assert chain.one.heartbeat()["attached"] is False
    assert chain.one.attach().json()["code"] == "journal_not_drained"

    chain.one.come_back()
    assert chain.ask(chain.here) == (409, "branch_recovering"), "the till that had signed off knows of sales, too"
    chain.far.come_back()
    assert chain.missing() == ["HN01-2"]
    assert chain.ask(chain.there)[0] == 201
    chain.other.come_back()
    assert chain.missing() == []
    assert chain.ask(chain.here)[0] == 201

    assert [chain.phase(promise) for promise in (before, *after)] == ["confirmed"] * 4
    sold = {sale: qty for till in chain.tills for sale, qty in till.sold.items()}
    assert {str(sale): pieces for sale, pieces in chain.rows("SELECT id, pieces FROM sale")} == sold
    held = "SELECT on_hand, promised, short FROM stock s JOIN location l ON l.id = location_id WHERE l.kind = 'branch' "
    assert chain.rows(f"{held} ORDER BY l.code") == [(PIECES - 8, 3, 0), (PIECES - 3, 1, 0)]
    assert chain.rows("SELECT kind FROM exception_log") == []
    assert chain.house.placket("verify").returncode == 0


def test_what_was_streamed_is_there_without_any_till(chain: Chain, tmp_path: Path) -> None:
    folder = chain.backup(tmp_path / "backups")
    until(lambda: any((folder / "wal").iterdir()))
    sales = [chain.one.sell(chain.shirt, PRICE_VND, online=True) for _ in range(20)]
    reached = "SELECT bool_and(flush_lsn >= pg_current_wal_insert_lsn()) FROM pg_stat_replication"
    until(lambda: chain.rows(reached) == [(True,)])
    occupied = chain.house.placket("restore", str(folder))
    assert "holds a database already, and nothing is overwritten" in occupied.stderr
    chain.dies()
    late = chain.house.placket("restore", str(folder), "--until", "2099-01-01T00:00")
    assert "does not reach that moment" in late.stderr
    assert not (chain.house.home / "pg" / "data").exists()
    refuses_what_it_cannot_read(folder, tmp_path)
    chain.restored(str(tmp_path / "backups"))
    assert sorted(str(sale) for (sale,) in chain.rows("SELECT id FROM sale")) == sorted(sales)
    assert chain.house.placket("verify").returncode == 0


def refuses_what_it_cannot_read(folder: Path, tmp_path: Path) -> None:
    """A backup that is damaged, newer, of another PostgreSQL or of another format; a folder without any."""
    schemas = {str(json.loads((folder / "placket.json").read_text())["schema"])}
    cluster = postgres.Cluster("pg", tmp_path / "nowhere")
    for name, change, complaint in (
        ("damaged", lambda copy: (copy / "base" / "base.tar.gz").write_bytes(b"nonsense"), "is damaged"),
        ("exchanged", lambda copy: (copy / "base" / "backup_manifest").write_bytes(b"{}"), "is not what it was"),
        ("newer", lambda copy: _say(copy, schema="9999"), "was made by a newer Placket"),
        ("foreign", lambda copy: _say(copy, postgres=17), "needs PostgreSQL 17 and this Placket brings 18"),
        ("other", lambda copy: _say(copy, format=2), "was made by another Placket"),
    ):
        copy = tmp_path / name / folder.name
        shutil.copytree(folder, copy)
        change(copy)
        with pytest.raises(Trouble, match=complaint):
            backup_restore.put_back(*backup_restore.chosen(copy, schemas=schemas), cluster, until=None, say=str)
    with pytest.raises(Trouble, match="holds no backup"):
        backup_restore.chosen(tmp_path / "house", schemas=schemas)


def _say(made: Path, **facts: object) -> None:
    file = made / "placket.json"
    file.write_text(json.dumps(json.loads(file.read_text()) | facts), encoding="utf-8")
