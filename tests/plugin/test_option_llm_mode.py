"""`--llm-mode`: how the cache is used."""

from __future__ import annotations

import pytest
from fakes.project import Project


def test_auto_asks_once(project: Project) -> None:
    project.suite()
    project.run("--llm-budget")
    project.run("--llm-budget")
    assert len(project.server.requests) == 4


def test_refresh_asks_again_and_stores_what_it_gets(project: Project) -> None:
    project.suite()
    project.run("--llm-budget")
    project.run("--llm-budget", "--llm-mode=refresh")
    assert len(project.server.requests) == 8
    assert project.run("--llm-budget", "--llm-mode=replay").ret == 0


def test_live_neither_reads_nor_stores(project: Project) -> None:
    project.suite()
    project.run("--llm-budget", "--llm-mode=live")
    project.run("--llm-budget", "--llm-mode=live")
    assert len(project.server.requests) == 8
    assert project.run("--llm-budget", "--llm-mode=replay").ret == pytest.ExitCode.TESTS_FAILED


def test_replay_opens_no_connection_and_names_what_changed(project: Project) -> None:
    project.suite()
    project.run("--llm-budget")
    project.server.requests.clear()
    project.suite(prompt="Whose is it?\n{{ text }}")
    result = project.run("--llm-budget", "--llm-mode=replay")
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    assert not project.server.requests
    result.stdout.fnmatch_lines(["*no recording*messages*"])


def test_what_was_paid_is_told_apart_from_what_it_costs(project: Project) -> None:
    project.suite()
    project.run("--llm-budget")
    project.run("--llm-budget")
    first, second = (run[1:] for run in project.runs())
    assert [line["usd"] for line in first] == [line["usd"] for line in second]
    assert all(line["paid_usd"] > 0 for line in first)
    assert all(line["paid_usd"] == 0 for line in second)
    assert [line["seconds"] for line in first] == [line["seconds"] for line in second]
