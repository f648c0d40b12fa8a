"""`--llm-budget`: the switch, and the most that a run may spend."""

from __future__ import annotations

import sys

import pytest
from fakes.project import Project, numbered_cases

RIVAL = """
def pytest_addoption(parser):
    parser.getgroup("rival").addoption("--llm-budget", type=float, help="of another plugin")
"""


def test_without_the_switch_nothing_is_collected_and_nothing_goes_out(project: Project) -> None:
    project.suite()
    result = project.run()
    assert result.ret == pytest.ExitCode.NO_TESTS_COLLECTED
    assert not project.server.requests


@pytest.mark.parametrize(
    "args",
    [
        ("--llm-budget", "bench_mail.yaml"),
        ("bench_mail.yaml", "--llm-budget"),
        ("--llm-budget=0.5", "bench_mail.yaml"),
        ("--llm-budget",),
    ],
)
def test_the_switch_takes_an_amount_or_stands_bare_beside_paths(project: Project, args: tuple[str, ...]) -> None:
    project.suite()
    result = project.run(*args)
    assert result.ret == 0
    assert len(project.server.requests) == 4
    cap = "0.50" if "=" in args[0] else "1.00"
    result.stdout.fnmatch_lines([f"llmcost: budget ${cap}, mode auto*", f"spent $0.000* of ${cap}; 4 calls*"])


def test_the_switch_may_stand_in_addopts(project: Project) -> None:
    project.suite()
    project.write("pytest.ini", "[pytest]\naddopts = --llm-budget\n")
    assert project.run().ret == 0
    assert len(project.server.requests) == 4


def test_a_conftest_above_the_rootdir_is_none_of_this_run_s(project: Project) -> None:
    project.suite(name="inside/bench_mail.yaml")
    project.write("inside/pytest.ini", "[pytest]\n")
    project.write("conftest.py", "raise RuntimeError('of another project')\n")
    project.write("inside/llmcost.toml", (project.path / "llmcost.toml").read_text())
    assert project.run("--rootdir=inside", "--llm-budget", "inside").ret == 0


@pytest.mark.parametrize("amount", ["nan", "-1", "inf", "much"])
def test_an_amount_that_is_none_is_a_usage_error(project: Project, amount: str) -> None:
    project.suite()
    result = project.run(f"--llm-budget={amount}")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines([f"*--llm-budget={amount}: an amount of USD from 0 up is needed*"])


def test_a_run_stops_asking_when_its_budget_is_reached_and_fails(project: Project) -> None:
    project.suite(numbered_cases(20))
    result = project.run("--llm-budget=0.0003")
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    result.stdout.fnmatch_lines(["*cases were not run: budget reached ($0.0003)"])
    paid = sum(line["paid_usd"] for line in project.runs()[-1][1:])
    assert 0 < paid <= 0.0003
    assert len(project.server.requests) < 20


def test_a_budget_of_nothing_allows_no_paid_call(project: Project) -> None:
    project.suite()
    result = project.run("--llm-budget=0")
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    result.assert_outcomes(skipped=4, failed=1)  # the run itself
    result.stdout.fnmatch_lines(["*inconclusive  quality: no case was answered", "llmcost: 4 cases were not run: *"])
    assert not project.server.requests


def test_a_suite_keeps_to_its_own_budget_within_the_run_s(project: Project) -> None:
    project.suite(numbered_cases(20), budget_usd=0.0003)
    result = project.run("--llm-budget=1")
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    paid = sum(line["paid_usd"] for line in project.runs()[-1][1:])
    assert 0 < paid <= 0.0003


@pytest.mark.parametrize("order", ["rival first", "rival last"])
def test_another_plugin_that_owns_the_name_is_a_usage_error_in_either_order(project: Project, order: str) -> None:
    project.write("rival.py", RIVAL)
    early, late = ["-p", "rival"], ["-p", "pytest_llmcost.plugin"]
    args = [*early, *late] if order == "rival first" else [*late, *early]
    project.pytester.syspathinsert(project.path)
    result = project.pytester.run(
        sys.executable, "-m", "pytest", "-p", "no:randomly", "-p", "no:llmcost", *args, "--llm-budget=1"
    )
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(["*another installed plugin already owns --llm-budget*'rival'*"])
