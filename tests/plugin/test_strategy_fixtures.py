"""`llm_router` and `llm_cascade`: strategies in tests in Python, counted, gated and replayed as in suites."""

from __future__ import annotations

import pytest
from fakes.project import Project
from fakes.two_models import configure, two_models

TESTS = """
import asyncio
import pytest

MAILS = [("My order is late", "shop"), ("Will it rain?", "other")]

@pytest.mark.parametrize("mail, want", MAILS)
def test_cascade(llm_cascade, llm_score, mail, want):
    answer = llm_cascade.complete(mail, labels=["shop", "other"], max_tokens=4)
    assert answer.answered_by == ("cheap" if want == "shop" else "frontier")
    assert llm_cascade.spent.calls == len(answer.steps) and llm_cascade.spent.usd == answer.usd > 0
    llm_score(answer.value == want)

@pytest.mark.parametrize("mail, want", MAILS)
def test_router(llm_router, llm_score, mail, want):
    answer = llm_router.complete(mail, complexity="complex" if want == "other" else "simple")
    assert answer.answered_by == ("complex > frontier" if want == "other" else "simple > cheap")
    llm_score(answer.text == want)

def test_by_task(llm_router):
    async def ask():
        return await asyncio.gather(
            llm_router.acomplete("Will it rain?", strategy="by-task", task="weather"),
            llm_router.acomplete("Where is my refund?", strategy="by-task", task="money"),
        )
    weather, money = asyncio.run(ask())
    assert [weather.text, money.text] == ["other", "shop"]
    assert [weather.answered_by, money.answered_by] == ["weather > frontier", "otherwise > short"]
"""
STRATEGIES = """
[strategies.by-task.route]
by = "task"
to = {weather = "frontier"}
otherwise = "short"
[strategies.short]
model = "mid"
prompt = "In short: {{ text }}"
"""


def test_they_ask_the_tiers_or_the_configurations_strategies_and_join_the_gate(project: Project) -> None:
    configure(project)
    project.write("llmcost.toml", (project.path / "llmcost.toml").read_text() + STRATEGIES)
    project.server.play(two_models())
    project.write("test_mail.py", TESTS)

    result = project.run("--llm-budget", "--llm-update-baseline", "-v")

    assert not result.ret
    result.stdout.fnmatch_lines(["*test_mail.py::test_cascade::cascade::gate?quality?*"])
    result.stdout.fnmatch_lines(["*answered by *cheap 50 %*50 % escalated*"])
    assert sum(prompt == "In short: Where is my refund?" for prompt in project.server.prompts) == 1
    _, *lines = project.runs()[-1]
    rain = next(line for line in lines if line["strategy"] == "cascade" and "rain" in line["case"])
    assert [step["step"] for step in rain["steps"]] == ["cheap", "mid", "frontier"]
    assert rain["usd"] == pytest.approx(sum(call["usd"] for call in rain["calls"]))

    asked = len(project.server.requests)
    project.run().assert_outcomes(passed=5)  # without the switch from recordings
    assert len(project.server.requests) == asked


def test_what_cannot_be_asked_is_told(project: Project) -> None:
    project.configure()
    project.write(
        "test_mail.py",
        "import pytest\n"
        "def test_tiers(llm_cascade):\n    llm_cascade.complete('Hello')\n"
        "def test_name(llm_router):\n    llm_router.complete('Hello', strategy='by-taks')\n"
        "@pytest.mark.llm_budget(usd=0.0000001)\n"
        "def test_money(llm_router):\n    llm_router.complete('Hello', strategy='ours')\n",
    )

    result = project.run("--llm-budget")

    assert result.ret == pytest.ExitCode.TESTS_FAILED
    result.stdout.fnmatch_lines(
        [
            "*llm_cascade has nobody to ask. Configure*",
            "*unknown strategy or tier 'by-taks'*",
            "*budget reached*",
        ],
    )
