"""Money from the user's side: what a run may spend, what it says it spent, and what it was really asked for."""

from __future__ import annotations

import re
import subprocess
import sys
from typing import Any

import pytest
from fakes.project import Project, numbered_cases
from fakes.stub_server import Asked, Reply, answer, in_turn

INPUT_USD, OUTPUT_USD = 1e-6, 2e-6
"""What the model `ours` costs a token."""


def spent(result: pytest.RunResult) -> float:
    (line,) = (line for line in result.outlines if line.startswith("spent $"))
    return float(line.split()[1][1:])


def using(**usage: Any) -> Any:
    return answer("shop", usage=usage)


def trials(project: Project) -> list[dict[str, Any]]:
    return project.runs()[-1][1:]


def test_b01_workers_that_race_for_the_last_cents_never_exceed_the_budget(project: Project) -> None:
    project.suite(numbered_cases(40))
    project.server.play(using(prompt_tokens=10, completion_tokens=8, total_tokens=18))
    result = project.run("--llm-budget=0.0005", "-n3")
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    billed = len(project.server.requests) * (10 * INPUT_USD + 8 * OUTPUT_USD)
    assert 0 < billed <= 0.0005
    assert spent(result) == pytest.approx(billed, rel=0.05)
    result.stdout.fnmatch_lines(["*cases were not run: budget reached ($0.0005)"])


def test_b02_a_provider_that_ignores_max_tokens_is_charged_in_full_said_and_asked_no_more(project: Project) -> None:
    project.configure(concurrency=1)
    project.suite(numbered_cases(6))
    project.server.play(using(prompt_tokens=10, completion_tokens=5000, total_tokens=5010))
    result = project.run("--llm-budget=0.005")
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    assert len(project.server.requests) == 1
    assert spent(result) == pytest.approx(10 * INPUT_USD + 5000 * OUTPUT_USD, rel=0.05)
    result.stdout.fnmatch_lines(["*1 answer: cost above its reservation*", "*5 cases were not run: budget reached*"])


def priced(project: Project, line: str) -> None:
    text = (project.path / "llmcost.toml").read_text()
    project.write("llmcost.toml", text.replace("input = 1.0\noutput = 2.0\n", line))


@pytest.mark.parametrize("bad", ["input = nan", "input = inf", "output = -1"])
def test_b03_a_price_that_is_none_is_refused_before_anything_is_asked(project: Project, bad: str) -> None:
    project.suite()
    priced(project, f"{bad}\n")
    result = project.run("--llm-budget")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines([f'*prices."ours".{bad.split()[0]} is {bad.split()[-1]}*'])
    assert not project.server.requests


def test_b03_a_model_without_a_price_is_not_asked(project: Project) -> None:
    project.suite()
    priced(project, "")
    text = (project.path / "llmcost.toml").read_text().replace("[prices.ours]\n", "")
    project.write("llmcost.toml", text.replace("openai/gpt-4o-mini", "openai/nobody-knows-it"))
    result = project.run("--llm-budget")
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    result.stdout.fnmatch_lines(["*no price is known for 'openai/nobody-knows-it'. To state it, add*"])
    assert not project.server.requests


def test_b03_a_price_in_the_wrong_unit_is_doubted_aloud(project: Project) -> None:
    project.suite()
    priced(project, "input = 0.000_001\noutput = 0.000_002\n")  # USD a token, where a million of them is meant
    result = project.run("--llm-budget")
    result.stdout.fnmatch_lines(["note: *ours*"])


@pytest.mark.parametrize("value", ["-1", "nan", "inf", '"much"', "true"])
def test_b04_a_cap_that_is_no_amount_is_refused_before_anything_is_asked(project: Project, value: str) -> None:
    project.suite()
    project.write("llmcost.toml", f"max_cost_usd = {value}\n" + (project.path / "llmcost.toml").read_text())
    result = project.run("--llm-budget")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(["*max_cost_usd*"])
    assert not project.server.requests


