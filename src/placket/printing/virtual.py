"""A printer without paper: reads what printers read and makes pictures of it, for tests and for trying the product out.

It knows exactly the commands that this product sends, and stops at any other: what it accepts, a real printer prints.
"""

import socket
import struct
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock, Thread
from typing import Final

from placket.printing.escpos import COVER_OPEN, DRAWER_NOW, FAULT, FIXED, PAPER_DOTS, PAPER_END, State

ROW_BYTES: Final = PAPER_DOTS // 8
DRAWER_PULSE: Final = b"\x00\x19\xfa"


class UnknownCommand(Exception):
    """Bytes that this product never sends."""


@dataclass
class Paper:
    """What lies in the tray: cut pieces as rows of dots, pulses of the drawer, and what is not cut yet."""

    pieces: list[bytes] = field(default_factory=list)
    open_rows: bytearray = field(default_factory=bytearray)
    pulses: int = 0

    def cut(self) -> None:
        """Cut off what is printed; cutting nothing is no piece."""
        if self.open_rows:
            self.pieces.append(bytes(self.open_rows))
            self.open_rows = bytearray()


class Interpreter:
    """Reads a stream of commands piece by piece; answers the questions in it."""

    def __init__(self, paper: Paper, state: Callable[[], State] = lambda: "ready") -> None:
        self._paper = paper
        self._state = state
        self._held = bytearray()

    def feed(self, received: bytes) -> bytes:
        """Take bytes in; answers what the printer says back. Raises UnknownCommand."""
        said = b""
        # Questions and the real-time pulse pass what waits for paper.
        while self._state() != "ready" and (done := self._real_time(received)) is not None:
            said += done[1]
            received = received[done[0] :]
        self._held += received
        while self._state() == "ready" and (done := self._real_time(bytes(self._held[:5])) or self._command()) is not None:
            said += done[1]
            del self._held[: done[0]]
        return said

    def _real_time(self, held: bytes) -> tuple[int, bytes] | None:
        if held.startswith(b"\x10\x04") and len(held) > 2:  # noqa: PLR2004 - a whole question
            return 3, bytes([self._answer(held[2])])
        if held.startswith(DRAWER_NOW):
            self._paper.pulses += 1
            return len(DRAWER_NOW), b""
        return None

    def _answer(self, question: int) -> int:
        state = self._state()
        if question == 2:  # noqa: PLR2004 - the cause of being off line
            return FIXED | (COVER_OPEN if state == "cover_open" else FAULT if state == "fault" else 0)
        if question == 4:  # noqa: PLR2004 - paper
            return FIXED | (PAPER_END if state == "paper_out" else 0)
        raise UnknownCommand(f"10 04 {question:02x}")

    def _command(self) -> tuple[int, bytes] | None:
        held = bytes(self._held[:8])
        if held.startswith(b"\x1b\x40"):
            return 2, b""
        if held.startswith(b"\x1b\x70"):
            return self._whole(held, 5, DRAWER_PULSE, self._pulse)
        if held.startswith(b"\x1d\x56"):
            return self._whole(held, 4, b"\x42\x00", self._paper.cut)
        if held.startswith(b"\x1d\x72"):
            return None if len(held) < 3 else (3, b"\x00")  # noqa: PLR2004 - a whole question
        if held.startswith(b"\x1d\x76"):
            return self._raster(held)
        if held in {b"", b"\x1b", b"\x1d"} or DRAWER_NOW.startswith(held) or held == b"\x10\x04":
            return None  # the rest is still to come
        raise UnknownCommand(held.hex(" "))

    @staticmethod
    def _whole(held: bytes, length: int, rest: bytes, deed: Callable[[], None]) -> tuple[int, bytes] | None:
        if len(held) < length:
            return None
        if held[2:length] != rest:
            raise UnknownCommand(held.hex(" "))
        deed()
        return length, b""

    def _pulse(self) -> None:
        self._paper.pulses += 1

    def _raster(self, held: bytes) -> tuple[int, bytes] | None:
        if len(held) < 8:  # noqa: PLR2004 - the command with its measures
            return None
        if held[2:4] != b"\x30\x00":
            raise UnknownCommand(held.hex(" "))
        width, rows = struct.unpack("<HH", held[4:])
        if not 0 < width <= ROW_BYTES or not 0 < rows <= 256:  # noqa: PLR2004 - a strip
            raise UnknownCommand(held.hex(" "))
        end = 8 + width * rows
        if len(self._held) < end:
            return None
        for top in range(8, end, width):
            self._paper.open_rows += bytes(self._held[top : top + width]).ljust(ROW_BYTES, b"\x00")
        return end, b""


class VirtualPrinter:
    """Listens like a printer on port 9100. ``state`` may be set, as paper ends in life."""

    def __init__(self, *, host: str = "127.0.0.1", port: int = 0, into: Path | None = None) -> None:
        self.paper = Paper()
        self.state: State = "ready"
        self.trouble: list[str] = []
        self._into = into
        self._saved = 0
        self._lock = Lock()
        self._listener = socket.create_server((host, port))
        self.port: int = self._listener.getsockname()[1]
        Thread(target=self._serve, name="virtual printer", daemon=True).start()

    def close(self) -> None:
        """Listen no more."""
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def pictures(self) -> Iterator[bytes]:
        """The cut pieces as PNG."""
        with self._lock:
            pieces = list(self.paper.pieces)
        return map(png, pieces)

    def _serve(self) -> None:
        while True:
            try:
                line, _ = self._listener.accept()
            except OSError:
                return
            with line:
                self._listen(line)

    def _listen(self, line: socket.socket) -> None:
        interpreter = Interpreter(self.paper, lambda: self.state)
        try:
            while received := line.recv(65_536):
                with self._lock:
                    said = interpreter.feed(received)
                    self._save()
                line.sendall(said)
        except UnknownCommand as unknown:
            self.trouble.append(str(unknown))
        except OSError as error:
            self.trouble.append(str(error))

    def _save(self) -> None:
        if self._into is None:
            return
        self._into.mkdir(parents=True, exist_ok=True)
        for piece in self.paper.pieces[self._saved :]:
            self._saved += 1
            (self._into / f"paper-{self._saved:04}.png").write_bytes(png(piece))


def png(rows: bytes) -> bytes:
    """Rows of dots as a picture, ink black on white paper."""
    lines = b"".join(
        b"\x00" + bytes(byte ^ 0xFF for byte in rows[top : top + ROW_BYTES]) for top in range(0, len(rows), ROW_BYTES)
    )
    measures = struct.pack(">IIBBBBB", PAPER_DOTS, len(rows) // ROW_BYTES, 1, 0, 0, 0, 0)
    parts = ((b"IHDR", measures), (b"IDAT", zlib.compress(lines)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        len(content).to_bytes(4) + name + content + zlib.crc32(name + content).to_bytes(4) for name, content in parts
    )
