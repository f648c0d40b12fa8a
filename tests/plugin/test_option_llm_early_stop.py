"""`--llm-early-stop`: no more cases are asked than the verdict needs."""

from __future__ import annotations

import re

import pytest
from fakes.git_project import commit_all
from fakes.project import Project, numbered_cases
from fakes.stub_server import by_keyword

from pytest_llmcost.cli import main

N = 200
SPOILT = by_keyword({"1": "other"}, otherwise="shop")
"""Of the numbered cases some 44 % turn wrong."""


@pytest.fixture
def stored(project: Project) -> Project:
    """Two hundred cases with a baseline, all right, and since then another prompt; 4 calls in flight."""
    project.configure(concurrency=4)
    project.suite(numbered_cases(N))
    assert project.run("--llm-budget", "--llm-update-baseline").ret == 0
    project.suite(numbered_cases(N), prompt="Whose mail is this?\n{{ text }}")
    project.server.requests.clear()
    return project


def quality(result: pytest.RunResult) -> str:
    """What the verdict on quality says."""
    return next(line.strip() for line in result.outlines if re.match(r"  \w+ +quality: ", line))


def test_a_worse_prompt_fails_after_few_cases_whoever_asks_and_the_rest_is_skipped(
    stored: Project, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """And the same verdict comes from the cache, and from the run's file; such a run is no baseline."""
    monkeypatch.chdir(stored.path)
    stored.server.play(SPOILT)
    result = stored.run("--llm-budget", "--llm-early-stop", "--llm-run=run.jsonl", "--llm-update-baseline", "-rs")
    asked = len(stored.server.requests)
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    (needed,) = re.findall(r"FAIL  quality: worse, .*; certain after (\d+) cases", quality(result))
    assert int(needed) <= asked <= int(needed) + 4
    result.stdout.fnmatch_lines(
        [
            f"  note: stopped after {asked} of {N} cases: {N - asked} calls not made, about $*",
            f"spent $*; {asked} calls, 0 of them from the cache",
            f"early stop: {N - asked} calls not made, about $*",
            f"SKIPPED [[]{N - asked}] *: verdict certain",
        ]
    )
    result.stdout.fnmatch_lines(["llmcost: baseline of bench_mail.yaml not stored: the run was stopped early*"])

    again = stored.run("--llm-budget", "--llm-early-stop")
    assert quality(again) == quality(result)
    assert len(stored.server.requests) <= asked + 4
    capsys.readouterr()
    assert main(["baseline", "merge", "run.jsonl"]) == 1
    merged = capsys.readouterr()
    assert quality(result).partition("quality: ")[2] in merged.out
    assert "not run" not in merged.err

    stored.server.requests.clear()
    shared = stored.run("--llm-budget", "--llm-early-stop", "-n2", "--llm-mode=live")
    assert quality(shared) == quality(result)
    assert len(stored.server.requests) < N


def test_each_strategy_ends_as_its_own_verdict_is_certain(stored: Project) -> None:
    """One as good as before after 146 cases; one without a gate, and one that is new, not at all."""
    prompt = "Whose mail is this?\n{{ text }}"
    strategies = {
        "one": {"model": "ours", "prompt": prompt},
        "new": {"model": "ours", "prompt": "New: {{ text }}"},
        "old": {"model": "ours", "prompt": "Old: {{ text }}", "gate": False},
    }
    stored.suite(numbered_cases(N), strategies=strategies)
    result = stored.run("--llm-budget", "--llm-early-stop")
    asked = [sum(text in prompt for prompt in stored.server.prompts) for text in ("Whose", "New:", "Old:")]
    assert result.ret == 0
    assert 146 <= asked[0] <= 150
    assert asked[1:] == [N, N]
    result.stdout.fnmatch_lines(
        [
            f"early stop: {N - asked[0]} calls not made, about $*",
            "note: without a baseline no verdict is certain early, so that all cases were asked: bench_mail.yaml::new",
        ]
    )
    order = [re.findall(r"number (\d+)", prompt)[0] for prompt in stored.server.prompts if "Old:" in prompt]
    assert order != sorted(order, key=int)


def test_where_no_verdict_is_given_there_is_nothing_to_stop_for(stored: Project) -> None:
    result = stored.run("--llm-budget", "--llm-early-stop", "--llm-shard=1/2")
    assert "verdict certain" not in result.stdout.str()
    result.stdout.fnmatch_lines(["note: --llm-early-stop has no effect: shard 1/2 is a part;*"])
    result = stored.run("--llm-budget", "--llm-early-stop", "--llm-baseline=strategy:one")
    assert "verdict certain" not in result.stdout.str()
    result.stdout.fnmatch_lines(["note: --llm-early-stop has no effect: what a strategy of this very run did*"])


def test_with_repeats_and_a_choice_of_cases_the_verdict_is_over_what_was_asked(stored: Project) -> None:
    """Partial, as without early stop; a case's trials are asked together."""
    stored.server.play(SPOILT)
    result = stored.run("--llm-budget", "--llm-early-stop", "--llm-repeats=2", "-k", "c0")
    texts = [re.findall(r"number (\d+)", prompt)[0] for prompt in stored.server.prompts]
    assert len(texts) < 2 * 100
    assert all(texts.count(text) == 2 for text in texts[:-5])
    assert "certain after" in quality(result)
    result.stdout.fnmatch_lines([" one * partial*", "  note: stopped after * of 100 cases: *"])


def test_anytime_gives_a_verdict_that_may_be_looked_at_again(stored: Project) -> None:
    gate = {"quality": {"margin": 0.05, "anytime": True}}
    stored.suite(numbered_cases(N), prompt="Whose mail is this?\n{{ text }}", gate=gate)
    whole = stored.run("--llm-budget", "-v")
    assert len(stored.server.requests) == N
    whole.stdout.fnmatch_lines(["*gate?quality?*PASSED*"])
    early = stored.run("--llm-budget", "--llm-early-stop")
    (row,) = (line for line in stored.runs()[-1] if line.get("format"))
    assert row["early_stop"] == 1
    early.stdout.fnmatch_lines(["  note: stopped after * of 200 cases: *"])


IN_THE_WAY = """
def pytest_sessionstart(session):
    (plugin,) = (p for p in session.config.pluginmanager.get_plugins() if type(p).__name__ == "ActivePlugin")
    plugin.account.with_name("trials.jsonl").mkdir()
"""


def test_where_processes_cannot_tell_each_other_all_cases_are_asked(stored: Project) -> None:
    stored.write("conftest.py", IN_THE_WAY)
    result = stored.run("--llm-budget", "--llm-early-stop")
    assert len(stored.server.requests) == N
    result.stdout.fnmatch_lines(["note: no suite is stopped early any more: *Is a directory*"])


def test_a_change_is_stopped_by_the_gate_of_its_base(stored: Project) -> None:
    """Its own would let 60 of 100 points go, and all cases be asked."""
    commit_all(stored.path, "base")
    stored.suite(numbered_cases(N), prompt="Whose?\n{{ text }}", gate={"quality": {"margin": 0.6}})
    stored.server.play(SPOILT)
    result = stored.run("--llm-budget", "--llm-early-stop", "--llm-baseline=git:HEAD")
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    assert re.search(r"FAIL  quality: worse, .*margin 5 pt; certain after \d+ cases", quality(result))
    assert len(stored.server.requests) < 60


def test_suites_of_which_one_was_stopped_are_not_judged_together_and_that_is_said(stored: Project) -> None:
    stored.suite(numbered_cases(20), "bench_more.yaml")
    assert stored.run("--llm-budget", "--llm-update-baseline", "bench_more.yaml").ret == 0
    stored.suite(numbered_cases(20), "bench_more.yaml", prompt="Whose more is this?\n{{ text }}")
    stored.server.play(SPOILT)
    result = stored.run("--llm-budget", "--llm-early-stop")
    assert "all suites" not in "".join(line for line in result.outlines if "gate[" in line)
    result.stdout.fnmatch_lines(["note: no verdict on all suites together: a suite that was stopped early *"])
