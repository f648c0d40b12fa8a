"""What a run as a whole comes to: Passed, Failed or Cannot tell, and why."""

from __future__ import annotations

from typing import Any

import pytest
from fakes.reports import report
from fakes.rows import row, verdict

from pytest_llmcost.domain.gate import Outcome
from pytest_llmcost.reports.report import conclude
from pytest_llmcost.reports.summary import StrategySummary

PASS, FAIL, INCONCLUSIVE, NEW = Outcome.PASS, Outcome.FAIL, Outcome.INCONCLUSIVE, Outcome.NEW


def of(*outcomes: Outcome) -> list[StrategySummary]:
    return [row(verdict("quality", outcome), verdict("errors")) for outcome in outcomes]


NOT_GATED = row(outcome=None, is_gated=False)


@pytest.mark.parametrize(
    ("rows", "beside", "title"),
    [
        (of(PASS), {}, "Passed: the one strategy passes"),
        (of(PASS, PASS), {}, "Passed: 2 of 2 strategies pass"),
        (of(PASS, NEW), {}, "Passed: 1 of 2 strategies passes, 1 without a baseline"),
        ([*of(PASS), NOT_GATED], {}, "Passed: the one strategy passes"),
        (of(FAIL), {}, "Failed: the one strategy fails (quality)"),
        (of(FAIL, INCONCLUSIVE, PASS), {}, "Failed: 1 of 3 strategies fails (quality)"),
        (of(PASS), {"failed_tests": 2}, "Failed: 2 tests failed"),
        (
            of(FAIL),
            {"failed_tests": 1, "faults": 1},
            "Failed: the one strategy fails (quality); 1 test failed; 1 fault",
        ),
        (of(PASS), {"faults": 2, "unjudged": "a part"}, "Failed: 2 faults"),
        (of(INCONCLUSIVE, PASS), {}, "Cannot tell: 1 of 2 strategies is inconclusive (quality)"),
        (of(INCONCLUSIVE), {"inconclusive_fails": True}, "Failed: the one strategy fails (quality)"),
        (of(NEW, NEW), {}, "Cannot tell: no baseline to compare with"),
        (of(PASS, PASS), {"pooled": [verdict("quality", FAIL)]}, "Failed: all suites together fail"),
        (
            of(PASS, PASS),
            {"pooled": [verdict("quality", INCONCLUSIVE)]},
            "Cannot tell: all suites together are inconclusive",
        ),
        (of(PASS, PASS), {"pooled": [verdict("quality", FAIL, counts=False)]}, "Passed: 2 of 2 strategies pass"),
        ([], {}, "Cannot tell: nothing was judged"),
        ([NOT_GATED], {}, "Cannot tell: nothing was judged"),
        ([row(outcome=None)], {"unjudged": "shard 1/3 is a part"}, "Cannot tell: no verdict: shard 1/3 is a part"),
    ],
)
def test_the_title_says_what_decided(rows: list[StrategySummary], beside: dict[str, Any], title: str) -> None:
    outcome, why = conclude(rows, **beside)

    assert report(*rows, outcome=outcome, why=why).title == title
