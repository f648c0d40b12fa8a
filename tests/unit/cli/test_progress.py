"""How far a download is, on a terminal and in a log."""

from __future__ import annotations

import io

from pytest_llmcost.cli.progress import ProgressLine, megabytes


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_a_log_gets_a_line_a_tenth_at_most() -> None:
    log = io.StringIO()

    with ProgressLine("tiny", log) as line:
        for done in range(0, 1001):
            line.show(done * 1000, 1_000_000)

    assert len(log.getvalue().splitlines()) == 11
    assert log.getvalue().splitlines()[5] == "tiny: 50 % of 1.0 MB"


def test_a_terminal_gets_one_line_that_is_rewritten_and_cleared() -> None:
    terminal = Terminal()

    with ProgressLine("tiny", terminal) as line:
        line.show(500_000, 1_000_000)

    assert terminal.getvalue() == f"\rtiny [{'#' * 15:30}]  50 % of 1.0 MB\x1b[K\r\x1b[K"


def test_an_empty_file_is_all_there() -> None:
    log = io.StringIO()

    ProgressLine("tiny", log).show(0, 0)

    assert log.getvalue() == "tiny: 100 % of 0.0 MB\n"


def test_bytes_are_written_as_people_read_them() -> None:
    assert megabytes(98_362_432) == "98.4 MB"
