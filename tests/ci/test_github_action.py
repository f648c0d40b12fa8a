"""The action of `llmcost init --ci`, step by step, in a real repository: what a pull request is told, and who may."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
from fakes.git_project import commit_all, git, start_branch
from fakes.github import REPOSITORY, Done, GitHubApi, Runner
from fakes.project import Project, numbered_cases
from fakes.stub_server import by_keyword

from pytest_llmcost.cli import main

ACTION = ".github/actions/llmcost/action.yml"
BASELINE = "llm_baselines/bench_mail.jsonl"
GOOD = by_keyword({"order": "shop"}, otherwise="other")
SPOILT = by_keyword({"whose mail is this?\nmy order number 1": "other", "order": "shop"}, otherwise="other")
CASES = numbered_cases(60)
CASES[10]["must_pass"] = True


class Repository:
    """A repository on GitHub: its work tree, and the jobs that run in it."""

    def __init__(self, project: Project, runner: Runner, github: GitHubApi) -> None:
        self.project = project
        self.github = github
        self._runner = runner
        self._jobs = 0

    def job(
        self,
        event: str = "pull_request",
        *,
        origin: str = REPOSITORY,
        author: str = "ada",
        **inputs: str,
    ) -> Done:
        """Run the action at this commit, as a job of that event."""
        self._jobs += 1
        sha = git(self.project.path, "rev-parse", "HEAD")
        change = {"number": 7, "head": {"sha": sha, "repo": {"full_name": origin}}, "user": {"login": author}}
        is_change = event.startswith("pull_request")
        return self._runner.run(
            self.project.path / ACTION,
            self.project.path,
            event=event,
            payload={"pull_request": change} if is_change else {},
            sha=sha,
            number=self._jobs,
            env={
                "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
                "GITHUB_BASE_REF": "main" if is_change else "",
            },
            **({"install": "true", "arguments": "-q -p no:randomly -p no:cacheprovider"} | inputs),
        )

    @property
    def comments(self) -> list[str]:
        """Those of the pull request."""
        return [comment["body"] for comment in self.github.comments.get(7, [])]

    @property
    def caches(self) -> list[str]:
        """Keys of the stored caches."""
        return sorted(path.name for path in self._runner.caches.iterdir())

    def forget(self) -> None:
        """Make this another machine: what was cached here is gone."""
        git(self.project.path, "clean", "-dffxq")


@pytest.fixture
def repository(
    project: Project, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Repository]:
    """Sixty right answers, their baseline and the workflow, on `main`."""
    monkeypatch.chdir(project.path)
    project.suite(CASES)
    project.server.play(GOOD)
    assert main(["init", "--ci"]) == 0
    assert project.run("--llm-budget", "--llm-update-baseline").ret == 0
    commit_all(project.path, "Sixty right answers")
    folder = tmp_path_factory.mktemp("runner")
    (folder / "caches").mkdir()
    with GitHubApi() as github:
        repository = Repository(project, Runner(folder, folder / "caches", github.base), github)
        repository.forget()
        yield repository


def document(done: Done) -> dict[str, Any]:
    assert done.artifact is not None
    return json.loads((done.artifact / "report.json").read_text("utf-8"))  # type: ignore[no-any-return]


def worsen(project: Project) -> None:
    """Change the prompt, which spoils a sixth of the answers; loosen the gate, and store what comes of it."""
    project.suite(CASES, prompt="Whose mail is this?\n{{ text }}", gate={"quality": {"margin": 0.5}})
    project.server.play(SPOILT)
    (project.path / BASELINE).unlink()
    project.run("--llm-budget", "--llm-update-baseline")
    assert git(project.path, "diff", "--name-only", BASELINE)


def test_a_pull_request_from_its_cache_to_its_comment(repository: Repository) -> None:
    project, github = repository.project, repository.github

    assert repository.job("push").is_green
    assert (repository.comments, github.checks[0]["conclusion"]) == ([], "success")

    # A fork has neither keys nor a token: what main recorded is replayed.
    repository.forget()
    start_branch(project.path)
    asked, told, caches = len(project.server.requests), len(github.asked), repository.caches
    arguments = "-q -p no:randomly -p no:cacheprovider --llm-mode=live"
    fork = repository.job(origin="eve/shop", author="eve", mode="live", arguments=arguments)
    assert document(fork)["outcome"] == "pass"
    assert (len(project.server.requests), len(github.asked), repository.caches) == (asked, told, caches)

    # T08: it worsens the prompt, loosens the gate and updates the baseline, all at once.
    worsen(project)
    repository.forget()
    commit_all(project.path, "A better prompt")
    failed = repository.job()
    assert failed.outcomes["run"] == "failure"
    (comment,) = repository.comments
    assert comment.startswith("<!-- pytest-llmcost: llmcost -->\nFailed: the one strategy fails (quality)")
    assert "**This change alters what judges it**" in comment
    assert "quality.margin" in comment
    assert "Compared with `git:origin/main (" in comment
    assert f"pytest --llm-budget --llm-baseline=git:{git(project.path, 'rev-parse', 'main')}\n" in comment
    check = github.checks[-1]
    assert (check["name"], check["conclusion"]) == ("llmcost", "failure")
    assert check["head_sha"] == git(project.path, "rev-parse", "HEAD")
    assert check["output"]["title"] == document(failed)["title"]
    (annotation,) = (line for line in failed.log.splitlines() if line.startswith("::error"))
    assert annotation.startswith("::error file=bench_mail.yaml,line=")
    assert failed.artifact is not None
    assert {path.name for path in failed.artifact.iterdir()} == {"report.md", "report.json", "run.jsonl"}
    assert len(repository.caches) == len(caches) + 1, "what was paid for is kept"

    # Mended: main's answers come with the cache, and the comment is the same one.
    git(project.path, "revert", "--no-edit", "HEAD")
    repository.forget()
    asked = len(project.server.requests)
    assert repository.job().is_green
    (comment,) = repository.comments
    assert "\nPassed: the one strategy passes\n" in comment
    assert (
        "60 of 60 answers (100%) are from the cache, kept in `.llmcost/cache, restored from llmcost-Linux-" in comment
    )
    assert github.checks[-1]["conclusion"] == "success"
    assert len(project.server.requests) == asked


def trust(folder: Path, event: str, origin: str = REPOSITORY, author: str = "ada") -> Done:
    """Run the action as far as it decides whom it trusts; it stops there by itself where it refuses."""
    change = {"number": 7, "head": {"repo": {"full_name": origin}}, "user": {"login": author}}
    payload = {"pull_request": change} if event.startswith("pull_request") else {}
    action = Path(str(files("pytest_llmcost.cli.init.ci") / "action.yml"))
    runner = Runner(folder, folder / "caches", "http://127.0.0.1:9")
    return runner.run(action, folder, event=event, payload=payload, mode="refresh", until="trust")


def test_t13_pull_request_target_is_refused_before_anything_runs(tmp_path: Path) -> None:
    done = trust(tmp_path, "pull_request_target")

    assert done.outcomes.pop("trust") == "failure"
    assert len(done.outcomes) == 6
    assert set(done.outcomes.values()) == {"skipped"}
    assert "::error title=llmcost::pull_request_target would run a stranger's code" in done.log


@pytest.mark.parametrize(
    ("event", "origin", "author", "is_trusted"),
    [
        ("pull_request", REPOSITORY, "ada", True),
        ("push", REPOSITORY, "ada", True),
        ("pull_request", "eve/shop", "eve", False),
        ("pull_request_review", "eve/shop", "eve", False),
        ("pull_request", "", "eve", False),
        ("pull_request", REPOSITORY, "dependabot[bot]", False),
    ],
)
def test_t13_only_a_change_from_the_repository_itself_asks_and_writes(
    tmp_path: Path, event: str, origin: str, author: str, is_trusted: bool
) -> None:
    done = trust(tmp_path, event, origin, author)

    expected = {"mode": "refresh", "write": "true"} if is_trusted else {"mode": "replay", "write": "false"}
    assert done.outputs["trust"] == expected
    assert ("::notice title=llmcost::from a fork or a bot" in done.log) is not is_trusted
