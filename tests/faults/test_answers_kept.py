"""What was paid for is kept, what was not answered is not: whatever the cache meets, in runs as a user starts them."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from fakes.project import CASES, Project
from fakes.stub_server import Reply, Script, answer, as_json, error, html

GOOD = answer("shop")
N = 2


@pytest.fixture
def paid(project: Project) -> Project:
    """A project whose two answers are in the cache, in the database itself."""
    project.suite(CASES[:N])
    project.server.play(GOOD)
    assert project.run("--llm-budget").ret == 0
    with closing(sqlite3.connect(project.path / ".llmcost/cache/cache.db")) as con:
        con.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return project


def asked_by(project: Project, *args: str) -> int:
    """Run, which must end well, and return how often the model was asked."""
    project.server.play(project.server.script)
    result = project.run("--llm-budget", *args)
    assert result.ret == 0, result.stdout.str()
    return len(project.server.requests)


def newer(path: Path) -> None:
    """Make it as some later version of diskcache might."""
    with closing(sqlite3.connect(path)) as con:
        con.execute("ALTER TABLE Cache ADD COLUMN compressed INTEGER DEFAULT 0")


SPOILT: dict[str, Callable[[Path], Any]] = {
    "overwritten": lambda path: path.write_bytes(b"\xff" * 4096 + path.read_bytes()[4096:]),
    "truncated": lambda path: os.truncate(path, path.stat().st_size // 2),
    "empty": lambda path: os.truncate(path, 0),
    "newer": newer,
}


@pytest.mark.parametrize(
    ("spoil", "workers"),
    [*((spoil, ()) for spoil in SPOILT.values()), (newer, ("-n2",))],
    ids=[*SPOILT, "newer, two workers"],
)
def test_f03_a_database_that_cannot_be_used_is_set_aside_said_and_the_run_goes_on(
    paid: Project, spoil: Callable[[Path], Any], workers: tuple[str, ...]
) -> None:
    database = paid.path / ".llmcost/cache/cache.db"
    spoil(database)
    before = database.read_bytes()
    paid.server.play(GOOD)

    result = paid.run("--llm-budget", *workers)

    assert (result.ret, len(paid.server.requests)) == (0, N)
    assert result.stdout.str().count("is set aside as cache.db.aside-1") == 1
    assert database.with_name("cache.db.aside-1").read_bytes() == before, "what was paid for is not deleted"
    assert not database.with_name("cache.db.aside-2").exists()
    assert asked_by(paid) == 0


NOT_ANSWERED: dict[str, Reply | Script] = {
    "400": error(400),
    "500": error(500),
    "broken": html(),
    "no choices": as_json({"id": "x", "model": "gpt-4o-mini", "choices": []}),
    "no text": answer(None),
    "filtered": answer("sho", finish_reason="content_filter"),
}


@pytest.mark.parametrize("reply", NOT_ANSWERED.values(), ids=NOT_ANSWERED)
def test_f14_what_is_no_answer_is_asked_again_by_the_next_run(project: Project, reply: Reply | Script) -> None:
    project.configure(attempts=1)
    project.suite(CASES[:1])
    project.server.play(reply)
    assert project.run("--llm-budget").ret == pytest.ExitCode.TESTS_FAILED
    assert len(project.server.requests) == 1

    project.server.play(GOOD)
    assert asked_by(project) == 1
    assert asked_by(project, "--llm-mode=replay") == 0


def test_f14_an_answer_that_ended_by_its_length_was_paid_for_and_stays_flagged(project: Project) -> None:
    project.suite(CASES[:1])
    project.server.play(answer("shop", finish_reason="length"))
    for _ in range(2):
        project.run("--llm-budget").stdout.fnmatch_lines(["*1 answer: length*"])
    assert len(project.server.requests) == 1
    assert project.runs()[-1][1]["flags"] == ["length"]


def test_f12_two_first_runs_at_once_of_one_project_both_work(paid: Project) -> None:
    """As two terminals, or two jobs in one checkout, start them: one cache, one folder of runs."""
    shutil.rmtree(paid.path / ".llmcost")
    command = [sys.executable, "-m", "pytest", "-p", "no:randomly", "-p", "no:cacheprovider", "--llm-budget"]
    both = [
        subprocess.Popen(command, cwd=paid.path, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        for _ in range(2)
    ]
    outputs = [run.communicate(timeout=60)[0] for run in both]
    assert [run.returncode for run in both] == [0, 0], outputs
    notes = [line for output in outputs for line in output.splitlines() if line.startswith("note:")]
    assert [note for note in notes if "no drop below" not in note] == []  # (two cases prove little)
    assert len(paid.runs()) == 2
    assert asked_by(paid, "--llm-mode=replay") == 0


IN_THE_WAY = {
    "cache": (".llmcost/cache", "Nothing is cached in this run", 0),
    "runs": (".llmcost/runs", "the run file * cannot be written", 1),
    "all of ours": (".llmcost", "the run file * cannot be written", 1),
    "baselines": ("llm_baselines", "the baseline cannot be read", 1),
}


@pytest.mark.parametrize(("path", "said", "status"), IN_THE_WAY.values(), ids=IN_THE_WAY)
def test_f02_a_file_where_a_folder_is_needed_is_said_and_the_rest_goes_on(
    project: Project, path: str, said: str, status: int
) -> None:
    project.suite(CASES[:N])
    project.server.play(GOOD)
    project.write(path, "mine")

    result = project.run("--llm-budget", "--llm-update-baseline")

    assert result.ret == status
    result.stdout.fnmatch_lines([f"*{said}*"])
    result.stdout.fnmatch_lines([f"*; {N} calls, 0 of them from the cache"])
    assert (project.path / path).read_text() == "mine"


@pytest.mark.parametrize("kind", ["folder", "pipe", "device"])
def test_f02_a_run_file_that_is_no_file_is_refused_and_stays_what_it_is(project: Project, kind: str) -> None:
    project.suite(CASES[:N])
    path = project.path / "run.jsonl"
    if kind == "device":
        path.symlink_to(os.devnull)
    else:
        (os.mkdir if kind == "folder" else os.mkfifo)(path)
    before = os.stat(path)

    result = project.run("--llm-budget", "--llm-run=run.jsonl")

    assert result.ret == pytest.ExitCode.TESTS_FAILED
    result.stdout.fnmatch_lines(["*run.jsonl cannot be written: *is no regular file*"])
    assert os.path.samestat(os.stat(path), before)