@pytest.mark.parametrize(("line", "cap"), [("", "$1.00"), ("max_cost_usd = 0", "$0.00"), ('max_cost_usd = "1e3"', "")])
def test_b04_absent_is_a_dollar_and_nothing_is_nothing(project: Project, line: str, cap: str) -> None:
    project.suite()
    project.write("llmcost.toml", f"{line}\n" + (project.path / "llmcost.toml").read_text())
    result = project.run("--llm-budget")
    if cap:
        result.stdout.fnmatch_lines([f"llmcost: budget {cap}, *"])
    else:
        assert result.ret == pytest.ExitCode.USAGE_ERROR
    assert bool(project.server.requests) == (cap == "$1.00")


DIES_ASKING = """
import os, signal, pathlib, time, pytest

@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item):
    mark = pathlib.Path("died")
    if item.name == "c003" and "PYTEST_XDIST_WORKER" in os.environ and not mark.exists():
        mark.touch()
        time.sleep(0.5)
        os.kill(os.getpid(), signal.SIGKILL)
"""


def test_b05_what_a_dead_worker_had_sent_counts_at_its_worst_case(project: Project) -> None:
    """What was answered to nobody may be billed: the budget of the run has to know of it."""
    project.write("conftest.py", DIES_ASKING)
    project.suite(numbered_cases(12))
    shop = using(prompt_tokens=10, completion_tokens=8, total_tokens=18)
    # The worker that comes to c003 dies while the cases behind it are still being answered.
    stalls = {f"number {n}" for n in range(4, 12)}
    project.server.play(lambda asked: shop(asked).later(2.0 if asked.prompt[-8:].strip("r ") in stalls else 0.0))
    result = project.run("--llm-budget", "-n2")
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    billed = len(project.server.requests) * (10 * INPUT_USD + 8 * OUTPUT_USD)
    assert sum(line["paid_usd"] for line in trials(project)) < billed <= spent(result) * 1.05


def test_b06_attempts_that_failed_and_calls_shared_by_cases_are_all_counted(project: Project) -> None:
    """A broken reply was billed, perhaps: it counts at its worst case; calibration is asked besides the cases."""
    project.suite(numbered_cases(4), strategies={"one": {"model": "ours", "calibrate": True}})
    script = project.server.script
    broken = Reply(b'{"choices": [', headers={"Content-Type": "application/json"})
    project.server.play(in_turn(script, broken, script))
    result = project.run("--llm-budget", "--llm-concurrency=1")
    assert result.ret == 0
    calls = [call for line in trials(project) for call in (*line["calls"], *line.get("shared", ()))]
    assert len(calls) == 4 + 3
    assert sum(call["attempts"] for call in calls) == len(project.server.requests) == 4 + 3 + 1
    paid = sum(call["paid_usd"] for call in calls)
    assert spent(result) == pytest.approx(paid, rel=0.05)
    assert paid > sum(call["usd"] for call in calls)


