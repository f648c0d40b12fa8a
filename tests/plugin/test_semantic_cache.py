"""A semantic cache end to end: the same hits in every run, their cost, the report, and the threshold."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest
from fakes.embedder import Words
from fakes.project import Project
from fakes.stub_server import by_keyword

from pytest_llmcost.assembly.embedding import FOLDER
from pytest_llmcost.calls.embedding.vectors import embed_texts
from pytest_llmcost.cli import main
from pytest_llmcost.reports.table import usd

CASES = [
    {"id": "late", "text": "my order is late again", "expected": "shop"},
    {"id": "later", "text": "my order is late", "expected": "shop"},
    {"id": "rain", "text": "is it late to go out", "expected": "other"},
    {"id": "film", "text": "is it late for the film order", "expected": "other"},
    {"id": "books", "text": "is it late to go out now", "expected": "shop"},
    {"id": "twelve", "text": "where is my small order 12 please", "expected": "shop"},
    {"id": "thirteen", "text": "where is my small order 13 please", "expected": "shop"},
    {"id": "same", "text": "my order is late again", "expected": "shop"},
]
HITS = {"later": "late", "books": "rain", "same": "late"}


@pytest.fixture
def prepared(project: Project) -> Project:
    """A suite whose questions are embedded already, by their words alone: no weights are needed."""
    embed_texts([case["text"] for case in CASES], project.path / FOLDER, pytest.fail, Words)
    cached = {"use": "plain", "semantic_cache": {"threshold": 0.85}}
    project.suite(CASES, strategies={"plain": {"model": "ours"}, "cached": cached})
    return project


def trials(project: Project, strategy: str = "cached") -> dict[str, dict[str, Any]]:
    _, *lines = project.runs()[-1]
    return {line["case"]: line for line in lines if line["strategy"] == strategy}


def hits(project: Project) -> dict[str, str]:
    found = {case: line["lookups"][0].get("source") for case, line in trials(project).items()}
    return {case: source for case, source in found.items() if source}


def test_hits_are_free_and_scored_like_any_answer_and_the_report_says_what_they_are_worth(
    prepared: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    prepared.server.play(by_keyword({"now": "shop", "film": "other", "order": "shop"}, otherwise="other"))
    result = prepared.run("--llm-budget")

    own, plain = trials(prepared), trials(prepared, "plain")
    assert hits(prepared) == HITS
    assert {case for case, line in own.items() if not line["calls"]} == HITS.keys()
    assert {case: own[case]["usd"] for case in HITS} == dict.fromkeys(HITS, 0)
    assert all(own[case]["seconds"] == pytest.approx(own[case]["lookups"][0]["seconds"], abs=1e-6) for case in HITS)
    assert own["thirteen"]["lookups"][0]["guard"] == "numbers"
    assert (own["books"]["correct"], plain["books"]["correct"]) == (False, True)
    saved = sum(Decimal(str(plain[case]["usd"])) for case in HITS)
    result.stdout.fnmatch_lines(
        [
            "*semantic cache: 38 % of 8 answers from it; guards told 1 apart (numbers 1)",
            "*wrong hits: 1 of 3 (33.3 %, 90 % [[]7.8, 74.6]), wrong where plain is right: books",
            "*avoided *semantic cache 3 ($*",
            f"*hits save ${usd(saved)}: what plain takes for them",
        ]
    )

    capsys.readouterr()
    run = sorted((prepared.path / ".llmcost" / "runs").iterdir())[-1]
    assert main(["cache", "calibrate", str(run), "--loss", "0.4", "--confidence", "0.5", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    points = {point["threshold"]: point for point in found["thresholds"]}
    assert (points[0.85]["hits"], points[0.85]["wrong"], points[0.85]["compared"]) == (3, 1, 3)
    assert (points[1.0]["hits"], points[1.0]["wrong"]) == (1, 0)
    assert found["requests"] == 8
    assert found["notes"] == []
    assert main(["cache", "calibrate", str(run)]) == 0
    assert "147 more are needed, 149 in all" in capsys.readouterr().out


def test_a_case_hits_the_same_alone_under_xdist_in_a_shard_and_replayed(prepared: Project) -> None:
    prepared.run_apart("--llm-budget", "--llm-strategy=cached", "-n2")
    assert hits(prepared) == HITS
    asked = len(prepared.server.requests)
    assert asked == len(CASES) - len(HITS)

    again = prepared.run("--llm-budget", "--llm-strategy=cached", "--llm-mode=replay", "-k", "later or film")
    assert hits(prepared) == {"later": "late"}
    assert len(prepared.server.requests) == asked
    again.stdout.fnmatch_lines(["*wrong answers among the hits: 0 of 1*beside it tells"])
    live = prepared.run("--llm-budget", "--llm-strategy=cached", "--llm-mode=live", "-k", "books")
    assert live.ret == 0
    assert len(prepared.server.requests) == asked + 1
    assert trials(prepared)["books"]["paid_usd"] > trials(prepared)["books"]["usd"] == 0


def test_without_the_weights_each_case_says_how_to_get_them(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LLMCOST_MODELS", str(project.path / "none"))
    project.suite(strategies={"cached": {"model": "ours", "semantic_cache": {}}})

    result = project.run("--llm-budget")
    assert result.ret == 1
    result.stdout.fnmatch_lines(["*Get them with: llmcost models pull minilm*"])
    assert not project.server.requests
