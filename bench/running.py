"""memory_rest and start_warm: `make run` as a user types it, with the demo chain, in a folder of its own under var/."""

import http.client
import json
import os
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bench import floor
from bench.report import Result, Spread, say
from bench.stage import free_port, stage
from placket.core.settings import ROOT, settings

STARTS = 5
FIRST_S = 900.0
WARM_S = 60.0
REST_S = 20.0
MEMORY_MB_MAX = 320
ROLES = ("up", "api", "worker", "printbridge")
STAND_INS = {"terminal-sim"}
START_S_MAX = 5.0


def memory_rest() -> Result:
    """What the product's own processes hold after the start, without database and stand-ins: the sum of their PSS."""
    _first_start()
    with _running() as (run, _):
        time.sleep(REST_S)
        held = dict(_own_processes(run.pid))
    for name, pss_mb in held.items():
        say(f"{name}: {pss_mb:.0f} MB")
    total_mb = sum(held.values())
    return Result(
        name="memory_rest",
        value=round(total_mb, 1),
        unit="MB PSS",
        target=f"<= {MEMORY_MB_MAX} MB",
        ok=total_mb <= MEMORY_MB_MAX,
    )


def start_warm() -> Result:
    """From `make run` to an API that says it can sell, with everything made by an earlier start."""
    _first_start()
    with stage("start_warm") as at:
        k = floor.slowness(at)
    seconds = []
    for _ in range(STARTS):
        with _running() as (_, took_s):
            seconds.append(took_s)
    took = Spread(seconds)
    say(f"ready after {took} s; k = {k:.2f}")
    return Result(
        name="start_warm",
        value=round(took.middle, 2),
        unit="s",
        target=f"<= {START_S_MAX:.0f} s x max(1, k), k = {k:.2f}",
        ok=took.middle <= START_S_MAX * max(1.0, k),
    )


def _first_start() -> None:
    say("a first start, which makes what is not there yet")
    with _running(FIRST_S) as (_, took_s):
        say(f"ready after {took_s:.1f} s")


@contextmanager
def _running(patience_s: float = WARM_S) -> Iterator[tuple[subprocess.Popen[bytes], float]]:
    """`make run` until it is ready, with the seconds that took; stopped as by Ctrl-C."""
    port = free_port()
    environment = os.environ | {"PORT": str(port), "PLACKET_VAR": str(settings().var / "bench")}
    began = time.monotonic()
    run = subprocess.Popen(
        ["make", "run"],
        cwd=ROOT,
        env=environment,
        stdout=subprocess.DEVNULL,
        start_new_session=True,
        stdin=subprocess.DEVNULL,
    )
    try:
        while not _ready(port):
            if run.poll() is not None or time.monotonic() - began > patience_s:
                raise RuntimeError(
                    f"not ready after {time.monotonic() - began:.0f} s; see {settings().var / 'bench' / 'log'}"
                )
            time.sleep(0.02)
        yield run, time.monotonic() - began
    finally:
        os.killpg(run.pid, signal.SIGINT)
        run.wait(timeout=60)


def _ready(port: int) -> bool:
    try:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=2)
        connection.request("GET", "/ready")
        return json.load(connection.getresponse()).get("ready") is True
    except (OSError, http.client.HTTPException, ValueError):
        return False


def _own_processes(root: int) -> Iterator[tuple[str, float]]:
    """Name and PSS of the product's processes below ``root``."""
    parents = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                fields = (entry / "stat").read_text(encoding="utf-8").rsplit(")", 1)[1].split()
                words = (entry / "cmdline").read_bytes().decode().split("\0")
            except (FileNotFoundError, ProcessLookupError):
                continue
            parents[int(entry.name)] = (int(fields[1]), words)
    below, known = [root], set()
    while below:
        parent = below.pop()
        known.add(parent)
        below += [pid for pid, (of, _) in parents.items() if of == parent and pid not in known]
    for pid in sorted(known):
        words = parents[pid][1]
        ours = "python" in Path(words[0]).name  # neither make, nor its shell, nor PostgreSQL
        if ours and not STAND_INS.intersection(words):
            lines = Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="utf-8").splitlines()
            kilobytes = next(int(line.split()[1]) for line in lines if line.startswith("Pss:"))
            role = next(word for word in words if word in ROLES)
            yield f"{role} {pid}", kilobytes / 1024
