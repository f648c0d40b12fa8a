"""Verdicts: new, unchanged, worse; in the terminal, in JUnit and in the exit status."""

from __future__ import annotations

import json
import xml.etree.ElementTree as ET

import pytest
from fakes.project import Project, numbered_cases
from fakes.stub_server import answer, by_keyword

GOOD = by_keyword({"order": "shop"}, otherwise="other")
SPOILT = by_keyword({"order number 1": "other", "order number 2": "other", "order": "shop"}, otherwise="other")


def stored_project(project: Project, n: int = 60) -> Project:
    """A project with a baseline of *n* right answers."""
    project.suite(numbered_cases(n))
    project.server.play(GOOD)
    result = project.run("--llm-budget", "--llm-update-baseline")
    assert result.ret == 0
    result.stdout.fnmatch_lines(["baseline stored: llm_baselines/bench_mail.jsonl*"])
    return project


def spoil(project: Project, n: int = 60) -> None:
    """Change the prompt, and the model's answers with it."""
    project.suite(numbered_cases(n), prompt="Whose mail is this?\n{{ text }}")
    project.server.play(SPOILT)


def test_the_second_run_makes_no_call_and_is_unchanged(project: Project) -> None:
    stored_project(project).server.requests.clear()
    result = project.run("--llm-budget", "-v")
    assert result.ret == 0
    assert not project.server.requests
    result.stdout.fnmatch_lines(["*::one::gate?quality? PASSED*", "spent $0 of*60 of them from the cache*"])


def test_storing_a_replayed_run_changes_no_byte(project: Project) -> None:
    file = stored_project(project).path / "llm_baselines" / "bench_mail.jsonl"
    before = file.read_bytes()
    assert project.run("--llm-budget", "--llm-update-baseline", "--llm-mode=replay").ret == 0
    assert file.read_bytes() == before
    assert b"order number" not in before


@pytest.mark.parametrize("workers", [(), ("-n2",)], ids=["plain", "n2"])
def test_g05_a_spoilt_prompt_fails_the_run_in_every_place(project: Project, workers: tuple[str, ...]) -> None:
    spoil(stored_project(project))
    result = project.run("--llm-budget", "--junitxml=out.xml", *workers)
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    result.stdout.fnmatch_lines(
        [
            "quality: worse, -36.7 pt *: 22 lost, 0 won of 60; p < 0.0001, margin 5 pt",
            "*turned wrong: 22",
            "*c001 (line *): expected 'shop', got 'shop' before, 'other' now",
            "FAILED bench_mail.yaml::one::gate?quality? - quality: worse*",
            "*1 failed*22 missed*",
        ]
    )
    gate = next(c for c in ET.parse(project.path / "out.xml").iter("testcase") if c.get("name") == "gate[quality]")
    assert gate.find("failure") is not None
    properties = {p.get("name"): p.get("value") for p in gate.iter("property")}
    assert (properties["outcome"], properties["losses"], properties["n"]) == ("fail", "22", "60")


def test_plain_and_two_workers_give_the_same_verdicts_and_trials(project: Project) -> None:
    spoil(stored_project(project))
    project.run("--llm-budget")
    project.run("--llm-budget", "--llm-mode=replay")
    project.run("--llm-budget", "--llm-mode=replay", "-n2")
    _, _, plain, two = project.runs()
    assert plain[1:] == two[1:]
    assert plain[0]["strategies"] == two[0]["strategies"]


def test_an_inconclusive_verdict_says_what_would_settle_it_and_does_not_fail(project: Project) -> None:
    stored_project(project, n=40)
    project.suite(numbered_cases(40), prompt="Whose mail is this?\n{{ text }}")
    project.server.play(by_keyword({"number 7.": "shop", "number 7": "other", "order": "shop"}, otherwise="other"))
    result = project.run("--llm-budget", "--junitxml=out.xml")
    assert result.ret == 0
    result.stdout.fnmatch_lines(["*inconclusive*", "*cannot tell: 1 lost, 0 won of 40*more cases would settle*"])
    gate = next(c for c in ET.parse(project.path / "out.xml").iter("testcase") if c.get("name") == "gate[quality]")
    assert gate.find("skipped") is not None


