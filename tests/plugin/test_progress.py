"""Who waits for a model sees how far the run is; pytest's own output stays as it is."""

from __future__ import annotations

import re

import pytest
from fakes.project import CASES, Project, numbered_cases
from fakes.screen import Shown, run_on_terminal
from fakes.stub_server import answer, error, in_turn

from pytest_llmcost.plugin import progress, progress_views
from pytest_llmcost.reports.progress import Standing

OURS = r"\x1bD\x1b\[A\x1b7\x1bD\r[^\x1b]*\x1b\[K\x1b8|\x1b\[J"
"""The line as it is drawn, and as it is erased."""
TOLD = r"asking \d+/12 calls(, \d in flight)?, \$\S+ of \$1\.00(, \d:\d\d left)?"
LINE = r"\b\d+/1[234]\b"

PRINTING = """
def test_before(llm):
    print("one")
    llm.complete("order", model="ours")
    print("two, ", end="")
    llm.complete("refund", model="ours")
    print("three")
"""


@pytest.fixture
def slow(project: Project) -> Project:
    """Twelve cases, four at a time, a third of a second each."""
    project.configure(concurrency=4)
    project.suite(numbered_cases(12, wrong=1))
    script = answer("shop")
    project.server.play(lambda asked: script(asked).later(0.3))
    return project


def on_terminal(project: Project, *args: str, **options: object) -> Shown:
    command = ("-m", "pytest", "-p", "no:randomly", "--llm-budget", *args)
    return run_on_terminal(project.path, *command, **options)  # type: ignore[arg-type]


# -- on a terminal ---------------------------------------------------------


@pytest.mark.parametrize(
    ("args", "columns", "rows"),
    [((), 80, 24), (("-v",), 70, 6), ((), 20, 9), (("-v",), 20, 9), (("-s", "-vv"), 80, 8), (("-n2",), 80, 24)],
    ids=["dots", "verbose at the bottom", "20 columns", "verbose, 20 columns", "not captured", "xdist"],
)
def test_f16_the_line_stands_below_pytests_own_and_garbles_nothing(
    slow: Project, args: tuple[str, ...], columns: int, rows: int
) -> None:
    slow.write("test_first.py", PRINTING)
    shown = on_terminal(slow, *args, columns=columns, rows=rows, NO_COLOR="1")
    assert shown.status == 0
    for screen in shown.moments():
        above, below = screen.rows[: screen.row + 1], screen.rows[screen.row + 1 :]
        assert not any(re.search(LINE, row) for row in above)
        assert not any(below[1:])
    assert re.search(OURS, shown.sent)
    assert "asking" not in shown.text()
    assert shown.text() == shown.text(without=OURS)


def test_the_line_tells_calls_flight_money_and_time(slow: Project) -> None:
    lines = re.findall(r"asking [^\x1b]*", on_terminal(slow).sent)
    assert all(re.fullmatch(TOLD, line) for line in lines)
    for part in ("in flight", "left"):
        assert any(part in line for line in lines)


@pytest.mark.parametrize(
    ("args", "env"),
    [(("-q",), {}), ((), {"TERM": "dumb"}), ((), {"CI": "true"})],
    ids=["quiet", "dumb", "CI"],
)
def test_f16_nothing_is_drawn_where_it_is_not_wanted_or_would_be_noise(
    slow: Project, args: tuple[str, ...], env: dict[str, str]
) -> None:
    shown = on_terminal(slow, *args, **env)
    assert shown.status == 0
    assert not re.search(OURS, shown.sent)
    assert "asking" not in shown.sent


def test_nothing_is_drawn_where_every_answer_is_cached(slow: Project) -> None:
    assert slow.run("--llm-budget").ret == 0
    assert not re.search(OURS, on_terminal(slow).sent)


# -- in a log --------------------------------------------------------------


@pytest.fixture
def eager(monkeypatch: pytest.MonkeyPatch) -> None:
    """A log that gets a line whenever somebody waits."""
    monkeypatch.setattr(progress_views, "LOG_SECONDS", 0.0)


