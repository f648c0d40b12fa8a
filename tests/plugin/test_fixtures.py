"""Tests in Python: counted, budgeted, gated like suites; without `--llm-budget` they replay or are skipped."""

from __future__ import annotations

import pytest
from fakes.project import Project
from fakes.stub_server import by_keyword

TRIAGE = """
def test_triage(llm):
    answer = llm.complete("My order is late", model="ours", max_tokens=4)
    assert answer.text == "shop"
    assert answer.usd > 0 and answer.usage.input_tokens > 0 and answer.finish_reason == "stop"
    assert llm.spent.calls == 1 and llm.spent.tokens == answer.usage.total_tokens
"""

SCORED = """
import pytest
MAILS = [(f"My order number {n}", "shop") for n in range(60)]

@pytest.mark.parametrize("mail, want", MAILS)
def test_quality(llm, llm_score, mail, want):
    llm_score(llm.complete(mail, model="ours", system=SYSTEM).text == want)
"""


def test_a_call_is_counted_to_its_test_and_cached(project: Project) -> None:
    project.write("test_mail.py", TRIAGE)
    assert project.run("--llm-budget").ret == 0
    assert project.run("--llm-budget").ret == 0
    assert len(project.server.requests) == 1
    first, second = (run[1] for run in project.runs())
    assert (first["suite"], first["strategy"], first["case"]) == ("test_mail.py::test_triage", "ours", "test_triage")
    assert first["paid_usd"] > second["paid_usd"] == 0


def test_without_the_switch_recordings_answer_and_a_missing_one_skips_the_test(project: Project) -> None:
    project.write("test_mail.py", TRIAGE)
    result = project.run("-rs")
    result.assert_outcomes(skipped=1)
    result.stdout.fnmatch_lines(["*no recording*--llm-budget*"])
    assert not project.server.requests
    project.run("--llm-budget")
    project.run().assert_outcomes(passed=1)
    assert len(project.server.requests) == 1


def test_an_async_test_asks_from_its_own_loop(project: Project) -> None:
    project.write(
        "test_mail.py",
        "import asyncio\n"
        "def test_two(llm):\n"
        "    async def ask():\n"
        "        mails = ('My order', 'Hello')\n"
        "        return await asyncio.gather(*(llm.acomplete(mail, model='ours') for mail in mails))\n"
        "    assert [answer.text for answer in asyncio.run(ask())] == ['shop', 'other']\n"
        "    assert llm.spent.calls == 2\n",
    )
    assert project.run("--llm-budget").ret == 0


@pytest.mark.parametrize(
    ("limit", "said"),
    [("usd=0.00001", "*budget reached*"), ("tokens=3", "*this test used * tokens, llm_budget allows 3*")],
)
def test_a_test_keeps_to_the_budget_of_its_mark(project: Project, limit: str, said: str) -> None:
    project.write("test_mail.py", f"import pytest\n@pytest.mark.llm_budget({limit})\n{TRIAGE.strip()}\n")
    result = project.run("--llm-budget", "--strict-markers")
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    result.stdout.fnmatch_lines([said])


def test_scored_tests_join_the_gate_and_a_regression_fails_the_run(project: Project) -> None:
    project.server.play(by_keyword({"order": "shop"}, otherwise="other"))
    project.write("test_mail.py", SCORED.replace("SYSTEM", "'Sort.'"))
    result = project.run("--llm-budget", "--llm-update-baseline")
    assert result.ret == 0
    file = project.path / "llm_baselines" / "test_mail.test_quality.jsonl"
    assert len(file.read_text("utf-8").splitlines()) == 61
    project.run("--llm-budget", "-v").stdout.fnmatch_lines(["*test_mail.py::test_quality::ours::gate?quality? PASSED*"])
    project.server.play(by_keyword({"number 1": "other", "order": "shop"}, otherwise="other"))
    project.write("test_mail.py", SCORED.replace("SYSTEM", "'Sort!'"))
    result = project.run("--llm-budget")
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    result.stdout.fnmatch_lines(["*quality: worse, *: 11 lost, 0 won of 60*", "*11 missed*"])


def test_a_long_parameter_stands_in_no_baseline(project: Project) -> None:
    text = "A very long mail that nobody wants to see in a file under review, about an order."
    project.write(
        "test_mail.py",
        f"import pytest\n@pytest.mark.parametrize('mail', [{text!r}])\n"
        "def test_quality(llm, llm_score, mail):\n    llm_score(llm.complete(mail, model='ours').text == 'shop')\n",
    )
    project.run("--llm-budget", "--llm-update-baseline")
    assert (
        "mail"
        not in (project.path / "llm_baselines" / "test_mail.test_quality.jsonl").read_text("utf-8").partition("\n")[2]
    )


def test_the_session_s_costs_are_told(project: Project) -> None:
    told = "llm_costs.calls == 1 and llm_costs.usd > 0 and llm_costs.tokens > 0"
    project.write("test_mail.py", f"{TRIAGE}\ndef test_zz_costs(llm_costs):\n    assert {told}\n")
    assert project.run("--llm-budget").ret == 0


@pytest.mark.parametrize("score", ["2", "-0.1", "float('nan')"])
def test_a_score_outside_of_its_range_is_refused(project: Project, score: str) -> None:
    project.write("test_mail.py", f"def test_it(llm_score):\n    llm_score({score})\n")
    project.run("--llm-budget").stdout.fnmatch_lines(["*True, False or a number in 0..1 is needed*"])


def test_under_xdist_scored_tests_are_judged_in_the_controller(project: Project) -> None:
    project.write("test_mail.py", SCORED.replace("SYSTEM", "None"))
    result = project.run("--llm-budget", "-n2", "-v")
    assert result.ret == 0
    result.stdout.fnmatch_lines(["*test_mail.py::test_quality::ours::gate?quality? NEW*"])
