"""`--llm-strategy`, `--llm-sample`, `--llm-only`, `--llm-repeats`, `--llm-tier`, `--llm-inconclusive`, `--llm-run`."""

from __future__ import annotations

import json

import pytest
from fakes.project import CASES, Project, numbered_cases
from fakes.stub_server import by_keyword

TWO = {"one": {"model": "ours"}, "two": {"model": "ours", "prompt": "? {{ text }}"}}


def ran(project: Project) -> list[tuple[str, str, int]]:
    """Strategy, case and trial of the last run."""
    return [(line["strategy"], line["case"], line["trial"]) for line in project.runs()[-1][1:]]


@pytest.mark.parametrize("workers", [(), ("-n2",)], ids=["plain", "n2"])
def test_only_the_strategies_that_match_are_asked(project: Project, workers: tuple[str, ...]) -> None:
    project.suite(strategies=TWO)
    assert project.run("--llm-budget", "--llm-strategy=t*", *workers).ret == 0
    assert {strategy for strategy, _, _ in ran(project)} == {"two"}


def test_a_sample_is_always_the_same_cases_for_every_strategy(project: Project) -> None:
    project.suite(numbered_cases(30), strategies=TWO)
    project.run("--llm-budget", "--llm-sample=5")
    first = ran(project)
    project.suite(list(reversed(numbered_cases(30))), strategies=TWO)
    project.run("--llm-budget", "--llm-sample=5")
    assert first == ran(project)
    assert len(first) == 10
    assert {case for strategy, case, _ in first if strategy == "one"} == {c for s, c, _ in first if s == "two"}


def test_repeats_are_trials_of_their_own(project: Project) -> None:
    project.suite(CASES[:2])
    result = project.run("--llm-budget", "--llm-repeats=3", "-v")
    assert [trial for _, case, trial in ran(project) if case == "late"] == [1, 2, 3]
    assert len(project.server.requests) == 6
    result.stdout.fnmatch_lines(["*::one::late PASSED*", "*::one::late#2 PASSED*", "*::one::late#3 PASSED*"])


def test_only_what_the_last_run_missed_is_asked_and_no_verdict_is_given(project: Project) -> None:
    project.suite()
    project.run("--llm-budget")
    result = project.run("--llm-budget", "--llm-only=missed")
    assert [case for _, case, _ in ran(project)] == ["books"]
    assert "gate[" not in result.stdout.str()
    result.stdout.fnmatch_lines(["no verdict: the cases were chosen by how they did before*"])


def test_only_what_the_last_run_lost_is_asked(project: Project) -> None:
    project.suite()
    project.run("--llm-budget", "--llm-update-baseline")
    project.suite(prompt="Whose?\n{{ text }}")
    project.server.play(by_keyword({"late": "other", "order": "shop", "refund": "shop"}, otherwise="other"))
    project.run("--llm-budget")
    project.run("--llm-budget", "--llm-only=lost")
    assert [case for _, case, _ in ran(project)] == ["late"]


def test_last_failed_gives_no_verdict_either(project: Project) -> None:
    project.suite()
    project.run("--llm-budget")
    assert "gate[" not in project.run("--llm-budget", "--lf").stdout.str()


def test_a_tier_may_be_another_model_for_one_run(project: Project) -> None:
    project.suite(strategies={"one": {"model": "mid"}})
    assert project.run("--llm-budget", "--llm-tier=mid=ours").ret == 0
    assert project.run("--llm-budget", "--llm-tier=mid").ret == pytest.ExitCode.USAGE_ERROR


@pytest.mark.parametrize(("rule", "status"), [("warn", 0), ("fail", 1)])
def test_an_inconclusive_verdict_warns_or_fails(project: Project, rule: str, status: int) -> None:
    project.suite(numbered_cases(20))
    project.server.play(by_keyword({"order": "shop"}, otherwise="other"))
    project.run("--llm-budget", "--llm-update-baseline")
    project.suite(numbered_cases(20), prompt="Whose?\n{{ text }}")
    project.server.play(by_keyword({"number 7": "other", "order": "shop"}, otherwise="other"))
    assert project.run("--llm-budget", f"--llm-inconclusive={rule}").ret == status


