"""What is wrong with a machine is one clear sentence that says what to do."""

import importlib.util
import pkgutil
import subprocess
import sys
from pathlib import Path

import pytest

from placket.cli import COMMANDS, main, parser
from placket.core import postgres, schema
from placket.core.settings import ROOT
from placket.core.trouble import Trouble

SETUP = ROOT / "scripts" / "setup.py"


def test_an_unreachable_database_is_named_without_its_password() -> None:
    with pytest.raises(Trouble) as trouble:
        schema.check_server("postgresql://placket:secret@127.0.0.1:1/placket")
    assert "The database server at 127.0.0.1:1 cannot be used" in str(trouble.value)
    assert "Check DATABASE_URL, or unset it." in str(trouble.value)
    assert "secret" not in str(trouble.value)


def test_an_old_server_is_refused(fresh_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(schema, "OLDEST", 99)
    with pytest.raises(Trouble, match="Placket needs PostgreSQL 99 or newer, and this server is "):
        schema.check_server(fresh_url)


def test_a_server_without_the_extensions_is_refused(fresh_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(schema, "EXTENSIONS", ("unaccent", "no_such_extension"))
    with pytest.raises(Trouble, match="lacks the extension no_such_extension; install PostgreSQL's contrib package"):
        schema.check_server(fresh_url)


def test_a_server_that_ended_says_why_and_not_whom_it_turned_away() -> None:
    why = "2026-11-26 17:55:29.101 UTC [27202] FATAL:  recovery ended before configured recovery target was reached"
    turned_away = (
        "2026-11-26 17:55:29.095 UTC [27211] FATAL:  the database system is starting up",
        "2026-11-26 17:55:29.103 UTC [27212] FATAL:  the database system is not yet accepting connections",
        "DETAIL:  Consistent recovery state has not been yet reached.",
    )
    assert postgres.complaint("\n".join([turned_away[0], why, *turned_away[1:]])) == why


def test_a_full_disk_is_refused_before_anything_is_made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(postgres, "NEEDED_MB", 10**9)
    home = tmp_path / "pg"
    with pytest.raises(Trouble, match=r"MB left and the database needs 1000000000; free some space\."):
        postgres.start(postgres.Cluster("pg", home))
    assert not home.exists()


@pytest.mark.parametrize("version", ["v18.20.0", "v20.18.3", "v21.7.0", "v22.11.0"])
def test_an_old_node_is_refused(tmp_path: Path, version: str) -> None:
    for name in ("node", "npm"):
        program = tmp_path / name
        program.write_text(f"#!/bin/sh\necho {version}\n")
        program.chmod(0o755)
    done = subprocess.run(
        [sys.executable, str(SETUP)], env={"PATH": str(tmp_path)}, capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    assert done.stderr == f"placket: Placket needs Node.js 20.19+ or 22.12+, this is {version}. Install a newer one.\n"


def test_a_missing_node_is_refused(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, str(SETUP)], env={"PATH": str(tmp_path)}, capture_output=True, text=True, check=False
    )
    sentence = "Node.js with npm is missing. Install Node.js 20.19 or newer (or 22.12 or newer)."
    assert done.stderr == f"placket: {sentence}\n"


def test_an_old_python_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    spec = importlib.util.spec_from_file_location("setup_script", SETUP)
    assert spec is not None
    assert spec.loader is not None
    script = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(script)
    monkeypatch.setattr(script, "OLDEST_PYTHON", (9, 9))
    with pytest.raises(SystemExit, match=r"Placket needs Python 3.11 or newer, this is 3\.\d+\.\d+"):
        script.check_python()


def test_a_port_that_is_no_number_is_refused() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "placket.cli", "psql-url"],
        env={"PORT": "eighty"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stderr == "placket: PORT must be a number from 1 to 65535, and it is 'eighty'.\n"


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command.name)
def test_every_command_explains_itself_and_leads_somewhere(command, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as left:
        main([command.name, "--help"])
    assert left.value.code == 0
    assert command.help_text.split()[0] in capsys.readouterr().out
    assert callable(pkgutil.resolve_name(command.function))


def test_a_command_that_does_not_exist_is_refused() -> None:
    with pytest.raises(SystemExit):
        parser().parse_args(["sell-everything"])
