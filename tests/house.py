"""A house: the whole product under its supervisor, in a folder, on a port and with a database of its own."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from serving import free_port
from waiting import until

PATIENCE_S = 120.0
EMAIL = "owner@lua.example"
PASSWORD = "mot-mat-khau-dai"


@dataclass
class House:
    """What ``placket up`` runs in."""

    home: Path
    port: int
    process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """Where it answers."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def screen(self) -> str:
        """What ``up`` has printed."""
        return (self.home / "screen").read_text(encoding="utf-8")

    def placket(self, *command: str) -> subprocess.CompletedProcess[str]:
        """Run another command beside it."""
        return subprocess.run(
            program(*command), env=self.environment(), capture_output=True, text=True, check=False, timeout=PATIENCE_S
        )

    def environment(self) -> dict[str, str]:
        """The environment of the house."""
        kept = {name: value for name, value in os.environ.items() if name not in {"DATABASE_URL", "HOST"}}
        return kept | {"PLACKET_VAR": str(self.home), "PORT": str(self.port), "PLACKET_PASSWORD": PASSWORD}

    def up(self) -> None:
        """Start everything and wait until it can sell."""
        with (self.home / "screen").open("wb") as screen:
            self.process = subprocess.Popen(program("up"), env=self.environment(), stdout=screen, stderr=screen)
        until(lambda: "is ready after" in self.screen or self.process is None or self.process.poll() is not None)
        assert "is ready after" in self.screen, self.screen

    def ensure_up(self) -> None:
        """Start everything unless it runs."""
        if self.process is None or self.process.poll() is not None:
            self.up()

    def ensure_down(self) -> None:
        """Stop everything unless it has ended."""
        if self.process is not None and self.process.poll() is None:
            self.stop()

    def stop(self, how: signal.Signals = signal.SIGINT) -> int:
        """Ask it to stop, or make it; answers its exit code."""
        assert self.process is not None
        self.process.send_signal(how)
        return self.process.wait(timeout=PATIENCE_S)

    def pids(self) -> dict[str, int]:
        """The processes that run in it, by role."""
        found = {}
        for folder in Path("/proc").glob("[0-9]*"):
            role = self._role(folder)
            if role is not None:
                found[role] = int(folder.name)
        return found

    def _role(self, folder: Path) -> str | None:
        try:
            words = (folder / "cmdline").read_bytes().decode().split("\0")
            if "-D" in words and f"/{self._cluster_mark()}/" in words[words.index("-D") + 1]:
                return "database"
            environment = (folder / "environ").read_bytes().decode().split("\0")
        except (FileNotFoundError, ProcessLookupError, PermissionError, UnicodeDecodeError):
            return None
        if f"PLACKET_VAR={self.home}" not in environment or "placket.cli" not in words:
            return None
        return words[words.index("placket.cli") + 1]

    def _cluster_mark(self) -> str:
        link = self.home / "pg"
        return link.readlink().parent.name if link.is_symlink() else self.home.name

    def answers(self) -> bool:
        """Whether it can sell."""
        try:
            return httpx.get(f"{self.url}/ready", timeout=5).status_code == 200
        except httpx.TransportError:
            return False

    def sign_in(self) -> int:
        """The status of the owner's signing in: their account is the data that must not be lost."""
        body = {"email": EMAIL, "password": PASSWORD}
        return httpx.post(f"{self.url}/api/auth/sign-in", json=body, headers={"x-placket": "1"}, timeout=15).status_code


def program(*command: str) -> list[str]:
    """The command line of a command."""
    return [sys.executable, "-m", "placket.cli", *command]


@pytest.fixture(scope="module", name="house")
def a_house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """A house that was founded by ``placket init`` and is not running."""
    made = House(tmp_path_factory.mktemp("house"), free_port())
    founded = made.placket(
        *("init", "--company", "Lụa", "--owner", "Trần Minh Lụa", "--email", EMAIL, "--json"),
        *("--branch", "HN01:Tràng Tiền:Hà Nội", "--depot", "KHO:Kho trung tâm:Hà Nội"),
    )
    assert founded.returncode == 0, founded.stderr
    assert json.loads(founded.stdout) == {"company": "Lụa", "email": EMAIL, "locations": ["HN01", "KHO"]}
    yield made
    made.ensure_down()
    assert made.placket("reset", "--yes").returncode == 0
