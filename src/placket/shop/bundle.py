"""The built app of the shop as pages refer to it: its scripts, its style, its first fonts, its first look."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from placket.core.settings import ROOT

DIST: Final = ROOT / "web" / "apps" / "shop" / "dist"
BASE: Final = "/shop/"
ENTRY: Final = "src/main.ts"
LANGUAGES: Final = ("vi", "en")
PARTS: Final[Mapping[str, str]] = {
    "cart": "src/features/cart/CartView.vue",
    "checkout": "src/features/checkout/CheckoutView.vue",
    "order": "src/features/order/OrderView.vue",
    "account": "src/features/account/AccountView.vue",
    "card": "src/features/account/CardView.vue",
    "product": "src/features/product/mount.ts",
}
"""What each page of the app is made of besides the entry."""
FIRST_FONTS: Final = ("inter-latin-wght", "inter-vietnamese", "newsreader-latin-wght", "newsreader-vietnamese")


@dataclass(frozen=True, slots=True)
class Bundle:
    """What a page includes. Empty while the app is not built: pages then are plain, and still tell everything."""

    script: str | None = None
    css: str = ""
    fonts: tuple[str, ...] = ()
    parts: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    checkout: Mapping[str, str] = field(default_factory=dict)
    """The checkout's form by language, as the app shows it first."""

    def of(self, page: str) -> tuple[str, ...]:
        """The scripts of a page besides the entry, to be fetched beside it and not after it."""
        return self.parts.get(page, self.parts.get("", ()))


class Bundles:
    """Reads the build's manifest, anew when the app has been built anew."""

    def __init__(self, folder: Path = DIST) -> None:
        self._folder = folder
        self._made_at = 0.0
        self._bundle = Bundle()

    def current(self) -> Bundle:
        """The bundle as it is on the disk."""
        manifest = self._folder / ".vite" / "manifest.json"
        if not manifest.exists():
            return Bundle()
        made_at = manifest.stat().st_mtime
        if made_at != self._made_at:
            self._bundle, self._made_at = self._read(manifest), made_at
        return self._bundle

    def _read(self, manifest: Path) -> Bundle:
        files = json.loads(manifest.read_text(encoding="utf-8"))
        entry = files[ENTRY]
        css = "".join((self._folder / path).read_text(encoding="utf-8") for path in entry.get("css", ()))
        fonts = [str(path) for path in entry.get("assets", ())]
        first = (next((path for path in fonts if f"/{name}" in path), None) for name in FIRST_FONTS)
        parts = {page: _needs(files, ENTRY, part) for page, part in PARTS.items()} | {"": _needs(files, ENTRY)}
        looks = {language: self._folder / f"checkout.{language}.html" for language in LANGUAGES}
        checkout = {language: path.read_text(encoding="utf-8") for language, path in looks.items() if path.exists()}
        return Bundle(BASE + entry["file"], css, tuple(BASE + path for path in first if path is not None), parts, checkout)


def _needs(files: Mapping[str, Any], *parts: str) -> tuple[str, ...]:
    """The files of parts and of all that they import, the entry's own left out."""
    found: dict[str, None] = {}
    waiting = list(parts)
    while waiting:
        name = waiting.pop(0)
        if name not in found:
            found[name] = None
            waiting += files[name].get("imports", ())
    return tuple(BASE + files[name]["file"] for name in found if name != ENTRY)


bundles = Bundles()
