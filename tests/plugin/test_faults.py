"""What goes wrong on the way to a model: each case says what, where, and what to do; nothing hangs, nothing is free."""

from __future__ import annotations

import pytest
from fakes.project import CASES, Project
from fakes.stub_server import RESET, Reply, answer, as_json, error, html, in_turn

GOOD = answer("shop")

FAILS = {
    "e04-bad-request": (error(400, "no such parameter"), "no such parameter", 1),
    "e04-bad-key": (error(401), "OUR_KEY", 1),
    "e04-unknown-model": (error(404), "openai/gpt-4o-mini", 1),
    "e03-server-error": (error(500), "500", 2),
    "e03-reset": (RESET, "connection", 2),
    "e01-rate-limit": (error(429, Retry_After="0"), "rate limit", 2),
    "e07-truncated": (as_json({"id": "x" * 200}).cut(0.5), "openai/gpt-4o-mini", 2),
    "e07-empty": (Reply(), "broken reply", 2),
    "e07-html": (html(), "broken reply", 2),
    "e08-no-choices": (as_json({"choices": [], "model": "gpt-4o-mini", "object": "chat.completion"}), "choices", 2),
}


@pytest.mark.parametrize("name", FAILS)
def test_a_case_without_an_answer_says_why(project: Project, name: str) -> None:
    script, said, attempts = FAILS[name]
    project.suite(CASES[:1])
    project.configure(attempts=2)
    project.server.play(script)
    result = project.run("--llm-budget")
    assert_unanswered(project, result, said)
    assert len(project.server.requests) == attempts


def test_e06_a_call_ends_at_its_time_limit(project: Project) -> None:
    project.suite(CASES[:1])
    project.configure(timeout_seconds=1)
    project.server.play(lambda asked: GOOD(asked).later(60))
    assert_unanswered(project, project.run("--llm-budget"), "no whole * 1 s")
    assert project.runs()[-1][1]["paid_usd"] > 0, "the provider may bill it all the same"


def assert_unanswered(project: Project, result: pytest.RunResult, said: str) -> None:
    """The one case failed with that reason, has no score, and the verdict on errors counts it."""
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    result.stdout.fnmatch_lines(["bench_mail.yaml:*: case 'late' has no answer by 'one' (ours)", f"*{said}*"])
    result.stdout.fnmatch_lines(["errors: 1 of 1 without an answer*"])
    (trial,) = project.runs()[-1][1:]
    assert trial["score"] is None
    assert trial["error"]


def test_e02_a_case_is_answered_after_a_rate_limit_and_both_attempts_are_counted(project: Project) -> None:
    project.suite(CASES[:1])
    project.server.play(in_turn(error(429, Retry_After="0"), GOOD))
    assert project.run("--llm-budget").ret == 0
    (trial,) = project.runs()[-1][1:]
    assert (trial["calls"][0]["attempts"], trial["correct"]) == (2, True)


@pytest.mark.parametrize(
    "usage",
    [None, {"prompt_tokens": -5, "completion_tokens": 1}, {"prompt_tokens": 10**18, "completion_tokens": 1}],
    ids=["missing", "negative", "absurd"],
)
def test_e09_a_reply_without_usable_usage_is_estimated_and_never_free(project: Project, usage: object) -> None:
    project.suite(CASES[:1])
    project.server.play(answer("shop", usage=usage))  # type: ignore[arg-type]
    result = project.run("--llm-budget")
    (trial,) = project.runs()[-1][1:]
    assert result.ret == 0
    assert trial["usd"] > 0
    assert trial["paid_usd"] > 0
    result.stdout.fnmatch_lines(["*note: 1 answer: usage *estimated*"])


def test_no_key_is_said_with_the_variable_to_set(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OUR_KEY")
    project.suite(CASES[:1])
    result = project.run("--llm-budget")
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    result.stdout.fnmatch_lines(["*OUR_KEY*"])
    assert not project.server.requests


def test_no_weights_are_said_with_the_command_that_gets_them(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LLMCOST_MODELS", str(project.path / "none"))
    project.suite(CASES[:1], strategies={"one": {"model": "local/smollm2-135m"}})
    result = project.run("--llm-budget")
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    result.stdout.fnmatch_lines(["*llmcost models pull smollm2-135m*"])


@pytest.mark.parametrize(
    ("config", "said"),
    [
        ("max_cost_usd = nan", "*max_cost_usd = nan: an amount of USD*"),
        ("max_cost = 1", "*max_cost: there is no such key. Did you mean 'max_cost_usd'*"),
        ('allowed_hosts = "x"', "*allowed_hosts: not supported yet*"),
        ("[tiers]\na = 'b'\nb = 'a'", "*go in a circle: a -> b -> a*"),
        ("max_cost_usd = ", "*llmcost.toml: cannot be read*"),
    ],
)
def test_a_wrong_configuration_is_a_usage_error(project: Project, config: str, said: str) -> None:
    project.suite()
    project.write("llmcost.toml", config)
    result = project.run("--llm-budget")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines([said])
