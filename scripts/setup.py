"""Makes everything a checkout needs to run: Python environment, front-end packages, built web apps.

Standard library only, because it runs before anything is installed. Each step leaves a stamp with the hash of what it
was made from, so a second run does nothing and says nothing.

    python3 scripts/setup.py            what `make run` needs
    python3 scripts/setup.py --dev      also the tools that `make check` and `make test` need
"""

from __future__ import annotations  # an old Python must get as far as the sentence that refuses it

import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
WEB = ROOT / "web"
STAMPS = VENV / "stamps"
OLDEST_PYTHON = (3, 11)
NODES = ((20, 19), (22, 12))  # 21 never had what the build needs
TIGHT_MB = 1500


def main() -> None:
    """Check the machine, then make what is missing."""
    check_python()
    check_node()
    make_environment()
    install("dev" if "--dev" in sys.argv else "runtime")
    compile_product()
    if (WEB / "package-lock.json").exists():
        install_web()
        build_web()


def check_python() -> None:
    """Refuse an old interpreter, or one without the venv module."""
    if sys.version_info < OLDEST_PYTHON:
        found = sys.version.split()[0]
        stop(f"Placket needs Python 3.11 or newer, this is {found}. Install it and run: make run PYTHON=python3.11")
    try:
        import ensurepip  # noqa: F401, PLC0415 - asks whether the module is there
    except ImportError:
        stop("Python's venv module is missing. On Debian or Ubuntu: apt-get install python3-venv")


def check_node() -> None:
    """Refuse a missing or old Node.js: the web apps are built with it."""
    node = shutil.which("node")
    if node is None or shutil.which("npm") is None:
        stop("Node.js with npm is missing. Install Node.js 20.19 or newer (or 22.12 or newer).")
    found = subprocess.run([node, "--version"], capture_output=True, text=True, check=True).stdout.strip()
    version = tuple(int(part) for part in found.lstrip("v").split(".")[:2])
    if not any(version >= oldest and (version[0] == oldest[0] or oldest is NODES[-1]) for oldest in NODES):
        stop(f"Placket needs Node.js 20.19+ or 22.12+, this is {found}. Install a newer one.")


def make_environment() -> None:
    """Make ``.venv`` with uv in it, which installs the rest in seconds."""
    python = VENV / "bin" / "python"
    lock = ROOT / "requirements" / "uv.lock"
    if stamped("uv", [lock]) and python.exists():
        return
    say("Python environment")
    run([sys.executable, "-m", "venv", "--clear", str(VENV)])
    run([str(python), "-m", "pip", "install", "--quiet", "--require-hashes", "-r", str(lock)])
    stamp("uv", [lock])


def install(kind: str) -> None:
    """Install the locked packages, every one by its hash, and put the product on the path."""
    lock = ROOT / "requirements" / f"{kind}.lock"
    if stamped("dev", [ROOT / "requirements" / "dev.lock"]) or stamped(kind, [lock]):
        return
    say(f"Python packages ({kind})")
    uv = [str(VENV / "bin" / "uv"), "pip"]
    environment = os.environ | {"VIRTUAL_ENV": str(VENV), "UV_LINK_MODE": "copy" if os.environ.get("CI") else "hardlink"}
    # `install` rather than `sync`: uv itself lives in this environment and stands in no lock but its own.
    # Compiled now: where Python is told to keep no bytecode, every process would compile a thousand modules at its start.
    run([*uv, "install", "--quiet", "--compile-bytecode", "--require-hashes", "-r", str(lock)], environment)
    site = next((VENV / "lib").glob("python3.*/site-packages"))
    (site / "placket.pth").write_text(f"{ROOT / 'src'}\n", encoding="utf-8")
    entry = VENV / "bin" / "placket"
    entry.write_text(f"#!{VENV / 'bin' / 'python'}\nfrom placket.cli import main\n\nmain()\n", encoding="utf-8")
    entry.chmod(0o755)
    stamp(kind, [lock])


def compile_product() -> None:
    """Compile what has changed in the product, for the same reason; Python itself sees when a file is newer."""
    sources = sorted((ROOT / "src").rglob("*.py"))
    if stamped("bytecode", sources):
        return
    run([str(VENV / "bin" / "python"), "-m", "compileall", "-q", str(ROOT / "src")])
    stamp("bytecode", sources)


def install_web() -> None:
    """Install the front-end packages from the lock file."""
    lock = WEB / "package-lock.json"
    if stamped("npm", [lock]) and (WEB / "node_modules").exists():
        return
    say("Front-end packages")
    run(["npm", "ci", "--no-audit", "--no-fund", "--loglevel=error"], cwd=WEB)
    stamp("npm", [lock])


def build_web() -> None:
    """Build the web apps if any of their sources changed."""
    sources = sorted(
        path
        for folder in ("apps", "packages")
        for path in (WEB / folder).rglob("*")
        if path.is_file() and not {"node_modules", "dist", "test-results"} & set(path.parts)
    )
    if stamped("web", sources) and all((WEB / "apps" / app / "dist").exists() for app in ("pos", "office", "shop")):
        return
    say("Web apps")
    run(["npm", "run", "build", "--silent"], cwd=WEB)
    stamp("web", sources)


def stamped(name: str, sources: Iterable[Path]) -> bool:
    """Whether the step was done for exactly these sources."""
    path = STAMPS / name
    return path.exists() and path.read_text(encoding="utf-8") == digest(sources)


def stamp(name: str, sources: Iterable[Path]) -> None:
    """Note that the step was done for these sources."""
    STAMPS.mkdir(exist_ok=True)
    (STAMPS / name).write_text(digest(sources), encoding="utf-8")


def digest(sources: Iterable[Path]) -> str:
    """One hash over the names and contents of the sources."""
    whole = hashlib.sha256()
    for path in sources:
        whole.update(str(path.relative_to(ROOT)).encode())
        whole.update(path.read_bytes())
    return whole.hexdigest()


def run(command: list[str], environment: dict[str, str] | None = None, cwd: Path = ROOT) -> None:
    """Run a step; its own output is the explanation when it fails."""
    if subprocess.run(command, cwd=cwd, env=environment, check=False).returncode:
        stop(f"This step failed: {' '.join(command)}. {hint()}".rstrip())


def hint() -> str:
    """What may be the reason that a step failed."""
    free = shutil.disk_usage(ROOT).free // 2**20
    return f"The disk has only {free} MB left; free some space and start again." if free < TIGHT_MB else ""


def say(what: str) -> None:
    """One line of progress."""
    print(f"  set-up: {what} …", flush=True)


def stop(why: str) -> None:
    """End with one sentence."""
    sys.exit(f"placket: {why}")


if __name__ == "__main__":
    try:
        main()
    except OSError as error:
        stop(f"{error.strerror}: {error.filename}. {hint()}".rstrip())
