"""Backups of somebody else's server: dumps, kept to so many, copied to another disk, and loaded into an empty database."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import text

from books import Line, a_sale, post, prove
from builders import a_branch, a_company, a_style, a_till, stocked
from conftest import ADDRESS, drop_database, make_database, url_of
from placket.core import clock
from placket.core.db import Database
from waiting import until

SOLD = 3


def placket(database_url: str, home: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """A command against a server that is not ours."""
    surroundings = {**os.environ, "DATABASE_URL": database_url, "PLACKET_VAR": str(home)}
    command = [sys.executable, "-m", "placket.cli", *words]
    return subprocess.run(command, env=surroundings, capture_output=True, text=True, check=False)


@contextmanager
def empty_database() -> Iterator[str]:
    """A database with nothing in it."""
    name = f"placket_test_empty_{os.getpid()}"
    make_database(name, os.environ[ADDRESS])
    yield url_of(name)
    drop_database(name)


def test_a_dump_is_copied_away_and_loaded_and_its_branches_wait_for_their_tills(fresh_url: str, tmp_path: Path) -> None:
    shop = Database(fresh_url, pool_size=2)
    with shop.transaction() as tx:
        a_company(tx)
        place = a_branch(tx, "HN01")
        shirt = a_style(tx, price_vnd=100_000).one
        stocked(tx, place, {shirt: 50})
        till = a_till(tx, place)
        post(tx, *(a_sale(till, Line(shirt, 1)) for _ in range(SOLD)))
    backups, elsewhere = tmp_path / "backups", tmp_path / "other disk"
    folders = []
    for _ in range(3):
        done = placket(fresh_url, tmp_path / "home", "backup", str(backups), "--keep", "2", "--json")
        assert done.returncode == 0, done.stderr
        folders.append(Path(json.loads(done.stdout)["backup"]))
        moment = clock.now().replace(microsecond=0)
        until(lambda moment=moment: clock.now().replace(microsecond=0) > moment)  # a folder is named by its second
    assert json.loads(done.stdout)["deleted"] == [str(folders[0])]
    assert sorted(backups.iterdir()) == folders[1:], "no more than was asked for, and nothing half made"
    shutil.copytree(folders[2], elsewhere / "copy")
    shutil.rmtree(backups)
    shop.dispose()
    with empty_database() as into:
        refuses_what_would_harm(fresh_url, into, elsewhere, tmp_path)
        back = placket(into, tmp_path / "home", "restore", str(elsewhere / "copy"), "--json")
        assert back.returncode == 0, back.stderr
        assert json.loads(back.stdout)["waits_for_tills"] == 1
        restored = Database(into, pool_size=2)
        with restored.transaction() as tx:
            assert tx.execute(text("SELECT count(*), sum(pieces) FROM sale")).one() == (SOLD, SOLD)
            assert tx.scalar(text("SELECT on_hand FROM stock WHERE variant_id = :v"), {"v": shirt}) == 50 - SOLD
            assert tx.scalar(text("SELECT count(*) FROM event WHERE xid > pg_current_xact_id()")) == 0
        prove(restored)
        restored.dispose()


def refuses_what_would_harm(full: str, into: str, elsewhere: Path, tmp_path: Path) -> None:
    """A database that is not empty, a moment that a dump does not know, a dump that has been changed."""
    kept = elsewhere / "copy"
    assert "is not empty, and nothing is overwritten" in placket(full, tmp_path / "home", "restore", str(kept)).stderr
    assert "without --until" in placket(into, tmp_path / "home", "restore", str(kept), "--until", "backup").stderr
    shutil.copytree(kept, elsewhere / "changed")
    with (elsewhere / "changed" / "database.dump").open("ab") as dump:
        dump.write(b"more")
    assert "is not what it was" in placket(into, tmp_path / "home", "restore", str(elsewhere / "changed")).stderr
