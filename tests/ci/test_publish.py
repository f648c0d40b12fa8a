"""What the action writes to GitHub: one comment a pull request, one check a commit, and nothing unsaid."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from fakes.github import REPOSITORY, TOKEN, GitHubApi

from pytest_llmcost.cli.init.ci import publish

MARK = "<!-- pytest-llmcost: llmcost -->"


@pytest.fixture
def github(monkeypatch: pytest.MonkeyPatch) -> Iterator[GitHubApi]:
    """GitHub; who waits for it waits for no time."""
    monkeypatch.setattr(publish, "WAIT_SECONDS", 0.0)
    with GitHubApi() as api:
        yield api


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The reports of a run that cannot tell."""
    write(tmp_path, "inconclusive", "Cannot tell: 1 of 2 strategies is inconclusive (quality)")
    return tmp_path


def write(folder: Path, outcome: str, title: str) -> None:
    (folder / "report.json").write_text(json.dumps({"outcome": outcome, "title": title}), "utf-8")
    (folder / "report.md").write_text(f"{title}\n---\nüber\n", "utf-8")


def published(github: GitHubApi, folder: Path, **changes: str) -> int:
    environment = {
        "GITHUB_API_URL": github.base,
        "GITHUB_REPOSITORY": REPOSITORY,
        "LLMCOST_TOKEN": TOKEN,
        "LLMCOST_NAME": "llmcost",
        "LLMCOST_COMMENT": "true",
        "LLMCOST_PULL_REQUEST": "7",
        "LLMCOST_COMMIT": "4474140",
    }
    return publish.main(folder, environment | changes)


def bodies(github: GitHubApi) -> list[str]:
    return [comment["body"] for comment in github.comments.get(7, [])]


@pytest.mark.parametrize(
    ("outcome", "conclusion"), [("pass", "success"), ("fail", "failure"), ("inconclusive", "neutral")]
)
def test_a_run_that_cannot_tell_is_neutral(github: GitHubApi, folder: Path, outcome: str, conclusion: str) -> None:
    write(folder, outcome, "The title")

    assert published(github, folder) == 0
    (check,) = github.checks
    assert (check["conclusion"], check["status"], check["head_sha"]) == (conclusion, "completed", "4474140")
    assert check["output"] == {"title": "The title", "summary": "The title\n---\nüber\n"}


def test_there_is_one_comment_however_often_it_is_told(github: GitHubApi, folder: Path) -> None:
    for n in range(150):
        github.say(7, f"word {n}", kind="User")
    published(github, folder)
    write(folder, "pass", "Passed: all")
    published(github, folder)

    assert [body for body in bodies(github) if body.startswith(MARK)] == [f"{MARK}\nPassed: all\n---\nüber\n"]
    assert len(bodies(github)) == 151


def test_each_name_has_its_own_comment_and_check(github: GitHubApi, folder: Path) -> None:
    published(github, folder)
    published(github, folder, LLMCOST_NAME="mails")

    assert [body.splitlines()[0] for body in bodies(github)] == [MARK, "<!-- pytest-llmcost: mails -->"]
    assert [check["name"] for check in github.checks] == ["llmcost", "mails"]


def test_a_persons_comment_with_our_mark_is_left_alone(github: GitHubApi, folder: Path) -> None:
    """Its author could have our report in it, and change what it says."""
    github.say(7, f"{MARK}\nPassed: trust me", kind="User")
    published(github, folder)

    assert bodies(github)[0] == f"{MARK}\nPassed: trust me"
    assert bodies(github)[1].startswith(f"{MARK}\nCannot tell: ")


@pytest.mark.parametrize("changes", [{"LLMCOST_COMMENT": "false"}, {"LLMCOST_PULL_REQUEST": ""}])
def test_without_a_pull_request_or_a_wish_there_is_a_check_alone(
    github: GitHubApi, folder: Path, changes: dict[str, str]
) -> None:
    assert published(github, folder, **changes) == 0
    assert (github.comments, len(github.checks)) == ({}, 1)


@pytest.mark.parametrize("damage", ["report.md", "report.json", "no JSON", "unknown outcome"])
def test_a_run_that_never_came_to_its_report_is_a_failure(github: GitHubApi, folder: Path, damage: str) -> None:
    if damage.startswith("report"):
        (folder / damage).unlink()
    elif damage == "no JSON":
        (folder / "report.json").write_text("{", "utf-8")
    else:
        write(folder, "splendid", "Passed")

    published(github, folder)

    assert github.checks[0]["conclusion"] == "failure"
    assert bodies(github)[0].startswith(f"{MARK}\nFailed: the run ended before it could report: the log of the job")


def test_a_token_that_may_not_write_is_said_with_the_permission_to_give(
    github: GitHubApi, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    github.is_read_only = True

    assert published(github, folder) == 1
    said = capsys.readouterr().out.splitlines()
    why = "403 Forbidden. Give the job the permission"
    assert said == [
        f"::error title=llmcost::the comment cannot be written: {why} `pull-requests: write`",
        f"::error title=llmcost::the check cannot be written: {why} `checks: write`",
    ]


def test_where_github_itself_fails_it_is_asked_again_and_nothing_is_written_twice(
    github: GitHubApi, folder: Path
) -> None:
    github.failures = [502, 503]

    assert published(github, folder) == 0
    assert (len(bodies(github)), len(github.checks)) == (1, 1)


def test_what_goes_on_failing_is_said(github: GitHubApi, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    github.failures = [502] * publish.TRIES

    assert published(github, folder) == 1
    assert "::error title=llmcost::the comment cannot be written: 502 Bad Gateway\n" in capsys.readouterr().out
    assert len(github.checks) == 1, "the check is set all the same"


def test_e18_a_redirect_does_not_take_the_token_elsewhere(
    github: GitHubApi, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    github.failures = [302]

    assert published(github, folder) == 1
    assert "the comment cannot be written: 302 Found" in capsys.readouterr().out
