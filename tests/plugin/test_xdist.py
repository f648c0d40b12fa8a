"""Under pytest-xdist the same cases are asked, once, and judged alike; without it nothing is missed."""

from __future__ import annotations

import pytest
from fakes.project import Project, numbered_cases


@pytest.mark.parametrize("dist", ["load", "worksteal", "loadscope", "loadfile", "loadgroup"])
def test_every_distribution_asks_each_case_once(project: Project, dist: str) -> None:
    project.suite(numbered_cases(12, wrong=2))
    result = project.run("--llm-budget", "-n2", f"--dist={dist}")
    assert result.ret == 0
    if dist != "worksteal":  # a stolen case may have been asked ahead by the worker that it is taken from
        assert len(project.server.requests) == 12
    result.stdout.fnmatch_lines(["*2 missed*"])
    assert [line["case"] for line in project.runs()[-1][1:]] == [f"c{i:03}" for i in range(12)]


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
