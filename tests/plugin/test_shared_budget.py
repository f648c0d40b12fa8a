"""`shared_budget`: the machines of one run, such as the jobs of a CI matrix, spend one budget together."""

from __future__ import annotations

import pytest
from fakes.project import Project, numbered_cases
from fakes.redis_server import needs_redis, running_redis


@needs_redis
def test_what_one_shard_spent_the_next_cannot(
    project: Project, monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory
) -> None:
    monkeypatch.setenv("LLMCOST_RUN_NAME", "build-7")
    project.suite(numbered_cases(40))
    with running_redis(tmp_path_factory.mktemp("redis")) as redis:
        project.configure(shared_budget=redis.url, concurrency=1)
        first = project.run("--llm-budget=0.0004", "--llm-shard=1/2")
        second = project.run("--llm-budget=0.0004", "--llm-shard=2/2")
        monkeypatch.setenv("LLMCOST_RUN_NAME", "build-8")
        other = project.run("--llm-budget=0.0004", "--llm-shard=2/2", "-n1")
    assert first.ret == other.ret == 0
    assert second.ret == 1
    second.stdout.fnmatch_lines(
        ["*cases were not run: budget reached ($0.0004)", "all machines of this run: $0.0003* of $0.0004"]
    )
    # As many calls as one machine would have made with that budget, and not one more.
    assert float(total(second)) <= 0.0004


def total(result: pytest.RunResult) -> str:
    (line,) = (line for line in result.outlines if line.startswith("all machines of this run: $"))
    return line.partition("$")[2].partition(" ")[0]


def test_without_a_name_for_the_run_nothing_is_asked(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("LLMCOST_RUN_NAME", "GITHUB_RUN_ID", "CI_PIPELINE_ID", "BUILDKITE_BUILD_ID", "CIRCLE_WORKFLOW_ID"):
        monkeypatch.delenv(name, raising=False)
    project.configure(shared_budget="redis://127.0.0.1:9/0")
    project.suite()
    result = project.run("--llm-budget")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(["*shared_budget needs a name for this run*Set LLMCOST_RUN_NAME.*"])
    assert project.server.requests == []


def test_f10_without_its_redis_a_run_fails_and_says_why(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LLMCOST_RUN_NAME", "build-7")
    project.configure(shared_budget="redis://127.0.0.1:9/0")
    project.suite()
    result = project.run("--llm-budget")
    assert result.ret == 1
    result.stdout.fnmatch_lines(["*the shared budget at 127.0.0.1:9 cannot be used*nothing more is spent*"])
    assert project.server.requests == []


@pytest.mark.parametrize("address", ["127.0.0.1:6379", "http://127.0.0.1", 7])
def test_an_address_that_is_no_redis_is_a_usage_error(project: Project, address: object) -> None:
    project.configure(shared_budget=address)
    project.suite()
    result = project.run("--llm-budget")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(["*shared_budget*the address of a Redis is needed*"])