def test_b06_a_verifier_and_the_samples_of_an_agreement_are_counted_too(project: Project) -> None:
    """Each costs as much as an answer does: six calls a case, and the budget ends them as it ends any."""
    cascade = [
        {"use": "ours", "accept": 0.9, "confidence": {"verifier": "ours"}},
        {"use": "ours", "accept": 0.9, "confidence": {"agreement": 3}, "params": {"temperature": 1}},
        {"use": "ours"},
    ]
    project.suite(numbered_cases(4), strategies={"one": {"cascade": cascade}})
    usage = {"prompt_tokens": 10, "completion_tokens": 8, "total_tokens": 18}
    different = in_turn(*[answer(text, usage=usage) for text in "abcdefgh"])
    project.server.play(lambda asked: (using(**usage) if "<answer-" in asked.prompt else different)(asked))
    result = project.run("--llm-budget=0.0004", "--llm-concurrency=1")
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    asked = len(project.server.requests)
    billed = asked * (10 * INPUT_USD + 8 * OUTPUT_USD)
    assert asked % 6, "one case is cut off in the middle, and what it cost is known"
    assert spent(result) == pytest.approx(billed, rel=0.05)
    assert sum(line["paid_usd"] for line in trials(project)) == pytest.approx(billed)
    assert [len(line["calls"]) for line in trials(project) if line["calls"]] == [6] * (asked // 6)


def test_b07_each_kind_of_token_costs_what_the_price_table_says(project: Project) -> None:
    """OpenAI's published example of a cached prompt: 2,006 tokens, 1,920 of them cached; half price for those."""
    priced(project, "input = 2.5\ncached_input = 1.25\noutput = 10.0\n")
    project.suite(numbered_cases(1))
    usage = {
        "prompt_tokens": 2006,
        "completion_tokens": 300,
        "total_tokens": 2306,
        "prompt_tokens_details": {"cached_tokens": 1920},
        "completion_tokens_details": {"reasoning_tokens": 200},
    }
    project.server.play(using(**usage))
    result = project.run("--llm-budget")
    assert result.ret == 0
    (trial,) = trials(project)
    assert trial["usd"] == pytest.approx((86 * 2.5 + 1920 * 1.25 + 300 * 10) / 1e6, abs=1e-12)
    assert trial["calls"][0]["cached_input_tokens"] == 1920
    assert trial["calls"][0]["reasoning_tokens"] == 200


def test_b08_a_price_that_changed_is_shown_as_that_and_is_no_regression(project: Project) -> None:
    gate = {"cost": {"max_increase": 0.05}}
    project.suite(numbered_cases(60), gate=gate)
    assert project.run("--llm-budget", "--llm-update-baseline").ret == 0
    stored = (project.path / "llm_baselines" / "bench_mail.jsonl").read_bytes()
    priced(project, "input = 3.0\noutput = 6.0\n")
    result = project.run("--llm-budget")
    assert result.ret == 0
    result.stdout.fnmatch_lines(["*the price of ours changed since the baseline was stored*"])
    assert (project.path / "llm_baselines" / "bench_mail.jsonl").read_bytes() == stored


def start(project: Project, *args: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "pytest", "-p", "no:randomly", *args]
    return subprocess.Popen(command, cwd=project.path, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)


def test_b09_two_runs_at_once_keep_to_their_own_budgets_and_fill_one_cache(project: Project) -> None:
    project.suite(numbered_cases(30))
    script = project.server.script
    project.server.play(lambda asked: script(asked).later(0.05))
    runs = [
        start(project, f"--llm-budget={cap}", "--llm-concurrency=4", "--llm-mode=refresh") for cap in ("0.0003", "1")
    ]
    small, large = (run.communicate(timeout=60)[0] for run in runs)
    assert [run.returncode for run in runs] == [pytest.ExitCode.TESTS_FAILED, pytest.ExitCode.OK]
    assert re.search(r"spent \$0\.000\d+ of \$0\.0003; ", small)
    assert "budget reached ($0.0003)" in small
    assert re.search(r"spent \$0\.000\d+ of \$1\.00; 30 calls", large)
    paid = [sum(line["paid_usd"] for line in run[1:]) for run in project.runs()]
    assert sorted(paid)[0] <= 0.0003
    assert project.run("--llm-budget", "--llm-mode=replay").ret == 0


def test_b10_a_suite_cannot_raise_the_run_s_budget(project: Project) -> None:
    project.suite(numbered_cases(20), budget_usd=50)
    result = project.run("--llm-budget=0.0003")
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    assert 0 < sum(line["paid_usd"] for line in trials(project)) <= 0.0003
    result.stdout.fnmatch_lines(["*cases were not run: budget reached ($0.0003)"])


def test_b11_a_run_tells_the_same_amount_in_whatever_order_its_costs_come(project: Project) -> None:
    project.suite(numbered_cases(50))

    def odd(asked: Asked) -> Reply:
        tokens = 1 + int(asked.prompt.split()[-1]) * 7 % 13
        return using(prompt_tokens=tokens, completion_tokens=3, total_tokens=tokens + 3)(asked)

    project.server.play(odd)
    priced(project, "input = 0.1\noutput = 0.3\n")  # no float holds a tenth
    in_order, shared = project.run("--llm-budget"), project.run("--llm-budget", "--llm-mode=refresh", "-n2")
    assert spent(in_order) == spent(shared) > 0
