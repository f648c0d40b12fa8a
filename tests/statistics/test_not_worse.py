"""The p of "worse by the margin or more": at most 0.05 just where the gate lets a comparison pass."""

from __future__ import annotations

import pytest
from fakes.evidence import graded, paired
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import norm, ttest_1samp  # noqa: TID253

from pytest_llmcost.gate.evidence import ALPHA, evidence_of
from pytest_llmcost.statistics.not_worse import p_not_worse, p_not_worse_graded
from pytest_llmcost.statistics.paired import tango_z

margins = st.floats(0.01, 0.3)
SCORES = st.sampled_from([0.0, 0.3, 0.5, 0.8, 1.0])


@given(st.integers(2, 300), st.integers(0, 30), st.integers(0, 30), margins)
def test_right_and_wrong_answers_pass_just_where_p_is_small(n: int, losses: int, gains: int, margin: float) -> None:
    losses, gains = min(losses, n // 2), min(gains, n // 2)
    passes = evidence_of(paired(losses, gains, n), margin).passes
    assert (p_not_worse(losses, gains, n, margin) <= ALPHA) == passes


@settings(max_examples=50)
@given(st.lists(st.tuples(SCORES, SCORES), min_size=20, max_size=60), st.booleans(), margins)
def test_graded_scores_and_groups_pass_just_where_p_is_small(
    scores: list[tuple[float, float]], has_groups: bool, margin: float
) -> None:
    before, now = zip(*[*scores, (0.5, 0.6)], strict=True)
    groups = [f"g{place // 2}" for place in range(len(before))] if has_groups else []
    pairing = graded(before, now, groups)
    p = p_not_worse_graded(pairing.changes, pairing.groups, margin)
    assert (p <= ALPHA) == evidence_of(pairing, margin).passes


def test_it_is_the_larger_of_both_rules() -> None:
    assert p_not_worse(4, 2, 400, 0.05) == pytest.approx(norm.sf(tango_z(4, 2, 400, 0.05)))
    assert p_not_worse(0, 0, 60, 0.05) == pytest.approx(0.95**60)
    assert p_not_worse(4, 2, 400, 0.0) == 1.0


def test_groups_are_held_to_the_interval_of_their_mean_as_well() -> None:
    """With groups of one size the jackknife is Student's t of their means."""
    means = [-0.4, 0.1, 0.0, 0.2, -0.1, 0.05, 0.0, -0.05]
    diffs = [mean for mean in means for _ in range(2)]
    groups = [place // 2 for place in range(16)]
    p = p_not_worse_graded(diffs, groups, 0.3)
    assert p == pytest.approx(max(0.7**8, ttest_1samp(means, -0.3, alternative="greater").pvalue), rel=1e-6)


def test_groups_that_all_changed_alike_leave_no_doubt() -> None:
    groups = [place // 2 for place in range(200)]
    assert p_not_worse_graded([-0.2] * 200, groups, 0.15) == 1.0
    assert p_not_worse_graded([-0.1] * 200, groups, 0.15) < 0.05
