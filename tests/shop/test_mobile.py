"""The wrapped app: what it carries is complete, and it opens the shop it was built for and nothing else."""

import json
import os
import re
import subprocess
from pathlib import Path

import pytest

from placket.core.settings import ROOT

MOBILE = ROOT / "mobile"


def bundled(out: Path, address: str) -> subprocess.CompletedProcess[str]:
    environment = os.environ | {"SHOP_ADDRESS": address, "APP_OUT": str(out), "APP_NAME": "Lụa"}
    return subprocess.run(["node", MOBILE / "bundle.mjs"], env=environment, capture_output=True, text=True, check=False)


def test_the_bundle_is_complete_and_opens_the_shop_it_was_made_for(tmp_path: Path):
    assert bundled(tmp_path, "https://shop.example.vn").returncode == 0

    config = json.loads((tmp_path / "capacitor.config.json").read_text(encoding="utf-8"))
    www = tmp_path / config["webDir"]
    page = (www / config["server"]["errorPath"]).read_text(encoding="utf-8")
    carried = re.findall(r'(?:src|href)="([^"#]+)"', page)
    assert sorted(carried) == ["app.css", "app.js", "icon.svg", "shop.js"]
    assert [name for name in carried if not (www / name).stat().st_size] == []
    assert (www / "shop.js").read_text(encoding="utf-8") == 'window.SHOP = "https://shop.example.vn"\n'
    assert config["server"]["url"] == "https://shop.example.vn"
    assert config["server"]["allowNavigation"] == ["shop.example.vn", "checkout.stripe.com"]
    assert config["appName"] == "Lụa"


@pytest.mark.parametrize("address", ["", "http://shop.example.vn", "https://shop.example.vn/path"])
def test_an_address_that_is_none_makes_no_app(tmp_path: Path, address: str):
    done = bundled(tmp_path, address)

    assert (done.returncode, (tmp_path / "www").exists()) == (1, False)
    assert "SHOP_ADDRESS must be" in done.stderr


def test_its_packages_are_locked_by_hash_and_name_no_host():
    wanted = json.loads((MOBILE / "package.json").read_text(encoding="utf-8"))
    packages = json.loads((MOBILE / "package-lock.json").read_text(encoding="utf-8"))["packages"]

    for name, version in (wanted["dependencies"] | wanted["devDependencies"]).items():
        assert packages[f"node_modules/{name}"]["version"] == version
    fetched = {name: facts for name, facts in packages.items() if name}
    assert [name for name, facts in fetched.items() if "resolved" in facts or "integrity" not in facts] == []
