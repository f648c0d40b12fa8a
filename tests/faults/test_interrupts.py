"""A run that is cut short ends promptly and in order, and what it paid for is not asked again."""

from __future__ import annotations

import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from fakes.project import Project, numbered_cases
from fakes.stub_server import Asked, Reply, answer, error

N = 40
CONCURRENCY = 4
GOOD = answer("shop")


@pytest.fixture
def slow(project: Project) -> Project:
    """A project of 40 cases, 4 asked at once, each answered after a tenth of a second."""
    project.configure(concurrency=CONCURRENCY)
    project.suite(numbered_cases(N))
    project.server.play(lambda asked: GOOD(asked).later(0.1))
    return project


@pytest.fixture
def scratch(project: Project, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the runs of this test keep what is theirs for their time only."""
    folder = project.path / "scratch"
    folder.mkdir()
    monkeypatch.setenv("TMPDIR", str(folder))
    return folder


def start(project: Project, *args: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-X", "dev", "-m", "pytest", "-p", "no:randomly", "--llm-budget", *args]
    return subprocess.Popen(
        command, cwd=project.path, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, start_new_session=True
    )


def wait_for(is_true: Callable[[], object], seconds: float = 60) -> None:
    end = time.monotonic() + seconds
    while not is_true():
        assert time.monotonic() < end, "the run did not come so far"
        time.sleep(0.01)


def cut_short(project: Project, how: signal.Signals, after: int, *args: str) -> tuple[int, str]:
    """Start a run, send it a signal when the server was asked so often; return its status and what it said."""
    run = start(project, *args)
    wait_for(lambda: len(project.server.requests) >= after)
    run.send_signal(how)
    output, _ = run.communicate(timeout=60)
    return run.returncode, output


def assert_resumed(project: Project, in_flight: int = CONCURRENCY) -> None:
    """Run again: all that was answered is there, at most what was under way is asked a second time."""
    asked = len(project.server.requests)
    assert asked < N
    project.server.play(GOOD)
    result = project.run("--llm-budget")
    assert result.ret == 0
    asked_again = len(project.server.requests) - (N - asked)
    assert 0 <= asked_again <= in_flight
    assert_reuse_is_said(project, result)


def assert_reuse_is_said(project: Project, result: pytest.RunResult) -> None:
    """The summary tells how many answers were there already, and what they would have cost."""
    reused = [line["usd"] for line in project.runs()[-1][1:] if line["calls"][0]["cached"]]
    (line,) = (line for line in result.outlines if "of them from the cache" in line)
    told = re.fullmatch(rf"spent .*; {N} calls, (\d+) of them from the cache(?: \(\$(\S+) not paid again\))?", line)
    assert told is not None
    said, saved = told.groups("0")
    assert int(said) == N - len(project.server.requests) == len(reused)
    assert float(saved) == pytest.approx(sum(reused), rel=0.05)


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM], ids=["ctrl-c", "term"])
def test_e14_an_interrupted_run_ends_in_order_and_is_resumed(slow: Project, scratch: Path, how: signal.Signals) -> None:
    status, output = cut_short(slow, how, 12)
    assert status == pytest.ExitCode.INTERRUPTED
    assert "KeyboardInterrupt" in output
    assert ("SIGTERM" in output) == (how is signal.SIGTERM)
    assert_in_order(slow, output, scratch)
    assert "unfinished" not in slow.runs()[-1][0], "the run file is whole"
    assert "no verdict" in output
    assert_resumed(slow)


def test_g09_a_terminated_run_has_every_case_that_it_reported_in_its_file(slow: Project) -> None:
    status, output = cut_short(slow, signal.SIGTERM, 12, "-v")
    assert status == pytest.ExitCode.INTERRUPTED
    reported = re.findall(r"::(c\d+) PASSED", output)
    assert reported
    assert sorted(line["case"] for line in slow.runs()[-1][1:]) == sorted(reported)


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM], ids=["ctrl-c", "term"])
def test_e14_under_xdist_too(slow: Project, scratch: Path, how: signal.Signals) -> None:
    status, output = cut_short(slow, how, 12, "-n2")
    assert status == pytest.ExitCode.INTERRUPTED
    assert_in_order(slow, output, scratch)
    assert_resumed(slow)


def assert_in_order(project: Project, output: str, scratch: Path) -> None:
    """Nothing warned, and nothing was left behind."""
    for word in ("Warning", "Traceback", "INTERNALERROR", "never retrieved", "was destroyed", "unclosed"):
        assert word not in output
    assert not [path for path in scratch.iterdir() if path.name.startswith("llmcost-")]
    assert not list(project.path.rglob("*.tmp"))


@pytest.mark.parametrize("option", ["-x", "--maxfail=1"])
def test_e14_what_a_stopped_run_does_not_need_is_not_asked(slow: Project, scratch: Path, option: str) -> None:
    def broken_at_six(asked: Asked) -> Reply:
        return error(400) if asked.prompt.endswith(" 6") else GOOD(asked).later(0.1)

    slow.server.play(broken_at_six)
    output, _ = (run := start(slow, option)).communicate(timeout=60)
    assert run.returncode == pytest.ExitCode.TESTS_FAILED
    assert len(slow.server.requests) <= 6 + 2 * CONCURRENCY + 1, "no more than the window that was asked ahead"
    assert "case 'c006' has no answer" in output
    assert_in_order(slow, output, scratch)
    assert_resumed(slow, in_flight=CONCURRENCY + 1)  # and what failed


def test_e14_a_reached_budget_asks_no_more_and_ends(slow: Project, scratch: Path) -> None:
    output, _ = (run := start(slow, "--llm-budget=0.0003")).communicate(timeout=60)
    assert run.returncode == pytest.ExitCode.TESTS_FAILED
    assert "cases were not run: budget reached ($0.0003)" in output
    assert 0 < len(slow.server.requests) < N
    assert_in_order(slow, output, scratch)
    assert_resumed(slow, in_flight=0)


CRASH = """
import os, signal, pathlib, pytest
@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item):
    mark = pathlib.Path("crashed")
    if item.name == "c009" and "PYTEST_XDIST_WORKER" in os.environ and not mark.exists():
        mark.touch()
        os.kill(os.getpid(), signal.SIGKILL)
"""


def test_e14_a_worker_that_crashes_loses_nothing_that_was_paid_for(slow: Project, scratch: Path) -> None:
    slow.write("conftest.py", CRASH)
    output, _ = (run := start(slow, "-n2")).communicate(timeout=60)
    assert run.returncode == pytest.ExitCode.TESTS_FAILED
    assert "crashed while running 'bench_mail.yaml::one::c009'" in output
    assert N - 1 <= len(slow.server.requests) <= N + CONCURRENCY
    assert_in_order(slow, output, scratch)
    slow.server.play(GOOD)
    assert slow.run("--llm-budget").ret == 0
    assert len(slow.server.requests) <= 1


@pytest.mark.parametrize("after", [1, 13, 35])
def test_e15_a_killed_run_is_resumed(slow: Project, after: int) -> None:
    status, _ = cut_short(slow, signal.SIGKILL, after)
    assert status == -signal.SIGKILL
    assert_resumed(slow)
