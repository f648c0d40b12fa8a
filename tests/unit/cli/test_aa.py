"""`llmcost aa`, as it is typed: a finished run, the suites it was made from, and how their gates behave."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import yaml

from pytest_llmcost.cli import main
from pytest_llmcost.domain.trial import Call, Run, RunHeader, StrategyRecord, Trial
from pytest_llmcost.domain.usage import Usage
from pytest_llmcost.reports.run_file import write_run

SUITE = {
    "prompt": "{{ text }}",
    "strategies": {"one": {"model": "openai/gpt-4o-mini"}, "free": {"model": "openai/gpt-4o-mini", "gate": False}},
    "gate": {"quality": {"margin": 0.1}},
}
CALL = Call("openai/gpt-4o-mini", Usage(100, 0, 0, 8), 0.5, Decimal("0.002"), Decimal(0), 1, cached=True)
HEADER = RunHeader(
    "2026-01-31T12:00:00+00:00", {}, "0123abc", {"bench_mail.yaml": {"one": StrategyRecord("0123", "m")}}
)


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def write_suite(folder: Path, n: int, **changes: Any) -> None:
    cases = [{"id": f"c{place:02}", "text": f"What is {place}?", "expected": "4", **changes} for place in range(n)]
    (folder / "bench_mail.yaml").write_text(yaml.safe_dump({**SUITE, "cases": cases}), "utf-8")


def trials(n: int, scores: Iterable[float] = (1.0,), **changes: Any) -> list[Trial]:
    """Cases that score so in their trials, but that every fourth is wrong in its first."""
    blank = Trial("bench_mail.yaml", "one", "", 1, "9f2c41", None, True, None, (CALL,), Decimal(0))
    return [
        dataclasses.replace(
            blank, case=f"c{case:02}", trial=number, score=score if case % 4 or number > 1 else 0.0, **changes
        )
        for case in range(n)
        for number, score in enumerate(scores, 1)
    ]


def write(path: Path, *own: Trial) -> str:
    write_run(path, Run(HEADER, own), keep_text=False)
    return str(path)


def told(capsys: pytest.CaptureFixture[str], *args: str) -> dict[str, Any]:
    assert main(["aa", "--json", "--rounds=20", *args]) == 0
    document: dict[str, Any] = json.loads(capsys.readouterr().out)
    return document


def test_the_gate_and_the_cost_are_those_of_the_suite_and_the_run(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write_suite(folder, 40)
    run = write(folder / "run.jsonl", *trials(40), *trials(40, strategy="free"))

    document = told(capsys, run, "--margin=0.02")

    (one,) = document["strategies"]
    assert (one["strategy"], one["cases"], one["margin"], one["discordance_from"]) == ("one", 40, 0.1, "assumption")
    assert one["discordance"] == pytest.approx(0.10)
    assert [needed["margin"] for needed in one["needed"]] == [0.1, 0.02]
    assert one["needed"][0]["cases_usd"] == pytest.approx(0.002 * one["needed"][0]["cases"])
    assert document["notes"] == ["bench_mail.yaml::free is not gated: left out"]


def test_a_person_gets_a_table_with_its_words_explained(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_suite(folder, 40)
    assert main(["aa", "--rounds=20", write(folder / "run.jsonl", *trials(40))]) == 0
    out = capsys.readouterr().out
    assert "cannot tell" in out
    assert " one            1  assumed" in out
    assert "of 20 simulated runs" in out


def test_repeats_and_groups_and_quarantine_are_respected(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_suite(folder, 24)
    suite = yaml.safe_load((folder / "bench_mail.yaml").read_text("utf-8"))
    for place, case in enumerate(suite["cases"]):
        case["group"] = f"g{place % 8}"
    suite["cases"][0]["quarantine"] = "ambiguous"
    (folder / "bench_mail.yaml").write_text(yaml.safe_dump(suite), "utf-8")

    (one,) = told(capsys, write(folder / "run.jsonl", *trials(24, (1.0, 1.0, 0.0))))["strategies"]

    assert (one["cases"], one["groups"], one["trials"], one["discordance_from"]) == (23, 8, 3, "repeats")


def test_an_assumption_that_is_asked_for_wins_over_repeats(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_suite(folder, 24)
    (one,) = told(capsys, write(folder / "run.jsonl", *trials(24, (1.0, 1.0))), "--discordance=0.15")["strategies"]
    assert (one["discordance_from"], one["discordance"]) == ("assumption", pytest.approx(0.15))


def test_shards_are_joined_and_a_part_is_called_one(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_suite(folder, 40)
    every = trials(40)
    first, second = write(folder / "1.jsonl", *every[:25]), write(folder / "2.jsonl", *every[25:])

    assert told(capsys, first, second)["strategies"][0]["cases"] == 40
    part = told(capsys, first)
    assert part["strategies"][0]["cases"] == 25
    assert part["notes"] == ["bench_mail.yaml::one: only 25 of the suite's 40 cases are in this run"]


def test_tests_in_python_have_the_usual_gate(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run = write(folder / "run.jsonl", *trials(30, suite="test_mail.py::test_topic"))
    (one,) = told(capsys, run)["strategies"]
    assert (one["suite"], one["margin"]) == ("test_mail.py::test_topic", 0.05)


def test_cases_without_an_answer_are_missing_and_not_wrong(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_suite(folder, 40)
    whole = trials(40)
    lost = [dataclasses.replace(one, score=None, correct=None, error="time-out", calls=()) for one in whole[:10]]
    (one,) = told(capsys, write(folder / "run.jsonl", *lost, *whole[10:]))["strategies"]
    assert one["cases"] == 30
    assert one["needed"][0]["cases_usd"] == pytest.approx(0.002 * one["needed"][0]["cases"])


def test_a_run_with_nothing_to_ask_after_is_refused_with_the_reason(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write_suite(folder, 1)
    assert main(["aa", write(folder / "run.jsonl", *trials(1))]) == 2
    assert "bench_mail.yaml::one has 1 answered case, and 2 are the fewest" in capsys.readouterr().err


def test_a_suite_that_is_gone_is_named(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["aa", write(folder / "run.jsonl", *trials(9))]) == 2
    assert "bench_mail.yaml of the run is not below" in capsys.readouterr().err


@pytest.mark.parametrize("wrong", ["--margin=0", "--margin=1", "--margin=2%", "--discordance=nan", "--rounds=0"])
def test_shares_and_numbers_that_cannot_be_are_refused(wrong: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["aa", "run.jsonl", wrong])
    assert f"'{wrong.partition('=')[2]}': a " in capsys.readouterr().err
