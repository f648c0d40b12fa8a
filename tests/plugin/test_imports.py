"""Unused, the plugin costs next to nothing: nothing heavy is imported before it is needed."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest
from fakes.project import Project

HEAVY = ("litellm", "scipy", "numpy", "jinja2", "diskcache", "tabulate", "xllamacpp", "yaml", "asyncio", "sqlite3")


def modules_after(code: str) -> set[str]:
    """Return the modules that a fresh interpreter holds after *code*."""
    script = f"{code}\nimport json, sys\nprint(json.dumps(sorted(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    return set(json.loads(done.stdout.splitlines()[-1]))


@pytest.mark.parametrize("module", ["pytest_llmcost", "pytest_llmcost.plugin", "pytest_llmcost.cli"])
def test_importing_a_door_pulls_in_nothing_heavy(module: str) -> None:
    with_pytest = "import pytest" if module.endswith("plugin") else ""
    added = modules_after(f"{with_pytest}\nimport {module}") - modules_after(with_pytest)
    assert not added & set(HEAVY)


def test_a_cached_run_imports_neither_litellm_nor_a_local_engine(project: Project) -> None:
    project.suite()
    project.run("--llm-budget")
    project.write(
        "conftest.py",
        "import sys\n"
        "def pytest_unconfigure():\n"
        "    print('HEAVY', sorted(set(sys.modules) & {'litellm', 'xllamacpp', 'scipy', 'numpy'}))\n",
    )
    project.run_apart("--llm-budget").stdout.fnmatch_lines(["*HEAVY [[]]"])
