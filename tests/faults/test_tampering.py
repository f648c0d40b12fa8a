"""A change that alters its own judge: it is held to the branch that it wants to get into, and what it does is said."""

from __future__ import annotations

from typing import Any

import pytest
from fakes.git_project import commit_all, git, start_branch
from fakes.project import Project, numbered_cases
from fakes.stub_server import by_keyword

from pytest_llmcost.cli import main

GOOD = by_keyword({"order": "shop"}, otherwise="other")
SPOILT = by_keyword({"order number 1": "other", "order": "shop"}, otherwise="other")
WRONG = ["c001", *(f"c{n:03}" for n in range(10, 20))]
"""What the spoilt prompt gets wrong."""
BASELINE = "llm_baselines/bench_mail.jsonl"
WORSE_PROMPT = "Whose mail is this?\n{{ text }}"
GATE = {"quality": {"margin": 0.05, "min": 0.5}, "errors": {"max_rate": 0.0}}


@pytest.fixture
def change(project: Project) -> Project:
    """A branch of a project whose sixty answers are right, and the first of which must be."""
    cases = numbered_cases(60)
    cases[1]["must_pass"] = True
    project.suite(cases, gate=GATE)
    project.server.play(GOOD)
    assert project.run("--llm-budget", "--llm-update-baseline").ret == 0
    commit_all(project.path, "Sixty right answers")
    start_branch(project.path)
    project.server.play(SPOILT)
    return project


def altered_cases() -> list[dict[str, Any]]:
    """The cases, those that turn wrong without what would show it: in quarantine, deleted, expected otherwise."""
    cases = {case["id"]: case for case in numbered_cases(60)}
    for name in WRONG[1:5]:
        cases[name]["quarantine"] = "hard to tell"
    for name in WRONG[5:7]:
        del cases[name]
    cases[WRONG[7]]["expected"] = "other"
    return list(cases.values())


def test_t08_a_pull_request_that_worsens_a_prompt_and_updates_its_baseline_is_still_caught(
    change: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    change.suite(numbered_cases(60), prompt=WORSE_PROMPT, gate=GATE)
    (change.path / BASELINE).unlink()
    assert change.run("--llm-budget", "--llm-update-baseline").ret == 0, "by itself it has nothing to fear"
    commit_all(change.path, "A prompt that is said to be better")
    assert change.run("--llm-budget").ret == 0, "nor has it where it is compared with itself"

    monkeypatch.setenv("GITHUB_BASE_REF", "main")
    stored = (change.path / BASELINE).read_bytes()
    commit = git(change.path, "rev-parse", "main")[:10]
    said = [
        f"llmcost: budget*, compared with git:origin/main ({commit}) and its gate settings",
        "  FAIL  quality: worse, -18.3 pt *: 11 lost, 0 won of 60*",
        "  FAIL  must_pass: 'c001' has 0 right trials of 1",
        f"this change alters what judges it; it is judged all the same by git:origin/main ({commit}) and*",
        "  bench_mail.yaml: must_pass of c001: true -> false",
        f"  {BASELINE}: edited: 11 scored lower, 49 measured otherwise",
    ]

    for workers in ("-n0", "-n2"):
        result = change.run("--llm-budget", "--llm-update-baseline", workers)

        assert result.ret == pytest.ExitCode.TESTS_FAILED
        refused = "llmcost: baseline of bench_mail.yaml not stored: one::gate?quality?, one::gate?must_pass? failed.*"
        result.stdout.fnmatch_lines([*said, refused])
    assert (change.path / BASELINE).read_bytes() == stored


def test_t08_whatever_a_change_weakens_it_is_judged_by_its_base_and_all_of_it_is_said(
    change: Project, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    loose = {"quality": {"margin": 0.9}, "errors": {"max_rate": 1.0}}
    change.suite(altered_cases(), prompt=WORSE_PROMPT, gate=loose)
    assert change.run("--llm-budget", "--llm-run=run.jsonl").ret == 0, "its own gate lets everything pass"
    said = [
        "this change alters what judges it; *",
        "  bench_mail.yaml: 2 cases deleted: c014, c015",
        "  bench_mail.yaml: 1 case expected otherwise*: c016",
        "  bench_mail.yaml: 4 cases newly in quarantine, and gated all the same: c010, c011, c012, c013",
        "  bench_mail.yaml: must_pass of c001: true -> false",
        "  bench_mail.yaml::one: quality.margin: 0.05 -> 0.9",
        "  bench_mail.yaml::one: quality.min: 0.5 -> (not stated)",
        "  bench_mail.yaml::one: errors.max_rate: 0.0 -> 1.0",
    ]

    result = change.run("--llm-budget", "--llm-baseline=git:main")

    assert result.ret == pytest.ExitCode.TESTS_FAILED
    result.stdout.fnmatch_lines(["  FAIL  quality: worse, *: 8 lost, 0 won of 57; * margin 5 pt"])
    result.stdout.fnmatch_lines_random(said)

    # The shards of a pull request are judged together, by the same.
    monkeypatch.chdir(change.path)
    monkeypatch.setenv("CI_MERGE_REQUEST_TARGET_BRANCH_NAME", "main")
    capsys.readouterr()
    assert main(["baseline", "merge", "run.jsonl"]) == 1
    told = pytest.LineMatcher(capsys.readouterr().out.splitlines())
    told.fnmatch_lines(["  FAIL  quality: worse, *: 8 lost, 0 won of 57; * margin 5 pt"])
    told.fnmatch_lines_random(said)


def test_t08_a_suite_that_is_gone_with_its_baseline_is_said_and_a_new_one_is_new(change: Project) -> None:
    change.suite(numbered_cases(60), name="bench_other.yaml", prompt=WORSE_PROMPT)
    (change.path / "bench_mail.yaml").unlink()
    (change.path / BASELINE).unlink()
    result = change.run("--llm-budget", "--llm-baseline=git:main")
    assert result.ret == 0
    result.stdout.fnmatch_lines(
        [
            "  new  quality: no baseline to compare with",
            "this change alters what judges it; *",
            f"  bench_mail.yaml: the suite is gone, and {BASELINE} compares with nothing",
        ]
    )


def test_t08_a_base_that_cannot_be_read_is_said_and_the_change_is_judged_by_its_own_gate(change: Project) -> None:
    good = (change.path / "bench_mail.yaml").read_text("utf-8")
    (change.path / "bench_mail.yaml").write_text("nonsense: true\n" + good, "utf-8")
    commit_all(change.path, "Broken")
    (change.path / "bench_mail.yaml").write_text(good, "utf-8")
    change.server.play(GOOD)
    result = change.run("--llm-budget", "--llm-baseline=git:HEAD")
    assert result.ret == 0
    result.stdout.fnmatch_lines(
        [
            "this change alters what judges it; *",
            "  bench_mail.yaml: cannot be read at the base, its own gate judges: bench_mail.yaml:1:1: *nonsense*",
        ]
    )
