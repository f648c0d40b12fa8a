"""The two commands that learn from a run, from the run file to the policy file."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from fakes.lessons import write_answers, write_project

from pytest_llmcost.cli import main
from pytest_llmcost.domain.policy import PolicyStep
from pytest_llmcost.suites.policies import read_policy

COMPLEX, MEDIUM, SIMPLE = "complex", "medium", "simple"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def mails(count: int, **more: object) -> list[dict[str, object]]:
    return [{"id": f"m{number:03}", "text": f"mail {number}", "expected": "yes", **more} for number in range(count)]


@pytest.fixture
def cascaded(folder: Path) -> Path:
    """200 mails: dear gets all right, cheap those of which it is sure (0.9), four of five."""
    write_project(folder, mails(200))
    cheap = [(float(number % 5 > 0), "0.001", 0.9 if number % 5 else 0.3) for number in range(200)]
    return write_answers(folder / "run.jsonl", folder, {"cheap": cheap, "dear": [(1.0, "0.01", None)] * 200})


def test_a_cascade_is_calibrated_and_written_with_its_evidence(folder, cascaded, capsys):
    assert main(["cascade", "calibrate", "run.jsonl", "--loss", "0.05", "--output", "policies/mail.yaml"]) == 0
    shown = capsys.readouterr().out
    assert "200 cases that cheap and dear both answered" in shown
    assert "AUC 1.000 [" in shown
    assert "cheap from 0.9, else dear: loses at most 5 points, 95 % sure" in shown
    assert "20.0% escalated, saves 70.0%: $0.0030 a request, dear alone $0.010" in shown
    assert "without the tries before the one that answers it would seem $0.0028" in shown
    assert "a month of 1,000,000 requests: $3,000.00; all by cheap $1,000.00, all by dear $10,000.00" in shown
    policy = read_policy(folder / "policies/mail.yaml")
    assert policy.otherwise == (PolicyStep("cheap", 0.9), PolicyStep("dear"))
    assert policy.learned is not None
    assert (policy.learned.safe, policy.learned.usd, policy.learned.commit) == ("dear", 3000.0, "c0ffee")
    text = (folder / "policies/mail.yaml").read_text("utf-8")
    assert text.startswith("# Calibrated by `llmcost cascade calibrate` from the run of 2026-11-24T10:00:00+00:00.\n")
    assert "on 200 cases 20.0% escalated" in text


@pytest.fixture
def three(folder: Path) -> Path:
    """400 mails: six of ten cheap can answer, nine mid, all dear; a right answer is surer than a wrong one."""
    write_project(folder, mails(400), strategies=("cheap", "mid", "dear"))
    easy, medium = [[number % 10 < most for number in range(400)] for most in (6, 9)]
    answers = {
        "cheap": [(float(right), "0.001", 0.9 if right else 0.2) for right in easy],
        "mid": [(float(right), "0.01", 0.8 if right else 0.1) for right in medium],
        "dear": [(1.0, "0.1", None)] * 400,
    }
    return write_answers(folder / "run.jsonl", folder, answers)


THREE = [*("cascade", "calibrate", "run.jsonl", "--loss", "0.05"), *("--step=cheap", "--step=mid", "--step=dear")]


def test_a_cascade_of_three_is_calibrated_and_written(folder, three, capsys):
    assert main([*THREE, "--output", "policies/mail.yaml"]) == 0
    shown = capsys.readouterr().out
    assert "200 cases that cheap, mid and dear answered say what is tried,\n200 others how far to go" in shown
    assert "confidence of cheap: AUC 1.000 [" in shown
    assert "confidence of mid: AUC 1.000 [" in shown
    assert "cheap from 0.9, else mid from 0.8, else dear: loses at most 5 points, 95 % sure against dear" in shown
    assert "escalated 4" in shown
    assert "all by cheap $1,000.00, all by dear $100,000.00, all by mid $10,000.00" in shown
    policy = read_policy(folder / "policies/mail.yaml")
    assert policy.otherwise == (PolicyStep("cheap", 0.9), PolicyStep("mid", 0.8), PolicyStep("dear"))
    assert "(200 others said what to try) escalated" in " ".join(
        (folder / "policies/mail.yaml").read_text("utf-8").replace("\n#", "").split()
    )


def test_a_cascade_of_three_is_told_as_json_too(folder, three, capsys):
    main([*THREE, "--json"])
    document = json.loads(capsys.readouterr().out)
    assert document["steps"] == ["cheap", "mid", "dear"]
    assert (document["cases"], document["ordered_cases"]) == (200, 200)
    assert set(document["reliability_of_steps"]) == {"cheap", "mid"}
    asked = document["chosen"]["asked"]
    assert asked[0] == 1.0 > asked[1] > asked[2] > 0
    assert document["chosen"]["naive_usd"] < document["chosen"]["usd"]


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--step=cheap", "--expensive=dear"], "--step stands for --cheap and --expensive"),
        (["--cheap=none"], "--cheap 'none' did not answer these cases. There are: cheap, dear, mid"),
        (["--step=cheap"], "--step 'cheap' is the only one. Name two or more"),
        (["--step=cheap", "--step=mid", "--step=cheap"], "'cheap' is named twice"),
        (
            ["--step=cheap", "--step=none", "--step=dear"],
            "strategy 'none' is not in the run. There are: cheap, dear, mid",
        ),
        (["--step=dear", "--step=cheap"], "no answer of 'dear' has a confidence"),
    ],
)
def test_steps_that_make_no_cascade_are_refused(folder, three, capsys, options, said):
    assert main(["cascade", "calibrate", "run.jsonl", *options]) == 2
    assert said in capsys.readouterr().err


def test_the_same_run_gives_the_same_file_and_json_says_what_the_terminal_says(folder, cascaded, capsys):
    for name in ("a.yaml", "b.yaml"):
        main(["cascade", "calibrate", "run.jsonl", "--loss", "0.05", "--json", "--output", name])
        told = capsys.readouterr()
        assert told.err == f"policy written: {name}. Commit it.\n"
    assert (folder / "a.yaml").read_bytes() == (folder / "b.yaml").read_bytes()
    document = json.loads(told.out)
    assert document["chosen"]["threshold"] == 0.9
    assert document["chosen"]["usd"] == 0.003
    assert (document["reliability"]["auc"], document["reliability"]["useless"]) == (1.0, "")
    assert len(document["curve"]) == 52


def test_with_too_few_cases_it_says_how_many_are_missing_and_keeps_the_safe_tier(folder, cascaded, capsys):
    main(["cascade", "calibrate", "run.jsonl", "--loss", "0.01", "--output", "mail.yaml"])
    shown = capsys.readouterr().out
    assert "200 cases to test on can show no bound of 1 points at 95 %, not even without any loss" in shown
    assert "99 more are needed, 299 in all" in shown
    assert read_policy(folder / "mail.yaml").otherwise == (PolicyStep("dear"),)


def test_cases_that_are_set_aside_are_not_learned_from_and_all_ways_are_measured_on_them(folder, cascaded, capsys):
    main(["cascade", "calibrate", "run.jsonl", "--loss", "0.05", "--holdout", "0.5", "--json"])
    document = json.loads(capsys.readouterr().out)
    assert document["cases"] == 100
    assert set(document["held_out"]) == {"cheap", "dear", "cheap from 0.9, else dear"}
    assert (
        document["held_out"]["cheap"]["quality"] < document["held_out"]["cheap from 0.9, else dear"]["quality"] == 1.0
    )
    assert document["held_out"]["dear"]["tokens"] == 1000


def test_a_useless_confidence_is_said_to_be_useless(folder, capsys):
    write_project(folder, mails(120))
    cheap = [(float(number % 2), "0.001", 0.7) for number in range(120)]
    write_answers(folder / "run.jsonl", folder, {"cheap": cheap, "dear": [(1.0, "0.01", None)] * 120})
    main(["cascade", "calibrate", "run.jsonl", "--loss", "0.05"])
    assert "USELESS: it is the same for every answer, 0.7." in capsys.readouterr().out


@pytest.mark.parametrize(
    ("confidence", "said"),
    [
        (None, "no answer of 'cheap' has a confidence. Give the strategy one, and run again"),
        (1.5, "the confidence of bench_mail.yaml::cheap::m000 is 1.5: a number from 0 to 1 is needed"),
        (float("nan"), "is nan: a number from 0 to 1 is needed"),
    ],
)
def test_a_confidence_that_is_none_is_refused(folder, capsys, confidence, said):
    write_project(folder, mails(3))
    answers = {"cheap": [(1.0, "0.001", confidence)] * 3, "dear": [(1.0, "0.01", None)] * 3}
    write_answers(folder / "run.jsonl", folder, answers)
    assert main(["cascade", "calibrate", "run.jsonl"]) == 2
    assert said in capsys.readouterr().err


def test_strategies_that_share_no_case_are_said(folder, capsys):
    write_project(folder, mails(3))
    write_answers(folder / "run.jsonl", folder, {"cheap": [(1.0, "0.001", 0.9)] * 3})
    for command in (["cascade", "calibrate"], ["route", "learn"]):
        assert main([*command, "run.jsonl"]) == 2
        assert "no two strategies answered the same cases. There are: cheap." in capsys.readouterr().err
    assert main(["cascade", "calibrate", "run.jsonl", "--cheap", "cheap", "--expensive", "mid"]) == 2
    assert "strategy 'mid' is not in the run" in capsys.readouterr().err
    assert main(["cascade", "calibrate", "run.jsonl", "--cheap", "mid", "--expensive", "mid"]) == 2


def test_what_cannot_be_learned_from_is_left_out_and_said(folder, capsys):
    """An unanswered case, one in quarantine, one that changed since, and one that is gone."""
    cases = mails(60)
    write_project(folder, cases)
    cheap: list[tuple[float | None, str, float | None]] = [(1.0, "0.001", 0.9)] * 60
    cheap[0] = (None, "0.001", None)
    cheap[5] = (1.0, "0.001", None)
    write_answers(folder / "run.jsonl", folder, {"cheap": cheap, "dear": [(1.0, "0.01", None)] * 60})
    cases[1]["quarantine"] = '"unclear, until 2099-01-31"'
    cases[2]["expected"] = "no"
    write_project(folder, cases[:-1])
    main(["cascade", "calibrate", "run.jsonl", "--loss", "0.05"])
    shown = capsys.readouterr().out
    assert "56 cases that cheap and dear both answered" in shown
    for reason in ("one of them gave no answer", "in quarantine", "changed since the run", "no longer in the suite"):
        assert f"note: 1 case left out: {reason}" in shown
    assert "note: 1 case without a confidence of cheap: a cascade escalates them, but at 0" in shown


@pytest.fixture
def routed(folder: Path) -> Path:
    """The known case: what is complex only the frontier can answer, what is medium also mid, what is simple anybody."""
    kinds = [COMPLEX] * 100 + [MEDIUM] * 100 + [SIMPLE] * 100
    cases = [case | {"meta": f"{{task: {kind}}}"} for case, kind in zip(mails(300), kinds, strict=True)]
    write_project(folder, cases, strategies=("cheap", "mid", "frontier"))
    answers = {
        "cheap": [(float(kind == SIMPLE), "0", None) for kind in kinds],
        "mid": [(float(kind != COMPLEX), "0.00015", None) for kind in kinds],
        "frontier": [(1.0, "0.03", None)] * 300,
    }
    (folder / "mix.yaml").write_text(f"{{{COMPLEX}: 0.05, {MEDIUM}: 0.35, {SIMPLE}: 0.60}}", "utf-8")
    return write_answers(folder / "run.jsonl", folder, answers)


ROUTE = ["route", "learn", "run.jsonl", "--by", "task", "--mix", "mix.yaml", "--loss", "0.05"]


def test_a_million_requests_cost_1552_50_instead_of_30000_where_each_goes_to_the_tier_it_needs(folder, routed, capsys):
    """1,000 tokens each: 5 % at $30 a million tokens, 35 % at $0.15, 60 % for nothing."""
    assert main([*ROUTE, "--output", "policies/support.yaml"]) == 0
    shown = capsys.readouterr().out
    assert "a month of 1,000,000 requests: $1,552.50; all by cheap $0.00, all by frontier $30,000.00" in shown
    policy = read_policy(folder / "policies/support.yaml")
    assert {kind: way[0].use for kind, way in policy.ways.items()} == {
        COMPLEX: "frontier",
        MEDIUM: "mid",
        SIMPLE: "cheap",
    }
    assert policy.learned is not None
    assert policy.learned.usd == 1552.50
    assert policy.learned.alone_usd == {"cheap": 0.0, "frontier": 30000.0, "mid": 150.0}
    text = (folder / "policies/support.yaml").read_text("utf-8")
    assert "  # 50 cases, 60.0% of the traffic: quality 100.0%, $0 a request; frontier quality 100.0%, $0.030 a" in text
    assert "nothing cheaper is shown to keep the bound\n  complex: frontier\n" in text


def test_learned_routes_are_told_as_json_too(folder, routed, capsys):
    main([*ROUTE, "--json", "--requests", "1000"])
    document = json.loads(capsys.readouterr().out)
    assert document["ways"][SIMPLE] == [{"use": "cheap", "accept": None}]
    assert (document["safe"], document["alone_shown"]) == ("frontier", ["frontier"])
    assert document["month"]["usd"] == 1.5525
    assert document["measured"]["quality"] == 1.0


def test_what_stands_by_a_type_that_is_not_there_or_a_strategy_that_did_not_answer_is_refused(folder, routed, capsys):
    (folder / "mix.yaml").write_text("{spam: 1}", "utf-8")
    assert main(ROUTE) == 2
    assert "--mix: no case is of type 'spam'. There are: complex, medium, simple." in capsys.readouterr().err
    assert main(["route", "learn", "run.jsonl", "--safe", "best"]) == 2
    assert "--safe 'best' did not answer these cases" in capsys.readouterr().err
    assert main(["route", "learn", "run.jsonl", "--by", "topic"]) == 2
    assert (
        "there is no case to learn from: it has no topic; such requests go the safe way (300)"
        in capsys.readouterr().err
    )


def test_a_bound_of_latency_takes_as_many_cases_as_a_percentile_does(folder, capsys):
    write_project(folder, mails(100))
    write_answers(folder / "run.jsonl", folder, {name: [(1.0, "0.01", None)] * 100 for name in ("cheap", "dear")})
    assert main(["route", "learn", "run.jsonl", "--p95", "2"]) == 2
    assert "--p95: 50 cases to test on say nothing of a 95th percentile. 59 are needed" in capsys.readouterr().err


def test_routes_by_tag_and_by_suite(folder, capsys):
    cases = [case | {"tags": f"[{'ab'[number % 2]}]"} for number, case in enumerate(mails(200))]
    write_project(folder, cases)
    cheap = [(float(number % 2), "0.001", None) for number in range(200)]
    write_answers(folder / "run.jsonl", folder, {"cheap": cheap, "dear": [(1.0, "0.01", None)] * 200})
    main(["route", "learn", "run.jsonl", "--by", "tag", "--loss", "0.05", "--output", "tags.yaml"])
    main(["route", "learn", "run.jsonl", "--loss", "0.05", "--output", "suites.yaml"])
    tags, suites = read_policy(folder / "tags.yaml"), read_policy(folder / "suites.yaml")
    assert (tags.by, suites.by) == ("tags", "suite")
    assert tags.choose({"tags": ["b"]})[0].use == "cheap"
    assert tags.choose({"tags": ["a"]})[0].use == "dear"
    assert suites.choose({"suite": "bench_mail.yaml"})[0].use == "dear"


@pytest.mark.parametrize(
    "option", ["--loss=0", "--loss=2", "--confidence=nan", "--holdout=1", "--requests=0", "--p95=-1"]
)
def test_an_option_that_means_nothing_is_refused(option, capsys):
    with pytest.raises(SystemExit) as caught:
        main(["route", "learn", "run.jsonl", option])
    assert caught.value.code == 2
    assert "is needed" in capsys.readouterr().err


def test_a_policy_that_cannot_be_written_is_said(folder, routed, capsys):
    (folder / "policies").write_text("a file", "utf-8")
    assert main([*ROUTE, "--output", "policies/support.yaml"]) == 2
    assert "policies/support.yaml: the policy cannot be written" in capsys.readouterr().err
