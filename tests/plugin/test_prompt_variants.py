"""From a wordy prompt to a lean one that is gated, and from examples to those that add something."""

from __future__ import annotations

import json

from fakes.project import Project, numbered_cases
from fakes.stub_server import Asked, Reply, answer

from pytest_llmcost.cli import main

HELPFUL, IDLE = "It is late.", "Will it rain?"


def test_a_leaner_twin_is_written_gated_and_called_safe(project: Project, capsys) -> None:
    prompt = "Please make sure to say whether this mail is for the shop, or other.\n{{ text }}"
    suite = project.suite(numbered_cases(80), prompt=prompt, strategies={"wordy": {"model": "ours"}})
    before = suite.read_bytes()
    assert main(["prompt", "lint", suite.name, "--fix"]) == 0
    assert suite.read_bytes() == before
    (command,) = (line.split() for line in capsys.readouterr().out.splitlines() if line.startswith("  pytest "))

    result = project.run(*command[1:], "-p", "no:cacheprovider")

    assert result.ret == 0
    result.stdout.fnmatch_lines(
        ["wordy-lean for wordy: 2? % fewer tokens, quality +0.0 pt [[]-?.?, +?.?[]]: safe, no drop*"]
    )


def helped_by_an_example(asked: Asked) -> Reply:
    """Half of the orders are told right only where the helpful example is shown."""
    last = str(asked.body["messages"][-1]["content"])
    is_hard = last[-1] in "02468"
    return answer("shop" if HELPFUL in asked.prompt or not is_hard else "other", rivals=("shop",))(asked)


def lint(project: Project, capsys, budget: str) -> dict:
    assert main(["prompt", "lint", "bench_mail.yaml", "--budget-usd", budget, "--json"]) == 0
    return json.loads(capsys.readouterr().out)


def test_an_example_helps_or_adds_nothing_that_shows_and_the_budget_holds(project: Project, capsys) -> None:
    project.server.play(helped_by_an_example)
    examples = [{"text": HELPFUL, "expected": "shop"}, {"text": IDLE, "expected": "other"}]
    project.suite(numbered_cases(80), examples=examples)

    short = lint(project, capsys, "0.004")
    assert [one["finding"] for one in short["examples"]] == [None, None]
    assert all("answers were not asked: budget reached ($0.004" in one["why"] for one in short["examples"])
    paid = sum(float(len(asked.prompt.split())) + 2 for asked in project.server.requests) / 1e6
    assert paid <= 0.004

    helps, idle = lint(project, capsys, "0.10")["examples"]
    assert (helps["finding"], idle["finding"]) == ("worse", "not worse")
    assert (helps["number"], helps["n"], helps["estimate"]) == (1, 80, -0.5)
    assert idle["p_not_worse"] < 0.05
    assert idle["savings"][0]["tokens_per_call"] > 10
    assert len(project.server.requests) == 3 * 80  # each once: the rest came from the cache

    assert main(["prompt", "lint", "bench_mail.yaml", "--budget-usd", "0"]) == 0
    told = capsys.readouterr()
    assert "example 1 of one helps: without it quality -50.0 pt [" in told.out
    assert "example 2 of one adds nothing that shows: without it quality +0.0 pt [" in told.out
    assert "spent $0.00 of $0.00" in told.err
