"""What a journey plays on: a server of its own with the small demo chain, browsers, and a notebook of figures.

A journey is a file ``journey_NN.py`` with ``def run(stage: Stage) -> None``, written for Playwright's synchronous pages.
Screens are found by ``data-testid``. A round ends with the books proved and no error on any console.
"""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import cache, cached_property
from pathlib import Path
from typing import Any

import psycopg
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Playwright, Response, expect, sync_playwright
from playwright.sync_api import Error as BrowserError

from messages.inbox import Inbox
from placket.core.settings import ROOT

START_S = 180
LOOK_S = 0.02
PATIENCE_MS = 20_000
SEPAY_SECRET = "khoa-cua-hanh-trinh"
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
)
# Chromium itself writes these for every answer that says no, every network that is gone, and when the tracer looks into
# a mail whose frame lets no script run; the app's own words count.
EXPECTED = re.compile(
    r"Failed to load resource: (the server responded with a status of 4\d\d|net::ERR_(?:INTERNET_DISCONNECTED|FAILED))"
    r"|Blocked script execution in 'about:srcdoc'"
)
BURST = """barcode => {
  const physical = key => /[0-9]/.test(key) ? `Digit${key}` : /[A-Za-z]/.test(key) ? `Key${key.toUpperCase()}` : key
  const target = document.activeElement ?? document.body
  const timeStamp = performance.now()
  const keys = [...barcode, 'Enter'].flatMap(key => ['keydown', 'keyup'].map(type =>
    Object.defineProperty(
      new KeyboardEvent(type, { key, code: physical(key), bubbles: true, cancelable: true }),
      'timeStamp', { value: timeStamp })))
  keys.forEach(press => target.dispatchEvent(press))
}"""
DESKTOP = {"width": 1280, "height": 800}
SETTINGS: dict[str, Any] = {"viewport": DESKTOP, "locale": "vi-VN", "timezone_id": "Asia/Ho_Chi_Minh"}


class Failed(AssertionError):
    """A step of the journey did not go as the journey says."""


@dataclass
class Figure:
    """A measured value of one name, a round each, and the most it may be."""

    unit: str
    limit: float | None
    values: list[float] = field(default_factory=list)


