"""`params: {stream: true, service_tier: ...}`: timed, priced, judged, replayed."""

from __future__ import annotations

from typing import Any

import pytest
from fakes.project import CASES, Project, numbered_cases
from fakes.streams import in_chunks
from fakes.stub_server import Asked, Reply, answer, by_keyword

SORTS = by_keyword({"order": "shop", "refund": "shop"}, otherwise="other")
STREAM = {"max_tokens": 8, "stream": True}
RATES = """flex = {input = 0.5, output = 1.0}
batch = {input = 0.25, output = 0.5}
"""
USAGE = {"prompt_tokens": 10, "completion_tokens": 1}


def calls_of(project: Project) -> list[dict[str, Any]]:
    return [call for trial in project.runs()[-1][1:] for call in trial["calls"]]


def test_the_first_token_is_timed_kept_and_replayed(project: Project) -> None:
    project.suite(params=STREAM)
    project.server.play(in_chunks(SORTS))

    project.run("--llm-budget").stdout.fnmatch_lines(["*note: first token after * s (p50), * s (p95)*"])
    recorded = calls_of(project)
    project.run("--llm-budget", "--llm-mode=replay")
    replayed = calls_of(project)

    assert all(0 < call["ttft_seconds"] <= call["seconds"] for call in recorded)
    assert [call["ttft_seconds"] for call in replayed] == [call["ttft_seconds"] for call in recorded]


@pytest.mark.parametrize(("cap", "outcome", "status"), [(60, "passed", 0), (0.000001, "failed", 1)])
def test_the_first_token_is_held_to_its_cap(project: Project, cap: float, outcome: str, status: int) -> None:
    gate = {"latency": {"ttft_p95_seconds": cap, "fail": True}}
    project.suite(numbered_cases(59), params=STREAM, gate=gate)
    project.server.play(in_chunks(answer("shop")))

    result = project.run("--llm-budget", "-rA")

    assert result.ret == status
    assert outcome.upper() in "".join(
        line for line in result.outlines if "gate[[]ttft]" in line or "gate[ttft]" in line
    )


@pytest.mark.parametrize("params", [STREAM, {"max_tokens": 8}], ids=["not streamed by the server", "not asked for"])
def test_a_first_token_that_nobody_timed_does_not_pass(project: Project, params: dict[str, Any]) -> None:
    project.suite(numbered_cases(59), params=params, gate={"latency": {"ttft_p95_seconds": 60, "fail": True}})
    project.server.play(answer("shop"))

    result = project.run("--llm-budget", "--llm-inconclusive=fail")

    assert result.ret == 1
    result.stdout.fnmatch_lines(["*ttft: the first token was not timed in 59 of 59 cases*"])


def test_a_baseline_knows_nothing_of_first_tokens(project: Project) -> None:
    project.suite(params=STREAM, cases=CASES[:3])
    project.server.play(in_chunks(SORTS))

    project.run("--llm-budget", "--llm-update-baseline")
    stored = (project.path / "llm_baselines" / "bench_mail.jsonl").read_text()
    project.run("--llm-budget", "--llm-update-baseline")

    assert "ttft" not in stored
    assert (project.path / "llm_baselines" / "bench_mail.jsonl").read_text() == stored


def tiered(project: Project, tier: str, said: str = "", *, rates: str = RATES, cases: int = 1) -> None:
    """A suite in a tier, of which the server says that it served it."""
    toml = project.path / "llmcost.toml"
    toml.write_text(toml.read_text().partition("flex =")[0] + rates)
    project.suite(numbered_cases(cases), params={"max_tokens": 8, "service_tier": tier})
    whole = answer("shop", usage=USAGE)

    def reply(asked: Asked) -> Reply:
        plain = whole(asked)
        return Reply(plain.body[:-1] + f', "service_tier": "{said}"}}'.encode()) if said else plain

    project.server.play(reply)


@pytest.mark.parametrize(
    ("said", "model", "usd"),
    [("flex", "ours (flex)", 0.000006), ("", "ours (flex)", 0.000006), ("default", "ours", 0.000012)],
)
def test_a_tier_is_asked_for_and_priced_as_it_was_served(project: Project, said: str, model: str, usd: float) -> None:
    tiered(project, "flex", said)

    assert project.run("--llm-budget").ret == 0

    (call,) = calls_of(project)
    assert project.server.requests[0].body["service_tier"] == "flex"
    assert (call["model"], call["usd"], call["paid_usd"]) == (model, usd, usd)


def test_a_batch_is_asked_at_once_and_paid_so_and_costs_what_a_batch_costs(project: Project) -> None:
    tiered(project, "batch", "default")

    assert project.run("--llm-budget").ret == 0

    (call,) = calls_of(project)
    assert "service_tier" not in project.server.requests[0].body
    assert (call["model"], call["usd"], call["paid_usd"]) == ("ours (batch)", 0.000003, 0.000012)


def test_a_baseline_in_another_tier_is_compared_at_todays_prices_of_both(project: Project) -> None:
    tiered(project, "default", cases=60)
    project.run("--llm-budget", "--llm-update-baseline")
    tiered(project, "flex", "flex", cases=60)

    project.run("--llm-budget").stdout.fnmatch_lines(["*mail * -50.0%*"])


def test_a_cheaper_tier_without_a_price_is_counted_at_the_standard_rate_and_said(project: Project) -> None:
    tiered(project, "flex", rates="")

    result = project.run("--llm-budget")

    result.stdout.fnmatch_lines(["*1 answer: no price of the flex tier is known: counted at the standard rate"])
    assert (calls_of(project)[0]["model"], calls_of(project)[0]["usd"]) == ("ours", 0.000012)


def test_a_dearer_tier_without_a_price_is_not_asked(project: Project) -> None:
    tiered(project, "priority", rates="")

    result = project.run("--llm-budget")

    assert result.ret == 1
    assert project.server.requests == []
    result.stdout.fnmatch_lines(
        ["*no price of the priority tier is known for 'ours'*", "*priority = {input = ..., output = ...}*"]
    )


def test_what_a_test_in_python_gets_from_another_model_is_said_too(project: Project) -> None:
    project.write(
        "test_it.py", "def test_it(llm, llm_score):\n    llm_score(llm.complete('a', model='ours').text == 'shop')\n"
    )
    project.server.play(answer("shop", model="another", usage=USAGE))

    project.run("--llm-budget").stdout.fnmatch_lines(["*1 answer: answered by another"])
