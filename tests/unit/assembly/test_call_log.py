"""The ledger is told who asked whom and what it took, and never what was said."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from fakes.complete import MODEL, completion, failure, request
from fakes.prices import FixedPrices

from pytest_llmcost.assembly.call_log import Log, asked_by
from pytest_llmcost.costs.ledger.records import CallRecord
from pytest_llmcost.domain.errors import BudgetReached


class Records(list[CallRecord]):
    """Satisfies `Sink`."""

    def add(self, record: CallRecord) -> None:
        self.append(record)

    def close(self) -> None: ...


@pytest.fixture
def records() -> Records:
    return Records()


@pytest.fixture
def log(records: Records) -> Log:
    return Log(records, {"cheap": "low", "low": MODEL, "same": MODEL}, FixedPrices(), "run-1")


def test_an_answered_call_is_logged_with_what_was_paid(log: Log, records: Records) -> None:
    asked = request("a secret", about="bench.yaml::one::reset#2", step=1)
    log.answered(asked, completion("an answer", call_id="id", paid_usd=Decimal("0.25"), attempts=3))
    (record,) = records
    assert (record.call_id, record.run, record.tier, record.model) == ("id", "run-1", "cheap", MODEL)
    assert (record.suite, record.strategy, record.test) == ("bench.yaml", "one", "bench.yaml::one::reset")
    assert (record.prompt_tokens, record.completion_tokens, record.cost_usd) == (10, 2, 0.25)
    assert (record.attempts, record.step, record.status) == (3, 1, "ok")
    assert not {"a secret", "an answer"} & set(map(str, record.entry()[1].values()))


@pytest.mark.parametrize(
    ("error", "status", "usd"),
    [
        (failure("time-out", paid_usd=Decimal("0.5"), attempts=2), "time-out", 0.5),
        (BudgetReached("no", budget=Decimal(1), spent=Decimal(1), paid_usd=Decimal("0.1")), "budget reached", 0.1),
    ],
)
def test_a_failed_call_has_no_tokens_and_what_was_charged(
    log: Log, records: Records, error: Any, status: str, usd: float
) -> None:
    log.failed("id", request(), error)
    (record,) = records
    assert (record.status, record.cost_usd, record.prompt_tokens) == (status, usd, None)


@pytest.mark.parametrize(
    ("about", "names"),
    [
        ("a/bench.yml::cascade::mid::c1#1", ("a/bench.yml", "cascade", "a/bench.yml::cascade::c1")),
        ("bench.yaml::one::a#b#1", ("bench.yaml", "one", "bench.yaml::one::a#b")),
        ("test_a.py::test_b[1]::2", ("", "", "test_a.py::test_b[1]")),
        ("application", ("", "", "application")),
        ("", ("", "", "")),
    ],
)
def test_who_asked_is_told_apart(about: str, names: tuple[str, str, str]) -> None:
    told = asked_by(about)
    assert (told.get("suite", ""), told.get("strategy", ""), told.get("test", "")) == names