@dataclass
class Server:
    """The whole product under its supervisor, with a database and a folder of its own."""

    home: Path
    port: int
    process: subprocess.Popen[bytes]

    @property
    def url(self) -> str:
        """Where the apps are."""
        return f"http://127.0.0.1:{self.port}"

    @cached_property
    def database_url(self) -> str:
        """Where its books are."""
        return self.placket("psql-url").strip()

    def placket(self, *command: str) -> str:
        """Run a command of the product beside the running server; answers what it printed."""
        done = subprocess.run(
            [sys.executable, "-m", "placket.cli", *command],
            env=environment(self.home, self.port),
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise Failed(f"placket {' '.join(command)}: {done.stdout}{done.stderr}")
        return done.stdout


@dataclass
class Stage:
    """One round of a journey."""

    server: Server
    browser: Browser
    out: Path
    round: int
    figures: dict[str, Figure]
    inbox: Inbox
    contexts: dict[str, BrowserContext] = field(default_factory=dict)
    errors: list[str] = field(default_factory=list)

    @property
    def url(self) -> str:
        """Where the apps are."""
        return self.server.url

    def open(self, name: str, path: str, **options: Any) -> Page:
        """A page in a browser context of its own, traced, its errors noted under ``name``."""
        context = self.browser.new_context(base_url=self.url, **(SETTINGS | options))
        return self._enter(name, context, context.new_page(), path)

    def lasting(self, name: str, profile: Path, path: str, **options: Any) -> Page:
        """A page in a browser of its own that keeps what it has in a folder, so that it can be killed and started again."""
        context = self.browser.browser_type.launch_persistent_context(
            profile, executable_path=executable(), args=FLAGS, base_url=self.url, **(SETTINGS | options)
        )
        return self._enter(name, context, context.pages[0], path)

    def kill(self, name: str, profile: Path) -> None:
        """Take a lasting browser's processes away from it, as a power cut does."""
        context = self.contexts.pop(name)
        context.tracing.stop(path=self.out / f"{self.round}-{name}-killed.zip")
        for process in Path("/proc").glob("[0-9]*/cmdline"):
            with suppress(OSError):
                if f"--user-data-dir={profile}".encode() in process.read_bytes():
                    os.kill(int(process.parent.name), signal.SIGKILL)
        with suppress(BrowserError):
            context.close()

    def pair(self, page: Page, code: str) -> None:
        """Make a fresh till app the till with this code (``HN01-1``); shows the PIN screen."""
        made = json.loads(self.server.placket("pairing-code", code, "--json"))
        page.get_by_test_id("pos.pair.code").fill(made["code"])
        page.get_by_test_id("pos.pair.submit").click()
        page.get_by_test_id("pos.pin.staff").first.wait_for()

    def _enter(self, name: str, context: BrowserContext, page: Page, path: str) -> Page:
        context.set_default_timeout(15_000)
        context.tracing.start(screenshots=True, snapshots=True)
        self.contexts[name] = context
        page.on("console", lambda message: self._heard(name, message))
        page.on("pageerror", lambda error: self.errors.append(f"{name}: {error}"))
        page.on("response", lambda response: self._answered(name, response))
        page.goto(path)
        return page

    def till(self, name: str, code: str, **options: Any) -> Page:
        """The till app in a fresh browser, paired as the till with this code (``HN01-1``); shows the PIN screen."""
        page = self.open(name, "/pos/", **options)
        self.pair(page, code)
        return page

    def sign_in_at_till(self, page: Page, pin: str, full_name: str | None = None) -> None:
        """Choose a face (the first if no name is given) and type the PIN; shows the sale screen."""
        faces = page.get_by_test_id("pos.pin.staff")
        (faces.first if full_name is None else faces.filter(has_text=full_name)).click()
        for digit in pin:
            page.keyboard.press(digit)
        page.get_by_test_id("pos.sale.search").wait_for()

    def office(self, name: str, email: str, password: str, **options: Any) -> Page:
        """The office app in a fresh browser, signed in."""
        page = self.open(name, "/office/", **options)
        page.get_by_test_id("office.sign_in.email").fill(email)
        page.get_by_test_id("office.sign_in.password").fill(password)
        page.get_by_test_id("office.sign_in.submit").click()
        page.get_by_test_id("office.rail.profile").wait_for()
        return page

    def scan(self, page: Page, barcode: str) -> None:
        """Type a barcode as a scanner does: one burst of physical keys with Enter at its end, wherever the focus is.

        The burst is made inside the page, all keys with one stamp, as a scanner's buffer does it: a busy test machine would
        otherwise tear it apart like a person's typing.
        """
        page.evaluate(BURST, barcode)

    def shot(self, page: Page, name: str) -> None:
        """Keep a picture of the screen."""
        page.screenshot(path=self.out / f"{self.round}-{name}.png")

    def measure(self, name: str, value: float, *, limit: float | None = None, unit: str = "ms") -> None:
        """Note a figure of this round; a value above its limit fails the journey at its end."""
        self.figures.setdefault(name, Figure(unit, limit)).values.append(value)

    def marks(self, page: Page, name: str) -> list[float]:
        """When the page set this performance mark: milliseconds since 1970, comparable between pages of this machine."""
        script = "name => performance.getEntriesByName(name, 'mark').map(m => performance.timeOrigin + m.startTime)"
        moments: list[float] = page.evaluate(script, name)
        return moments

    def rows(self, query: str, *values: object) -> list[tuple[Any, ...]]:
        """Ask the database."""
        with psycopg.connect(self.server.database_url) as connection:
            return connection.execute(query.encode(), values).fetchall()

    def check(self, what: str, *, holds: bool) -> None:
        """Fail the journey with the sentence unless it holds."""
        if not holds:
            raise Failed(what)

    def until(self, what: str, fact: Callable[[], object], *, within_s: float = 12.0) -> None:
        """Wait until something is so; fail the journey with the sentence when it is not in time."""
        deadline = time.monotonic() + within_s
        while not fact():
            self.check(what, holds=time.monotonic() < deadline)
            time.sleep(LOOK_S)

    def close(self) -> None:
        """End the round: traces kept, books proved, consoles silent."""
        for name, context in self.contexts.items():
            context.tracing.stop(path=self.out / f"{self.round}-{name}.zip")
            context.close()
        self.contexts.clear()
        if self.errors:
            raise Failed("errors on the console: " + "; ".join(self.errors[:5]))
        self.server.placket("verify")

    def _heard(self, name: str, message: ConsoleMessage) -> None:
        if message.type == "error" and not EXPECTED.search(message.text):
            self.errors.append(f"{name}: {message.text}")

    def _answered(self, name: str, response: Response) -> None:
        if response.status >= 500:
            self.errors.append(f"{name}: {response.status} from {response.url}")


@contextmanager
def serving(home: Path, size: str = "small", **more: str) -> Iterator[Server]:
    """The product on a free port with the demo chain of a size, for as long as the block lasts; nothing of it stays.

    ``more`` is what its environment has besides.
    """
    port = free_port()
    home.mkdir(parents=True, exist_ok=True)
    log = home / "up.log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "placket.cli", "up", "--demo", size],
            env=environment(home, port) | more,
            stdout=output,
            stderr=output,
        )
    server = Server(home, port, process)
    try:
        _await_welcome(process, log)
        yield server
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(timeout=60)
        server.placket("reset", "--yes")


@contextmanager
def chromium() -> Iterator[tuple[Playwright, Browser]]:
    """A headless browser. What is expected of a screen may take its time: how fast it is, is measured elsewhere."""
    expect.set_options(timeout=PATIENCE_MS)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable(), args=FLAGS)
        yield playwright, browser
        browser.close()


@cache
def executable() -> str:
    """Where the browser is."""
    found = subprocess.run(
        [sys.executable, str(ROOT / "scripts" / "browser.py")], stdout=subprocess.PIPE, text=True, check=True
    )
    return found.stdout.strip().splitlines()[-1]


def environment(home: Path, port: int) -> dict[str, str]:
    """The environment of a server of its own."""
    kept = {name: value for name, value in os.environ.items() if name not in {"DATABASE_URL", "HOST"}}
    own = {"SEPAY_SECRET": SEPAY_SECRET}
    return kept | own | {"PLACKET_VAR": str(home), "PORT": str(port), "PYTHONUNBUFFERED": "1"}


def free_port() -> int:
    """A port nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def median(values: Sequence[float]) -> float:
    """The middle value."""
    return sorted(values)[len(values) // 2]


def _await_welcome(process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + START_S
    while "is ready after" not in (text := log.read_text(encoding="utf-8", errors="replace")):
        if process.poll() is not None or time.monotonic() > deadline:
            raise Failed(f"the server did not start:\n{text}")
        time.sleep(0.1)
