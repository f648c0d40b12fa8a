"""`--llm-baseline`: a run is held against what it names, and the header says what that is."""

from __future__ import annotations

import pytest
from fakes.git_project import commit_all
from fakes.project import Project, numbered_cases
from fakes.stub_server import by_keyword

GOOD = by_keyword({"order": "shop"}, otherwise="other")
SPOILT = by_keyword({"order number 1": "other", "order": "shop"}, otherwise="other")
WORSE = "  FAIL  quality: worse, -18.3 pt *: 11 lost, 0 won of 60*"


@pytest.fixture
def spoilt(project: Project) -> Project:
    """A project without a baseline, with the run of sixty right answers, whose prompt has been spoilt since."""
    project.suite(numbered_cases(60))
    project.server.play(GOOD)
    assert project.run("--llm-budget", "--llm-run=good.jsonl").ret == 0
    project.suite(numbered_cases(60), prompt="Whose mail is this?\n{{ text }}")
    project.server.play(SPOILT)
    return project


def test_a_run_file_is_compared_with_and_the_lost_cases_are_those_lost_since(spoilt: Project) -> None:
    result = spoilt.run("--llm-budget", "--llm-baseline=good.jsonl")
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    result.stdout.fnmatch_lines(["llmcost: *, compared with good.jsonl", WORSE, "  note: changed since*: prompt"])
    result = spoilt.run("--llm-budget", "--llm-baseline=good.jsonl", "--llm-only=lost", "-n2")
    result.assert_outcomes(passed=0)
    result.stdout.fnmatch_lines(["*11 missed*"])


def test_without_it_the_baselines_beside_the_suites_are_and_a_folder_of_them_may_be_elsewhere(spoilt: Project) -> None:
    spoilt.server.play(GOOD)
    assert spoilt.run("--llm-budget", "--llm-update-baseline").ret == 0
    (spoilt.path / "llm_baselines").rename(spoilt.path / "kept")
    spoilt.server.play(SPOILT)

    result = spoilt.run("--llm-budget", "--llm-mode=refresh")
    result.stdout.fnmatch_lines(["*compared with the baselines in llm_baselines/ beside the suites", "  new *"])

    result = spoilt.run("--llm-budget", "--llm-baseline=kept")
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    result.stdout.fnmatch_lines([WORSE])


@pytest.mark.parametrize("workers", ["-n0", "-n2"])
def test_one_strategy_of_the_run_is_compared_with_and_nothing_is_stored(project: Project, workers: str) -> None:
    strategies = {"plain": {"model": "ours"}, "terse": {"model": "ours", "prompt": "{{ text }}"}}
    project.suite(numbered_cases(60), strategies=strategies)
    project.server.play(lambda asked: GOOD(asked) if "Is this mail" in asked.prompt else SPOILT(asked))

    result = project.run("--llm-budget", "--llm-baseline=strategy:plain", "--llm-update-baseline", workers)

    assert result.ret == pytest.ExitCode.TESTS_FAILED
    result.stdout.fnmatch_lines(
        [
            "llmcost: budget *, compared with strategy 'plain' of this run",
            " plain * unchanged",
            "bench_mail.yaml::terse",
            WORSE,
            "llmcost: baseline of bench_mail.yaml not stored: it was compared with strategy 'plain' of this run*",
        ]
    )
    assert not (project.path / "llm_baselines").exists()


def test_a_strategy_that_no_suite_has_fails_the_run_and_one_that_some_lack_is_noted(project: Project) -> None:
    project.suite()
    project.suite(name="bench_more.yaml", strategies={"other": {"model": "ours"}})
    result = project.run("--llm-budget", "--llm-baseline=strategy:one")
    assert result.ret == 0
    result.stdout.fnmatch_lines(["note: bench_more.yaml: strategy 'one' was not asked, so that nothing is compared*"])
    result = project.run("--llm-budget", "--llm-baseline=strategy:nope")
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    result.stdout.fnmatch_lines(["llmcost: no suite of this run asked a strategy 'nope'."])


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("nope.jsonl", "ERROR: nope.jsonl: there is no such file."),
        ("strategy:", "ERROR: strategy:: a strategy's name is needed, as strategy:cheap"),
        ("git:origin/nope", "ERROR: git:origin/nope: this clone has no such branch, tag or commit."),
    ],
)
def test_what_is_not_there_is_a_usage_error_before_anything_is_asked(project: Project, text: str, said: str) -> None:
    project.suite()
    commit_all(project.path, "A suite")

    result = project.run("--llm-budget", f"--llm-baseline={text}")

    assert result.ret == pytest.ExitCode.USAGE_ERROR
    assert said in result.errlines
    assert not project.server.requests


def test_in_a_pull_requests_job_a_clone_without_the_target_branch_stops_with_what_to_set(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    project.suite()
    commit_all(project.path, "A suite")
    monkeypatch.setenv("GITHUB_BASE_REF", "main")
    result = project.run("--llm-budget")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(["*git:origin/main: this clone has no such*", "Set fetch-depth: 0 in *"])
    result = project.run("--llm-budget", "--llm-baseline=strategy:one")
    assert result.ret == 0, "what is asked for goes before it"
    said = "note: this pull request wants to get into 'main', and is compared with strategy 'one' of this run instead"
    assert said in result.outlines


def test_without_the_switch_a_pull_requests_job_needs_no_history(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GITHUB_BASE_REF", "main")
    project.write("test_it.py", "def test_it(): pass")
    assert project.run().ret == 0


def test_a_root_below_the_repositorys_own_is_found_in_it(project: Project) -> None:
    project.suite(numbered_cases(60), name="sub/bench_mail.yaml")
    (project.path / "llmcost.toml").rename(project.path / "sub" / "llmcost.toml")
    project.server.play(GOOD)
    root = ("--llm-budget", "--rootdir=sub", "sub")
    assert project.run(*root, "--llm-update-baseline").ret == 0
    assert (project.path / "sub/llm_baselines/bench_mail.jsonl").exists()
    commit_all(project.path, "One")
    project.suite(numbered_cases(60), name="sub/bench_mail.yaml", prompt="Whose mail is this?\n{{ text }}")
    project.server.play(SPOILT)
    result = project.run(*root, "--llm-baseline=git:main")
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    result.stdout.fnmatch_lines([WORSE])
