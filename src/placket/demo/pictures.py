"""Product pictures: a drawn garment in the style's cloth on a paper tone, one SVG a style and colour, a few kilobytes.

The drawings (``garments.svg``) take their cloth from CSS variables; here every variable is replaced by its colour, so that
a picture looks the same in a browser, in an e-mail and on a receipt.
"""

import re
from functools import cache
from pathlib import Path
from typing import Final

LOOKS: Final = 8  # pictures of one garment in one colour differ by print and turn in so many ways

_PAPER: Final = "#F4EFE6"
_LIGHT: Final = 150
_ACCENTS: Final = ("#F6E3B4", "#E9C77C", "#F7EBDD", "#D9B777")
_SECOND_ACCENTS: Final = ("#7A2E3A", "#8A5A12", "#2F7566", "#3C475A")
# Garment, cloth, and where it hangs: x, y, width.
_RAIL: Final = (("coat", "#C9AE80", -44, 26, 236), ("shirt", "#7C9485", 214, 26, 232), ("dress", "#F0E5CE", 70, 24, 252))
_LIGHTS: Final = (
    '<linearGradient id="wall" x1="0" x2="0" y1="0" y2="1"><stop offset="0" stop-color="#EDE4D3"/>'
    '<stop offset=".66" stop-color="#E2D3B8"/><stop offset=".662" stop-color="#CDB68F"/>'
    '<stop offset="1" stop-color="#D9C6A3"/></linearGradient>'
    '<linearGradient id="sun" x1="0" y1="0" x2="1" y2="1"><stop offset="0" stop-color="#FFFBEF" stop-opacity=".85"/>'
    '<stop offset="1" stop-color="#FFFBEF" stop-opacity=".1"/></linearGradient>'
)
_ROOM: Final = (
    '<path fill="url(#wall)" d="M-600 0h1600v648H-600z"/><g fill="url(#sun)">'
    '<path d="M92 0h54l-62 168H30zM158 0h54l-62 168H96zM224 0h54l-62 168h-54z"/>'
    '<path d="M26 178h54L-2 424h-54zM92 178h54L64 424H10zM158 178h54L130 424H76z" opacity=".8"/></g>'
    '<path d="M-600 427h1600v3H-600z" fill="#1B1008" opacity=".1"/>'
    '<path d="M-600 42h1600" stroke="#7A5A2E" stroke-width="5"/>'
    '<path d="M-600 44.5h1600" stroke="#1B1008" stroke-opacity=".3" stroke-width="1.5"/>'
)
_VARIABLE: Final = re.compile(r"var\((--[a-z0-9-]+),([^)]+)\)")
_REFERENCE: Final = re.compile(r'(?:url\(#|href="#)([\w-]+)')
_DEFINITION: Final = re.compile(
    r'<(linearGradient|radialGradient|pattern|g|path) id="([\w-]+)".*?(?:</\1>|/>)$', re.MULTILINE
)
_SYMBOL: Final = re.compile(r'<symbol id="g-(\w+)"[^>]*>(.*?)</symbol>', re.DOTALL)


@cache
def _drawings() -> tuple[dict[str, str], dict[str, str]]:
    """The garments by name, and the gradients and prints they use by id."""
    text = (Path(__file__).parent / "garments.svg").read_text(encoding="utf-8")
    defs = text[text.index("<defs>") : text.index("</defs>")]
    return (
        {match[1]: match[2] for match in _SYMBOL.finditer(text)},
        {match[2]: match[0] for match in _DEFINITION.finditer(defs)},
    )


@cache
def picture(symbol: str, cloth: str, look: int) -> bytes:
    """The SVG of a garment in a cloth colour (``#RRGGBB``)."""
    garments, definitions = _drawings()
    drawing = garments[symbol]
    body = _definitions(_used(drawing, definitions))
    turn = ' transform="matrix(-1 0 0 1 300 0)"' if look % 2 else ""
    svg = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 300 400"><defs>{body}</defs>'
        f'<path fill="{mixed(cloth, _PAPER, 0.82)}" d="M0 0h300v400H0z"/><g{turn}>{drawing}</g></svg>'
    )
    return _coloured(svg, _cloth(cloth, look)).replace("\n", "").encode()


@cache
def story() -> bytes:
    """The SVG of the shop's first page: three garments on a rail in the light of a window, 390 by 648."""
    garments, definitions = _drawings()
    used: set[str] = set()
    hung = ""
    for symbol, cloth, x, y, width in _RAIL:
        used |= _used(garments[symbol], definitions)
        drawing = _coloured(garments[symbol], _cloth(cloth, 0) | {"--g-fs": "0"})
        hung += f'<svg x="{x}" y="{y}" width="{width}" height="{width * 4 // 3}" viewBox="0 0 300 400">{drawing}</svg>'
    svg = (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 390 648" preserveAspectRatio="xMidYMin slice">'
        f"<defs>{_definitions(used)}{_LIGHTS}</defs>{_ROOM}{hung}</svg>"
    )
    return _coloured(svg, {}).replace("\n", "").encode()


def _cloth(cloth: str, look: int) -> dict[str, str]:
    """The colours of a garment in a cloth."""
    return {
        "--g": cloth,
        "--g-in": mixed(cloth, "#1B1008", 0.42),
        "--g-ln": "#8C8377" if _brightness(cloth) < _LIGHT // 2 else "#1B1008",
        "--g-ac": _ACCENTS[look % len(_ACCENTS)] if _brightness(cloth) < _LIGHT else mixed(cloth, "#8A5A12", 0.6),
        "--g-ac2": _SECOND_ACCENTS[look // 2 % len(_SECOND_ACCENTS)],
        "--g-tr": "#F5F1E8" if look % 2 else mixed(cloth, "#FFFFFF", 0.75),
    }


def _coloured(svg: str, colours: dict[str, str]) -> str:
    return _VARIABLE.sub(lambda match: colours.get(match[1], match[2]), svg)


def _definitions(used: set[str]) -> str:
    _, definitions = _drawings()
    return "".join(definitions[name] for name in definitions if name in used)


def mixed(colour: str, other: str, part: float) -> str:
    """A colour with a part of another mixed in."""
    return "#" + "".join(
        f"{round(own + (its - own) * part):02X}" for own, its in zip(_channels(colour), _channels(other), strict=True)
    )


def _used(drawing: str, definitions: dict[str, str]) -> set[str]:
    used: set[str] = set()
    waiting = set(_REFERENCE.findall(drawing))
    while waiting:
        used |= waiting
        waiting = {name for found in waiting for name in _REFERENCE.findall(definitions[found])} - used
    return used


def _channels(colour: str) -> tuple[int, int, int]:
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


def _brightness(colour: str) -> int:
    red, green, blue = _channels(colour)
    return (299 * red + 587 * green + 114 * blue) // 1000
