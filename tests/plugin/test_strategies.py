"""Routes and cascades end to end: from YAML to run file, table, baseline and estimate."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

from fakes.project import CASES, Project
from fakes.stub_server import Asked, Reply, answer, error
from fakes.two_models import configure, two_models

from pytest_llmcost.reports.table import usd


def cascade(**first: Any) -> dict[str, Any]:
    return {"cascade": [{"use": "cheap", "accept": 0.9, **first}, {"use": "frontier"}]}


def route(value: str, strategy: str, **rest: Any) -> dict[str, Any]:
    return {"route": {"to": {value: strategy}, **rest}}


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
    known.stdout.fnmatch_lines([f"mail*both*8*0*{true}*baseline"])
    project.suite(strategies={"both": cascade(prompt="Short: {{ text }}", accept=0.5)})
    moved = project.run("--llm-budget", "--llm-mode=replay")
    assert "unchanged" not in moved.stdout.str()
    assert {len(trial["steps"]) for trial in trials(project).values()} == {1}


def _costs(line: dict[str, Any]) -> tuple[str, str]:
    """What a trial cost, and what its answering call did."""
    return str(line["usd"]), str(line["calls"][-1]["usd"])


def _baseline(project: Project) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (project.path / "llm_baselines/bench_mail.jsonl").read_text().splitlines()]


FUNCTIONS = """
def kind(case):
    assert "expected" not in case
    return "weather" if "rain" in case["text"] else None

def sure(answer, case):
    return 0.8 if answer == "shop" else float("nan")
"""


def test_routes_and_every_kind_of_confidence_in_one_suite(project: Project) -> None:
    configure(project, 'allowed_python = ["mine"]\n')
    project.write("mine.py", FUNCTIONS)
    project.pytester.syspathinsert()

    def small(asked: Asked) -> Reply:
        if "<answer-" in asked.prompt:
            return answer("yes" if "refund" in asked.prompt else "no")(asked)
        if asked.body.get("seed"):  # (each answer of an agreement has a seed of its own)
            return answer("shop" if asked.body["seed"] < 9 or "late" in asked.prompt else "other")(asked)
        return answer('{"label": "shop", "sure": 0.9}' if "JSON" in asked.prompt else "shop")(asked)

    project.server.play(two_models(small))

    def cascade_of(**first: Any) -> dict[str, Any]:
        return {"cascade": [{"use": "cheap", **first}, {"use": "frontier"}]}

    project.suite(
        strategies={
            "json": {
                **cascade_of(accept=0.95, confidence={"json": "sure"}, parse={"json": "label"}),
                "prompt": "JSON: {{ text }}",
            },
            "agreeing": cascade_of(use="agreed", accept=0.9),
            "agreed": {"model": "cheap", "confidence": {"agreement": 3}, "params": {"temperature": 1, "seed": 7}},
            "verified": cascade_of(confidence={"verifier": "mid"}),
            "coded": cascade_of(accept=0.8, confidence={"python": "mine:sure"}),
            "by-function": route("weather", "frontier", by={"python": "mine:kind"}, otherwise="mid"),
            "by-level": route("simple", "coded", by="complexity", otherwise="mid"),
            "by-tag": route("big", "json", by="tags", otherwise="cheap"),
        },
        cases=[{**case, "tags": ["big"]} if case["id"] == "rain" else case for case in CASES],
    )

    result = project.run("--llm-budget")

    assert not result.ret
    steps = {
        (name, case): " / ".join(f"{step['step']} {step.get('confidence', '-')}" for step in line["steps"])
        for name in ("json", "agreeing", "verified", "coded", "by-function", "by-level", "by-tag")
        for case, line in trials(project, name).items()
    }
    assert steps["json", "late"] == "cheap 0.9 / frontier -"
    assert (steps["agreeing", "late"], steps["agreeing", "refund"]) == ("agreed 1.0", "agreed 0.666667 / frontier -")
    assert (steps["verified", "refund"], steps["verified", "late"]) == ("cheap 1.0", "cheap 0.0 / frontier -")
    assert steps["coded", "rain"] == "cheap 0.8"
    assert (steps["by-function", "rain"], steps["by-function", "late"]) == ("weather > frontier -", "otherwise > mid -")
    assert steps["by-level", "rain"] == "simple > cheap 0.8"
    assert steps["by-tag", "rain"] == "big > cheap 0.9 / big > frontier -"
    assert len(trials(project, "agreeing")["refund"]["calls"]) == 4
    assert [call["model"] for call in trials(project, "verified")["refund"]["calls"]] == ["small", "small"]
    assert trials(project, "agreed")["late"]["confidence"] == 1.0


def test_a_step_that_fails_escalates_or_fails_as_it_is_told_and_a_replay_never_passes_over_it(project: Project) -> None:
    configure(project)
    project.server.play(two_models(error(500)))
    project.suite(
        strategies={
            "goes-on": cascade(),
            "stops": cascade(on_error="fail"),
            "pays": {"cascade": [{"use": "frontier", "accept": 0.99, "confidence": "logprob"}, {"use": "cheap"}]},
        }
    )

    result = project.run("--llm-budget", "--llm-strategy=goes-on")
    result.stdout.fnmatch_lines(["*4 answers: cheap failed (server error), escalated*"])
    assert not result.ret
    (late, *_) = trials(project, "goes-on").values()
    assert [step["calls"] for step in late["steps"]] == [0, 1]

    assert project.run("--llm-budget", "--llm-strategy=stops").ret == 1
    assert {line["error_kind"] for line in trials(project, "stops").values()} == {"server error"}
    assert project.run("--llm-budget", "--llm-strategy=pays").ret == 1
    assert all(line["paid_usd"] > 0 for line in trials(project, "pays").values())  # (what came before the error)

    assert project.run("--llm-budget", "--llm-strategy=goes-on", "--llm-mode=replay").ret == 1
    assert {line["error_kind"] for line in trials(project, "goes-on").values()} == {"no recording"}


POLICY = """\
format: llmcost-policy/1
by: task
to:
  weather: {cascade: [{use: cheap, accept: 0.9}, {use: frontier}]}
otherwise: cheap
learned:
  started: 2026-01-31T12:00:00+00:00
  loss: 0.02
  confidence: 0.9
  safe: top
  strategies: {bench_mail.yaml: {top: {fingerprint: "0123456789ab", model: big}}}
"""


def test_a_policy_is_gated_as_it_runs_in_production_and_its_age_is_told(project: Project) -> None:
    configure(project)
    project.server.play(two_models())
    project.write("policies/mail.yaml", POLICY)
    cases = [{**case, "meta": {"task": "weather" if case["id"] == "rain" else "mail"}} for case in CASES]
    project.suite(cases, strategies={"learned": {"policy": "policies/mail.yaml"}, "top": {"model": "frontier"}})

    result = project.run("--llm-budget")

    steps = {case: [step["step"] for step in line["steps"]] for case, line in trials(project, "learned").items()}
    assert (steps["rain"], steps["late"]) == (["weather > cheap", "weather > frontier"], ["otherwise > cheap"])
    said = "policies/mail.yaml: bench_mail.yaml::top changed since the policy was learned: prompt or parameters."
    result.stdout.fnmatch_lines([f"*{said} Learn it anew."])