def test_a_failed_verdict_is_not_remembered_as_a_failed_test(project: Project) -> None:
    spoil(stored_project(project))
    project.run("--llm-budget")
    cached = project.path / ".pytest_cache" / "v" / "cache" / "lastfailed"
    assert not cached.exists() or "gate" not in cached.read_text("utf-8")


def test_verdicts_do_not_trip_maxfail(project: Project) -> None:
    spoil(stored_project(project))
    result = project.run("--llm-budget", "-x")
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    assert "stopping after" not in result.stdout.str()


def test_a_floor_fails_without_a_baseline(project: Project) -> None:
    project.suite(gate={"quality": {"min": 0.9}})
    result = project.run("--llm-budget")
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    result.stdout.fnmatch_lines(
        ["quality: 75.0% right is below the floor of 90.0%", "FAILED bench_mail.yaml::one::gate?quality?*"]
    )


def test_an_ungated_strategy_is_shown_and_never_judged(project: Project) -> None:
    old = {"model": "ours", "prompt": "{{ text }}", "gate": False}
    project.suite(strategies={"one": {"model": "ours"}, "old": old})
    result = project.run("--llm-budget", "-v")
    result.stdout.fnmatch_lines(["mail * not gated", " old *"])
    assert "old::gate" not in result.stdout.str()


def test_more_tokens_than_accepted_fail(project: Project) -> None:
    project.suite(numbered_cases(60), gate={"tokens": {"max_increase": 0.10}})
    project.server.play(GOOD)
    project.run("--llm-budget", "--llm-update-baseline")
    wordy = "Please read this mail with the greatest care, and then say whose it is.\n{{ text }}"
    project.suite(numbered_cases(60), gate={"tokens": {"max_increase": 0.10}}, prompt=wordy)
    result = project.run("--llm-budget")
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    result.stdout.fnmatch_lines(["FAILED bench_mail.yaml::one::gate?tokens? - tokens: *+*"])


def test_a_run_that_could_not_measure_is_never_green(project: Project) -> None:
    stored_project(project)
    project.configure(attempts=1)
    project.suite(numbered_cases(60), prompt="Whose mail is this?\n{{ text }}")
    project.server.play(answer(None))
    result = project.run("--llm-budget")
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    result.stdout.fnmatch_lines(["errors: 60 of 60 without an answer*", "FAILED bench_mail.yaml::one::gate?errors?*"])


def test_the_baseline_names_model_prices_and_fingerprint(project: Project) -> None:
    file = stored_project(project).path / "llm_baselines" / "bench_mail.jsonl"
    header, first, *_ = [json.loads(line) for line in file.read_text("utf-8").splitlines()]
    assert header["format"] == "llmcost-baseline/1"
    assert header["strategies"]["one"]["model"] == "ours"
    assert header["strategies"]["one"]["prices"] == {"ours": {"input": 1, "output": 2}}
    assert set(first) == {"case", "strategy", "fp", "score", "a", "in", "cached", "out", "s"}


@pytest.mark.parametrize("workers", [(), ("-n2",)], ids=["plain", "n2"])
def test_a_suite_too_small_for_its_margin_is_told_so(project: Project, workers: tuple[str, ...]) -> None:
    project.suite(gate={"quality": {"margin": 0.02}})
    said = "*bench_mail.yaml: 4 cases can show no drop below 52.7 pt, and the margin is 2 pt*149 cases could*"
    # At collection, which is each worker's own, and below the table, where no verdict could be given.
    result = project.run("--llm-budget", *workers)
    result.stdout.fnmatch_lines(["*= llmcost =*", f"note: {said}"])
    assert result.stdout.str().count("can show no drop") == (1 if workers else 2)
    stored = project.run("--llm-budget", "--llm-update-baseline")
    stored.stdout.fnmatch_lines([f"note: {said}"])
    passed = project.run("--llm-budget")
    passed.stdout.no_fnmatch_line("note: *can show no drop*")
