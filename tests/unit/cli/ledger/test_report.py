"""`llmcost ledger report`, as it is typed; its figures against plain Python over the same calls."""

from __future__ import annotations

import csv
import io
import json
import random
from collections import defaultdict
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from fakes.postgres import needs_postgres, running_postgres

from pytest_llmcost.cli import main
from pytest_llmcost.costs.ledger.ledger import Ledger
from pytest_llmcost.costs.ledger.records import CallRecord

BERLIN = ZoneInfo("Europe/Berlin")
BY = ["day", "model", "task", "test"]
SPRING = ["--since", "2026-03-25", "--until", "2026-04-01", "--tz", "Europe/Berlin", "--by", ",".join(BY)]


@pytest.fixture(autouse=True)
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "llmcost.toml").write_text("", "utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def logged(*calls: CallRecord, place: str = ".llmcost/ledger.sqlite") -> None:
    with Ledger(place, warn=pytest.fail) as ledger:
        for call in calls:
            ledger.add(call)


def some_calls(count: int) -> list[CallRecord]:
    """Calls of ten days around the change of the clocks, with all that can be unknown."""
    dice = random.Random(9)
    start = datetime(2026, 3, 24, tzinfo=UTC).timestamp()
    return [
        CallRecord(
            model=dice.choice(["acme/small", "acme/large"]),
            timestamp=start + dice.random() * 10 * 86_400,
            prompt_tokens=prompt,
            cached_tokens=dice.choice([None, 0, 30]) if prompt else None,
            completion_tokens=dice.choice([None, 5, 90]),
            cost_usd=dice.choice([None, 0.001, 0.25]),
            status=dice.choice(["ok", "ok", "time-out"]),
            cached=dice.random() < 0.2,
            step=dice.choice([0, 0, 0, 1, 2]),
            task=dice.choice(["", "mail"]),
            test=dice.choice(["t::a", "t::b"]),
        )
        for prompt in (dice.choice([None, 100, 2000]) for _ in range(count))
    ]


def added_up(calls: list[CallRecord]) -> dict[str, Any]:
    """What a row of the report says of these calls, counted one by one."""
    priced = [call.cost_usd for call in calls if call.cost_usd is not None]
    told = [call for call in calls if None not in (call.prompt_tokens, call.completion_tokens)]
    split = [call for call in calls if call.cached_tokens is not None]
    later, hits = sum(call.step > 0 for call in calls), sum(call.cached for call in calls)
    errors, cached = sum(call.status != "ok" for call in calls), sum(call.cached_tokens or 0 for call in split)
    prompts = sum(call.prompt_tokens or 0 for call in split)
    return {
        "usd": pytest.approx(sum(priced)) if priced else None,
        "unpriced_calls": len(calls) - len(priced),
        "calls": len(calls),
        "prompt_tokens": sum(call.prompt_tokens or 0 for call in calls) if told else None,
        "cached_tokens": cached if prompts else None,
        "completion_tokens": sum(call.completion_tokens or 0 for call in calls) if told else None,
        "untold_calls": len(calls) - len(told),
        "errors": errors,
        "error_rate": errors / len(calls),
        "escalated_calls": later,
        "escalation_rate": later / (len(calls) - later) if later < len(calls) else None,
        "cached_calls": hits,
        "cache_rate": hits / len(calls),
        "prefix_cache_rate": cached / prompts if prompts else None,
    }


def grouped(calls: list[CallRecord]) -> tuple[list[CallRecord], list[dict[str, Any]]]:
    """The calls of the period, and the rows that a report of them has."""
    groups: dict[tuple[str, ...], list[CallRecord]] = defaultdict(list)
    for call in calls:
        day = datetime.fromtimestamp(call.timestamp, BERLIN).date().isoformat()
        if "2026-03-25" <= day <= "2026-04-01":
            groups[day, call.model, call.task, call.test].append(call)
    rows = [{**dict(zip(BY, keys, strict=True)), **added_up(groups[keys])} for keys in sorted(groups)]
    return [call for group in groups.values() for call in group], rows


@pytest.mark.parametrize("count", [60, 600])
def test_every_figure_is_that_of_the_calls_counted_one_by_one(count, capsys):
    calls = some_calls(count)
    logged(*calls)
    inside, rows = grouped(calls)
    assert len(inside) < count
    assert main(["ledger", "report", *SPRING, "--json"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert document["rows"] == rows
    assert document["total"] == added_up(inside)
    assert (document["since"], document["until"]) == ("2026-03-25T00:00:00+01:00", "2026-04-02T00:00:00+02:00")
    assert main(["ledger", "report", *SPRING, "--csv"]) == 0
    for shown, row in zip(csv.DictReader(io.StringIO(capsys.readouterr().out)), rows, strict=True):
        names = {name: shown.pop(name) for name in BY}
        numbers = {name: float(value) if value else None for name, value in shown.items()}
        assert {**names, **numbers} == row


@needs_postgres
def test_postgresql_gives_the_same_figures(capsys):
    calls = some_calls(300)
    with running_postgres() as server:
        logged(*calls, place=server.url)
        assert main(["ledger", "report", *SPRING, "--json", "--ledger", server.url]) == 0
    assert json.loads(capsys.readouterr().out)["rows"] == grouped(calls)[1]


@pytest.mark.parametrize(("day", "hours"), [("2026-03-28", 24), ("2026-03-29", 23), ("2026-10-25", 25)])
def test_a_day_has_the_hours_that_it_has_in_the_users_zone(day, hours, capsys):
    noon = datetime.fromisoformat(f"{day}T12:00+00:00")
    logged(*(CallRecord(model="m", timestamp=(noon + timedelta(hours=n)).timestamp()) for n in range(-36, 36)))
    whole_day = ["--since", day, "--until", day, "--tz", "Europe/Berlin", "--by", "day", "--json"]
    assert main(["ledger", "report", *whole_day]) == 0
    (row,) = json.loads(capsys.readouterr().out)["rows"]
    assert (row["day"], row["calls"]) == (day, hours)


def test_a_table_ends_with_the_whole_and_with_what_is_in_no_sum(capsys):
    now = datetime.now(UTC).timestamp() - 1
    names = {"timestamp": now, "prompt_tokens": 2000, "completion_tokens": 10}
    logged(
        CallRecord(model="acme/small", cost_usd=0.004, cached_tokens=500, task="mail\x1b[31m", **names),
        CallRecord(model="acme/small", cost_usd=0.001, cached=True, task="mail\x1b[31m", **names),
        CallRecord(model="acme/large", step=1, timestamp=now, status="time-out"),
    )
    assert main(["ledger", "report", "--by", "task,model", "--since", "1h", "--tz", "UTC"]) == 0
    first, *said = capsys.readouterr().out.splitlines()
    assert first.endswith(", UTC")
    assert [line.split() for line in said[2:5]] == [
        ["(none)", "acme/large", "unknown", "1", "1", "unknown", "unknown", "100.0%", "-", "0.0%", "-"],
        ["mail\\u001b[31m", "acme/small", "0.0050", "0", "2", "4,000", "20", "0.0%", "0.0%", "50.0%", "25.0%"],
        ["in", "all", "0.0050", "1", "3", "4,000", "20", "33.3%", "50.0%", "33.3%", "25.0%"],
    ]
    assert said[5:] == [
        "1 call without a known cost: in no amount of USD",
        "1 call without known tokens, or with some of them: in the sums is what is known",
    ]


FORMULAS = ["=HYPERLINK(1)", "+1", "-1", "@SUM(1)", "\t=1", "\r=1", "\uff1d1", " =1"]


def test_no_name_is_a_formula_to_a_spreadsheet(capsys):
    now = datetime.now(UTC).timestamp() - 1
    harmless = ["", "mail", 'a "quoted", name', "two\nlines", "a;=1"]
    logged(*(CallRecord(model="m", timestamp=now, task=task) for task in [*FORMULAS, *harmless]))
    assert main(["ledger", "report", "--by", "task", "--csv"]) == 0
    written = capsys.readouterr().out
    shown = {row["task"] for row in csv.DictReader(io.StringIO(written))}
    assert shown == {
        *("'=HYPERLINK(1)", "'+1", "'-1", "'@SUM(1)", "'\\t=1", "'\\r=1", "'\uff1d1", "' =1"),
        *("", "mail", 'a "quoted", name', "two\\nlines", "a;=1"),
    }
    assert '"a;=1"' in written  # quoted: no cell of its own where semicolons separate


def test_a_period_without_calls_has_none_and_costs_nothing(capsys):
    logged(CallRecord(model="m", timestamp=0.0))
    assert main(["ledger", "report"]) == 0
    assert capsys.readouterr().out.endswith("\nno calls\n")
    assert main(["ledger", "report", "--json"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert (document["rows"], document["total"]["usd"], document["total"]["error_rate"]) == ([], 0.0, None)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--by", "day,colour"], "--by 'colour': calls have no such name, but day, run, test,"),
        (["--by", "day,model,day"], "--by day,model,day has a name twice"),
        (["--since", "yesterday"], "--since 'yesterday' names no time"),
        (["--tz", "Europe/Atlantis"], "there is no time zone 'Europe/Atlantis'"),
        (["--ledger", "no.sqlite"], "no.sqlite: there is no ledger yet"),
        (["--ledger", "sqlite:///no.sqlite"], "no.sqlite: there is no ledger yet"),
        ([], "ledger.sqlite: there is no ledger yet"),
    ],
)
def test_a_wrong_command_says_what_would_be_right_and_makes_no_ledger(project, options, said, capsys):
    assert main(["ledger", "report", *options]) == 2
    assert said in capsys.readouterr().err
    assert [path.name for path in project.iterdir()] == ["llmcost.toml"]


def test_a_ledger_that_is_off_is_told(project, capsys):
    (project / "llmcost.toml").write_text('ledger = ""\n', "utf-8")
    assert main(["ledger", "report"]) == 2
    assert "the ledger is off" in capsys.readouterr().err
