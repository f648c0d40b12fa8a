"""Routes and cascades end to end: from YAML to run file, table, baseline and estimate."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

from fakes.project import Project
from fakes.stub_server import Asked, Reply, Script, answer

from pytest_llmcost.reports.table import usd


def two_models(small: Script | Reply | None = None) -> Script:
    """A small model that is sure of orders and refunds, of the books mail wrongly; a big one that is always right."""

    def reply(asked: Asked) -> Reply:
        text = asked.prompt
        if asked.body["model"] == "big":
            return answer("other" if "rain" in text or "books" in text else "shop", rivals=("shop",))(asked)
        if small is not None:
            return small(asked) if callable(small) else small
        is_sure = "refund" in text or "order is" in text
        return answer("shop", confidence=0.95 if is_sure else 0.55, rivals=("other",))(asked)

    return reply


def configure(project: Project, more: str = "") -> None:
    models = "".join(
        f'[models.{name}]\nmodel = "openai/{name}"\napi_base = "{project.server.base}"\napi_key_env = "OUR_KEY"\n'
        f"[prices.{name}]\ninput = {price}\noutput = {price}\n"
        for name, price in (("small", 100.0), ("big", 1000.0))
    )
    tiers = '[tiers]\ncheap = "small"\nmid = "small"\nfrontier = "big"\n'
    project.write("llmcost.toml", f"attempts = 1\n{more}{tiers}{models}")


def cascade(**first: Any) -> dict[str, Any]:
    return {"cascade": [{"use": "cheap", "accept": 0.9, **first}, {"use": "frontier"}]}


def trials(project: Project, strategy: str = "") -> dict[str, dict[str, Any]]:
    _, *lines = project.runs()[-1]
    return {line["case"]: line for line in lines if line["strategy"] == strategy or not strategy}


def test_a_cascade_escalates_what_its_first_step_is_unsure_of_and_pays_for_both(project: Project) -> None:
    configure(project)
    project.server.play(two_models())
    project.suite(strategies={"both": cascade(prompt="Short: {{ text }}"), "top": {"model": "frontier"}})

    estimated = project.run("--llm-budget", "--llm-estimate", "--llm-strategy=both")
    estimated.stdout.fnmatch_lines(["*both*8*0*text length*"])  # each step of each case
    assert not project.server.requests
    result = project.run("--llm-budget", "--llm-update-baseline")

    header, *_ = project.runs()[-1]
    record = header["strategies"]["bench_mail.yaml"]["both"]
    assert (record["model"], record["prices"].keys()) == ("small + big", {"small", "big"})
    both, top = trials(project, "both"), trials(project, "top")
    assert both["late"]["steps"] == [{"step": "cheap", "calls": 1, "confidence": 0.95}]
    assert both["rain"]["steps"] == [
        {"step": "cheap", "calls": 1, "confidence": 0.55},
        {"step": "frontier", "calls": 1},
    ]
    assert [call["model"] for call in both["rain"]["calls"]] == ["small", "big"]
    assert both["rain"]["usd"] > top["rain"]["usd"] > both["late"]["usd"] > 0
    assert sum(prompt.startswith("Short:") for prompt in project.server.prompts) == 4
    true, naive = (usd(sum(map(Decimal, costs))) for costs in zip(*map(_costs, both.values()), strict=True))
    assert true != naive
    result.stdout.fnmatch_lines(
        [f"*answered by cheap 50 %, frontier 50 %; 50 % escalated; ${true}, not ${naive} (the answering calls alone)"]
    )

    stored = {row["case"]: row for row in _baseline(project) if row.get("strategy") == "both"}
    assert stored["late"]["in"].keys() == {"small"}
    assert stored["rain"]["in"] == {call["model"]: call["input_tokens"] for call in both["rain"]["calls"]}
    again = project.run("--llm-budget", "--llm-mode=replay")
    again.stdout.fnmatch_lines(["*unchanged*"])
    known = project.run("--llm-budget", "--llm-estimate", "--llm-strategy=both", "--llm-mode=live")
    known.stdout.fnmatch_lines([f"both*8*0*{true}*baseline"])
    project.suite(strategies={"both": cascade(prompt="Short: {{ text }}", accept=0.5)})
    moved = project.run("--llm-budget", "--llm-mode=replay")
    assert "unchanged" not in moved.stdout.str()
    assert {len(trial["steps"]) for trial in trials(project).values()} == {1}


def _costs(line: dict[str, Any]) -> tuple[str, str]:
    """What a trial cost, and what its answering call did."""
    return str(line["usd"]), str(line["calls"][-1]["usd"])


def _baseline(project: Project) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (project.path / "llm_baselines/bench_mail.jsonl").read_text().splitlines()]
