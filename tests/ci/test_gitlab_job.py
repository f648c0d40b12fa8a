"""The job of `llmcost init --ci gitlab`, run line by line in a clone: a merge request against its target branch."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from fakes.git_project import commit_all, git
from fakes.project import Project, numbered_cases
from fakes.stub_server import by_keyword

from pytest_llmcost.cli import main

GOOD = by_keyword({"order": "shop"}, otherwise="other")
SPOILT = by_keyword({"my order number 1": "other", "order": "shop"}, otherwise="other")
CASES = numbered_cases(60)


@pytest.fixture
def clone(project: Project, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A clone of one branch, with a change that spoils a sixth of the answers; `main` is known to the remote alone."""
    monkeypatch.chdir(project.path)
    monkeypatch.delenv("GITHUB_ACTIONS", raising=False)
    project.suite(CASES)
    project.server.play(GOOD)
    assert project.run("--llm-budget", "--llm-update-baseline").ret == 0
    assert main(["init", "--ci", "gitlab"]) == 0
    commit_all(project.path, "Sixty right answers")
    git(project.path, "checkout", "--quiet", "-b", "change")
    project.suite(CASES, prompt="Whose mail is this?\n{{ text }}")
    commit_all(project.path, "A better prompt")
    project.server.play(SPOILT)
    folder = tmp_path_factory.mktemp("builds") / "shop"
    git(project.path, "clone", "--quiet", "--single-branch", "--branch=change", project.path.as_uri(), str(folder))
    return folder


def job(clone: Path, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run the job's script, but for the installation."""
    script = yaml.safe_load((clone / ".gitlab/llmcost.yml").read_text("utf-8"))["llmcost"]["script"]
    (install,) = (line for line in script if "pip install" in line)
    lines = [line for line in script if line != install]
    environment = {
        **os.environ,
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "PYTEST_ADDOPTS": "-q -p no:randomly -p no:cacheprovider",
        "CI_PROJECT_DIR": str(clone),
        "CI_PROJECT_ID": "1",
        "CI_MERGE_REQUEST_TARGET_BRANCH_NAME": "main",
        **variables,
    }
    command = ["bash", "-eo", "pipefail", "-c", "\n".join(lines)]
    return subprocess.run(command, cwd=clone, env=environment, capture_output=True, text=True)


def test_a_merge_request_is_held_against_its_target_branch(clone: Path, project: Project) -> None:
    done = job(clone, CI_MERGE_REQUEST_SOURCE_PROJECT_ID="1")

    assert done.returncode == 1, done.stdout + done.stderr
    told = json.loads((clone / "llmcost-report/report.json").read_text("utf-8"))
    assert told["title"] == "Failed: the one strategy fails (quality)"
    assert told["baseline"].startswith("git:origin/main (")
    assert {path.name for path in (clone / "llmcost-report").iterdir()} == {
        "report.md", "report.json", "run.jsonl", "junit.xml",
    }  # fmt: skip


def test_t13_a_forks_merge_request_is_replayed(clone: Path, project: Project) -> None:
    asked = len(project.server.requests)
    done = job(clone, CI_MERGE_REQUEST_SOURCE_PROJECT_ID="2")

    assert done.returncode == 1
    assert "no recording" in done.stdout
    assert len(project.server.requests) == asked
