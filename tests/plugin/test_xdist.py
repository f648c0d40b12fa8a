"""Under pytest-xdist the same cases are asked, once, and judged alike; without it nothing is missed."""

from __future__ import annotations

import json
from typing import Any

import pytest
from fakes.project import Project, numbered_cases

DISTS = ["load", "worksteal", "loadscope", "loadfile", "loadgroup"]

SCORED = """
import pytest

@pytest.mark.parametrize("number", range(6))
def test_mail(llm, llm_score, number):
    llm_score(llm.complete(f"My order number {number % 3} to Python", model="ours", max_tokens=8).text == "shop")
"""


@pytest.mark.parametrize("dist", DISTS)
def test_g06_every_distribution_asks_each_case_once(project: Project, dist: str) -> None:
    project.suite(numbered_cases(12, wrong=2))
    result = project.run("--llm-budget", "-n2", f"--dist={dist}")
    assert result.ret == 0
    assert len(project.server.requests) == 12
    result.stdout.fnmatch_lines(["*2 missed*"])
    assert [line["case"] for line in project.runs()[-1][1:]] == [f"c{i:03}" for i in range(12)]


@pytest.fixture
def varied(project: Project) -> Project:
    """Two suites, one of them calibrated and one with repeats, and tests in Python; cases alike in both suites."""
    cases = numbered_cases(8, wrong=2)
    calibrated = {"model": "ours", "calibrate": True}
    project.suite(cases, "bench_mail.yaml", strategies={"one": {"model": "ours"}, "careful": calibrated})
    project.suite(cases, "bench_again.yaml", repeats=2)
    project.write("test_mail.py", SCORED)
    return project


@pytest.mark.parametrize("dist", DISTS)
def test_g06_a_replayed_run_is_the_same_to_the_last_byte(varied: Project, dist: str) -> None:
    assert varied.run("--llm-budget", "-n2", f"--dist={dist}").ret == 0
    plain = varied.run("--llm-budget", "--llm-mode=replay", "--llm-run=plain.jsonl")
    shared = varied.run("--llm-budget", "--llm-mode=replay", "--llm-run=shared.jsonl", "-n2", f"--dist={dist}")
    assert plain.ret == shared.ret == 0
    assert trial_bytes(varied, "plain.jsonl") == trial_bytes(varied, "shared.jsonl")
    assert report_of(plain) == report_of(shared)


@pytest.mark.parametrize("dist", DISTS)
def test_g06_a_live_run_differs_in_nothing_but_what_time_and_chance_decide(varied: Project, dist: str) -> None:
    lines = []
    for name, args in (("plain.jsonl", ()), ("shared.jsonl", ("-n2", f"--dist={dist}"))):
        assert varied.run("--llm-budget", "--llm-mode=live", f"--llm-run={name}", *args).ret == 0
        lines.append([timeless(json.loads(line)) for line in trial_bytes(varied, name)])
    assert lines[0] == lines[1]


def trial_bytes(project: Project, name: str) -> list[bytes]:
    lines = (project.path / name).read_bytes().splitlines()[1:]
    assert len(lines) == 8 + 8 + 16 + 6
    return lines


def report_of(result: pytest.RunResult) -> list[str]:
    """What the run says of itself, from the table on; a plain run tells of suites that are too small before it."""
    (start,) = (n for n, line in enumerate(result.outlines) if line.strip("= ") == "llmcost")
    return [line for line in result.outlines[start:-1] if line and not line.startswith(("run stored in", "note: "))]


BY_CHANCE = ("seconds", "cached", "origin", "paid_usd")


def timeless(value: Any) -> Any:
    if isinstance(value, list):
        return [timeless(item) for item in value]
    if isinstance(value, dict):
        return {name: timeless(item) for name, item in value.items() if name not in BY_CHANCE}
    return value


def test_e13_workers_that_need_the_same_answer_send_one_request(project: Project) -> None:
    cases = [{"id": f"c{i:03}", "text": f"My order number {i % 4}", "expected": "shop"} for i in range(24)]
    project.suite(cases)
    script = project.server.script
    project.server.play(lambda asked: script(asked).later(0.3))
    result = project.run("--llm-budget", "-n3")
    assert result.ret == 0
    assert len(project.server.requests) == 4
    result.stdout.fnmatch_lines(["spent *; 24 calls, 20 of them from the cache*"])
    assert sum(line["paid_usd"] > 0 for line in project.runs()[-1][1:]) == 4


DIES = """
import os

def test_before(llm):
    assert llm.complete("My order, before", model="ours", max_tokens=8).text == "shop"

def test_dies(llm):
    llm.complete("My order, and out", model="ours", max_tokens=8)
    os._exit(1)
"""


def test_g09_a_test_that_ends_its_worker_makes_the_run_incomplete_and_loses_nothing_that_was_paid_for(
    project: Project,
) -> None:
    project.suite(numbered_cases(6))
    project.write("test_dies.py", DIES)
    result = project.run("--llm-budget", "-n2", "--llm-update-baseline")
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    assert not list(project.path.rglob("llm_baselines"))
    result.stdout.fnmatch_lines(["*crashed while running*test_dies*", "llmcost: run incomplete*::test_dies went down*"])
    asked = len(project.server.requests)
    spent = float(next(line for line in result.outlines if line.startswith("spent $")).split()[1][1:])
    project.write("test_dies.py", DIES.replace("os._exit(1)", "pass"))
    again = project.run("--llm-budget")
    assert again.ret == 0
    assert len(project.server.requests) == asked
    again.stdout.fnmatch_lines(["spent $0 of $1.00; *"])  # (of its 8 calls those are told that are gated)
    assert spent == pytest.approx(sum(line["usd"] for line in project.runs()[-1][1:]), rel=0.05)


def test_two_workers_keep_to_one_budget(project: Project) -> None:
    project.suite(numbered_cases(24))
    project.run("--llm-budget=0.0003", "-n2")
    assert 0 < sum(line["paid_usd"] for line in project.runs()[-1][1:]) <= 0.0003


def test_without_xdist_the_plugin_works_alone(project: Project) -> None:
    project.suite()
    assert project.run("--llm-budget", "-p", "no:xdist").ret == 0


def test_an_asking_worker_looks_ahead(project: Project) -> None:
    project.suite(numbered_cases(40))
    script = project.server.script
    project.server.play(lambda asked: script(asked).later(0.05))
    project.run("--llm-budget", "-n2")
    assert project.server.max_in_flight > 2


def test_workers_share_the_calls_in_flight(project: Project) -> None:
    project.configure(concurrency=4)
    project.suite(numbered_cases(24))
    script = project.server.script
    project.server.play(lambda asked: script(asked).later(0.1))
    assert project.run("--llm-budget", "-n2").ret == 0
    assert 2 < project.server.max_in_flight <= 4
