"""What has changed between two editions of what a till holds, style by style.

Of every edition handed out this process remembers a mark of each style, eight bytes, so it can say which styles are new,
changed or gone. A till whose edition it does not remember takes the snapshot.
"""

from collections import OrderedDict
from collections.abc import Mapping
from hashlib import blake2b
from typing import Any, Final

import msgspec

Content = Mapping[str, Any]
Marks = Mapping[str, bytes]

EDITIONS_MAX: Final = 32
STYLE, COLOUR = 1, 2
MARK_BYTES = 8


class Editions:
    """The marks of the editions handed out last."""

    def __init__(self) -> None:
        self._marks: OrderedDict[str, Marks] = OrderedDict()

    def remember(self, edition: str, content: Content) -> None:
        """Keep the marks of an edition; the one not asked for longest goes."""
        self._marks[edition] = marks_of(content)
        while len(self._marks) > EDITIONS_MAX:
            self._marks.popitem(last=False)

    def changes(self, since: str, edition: str, content: Content) -> dict[str, Any]:
        """What turns one edition into the other, as ``shapes.CatalogueChanges``, but for the server's time."""
        before, after = self._marks.get(since), self._marks[edition]
        if since == edition:
            return _changes(edition, content, styles=[], removed=[], lists=False)
        if before is None:
            return _changes(edition, content, styles=[], removed=[], lists=False) | {"snapshot": True}
        self._marks.move_to_end(since)
        changed = {style for style, mark in after.items() if before.get(style) != mark}
        styles = [style for style in _styles(content) if style["id"] in changed]
        return _changes(edition, content, styles=styles, removed=sorted(before.keys() - after.keys()), lists=True)


def marks_of(content: Content) -> Marks:
    """A mark of every style: equal marks, equal style. Colours go in by their codes, as their places move."""
    colours = [colour["code"] for colour in content["colours"]]
    hashes = [blake2b(msgspec.json.encode(face), digest_size=MARK_BYTES) for face in content["styles"]]
    for row in content["variants"]:
        held = (row[0], colours[row[COLOUR]], *row[COLOUR + 1 :])
        hashes[row[STYLE]].update(msgspec.json.encode(held))
    return {str(face["id"]): mark.digest() for face, mark in zip(content["styles"], hashes, strict=True)}


def _changes(
    edition: str, content: Content, *, styles: list[dict[str, Any]], removed: list[str], lists: bool
) -> dict[str, Any]:
    return {
        "edition": edition,
        "snapshot": False,
        "catalogue_version": content["catalogue_version"],
        "price_version": content["price_version"],
        "colours": content["colours"] if lists else [],
        "categories": content["categories"] if lists else [],
        "styles": styles,
        "removed": removed,
    }


def _styles(content: Content) -> list[dict[str, Any]]:
    """Every style with its variants inside, their rows without the style's place."""
    styles = [{**face, "variants": []} for face in content["styles"]]
    for row in content["variants"]:
        styles[row[STYLE]]["variants"].append([row[0], *row[STYLE + 1 :]])
    return styles
