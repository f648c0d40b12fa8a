"""What is told from one run with repeats is what happens to the system itself, asked again and again."""

from __future__ import annotations

from random import Random
from statistics import mean

import pytest
from fakes.evidence import BLANK, graded, record

from pytest_llmcost.domain.gate import Outcome, QualityGate
from pytest_llmcost.gate.quality import judge_quality
from pytest_llmcost.gate.rehearsal import Rehearsal, rates
from pytest_llmcost.gate.unchanged import Unchanged

GATE = QualityGate(fail_on="any_drop")


def test_one_run_tells_how_often_the_next_ones_fail_pass_and_cannot_tell() -> None:
    """90 cases, 2 trials each. Redrawing a case's own trials alone would promise 16 points more of passes."""
    random = Random(8)
    skills = [random.choice((1, 1, 1, 1, 1, 0, 0.5, 0.9)) for _ in range(90)]

    def run() -> list[list[float]]:
        return [[float(random.random() < skill) for _ in range(2)] for skill in skills]

    pairings = [graded(run(), run()) for _ in range(300)]
    truth = rates([judge_quality(BLANK, GATE, [pair.now for pair in one.pairs], one) for one in pairings])
    told = []
    for seed in range(8):
        seen = [record(f"c{place}", *scores) for place, scores in enumerate(run())]
        told.append(rates(Rehearsal(BLANK.suite, BLANK.strategy, GATE, Unchanged(seen, {}, None), seed).judge(40)))

    for outcome in (Outcome.FAIL, Outcome.INCONCLUSIVE, Outcome.PASS):
        assert mean(one[outcome].value for one in told) == pytest.approx(truth[outcome].value, abs=0.07)
    assert truth[Outcome.PASS].value == pytest.approx(0.44, abs=0.05)
