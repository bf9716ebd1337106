"""The second copy of the tills' journals: what a till has written, line by line, outside its browser.

An entry is kept as the very text that the till hashed, in order and without holes, each line on the disk before it is
answered. A copy recovers entries; no till ever goes on from one.
"""

import json
import os
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from threading import Lock
from typing import Final

NO_HASH: Final = "0" * 64
SEGMENT: Final = 2_000
KEPT_S: Final = 90 * 86_400


class CopyGap(Exception):
    """Entries are missing before the first one sent; ``expected`` is the next one wanted."""

    def __init__(self, expected: int) -> None:
        super().__init__(expected)
        self.expected = expected


class CopyForked(Exception):
    """Another history is kept under this epoch already, or the text is not what was hashed."""


@dataclass(frozen=True, slots=True)
class Entry:
    """An entry as the till keeps it."""

    seq: int
    hash: str
    text: str

    def line(self) -> bytes:
        """The entry as a line of the copy."""
        return json.dumps({"seq": self.seq, "hash": self.hash, "text": self.text}, ensure_ascii=False).encode() + b"\n"


@dataclass(frozen=True, slots=True)
class Head:
    """How far the copy of an epoch reaches."""

    seq: int
    hash: str


class Copies:
    """A folder a till, in it a folder an epoch, in it files of two thousand entries."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._heads: dict[tuple[str, int], Head] = {}
        self._lock = Lock()

    def append(self, till: str, epoch: int, entries: Sequence[Entry]) -> Head:
        """Keep what is new; answers how far the copy reaches. Raises CopyGap, CopyForked."""
        with self._lock:
            head = self._head(till, epoch)
            fresh = [entry for entry in entries if head is None or entry.seq > head.seq]
            self._compare(till, epoch, entries[: len(entries) - len(fresh)])
            if not fresh:
                if head is None:
                    raise CopyGap(1)
                return head
            # A copy may begin late, on a bridge that was put up when the till had sold already.
            if head is not None and fresh[0].seq != head.seq + 1:
                raise CopyGap(head.seq + 1)
            previous = head
            for entry in fresh:
                follows(previous, entry)
                previous = Head(entry.seq, entry.hash)
            self._write(till, epoch, fresh)
            self._heads[till, epoch] = Head(fresh[-1].seq, fresh[-1].hash)
            return self._heads[till, epoch]

    def kept(self) -> Iterator[tuple[str, int, int, int]]:
        """Till, epoch, first and last entry of every copy here."""
        for folder in sorted(self._folder.glob("*/*")):
            segments = sorted(folder.glob("*.jsonl"))
            with self._lock:
                head = self._head(folder.parent.name, int(folder.name))
            if segments and head is not None:
                yield folder.parent.name, int(folder.name), int(segments[0].stem), head.seq

    def entries(self, till: str, epoch: int, *, since: int, most: int) -> list[Entry]:
        """Entries from a number on."""
        found: list[Entry] = []
        segments = sorted(self._of(till, epoch).glob("*.jsonl"))
        for place, segment in enumerate(segments):
            if place + 1 < len(segments) and int(segments[place + 1].stem) <= since:
                continue
            for entry in read(segment):
                if entry.seq >= since:
                    found.append(entry)
                if len(found) == most:
                    return found
        return found

    def prune(self) -> None:
        """Forget what is older than ninety days; the newest file of an epoch stays that long after its last entry."""
        oldest = time.time() - KEPT_S
        for segment in self._folder.glob("*/*/*.jsonl"):
            if segment.stat().st_mtime < oldest:
                segment.unlink()

    def _compare(self, till: str, epoch: int, entries: Sequence[Entry]) -> None:
        if not entries:
            return
        known = {entry.seq: entry.hash for entry in self.entries(till, epoch, since=entries[0].seq, most=len(entries))}
        if any(known.get(entry.seq, entry.hash) != entry.hash for entry in entries):
            raise CopyForked

    def _head(self, till: str, epoch: int) -> Head | None:
        if (till, epoch) not in self._heads:
            segments = sorted(self._of(till, epoch).glob("*.jsonl"))
            last = None
            while segments and last is None:
                segment = segments.pop()
                mend(segment)
                for entry in read(segment):
                    last = entry
            if last is None:
                return None
            self._heads[till, epoch] = Head(last.seq, last.hash)
        return self._heads[till, epoch]

    def _write(self, till: str, epoch: int, entries: Sequence[Entry]) -> None:
        folder = self._of(till, epoch)
        folder.mkdir(parents=True, exist_ok=True)
        segments = sorted(folder.glob("*.jsonl"))
        current = segments[-1] if segments else None
        if current is None or entries[0].seq - int(current.stem) >= SEGMENT:
            current = folder / f"{entries[0].seq:012}.jsonl"
        with current.open("ab") as file:
            file.write(b"".join(entry.line() for entry in entries))
            file.flush()
            os.fsync(file.fileno())
        if current not in segments:
            settle(folder)

    def _of(self, till: str, epoch: int) -> Path:
        return self._folder / till / f"{epoch:02}"


def follows(previous: Head | None, entry: Entry) -> None:
    """Whether an entry is the next one and its text is what was hashed. Raises CopyGap, CopyForked."""
    if previous is None:
        if entry.seq == 1 and chained(NO_HASH, entry.text) != entry.hash:
            raise CopyForked
        return
    if entry.seq != previous.seq + 1:
        raise CopyGap(previous.seq + 1)
    if chained(previous.hash, entry.text) != entry.hash:
        raise CopyForked


def chained(previous: str, text: str) -> str:
    """The hash of an entry, as docs/rules/offline.md says."""
    return sha256((previous + text).encode()).hexdigest()


def read(segment: Path) -> Iterator[Entry]:
    """The whole lines of a file."""
    with segment.open("rb") as file:
        for line in file:
            if line.endswith(b"\n"):
                kept = json.loads(line)
                yield Entry(kept["seq"], kept["hash"], kept["text"])


def mend(segment: Path) -> None:
    """Cut off a line that a power cut left unfinished: it was never answered."""
    content = segment.read_bytes()
    whole = content.rfind(b"\n") + 1
    if whole < len(content):
        os.truncate(segment, whole)


def settle(folder: Path) -> None:
    """Have the disk know of a new file, and of the folders above it."""
    for each in (folder, folder.parent):
        handle = os.open(each, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
