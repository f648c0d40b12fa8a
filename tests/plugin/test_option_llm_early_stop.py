"""`--llm-early-stop`: no more cases are asked than the verdict needs."""

from __future__ import annotations

import pytest
from fakes.project import Project, numbered_cases
from fakes.stub_server import by_keyword


def test_try(project: Project) -> None:
    project.configure(concurrency=8)
    project.suite(numbered_cases(300))
    assert project.run("--llm-budget", "--llm-update-baseline").ret == 0
    project.suite(numbered_cases(300), prompt="Whose mail?\n{{ text }}")
    project.server.play(project.server.script)
    r = project.run("--llm-budget", "--llm-early-stop")
    print(len(project.server.requests))
    project.suite(numbered_cases(300), prompt="Whose bad mail?\n{{ text }}")
    project.server.play(by_keyword({"1": "other"}, otherwise="shop"))
    r = project.run("--llm-budget", "--llm-early-stop", "--llm-update-baseline", "-rs")
    print(len(project.server.requests))
    project.suite(numbered_cases(300), prompt="Whose bad bad mail?\n{{ text }}")
    project.server.play(by_keyword({"1": "other"}, otherwise="shop"))
    r = project.run("--llm-budget", "--llm-early-stop", "-n2")
    print(len(project.server.requests))
    import glob
    assert 0