@pytest.mark.usefixtures("eager")
def test_a_log_gets_plain_lines_and_the_dots_go_on_behind_their_file(slow: Project) -> None:
    lines = slow.run("--llm-budget").stdout.lines
    told = [line for line in lines if line.startswith("llmcost: asking ")]
    assert told
    assert all(re.fullmatch("llmcost: " + TOLD, line) for line in told)
    results = "".join(line.removeprefix("bench_mail.yaml ") for line in lines if line.startswith("bench_mail.yaml "))
    assert results.partition(" ")[0] == "m" + 11 * "."


@pytest.mark.usefixtures("eager")
def test_a_verbose_log_has_each_case_with_its_result_all_the_same(slow: Project) -> None:
    lines = slow.run("--llm-budget", "-v").stdout.lines
    assert any(line.startswith("llmcost: asking ") for line in lines)
    results = [line for line in lines if re.match(r"bench_mail\.yaml::one::c\d+ (PASSED|MISSED)", line)]
    assert len(results) == 12


def test_a_short_run_leaves_no_line_in_a_log(slow: Project) -> None:
    slow.run("--llm-budget").stdout.no_fnmatch_line("*asking*")


@pytest.mark.usefixtures("eager")
def test_a_quiet_log_stays_quiet(slow: Project) -> None:
    slow.run("--llm-budget", "-q").stdout.no_fnmatch_line("*asking*")


@pytest.mark.usefixtures("eager")
def test_calls_of_tests_in_python_count_as_they_come(slow: Project) -> None:
    slow.write("test_first.py", PRINTING)
    script = answer("shop")
    slow.server.play(lambda asked: script(asked).later(0.7))
    slow.run("--llm-budget", "test_first.py").stdout.fnmatch_lines(["*asking 0/1 calls*", "*asking 1/2 calls*"])


@pytest.mark.usefixtures("eager")
def test_under_xdist_the_controller_tells_finished_tests_and_the_runs_money(slow: Project) -> None:
    lines = slow.run("--llm-budget", "-n2").stdout.lines
    told = [line for line in lines if "asking" in line]
    assert re.fullmatch(r"llmcost: asking 1/12 tests, \$0\.000\d+ of \$1\.00", told[0])
    assert re.fullmatch(r"llmcost: asking 11/12 tests, \$0\.000\d+ of \$1\.00, \d:\d\d left", told[-1])
    slow.run("--llm-budget", "-n2").stdout.no_fnmatch_line("*asking*")  # all is cached now


@pytest.mark.usefixtures("eager")
def test_nothing_is_told_where_every_answer_is_cached(slow: Project) -> None:
    slow.run("--llm-budget")
    slow.run("--llm-budget").stdout.no_fnmatch_line("*asking*")


class Gone:
    """A view on a terminal that was closed."""

    every_seconds = 0.0
    is_shown = False
    told = 0

    def show(self, standing: Standing) -> None:
        self.told += 1
        raise BrokenPipeError

    def erase(self) -> None:
        raise BrokenPipeError

    def close(self) -> None:
        raise ValueError("I/O operation on closed file")


def test_f16_a_terminal_that_goes_away_changes_no_verdict(slow: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    gone = Gone()
    monkeypatch.setattr(progress, "view_of", lambda _: gone)
    result = slow.run("--llm-budget")
    assert result.ret == 0
    result.stdout.fnmatch_lines(["*12 passed, 1 missed, 1 new*"])
    assert gone.told == 1


# -- at the end ------------------------------------------------------------


@pytest.mark.parametrize(("args", "lines"), [((), 0), (("-v",), 1), (("-vv",), 2)], ids=["plain", "v", "vv"])
def test_v_tells_how_long_calls_took_and_vv_what_failed_on_the_way(
    project: Project, args: tuple[str, ...], lines: int
) -> None:
    project.suite(CASES[:1])
    project.server.play(in_turn(error(429, Retry_After="0"), answer("shop")))
    told = [
        line
        for line in project.run("--llm-budget", *args).stdout.lines
        if re.match(
            r"asked: 1 calls, 0\.\d\d s on average, 0\.\d\d s at most; 1 of them after a failed attempt$|"
            r"attempts that failed: 1 x rate limit$",
            line,
        )
    ]
    assert len(told) == lines
