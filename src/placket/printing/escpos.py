"""What a receipt printer understands: pictures, a cut, a pulse for the drawer, and questions about itself.

Everything is sent as a picture: code pages of cheap printers break Vietnamese. The rules are docs/rules/printing.md's.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, Literal

State = Literal["ready", "paper_out", "cover_open", "fault", "offline"]

PAPER_DOTS: Final = 576
STRIP_ROWS: Final = 256

START: Final = b"\x1b\x40"
CUT: Final = b"\x1d\x56\x42\x00"
DRAWER: Final = b"\x1b\x70\x00\x19\xfa"
DRAWER_NOW: Final = b"\x10\x14\x01\x00\x02"
"""A pulse that a printer without paper gives as well: it is not queued behind what it cannot print."""
ASK_CAUSE: Final = b"\x10\x04\x02"
ASK_PAPER: Final = b"\x10\x04\x04"
ASK_DONE: Final = b"\x1d\x72\x01"
"""Answered when everything before it has been printed."""

FIXED_MASK: Final = 0b1001_0011
FIXED: Final = 0b0001_0010
COVER_OPEN: Final = 0b0000_0100
FAULT: Final = 0b0100_0000
PAPER_END: Final = 0b0110_0000


@dataclass(frozen=True, slots=True)
class Raster:
    """A picture of one bit a dot, set where there is ink, rows padded to whole bytes."""

    width: int
    height: int
    bits: bytes

    @property
    def row_bytes(self) -> int:
        """Bytes of a row."""
        return (self.width + 7) // 8

    def fits(self) -> bool:
        """Whether the bits are as many as the measures say, on our paper."""
        return 0 < self.width <= PAPER_DOTS and self.height > 0 and len(self.bits) == self.row_bytes * self.height


def page(raster: Raster, *, copies: int, cut: bool) -> bytes:
    """The commands that print a picture so often, each copy cut off."""
    once = START + b"".join(strips(raster)) + (CUT if cut else b"")
    return once * copies


def strips(raster: Raster) -> Iterator[bytes]:
    """The picture in strips that every printer's memory holds."""
    width = raster.row_bytes
    for top in range(0, raster.height, STRIP_ROWS):
        rows = min(STRIP_ROWS, raster.height - top)
        measures = width.to_bytes(2, "little") + rows.to_bytes(2, "little")
        yield b"\x1d\x76\x30\x00" + measures + raster.bits[top * width : (top + rows) * width]


def state_of(cause: int, paper: int) -> State:
    """What the printer's answers to ``ASK_CAUSE`` and ``ASK_PAPER`` say."""
    if paper & PAPER_END:
        return "paper_out"
    if cause & COVER_OPEN:
        return "cover_open"
    return "fault" if cause & FAULT else "ready"


def is_status(answer: int) -> bool:
    """Whether a byte is an answer to a question of ours: four of its bits never change."""
    return answer & FIXED_MASK == FIXED
