"""Documents and lock files say what is true."""

import json
import re
import tomllib
from pathlib import Path

import pytest

from placket.cli import COMMANDS
from placket.core.settings import ROOT
from placket.identity import roles

BROWSER_LOCK = ROOT / "scripts" / "browser" / "package-lock.json"
LINK = re.compile(r"\]\((?!https?:|#)([^)#]+)")
DOCUMENTS = sorted({*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")})


def test_the_table_of_roles_is_the_seed() -> None:
    assert (ROOT / "docs" / "roles.md").read_text(encoding="utf-8") == roles.as_markdown()


@pytest.mark.parametrize("lock", sorted((ROOT / "requirements").glob("*.lock")), ids=lambda path: path.name)
def test_python_lock_files_name_no_host_and_hash_everything(lock: Path) -> None:
    text = lock.read_text(encoding="utf-8")
    assert re.findall(r"https?://|--index-url|--find-links", text) == []
    pinned = re.findall(r"^[a-z0-9][^\s=]*==[^\\\n]+", text, re.MULTILINE | re.IGNORECASE)
    hashed = re.findall(r"^[a-z0-9][^\s=]*==[^\n]*\\\n\s+--hash=sha256:", text, re.MULTILINE | re.IGNORECASE)
    assert len(pinned) == len(hashed) > 0


@pytest.mark.parametrize("lock", [ROOT / "web" / "package-lock.json", BROWSER_LOCK], ids=["web", "browser"])
def test_npm_lock_files_name_no_host_and_hash_everything(lock: Path) -> None:
    packages = json.loads(lock.read_text(encoding="utf-8"))["packages"]
    fetched = {name: facts for name, facts in packages.items() if "node_modules/" in name and not facts.get("link")}
    assert [name for name, facts in fetched.items() if "resolved" in facts] == []
    assert [name for name, facts in fetched.items() if "integrity" not in facts and not facts.get("inBundle")] == []


def test_every_pinned_wish_is_in_the_lock() -> None:
    names = re.findall(r"^([a-z0-9_-]+)", (ROOT / "requirements" / "runtime.in").read_text(), re.MULTILINE)
    for lock in ("runtime.lock", "dev.lock"):
        text = (ROOT / "requirements" / lock).read_text(encoding="utf-8").lower()
        assert [name for name in names if not re.search(rf"^{re.escape(name)}==", text, re.MULTILINE)] == []


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_links_between_documents_lead_somewhere(document: Path) -> None:
    links = LINK.findall(document.read_text(encoding="utf-8"))
    assert [link for link in links if not (document.parent / link).exists()] == []


def test_every_setting_is_documented() -> None:
    source = (ROOT / "src" / "placket" / "core" / "settings.py").read_text(encoding="utf-8")
    documented = (ROOT / "docs" / "settings.md").read_text(encoding="utf-8")
    assert [name for name in re.findall(r'environ\.get\("(\w+)"', source) if f"`{name}`" not in documented] == []


def test_every_command_is_in_the_readme_or_the_guide() -> None:
    guide = (ROOT / "docs" / "settings.md").read_text(encoding="utf-8")
    assert [command.name for command in COMMANDS if f"`placket {command.name}" not in guide] == []


def test_the_version_stands_in_the_changelog() -> None:
    version = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]
    assert f"## {version}" in (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
