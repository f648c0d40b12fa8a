"""A run's live calls are in the ledger: each once, by whichever process, and replays are not."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Any

from fakes.project import Project

from pytest_llmcost import Ledger
from pytest_llmcost import Project as Application
from pytest_llmcost.assembly.applications import Router

PYTHON = """
def test_in_python(llm):
    reply = llm.complete("My order", model="cheap", max_tokens=8)
    assert len(reply.call_id) == 28
"""


def calls(file: Path) -> list[dict[str, Any]]:
    connection = sqlite3.connect(file)
    connection.row_factory = sqlite3.Row
    try:
        return [dict(row) for row in connection.execute("SELECT * FROM api_calls ORDER BY test, call_id")]
    finally:
        connection.close()


def configured(project: Project, **settings: Any) -> Path:
    project.configure(**settings)
    file = project.path / "llmcost.toml"
    file.write_text(file.read_text() + '[tiers]\ncheap = "ours"\n')
    return project.path / ".llmcost" / "ledger.sqlite"


def test_a_run_logs_its_live_calls_and_no_replay_and_no_prompt(project: Project) -> None:
    ledger = configured(project)
    project.suite(strategies={"one": {"model": "cheap"}})
    project.write("test_python.py", PYTHON)
    project.run_apart("--llm-budget", "-n2").assert_outcomes(passed=5)
    first = calls(ledger)
    project.run("--llm-budget")
    assert calls(ledger) == first
    assert len(first) == 5
    assert {row["suite"] for row in first} == {"bench_mail.yaml", ""}
    assert [row["test"] for row in first][:2] == ["bench_mail.yaml::one::books", "bench_mail.yaml::one::late"]
    assert {row["tier"] for row in first} == {"cheap"}
    assert len({row["run"] for row in first}) == 1
    assert all(row["cost_usd"] > 0 and row["status"] == "ok" for row in first)
    paid = sum(float(trial["paid_usd"]) for trial in project.runs()[0][1:])
    assert abs(sum(row["cost_usd"] for row in first) - paid) < 1e-9
    assert b"My order is late" not in ledger.read_bytes()
    assert not list(ledger.with_name("ledger.sqlite.spool").iterdir())


def test_escalations_of_a_cascade_can_be_told(project: Project) -> None:
    ledger = configured(project)
    project.suite(
        strategies={"cascade": {"cascade": [{"use": "ours", "accept": 1.0, "confidence": "logprob"}, {"use": "ours"}]}},
    )
    project.run("--llm-budget")
    assert {row["step"] for row in calls(ledger)} == {0, 1}


def test_where_the_ledger_cannot_be_used_the_run_says_so_and_its_records_wait(project: Project) -> None:
    file = configured(project, ledger="costs/l.sqlite").parent.parent / "costs" / "l.sqlite"
    Ledger(file).close()
    with sqlite3.connect(file) as connection:
        connection.execute("UPDATE ledger_version SET version = 99")
    connection.close()
    project.suite()
    result = project.run("--llm-budget")
    assert result.ret == 0
    result.stdout.fnmatch_lines(["*ledger is of version 99*"])
    with sqlite3.connect(file) as connection:
        connection.execute("UPDATE ledger_version SET version = 1")
    connection.close()
    project.run("--llm-budget", "--llm-mode=replay")
    assert len(calls(file)) == 4


def test_an_applications_answer_has_the_id_that_its_outcome_is_reported_by(project: Project) -> None:
    file = configured(project)
    asking = Application(project.path)
    try:
        reply = Router({"mail": "cheap"}, by="task", project=asking).complete("My order", task="mail", max_tokens=8)
    finally:
        asking.close()
    with Ledger(file) as ledger:
        ledger.outcome(reply.call_id, True)
    (row,) = calls(file)
    assert (row["call_id"], row["tier"]) == (reply.call_id, "cheap")
