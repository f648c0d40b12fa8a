"""Verdicts on graded scores, repeats that differ and cases in groups, through `pytest --llm-budget`."""

from __future__ import annotations

import json
from collections import Counter
from typing import Any

import pytest
from fakes.project import Project, numbered_cases
from fakes.stub_server import Asked, Reply, Script, answer, by_keyword

GOOD = by_keyword({"order": "shop"}, otherwise="other")
FIELDS = {"name": "Ann", "city": "Oslo", "item": "coat", "size": "M"}


def grouped(n: int, size: int) -> list[dict[str, Any]]:
    return [{**case, "group": f"mail {place // size}"} for place, case in enumerate(numbered_cases(n))]


def wrong_for(*numbers: int) -> Script:
    """Answer wrongly about these orders, rightly about all others."""
    words = {f"order number {n}": "other" for n in numbers}

    def reply(asked: Asked) -> Reply:
        last = str(asked.body["messages"][-1]["content"])
        return answer(next((label for word, label in words.items() if last.endswith(word)), "shop"))(asked)

    return reply


def wrong_every(period: int) -> Script:
    """Answer each question wrongly the first time, and then every so many times."""
    asked_before: Counter[str] = Counter()

    def reply(asked: Asked) -> Reply:
        asked_before[asked.prompt] += 1
        return answer("other" if asked_before[asked.prompt] % period == 1 else "shop")(asked)

    return reply


def fields_of(wrong: int) -> Script:
    """Answer with the fields of an order, the first few of them wrong in every second order."""

    def reply(asked: Asked) -> Reply:
        is_odd = str(asked.body["messages"][-1]["content"]).endswith(("1", "3", "5", "7", "9"))
        spoilt = dict.fromkeys(list(FIELDS)[: wrong * is_odd], "?")
        return answer(json.dumps(FIELDS | spoilt))(asked)

    return reply


def orders(project: Project, n: int = 80, **keys: Any) -> None:
    cases = [{"id": f"c{i:03}", "text": f"My order number {i}", "expected": dict(FIELDS)} for i in range(n)]
    project.suite(cases, parse="json", scorer="json_fields", **keys)


def changed_prompt(project: Project, script: Script, *options: str, **suite: Any) -> pytest.RunResult:
    """Store a baseline of right answers, change the prompt, and ask again."""
    project.suite(**suite)
    project.server.play(GOOD)
    assert project.run("--llm-budget", "--llm-update-baseline").ret == 0
    project.suite(**suite, prompt="Whose mail is this?\n{{ text }}")
    project.server.play(script)
    return project.run("--llm-budget", *options)


# -- groups


@pytest.mark.parametrize("workers", [(), ("-n2",)], ids=["plain", "n2"])
def test_groups_that_are_lost_fail_the_run(project: Project, workers: tuple[str, ...]) -> None:
    result = changed_prompt(project, wrong_for(*range(30)), *workers, cases=grouped(60, 5))
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    result.stdout.fnmatch_lines(
        [
            "*FAIL  quality: worse, -50.0 pt [[]*]: 30 lower, 0 higher of 60 in 12 groups; "
            "p = 0.0156 by sign flips of whole groups, margin 5 pt",
        ]
    )


def test_a_loss_in_one_group_is_no_proof_however_many_cases_it_has(project: Project) -> None:
    """Ten cases of sixty, each alone, would fail: p = 2^-10."""
    result = changed_prompt(project, wrong_for(*range(10)), cases=grouped(60, 10))
    assert result.ret == 0
    result.stdout.fnmatch_lines(["*inconclusive  quality: cannot tell: *in 6 groups; p = 0.5000*6 groups are few*"])


def test_enough_groups_that_did_not_change_pass(project: Project) -> None:
    result = changed_prompt(project, GOOD, "-v", cases=grouped(120, 2))
    assert result.ret == 0
    result.stdout.fnmatch_lines(["*::one::gate?quality? PASSED*"])


def test_a_group_that_was_named_after_the_baseline_was_stored_counts_all_the_same(project: Project) -> None:
    project.suite(numbered_cases(60))
    project.server.play(GOOD)
    project.run("--llm-budget", "--llm-update-baseline")
    project.suite(grouped(60, 20), prompt="Whose mail is this?\n{{ text }}")
    project.server.play(wrong_for(*range(20)))
    result = project.run("--llm-budget")
    result.stdout.fnmatch_lines(["*inconclusive  quality: *in 3 groups*under 5 groups no drop can fail"])
    result.stdout.no_fnmatch_line("*changed case*")


def test_a_suite_is_told_how_many_groups_its_margin_needs(project: Project) -> None:
    project.suite(grouped(120, 12))
    result = project.run("--llm-budget")
    result.stdout.fnmatch_lines(
        ["*10 groups can show no drop below 25.9 pt, and the margin is 5 pt*59 groups could, without a single loss."]
    )


def test_a_suite_that_is_all_in_quarantine_is_run_and_not_judged(project: Project) -> None:
    project.suite([{**case, "quarantine": "ambiguous, until 2999-01-31"} for case in numbered_cases(2)])
    result = project.run("--llm-budget")
    assert result.ret == 0
    result.stdout.no_fnmatch_line("*can show no drop*")


# -- graded scores


def test_a_real_drop_of_a_graded_score_fails_and_shows_the_scores(project: Project) -> None:
    orders(project)
    project.server.play(fields_of(0))
    assert project.run("--llm-budget", "--llm-update-baseline").ret == 0
    orders(project, prompt="Which fields?\n{{ text }}")
    project.server.play(fields_of(1))
    result = project.run("--llm-budget")
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    result.stdout.fnmatch_lines(
        [
            "*FAIL  quality: worse, -12.5 pt [[]*]: 40 lower, 0 higher of 80; p = 0.0001 by sign flips, margin 5 pt",
            "*scored lower: 40",
            "*c001 (line *): 1 before, 0.75 now; expected '{*' now",
        ]
    )


def test_only_lost_asks_what_scored_lower_though_it_is_still_correct(project: Project) -> None:
    orders(project, n=6)
    project.server.play(fields_of(0))
    project.run("--llm-budget", "--llm-update-baseline")
    orders(project, n=6, prompt="Which fields?\n{{ text }}")
    project.server.play(fields_of(1))
    project.run("--llm-budget")
    project.run("--llm-budget", "--llm-only=lost")
    assert [line["case"] for line in project.runs()[-1][1:]] == ["c001", "c003", "c005"]


# -- repeats


def test_repeats_that_differ_are_judged_by_case(project: Project) -> None:
    """Each of 40 cases is now wrong in one trial of three."""
    result = changed_prompt(project, wrong_every(3), cases=numbered_cases(40), repeats=3)
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    result.stdout.fnmatch_lines(
        [
            "*FAIL  quality: worse, -33.3 pt [[]*]: 40 lower, 0 higher of 40, means of 3 trials; "
            "p = 0.0001 by sign flips, margin 5 pt",
            "*c000 (line *): 1 before, 0.667 now; expected 'shop', got 'shop' before, 'other' now",
        ]
    )


def test_g04_unequal_repeats_are_judged_and_told(project: Project) -> None:
    project.suite(numbered_cases(40))
    project.server.play(GOOD)
    project.run("--llm-budget", "--llm-update-baseline")
    project.suite(numbered_cases(40), prompt="Whose mail is this?\n{{ text }}")
    project.server.play(wrong_every(3))
    result = project.run("--llm-budget", "--llm-repeats=3")
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    result.stdout.fnmatch_lines(
        ["*FAIL  quality: *means of 1 trial before and 3 now; p = 0.0001 by sign flips and exchanged trials*"]
    )