def test_the_run_file_goes_where_it_is_asked_to(project: Project) -> None:
    project.suite()
    project.run("--llm-budget", "--llm-run=out/run.jsonl")
    header, *trials = [json.loads(line) for line in (project.path / "out/run.jsonl").read_text("utf-8").splitlines()]
    assert header["format"] == "llmcost-run/1"
    assert len(trials) == 4


def test_calls_in_flight_are_as_many_as_asked_for(project: Project) -> None:
    project.suite(numbered_cases(12))
    script = project.server.script
    project.server.play(lambda asked: script(asked).later(0.05))
    project.run("--llm-budget", "--llm-concurrency=2")
    assert project.server.max_in_flight == 2


@pytest.mark.parametrize("option", ["--llm-repeats=0", "--llm-sample=x", "--llm-concurrency=-1"])
def test_a_number_that_is_none_is_a_usage_error(project: Project, option: str) -> None:
    assert project.run("--llm-budget", option).ret == pytest.ExitCode.USAGE_ERROR


@pytest.mark.parametrize("workers", [(), ("-n2",)], ids=["plain", "n2"])
def test_an_estimate_asks_nothing_and_runs_nothing(project: Project, workers: tuple[str, ...]) -> None:
    project.suite()
    project.write("test_boom.py", "def test_boom():\n    raise SystemExit(3)\n")
    result = project.run("--llm-budget", "--llm-estimate", *workers)
    assert result.ret == 0
    assert not project.server.requests
    result.stdout.fnmatch_lines(
        ["mail * one * 4 * 0 * text length", "expected $0.00*, at worst $0.00*; the budget is $1.00"]
    )
    project.run("--llm-budget", "bench_mail.yaml", "--llm-update-baseline")
    project.run("--llm-budget", "--llm-estimate").stdout.fnmatch_lines(
        ["mail * one * 4 * 4 * baseline", "expected $0,*"]
    )


def test_what_must_pass_fails_the_test_when_it_is_missed(project: Project) -> None:
    project.suite([{**CASES[3], "must_pass": True}, CASES[0]])
    result = project.run("--llm-budget")
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    result.stdout.fnmatch_lines(["bench_mail.yaml:*: case 'books' must pass by 'one'", "expected other, got shop"])


def test_under_strict_every_wrong_case_is_a_failed_test(project: Project) -> None:
    project.suite(strict=True)
    project.run("--llm-budget").assert_outcomes(failed=1, passed=4)  # three cases and gate[errors]


def test_a_quarantined_case_is_asked_and_shown_but_not_gated(project: Project) -> None:
    project.suite([*CASES[:3], {**CASES[3], "quarantine": "ambiguous"}], strict=True, gate={"quality": {"min": 1.0}})
    result = project.run("--llm-budget")
    assert result.ret == 0
    assert len(project.server.requests) == 4


def test_where_errors_are_accepted_a_case_without_an_answer_is_no_failure(project: Project) -> None:
    project.configure(attempts=1)
    project.suite(gate={"errors": {"max_rate": 0.5}})
    script = project.server.script
    from fakes.stub_server import error

    project.server.play(lambda asked: error(500) if "refund" in asked.prompt else script(asked))
    result = project.run("--llm-budget", "-v")
    assert result.ret == 0
    result.stdout.fnmatch_lines(["*::one::refund UNANSWERED*"])


@pytest.mark.parametrize(("needed", "status"), [(1, 0), (2, 1)])
def test_of_a_case_a_number_of_trials_may_have_to_be_right(project: Project, needed: int, status: int) -> None:
    project.suite([{**CASES[0], "must_pass": needed}, CASES[2]], repeats=2)
    script = by_keyword({"order": "shop"}, otherwise="other")
    wrong = by_keyword({}, otherwise="other")
    project.server.play(lambda asked: (script if len(project.server.requests) % 2 else wrong)(asked))
    assert project.run("--llm-budget", "--llm-concurrency=1").ret == status
