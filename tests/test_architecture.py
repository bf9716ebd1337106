"""What the import contracts cannot say: contexts are entered by the front door, functions and files stay short."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import grimp
import pytest

from placket.core.settings import ROOT

SOURCES = sorted((ROOT / "src" / "placket").rglob("*.py"))
# The composition root puts the contexts together, so it may open their inner doors.
ROOTS = (
    "placket.app",
    "placket.routes",
    "placket.worker",
    "placket.timekeeper",
    "placket.clockwork",
    "placket.supervisor",
    "placket.demo",
    "placket.cli",
    "placket.commands",
)
CONTEXTS = (
    "analytics",
    "campaigns",
    "catalog",
    "einvoices",
    "identity",
    "imports",
    "inventory",
    "messages",
    "payments",
    "crm",
    "pos",
    "realtime",
    "sales",
    "shop",
    "verify",
)
FUNCTION_LINES = 60
FILE_LINES = 400


def test_contexts_are_entered_by_the_front_door() -> None:
    graph = grimp.build_graph("placket")
    trespasses = [
        f"{importer} → {imported}"
        for importer in graph.modules
        for imported in graph.find_modules_directly_imported_by(importer)
        if private(imported) and context(importer) != context(imported) and not importer.startswith(ROOTS)
    ]
    assert trespasses == []


def private(module: str) -> bool:
    """Whether a module lies behind a context's front door."""
    return context(module) in CONTEXTS and module.count(".") > 1


def context(module: str) -> str:
    """The context of a module: ``placket.sales.desk`` → ``sales``."""
    return ([*module.split("."), ""])[1]


@pytest.mark.parametrize("module", ["placket.app", "placket.worker", "placket.commands.backup", "placket.commands.chain"])
def test_a_process_knows_every_table_that_its_own_point_at(module: str) -> None:
    """What a process imports decides which tables it knows; a write to one whose target is unknown fails."""
    program = f"import {module}; from placket.core.db import Base; "
    program += "[key.column for table in Base.metadata.tables.values() for key in table.foreign_keys]"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-500:]


def test_files_stay_short() -> None:
    long = {str(path.relative_to(ROOT)): lines for path in SOURCES if (lines := length(path)) > FILE_LINES}
    assert long == {}


def length(path: Path) -> int:
    """Lines of a file."""
    return len(path.read_text(encoding="utf-8").splitlines())


def test_functions_stay_short() -> None:
    assert [found for path in SOURCES for found in long_functions(path)] == []


def long_functions(path: Path) -> Iterator[str]:
    """The functions of a file that pass the limit."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            lines = (node.end_lineno or node.lineno) - node.lineno + 1
            if lines > FUNCTION_LINES:
                yield f"{path.relative_to(ROOT)}: {node.name} has {lines} lines"


def test_every_file_says_what_it_is_for() -> None:
    silent = [str(path.relative_to(ROOT)) for path in SOURCES if not ast.get_docstring(ast.parse(path.read_text()))]
    assert silent == []
