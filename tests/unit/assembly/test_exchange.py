"""Processes of a run tell each other of trials through one file."""

from __future__ import annotations

import dataclasses
import stat
import threading
from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path

import pytest

from pytest_llmcost.assembly.exchange import Exchange
from pytest_llmcost.domain.trial import Trial

TRIAL = Trial("bench.yaml", "one", "late", 1, "9f", 1.0, True, None, (), Decimal("0.25"), expected=("secret",), got="s")


@pytest.fixture
def open_exchange(tmp_path: Path) -> Iterator[Callable[[], Exchange]]:
    """Opens the same file once more, as another process would."""
    opened: list[Exchange] = []

    def open_one() -> Exchange:
        opened.append(Exchange(tmp_path / "trials.jsonl"))
        return opened[-1]

    yield open_one
    for exchange in opened:
        exchange.close()


def test_all_hear_what_any_tells_once_and_without_its_texts(open_exchange: Callable[[], Exchange]) -> None:
    one, other = open_exchange(), open_exchange()
    one.tell(TRIAL)
    other.tell(dataclasses.replace(TRIAL, case="soon"))
    for exchange in (one, other, open_exchange()):
        assert [(trial.case, trial.paid_usd) for trial in exchange.heard()] == [
            ("late", Decimal("0.25")),
            ("soon", Decimal("0.25")),
        ]
        assert list(exchange.heard()) == []


def test_a_line_that_is_not_yet_whole_is_waited_for(open_exchange: Callable[[], Exchange], tmp_path: Path) -> None:
    exchange, file = open_exchange(), tmp_path / "trials.jsonl"
    exchange.tell(TRIAL)
    line = file.read_bytes()
    file.write_bytes(line[:20])
    assert list(exchange.heard()) == []
    file.write_bytes(line)
    assert [trial.case for trial in exchange.heard()] == ["late"]


def test_what_is_no_trial_is_not_taken_for_one(open_exchange: Callable[[], Exchange], tmp_path: Path) -> None:
    exchange = open_exchange()
    (tmp_path / "trials.jsonl").write_bytes(b"{torn\n")
    with pytest.raises(ValueError, match="Expecting"):
        list(exchange.heard())


def test_lines_of_many_threads_stay_whole(open_exchange: Callable[[], Exchange]) -> None:
    exchanges = [open_exchange() for _ in range(4)]
    told = [
        threading.Thread(
            target=lambda exchange=exchange, name=name: [
                exchange.tell(dataclasses.replace(TRIAL, case=f"{name}-{n}" * 50)) for n in range(50)
            ]
        )
        for name, exchange in enumerate(exchanges)
    ]
    for thread in told:
        thread.start()
    for thread in told:
        thread.join()
    assert len({trial.case for trial in exchanges[0].heard()}) == 200


def test_nobody_else_may_read_it(open_exchange: Callable[[], Exchange], tmp_path: Path) -> None:
    open_exchange()
    assert stat.S_IMODE((tmp_path / "trials.jsonl").stat().st_mode) == 0o600
