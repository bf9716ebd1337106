"""What a page says of the built app: its style inside, its first fonts, its scripts, the first look."""

import json
from pathlib import Path

from placket.shop.bundle import PARTS, Bundle, Bundles


def test_a_page_names_the_scripts_it_needs_each_once_and_nothing_of_the_others(tmp_path: Path):
    parts = {part: {"file": f"assets/{page}.js", "imports": ["src/main.ts", "_shared.js"]} for page, part in PARTS.items()}
    manifest = {
        "src/main.ts": {
            "file": "assets/main.js",
            "imports": ["_all.js"],
            "css": ["assets/main.css"],
            "assets": ["assets/inter-latin-wght-normal-1.woff2", "assets/inter-vietnamese-wght-normal-2.woff2"],
        },
        "_all.js": {"file": "assets/all.js"},
        "_shared.js": {"file": "assets/shared.js"},
        **parts,
    }
    (tmp_path / ".vite").mkdir()
    (tmp_path / "assets").mkdir()
    (tmp_path / ".vite" / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    (tmp_path / "assets" / "main.css").write_text("body{margin:0}", encoding="utf-8")
    for language, word in (("vi", "Thanh toán"), ("en", "Checkout")):
        (tmp_path / f"checkout.{language}.html").write_text(f"<form>{word}</form>", encoding="utf-8")

    bundle = Bundles(tmp_path).current()

    assert (bundle.script, bundle.css) == ("/shop/assets/main.js", "body{margin:0}")
    assert bundle.of("checkout") == ("/shop/assets/checkout.js", "/shop/assets/all.js", "/shop/assets/shared.js")
    assert bundle.of("home") == ("/shop/assets/all.js",)
    assert bundle.checkout == {"vi": "<form>Thanh toán</form>", "en": "<form>Checkout</form>"}
    assert bundle.fonts == (
        "/shop/assets/inter-latin-wght-normal-1.woff2",
        "/shop/assets/inter-vietnamese-wght-normal-2.woff2",
    )


def test_pages_do_without_an_app_that_is_not_built(tmp_path: Path):
    assert Bundles(tmp_path).current() == Bundle()
