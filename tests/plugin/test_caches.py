"""`cache`, `recordings`, `redact`: where answers are kept, and what they spare a run."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from xml.etree import ElementTree

import pytest
from fakes.project import Project, numbered_cases
from fakes.redis_server import needs_redis, running_redis

from pytest_llmcost.cli import main

CANARY = "hidden-pw-4711"


def test_recordings_of_a_run_replay_elsewhere_without_cache_network_or_key(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    project.configure(recordings="recorded")
    project.suite()
    first = project.run("--llm-budget", "-n0")
    first.stdout.fnmatch_lines(["*there is no such folder*"])
    assert "avoided" not in first.stdout.str()
    (run,) = (project.path / ".llmcost/runs").glob("*.jsonl")
    monkeypatch.chdir(project.path)
    assert main(["cache", "export", "--to", "recorded", "--run", str(run)]) == 0
    (run_lines,) = project.runs()
    shutil.rmtree(project.path / ".llmcost")
    monkeypatch.delenv("OUR_KEY")
    project.server.requests.clear()

    again = project.run("--llm-budget", "--llm-mode=replay", "-v", "--junitxml=report.xml", "--llm-report=report.json")

    assert again.ret == 0
    assert not project.server.requests
    again.stdout.fnmatch_lines(
        [
            "spent $0 of *; 4 calls, 4 of them from the cache*",
            "avoided 4 calls and $*: recordings 4 ($*)",
            "  bench_mail.yaml::one: 4 calls, 4 hits (100%), 0 misses, $* saved",
        ]
    )
    before, after = (
        [(line["case"], line["score"], line["usd"], line["seconds"], line["answer_sha256"]) for line in lines[1:]]
        for lines in (run_lines, project.runs()[-1])
    )
    assert before == after
    assert {call["origin"] for line in project.runs()[-1][1:] for call in line["calls"]} == {"recordings"}
    shown = ElementTree.parse(project.path / "report.xml").iter("property")
    assert [p.get("value") for p in shown if p.get("name") == "cached_calls"] == ["1"] * 4
    assert '"by": "recordings"' in (project.path / "report.json").read_text()

    project.suite(prompt="Whose is it?\n{{ text }}")
    changed = project.run("--llm-budget", "--llm-mode=replay")
    changed.stdout.fnmatch_lines(["*no recording*changed since it was recorded: messages*"])


@needs_redis
def test_machines_share_answers_through_redis_and_go_on_when_it_is_away(
    project: Project, tmp_path_factory: pytest.TempPathFactory
) -> None:
    project.suite()
    with running_redis(tmp_path_factory.mktemp("redis")) as redis:
        project.configure(cache=[".llmcost/cache", redis.url])
        project.run("--llm-budget", "-n2").assert_outcomes(passed=4)
        shutil.rmtree(project.path / ".llmcost")  # another machine
        project.run("--llm-budget").stdout.fnmatch_lines(["avoided 4 calls and $*: shared cache 4 ($*)"])
        redis.stop()
        project.run("--llm-budget").stdout.fnmatch_lines(["avoided 4 calls and $*: local cache 4 ($*)"])
        assert len(project.server.requests) == 4

        # Redis alone, and away: what is paid for is kept on this machine, and found there by the next run.
        shutil.rmtree(project.path / ".llmcost")
        project.configure(cache=redis.url.replace("//", f"//:{CANARY}@"))
        for avoided in ([], ["avoided 4 calls and $*: local cache 4 ($*)"]):
            result = project.run("--llm-budget")
            result.stdout.fnmatch_lines([*avoided, f"*the shared cache redis 127.0.0.1:{redis.port} cannot be used*"])
            assert CANARY not in result.stdout.str()
        assert len(project.server.requests) == 8


def test_a_folder_with_a_bound_is_thinned_after_the_run_and_keeps_what_the_run_used(project: Project) -> None:
    project.configure(cache_max_mb=0.1)
    project.suite(numbered_cases(150))
    project.run("--llm-budget", "-q")
    project.suite(numbered_cases(300)[150:])
    result = project.run("--llm-budget", "-n2")
    result.stdout.fnmatch_lines(["cache .llmcost/cache: * entries not used lately were dropped, to stay below 0.1 MB"])
    project.server.requests.clear()
    project.run("--llm-budget", "-q")
    assert not project.server.requests
    with closing(sqlite3.connect(project.path / ".llmcost/cache/cache.db")) as con:
        (kept,) = con.execute("SELECT count(*) FROM Cache WHERE length(key) = 64").fetchone()
    assert 150 <= kept < 300


def test_what_is_to_be_redacted_is_neither_scored_nor_stored(project: Project) -> None:
    project.configure(redact=["sh[o]p"], keep_text=True)
    project.suite(parse="text", scorer="exact")
    project.run("--llm-budget", "--llm-report=report.json")
    again = project.run("--llm-budget")
    again.stdout.fnmatch_lines(["avoided 4 calls and *"])
    for run in project.runs():
        assert {line["case"]: line["got"] for line in run[1:]} == {
            "late": "[redacted]",
            "refund": "[redacted]",
            "rain": "other",
            "books": "[redacted]",
        }
    database = (project.path / ".llmcost/cache/cache.db").read_bytes()
    assert b"[redacted]" in database
    assert b'"text":"shop"' not in database
