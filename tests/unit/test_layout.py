"""The rules that hold the layout are real: a planted violation is caught."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

VIOLATIONS = {
    "a noun that knows a room": ("domain/price.py", "import pytest_llmcost.costs.prices", "point one way"),
    "a room that knows its sibling": ("calls/money.py", "import pytest_llmcost.costs.prices", "point one way"),
    "a room without a layer": ("attic.py", "", "point one way"),
    "pytest below its door": ("gate/decide.py", "import pytest", "imports pytest"),
    "litellm outside of its door": ("costs/rates.py", "import litellm", "have one door"),
    "aiohttp outside of its door": ("assembly/runner.py", "import aiohttp", "aiohttp and the local engine"),
    "diskcache outside of its door": ("calls/retry.py", "import diskcache", "diskcache has one door"),
    "numpy outside of its door": ("gate/quality.py", "import numpy", "scipy and numpy have one door"),
}


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """The package and its rules, to be spoilt."""
    shutil.copytree(ROOT / "pytest_llmcost", tmp_path / "pytest_llmcost", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    return tmp_path


def plant(copy: Path, file: str, line: str) -> None:
    """Add a line to a file of the package, behind its `__future__` import where there is one."""
    path = copy / "pytest_llmcost" / file
    old = path.read_text("utf-8") if path.exists() else ""
    head, mark, tail = old.partition("from __future__ import annotations\n")
    path.write_text(f"{head}{mark}{line}\n{tail}", "utf-8")


@pytest.mark.parametrize("name", VIOLATIONS)
def test_import_rules_catch(copy: Path, name: str) -> None:
    file, line, contract = VIOLATIONS[name]
    plant(copy, file, line)
    linter = Path(sys.executable).with_name("lint-imports")
    done = subprocess.run(
        [linter, "--no-cache"], cwd=copy, env={"PYTHONPATH": str(copy)}, capture_output=True, text=True
    )
    assert done.returncode != 0
    assert contract in done.stdout


def test_ruff_catches_a_heavy_import_at_module_level(copy: Path) -> None:
    plant(copy, "gate/decide.py", "import numpy")
    done = subprocess.run([sys.executable, "-m", "ruff", "check", "."], cwd=copy, capture_output=True, text=True)
    assert done.returncode != 0
    assert "TID253" in done.stdout
