"""T08: a change that weakens its own judge is held to the branch that it wants to get into, and says what it does."""

from __future__ import annotations

import json
from typing import Any

import pytest
from fakes.git_project import commit_all, git, start_branch
from fakes.project import Project, numbered_cases
from fakes.stub_server import by_keyword

GOOD = by_keyword({"order": "shop"}, otherwise="other")
SPOILT = by_keyword({"order number 1": "other", "order": "shop"}, otherwise="other")
BASELINE = "llm_baselines/bench_mail.jsonl"
GATE = {"quality": {"margin": 0.05, "min": 0.5}, "coverage": {"min": 0.9}}


@pytest.fixture
def change(project: Project, monkeypatch: pytest.MonkeyPatch) -> Project:
    """A branch of a project whose sixty answers are right, in the job of its pull request."""
    project.suite(numbered_cases(60), gate=GATE)
    project.server.play(GOOD)
    assert project.run("--llm-budget", "--llm-update-baseline").ret == 0
    commit_all(project.path, "Sixty right answers")
    start_branch(project.path)
    monkeypatch.setenv("GITHUB_BASE_REF", "main")
    return project


def worsen(project: Project, cases: list[dict[str, Any]] | None = None, **keys: Any) -> None:
    """Change the prompt, and a sixth of the answers with it."""
    project.suite(
        numbered_cases(60) if cases is None else cases,
        **{"gate": GATE, "prompt": "Whose mail is this?\n{{ text }}", **keys},
    )
    project.server.play(SPOILT)


def test_t08_a_change_that_worsens_a_prompt_and_updates_its_baseline_is_still_caught(change: Project) -> None:
    worsen(change)
    (change.path / BASELINE).unlink()
    assert change.run("--llm-budget", "--llm-update-baseline", "--llm-baseline=llm_baselines").ret == 4
    result = change.run("--llm-budget", "--llm-baseline=strategy:one", "--llm-update-baseline")
    print(result.stdout.str())
    commit_all(change.path, "A better prompt")
    result = change.run("--llm-budget")
    print(result.stdout.str())
    assert 0
