"""Jobs that wait on the disk: each is kept before it is printed, forgotten after it, and printed once under one id."""

import base64
import json
import os
import time
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from threading import RLock
from typing import Any, Final, Literal

from placket.printing.escpos import Raster

Outcome = Literal["waiting", "printed", "dropped"]

WAITING_MAX: Final = 500
REMEMBERED_S: Final = 7 * 86_400


class SpoolFull(Exception):
    """So many jobs wait that a person must look at the printer first."""


@dataclass(frozen=True, slots=True)
class Job:
    """Something to print, and whether the drawer opens with it."""

    id: str
    kind: str
    raster: Raster
    copies: int = 1
    cut: bool = True
    drawer: bool = False

    def as_json(self) -> dict[str, Any]:
        """The job as it is kept."""
        bits = base64.b64encode(self.raster.bits).decode()
        picture = {"width": self.raster.width, "height": self.raster.height, "bits": bits}
        return {
            "id": self.id,
            "kind": self.kind,
            "raster": picture,
            "copies": self.copies,
            "cut": self.cut,
            "drawer": self.drawer,
        }

    @classmethod
    def from_json(cls, kept: Mapping[str, Any]) -> "Job":
        """The job that was kept."""
        picture = kept["raster"]
        raster = Raster(picture["width"], picture["height"], base64.b64decode(picture["bits"]))
        return cls(kept["id"], kept["kind"], raster, kept["copies"], kept["cut"], kept["drawer"])


class Spool:
    """The queue, first come first printed. Safe to use from several threads."""

    def __init__(self, folder: Path) -> None:
        self._waiting = folder / "waiting"
        self._ended = folder / "ended"
        for each in (self._waiting, self._ended):
            each.mkdir(parents=True, exist_ok=True)
        self._lock = RLock()
        self._forget_old()
        self._jobs: dict[str, tuple[Path, Job]] = {}
        for path in sorted(self._waiting.glob("*.json")):
            job = Job.from_json(json.loads(path.read_text(encoding="utf-8")))
            self._jobs[job.id] = (path, job)
        numbers = [int(path.stem) for path, _ in self._jobs.values()]
        self._numbers = count(max(numbers, default=0) + 1)

    def add(self, job: Job) -> Outcome:
        """Keep a job; a job that was kept before answers what became of it. Raises SpoolFull."""
        with self._lock:
            known = self.outcome(job.id)
            if known is not None:
                return known
            if len(self._jobs) >= WAITING_MAX:
                raise SpoolFull
            path = self._waiting / f"{next(self._numbers):012}.json"
            written(path, json.dumps(job.as_json()).encode())
            self._jobs[job.id] = (path, job)
            return "waiting"

    def first(self) -> Job | None:
        """The job that is next."""
        with self._lock:
            return next((job for _, job in self._jobs.values()), None)

    def waiting(self) -> list[Job]:
        """The jobs that wait, the next one first."""
        with self._lock:
            return [job for _, job in self._jobs.values()]

    def outcome(self, job_id: str) -> Outcome | None:
        """What became of a job; none when nobody has heard of it."""
        with self._lock:
            if job_id in self._jobs:
                return "waiting"
            ended = self._ended / job_id
            if not ended.exists():
                return None
            return "dropped" if ended.read_text(encoding="utf-8") == "dropped" else "printed"

    def end(self, job_id: str, outcome: Literal["printed", "dropped"]) -> None:
        """The job is over; one that nobody knows is over already."""
        with self._lock:
            path, _ = self._jobs.pop(job_id, (None, None))
            if path is not None:
                written(self._ended / job_id, outcome.encode())
                path.unlink()

    def _forget_old(self) -> None:
        oldest = time.time() - REMEMBERED_S
        for path in self._ended.iterdir():
            if path.stat().st_mtime < oldest:
                path.unlink()


def written(path: Path, content: bytes) -> None:
    """Write a whole file so that a power cut leaves all of it or nothing."""
    beside = path.with_suffix(".new")
    with beside.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    beside.replace(path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
