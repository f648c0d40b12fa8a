"""Unused, the plugin costs next to nothing: nothing heavy is imported before it is needed."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest
from fakes.project import CASES, Project

HEAVY = (
    "litellm",
    "aiohttp",
    "scipy",
    "numpy",
    "jinja2",
    "diskcache",
    "tabulate",
    "xllamacpp",
    "yaml",
    "tiktoken",
    "asyncio",
    "sqlite3",
    "sqlalchemy",
)


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


SAY_WHAT_IS_HEAVY = """
import sys

def pytest_unconfigure():
    print('HEAVY', sorted(set(sys.modules) & {'litellm', 'aiohttp', 'xllamacpp', 'scipy', 'numpy', 'sqlalchemy'}))
"""


def test_a_cached_run_without_a_baseline_imports_no_client_no_local_engine_and_no_statistics(project: Project) -> None:
    """Scores in groups have an interval, and so has the agreement of labels."""
    project.suite([{**case, "group": case["expected"]} for case in CASES])
    project.run("--llm-budget")
    project.write("conftest.py", SAY_WHAT_IS_HEAVY)
    project.run_apart("--llm-budget").stdout.fnmatch_lines(["*HEAVY [[]]"])


def test_a_cold_run_on_a_server_like_openais_needs_no_litellm_and_for_its_ledger_sqlalchemy(
    project: Project,
) -> None:
    project.suite()
    project.write("conftest.py", SAY_WHAT_IS_HEAVY)
    project.run_apart("--llm-budget").stdout.fnmatch_lines(["*HEAVY [[]'aiohttp', 'sqlalchemy'[]]"])
    assert len(project.server.requests) == 4


def test_the_configuration_may_ask_for_litellm(project: Project) -> None:
    project.suite()
    project.configure(transport="litellm")
    project.write("conftest.py", SAY_WHAT_IS_HEAVY)
    project.run_apart("--llm-budget").stdout.fnmatch_lines(["*HEAVY [[]*'litellm'*[]]"])
    assert len(project.server.requests) == 4
