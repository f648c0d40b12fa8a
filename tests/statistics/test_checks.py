import subprocess
import sys
from functools import partial
from math import inf, nan

import pytest

from pytest_llmcost.statistics.intervals import cluster_jackknife, critical_t, mean_t, wilson
from pytest_llmcost.statistics.multiplicity import benjamini_hochberg, holm
from pytest_llmcost.statistics.paired import (
    mcnemar_exact,
    mcnemar_midp,
    passes_zero_discordance,
    smallest_provable_margin,
    tango_interval,
    tango_z,
)
from pytest_llmcost.statistics.permutation import sign_flip, sign_flip_groups, within_case_permutation
from pytest_llmcost.statistics.power import cases_needed, graded_cases_needed
from pytest_llmcost.statistics.ratio import cost_ratio, mean_log_ratio
from pytest_llmcost.statistics.score import graded_score_z

TAKES = [  # a call that is fine but for the one value that the test puts in, and what the message must name
    (lambda bad: mcnemar_exact(bad, 1), "losses"),
    (lambda bad: mcnemar_midp(1, bad), "gains"),
    (lambda bad: tango_z(1, 1, bad, 0.05), "n"),
    (lambda bad: tango_z(1, 1, 9, bad), "margin"),
    (lambda bad: tango_interval(1, 1, 9, bad), "level"),
    (lambda bad: smallest_provable_margin(9, bad), "alpha"),
    (lambda bad: passes_zero_discordance(9, bad, 0.05), "margin"),
    (lambda bad: wilson(bad, 9), "x"),
    (lambda bad: critical_t(bad, 9), "level"),
    (lambda bad: mean_t([0.1, bad]), r"diffs\[1\]"),
    (lambda bad: cluster_jackknife([bad, 0.1], ["a", "b"]), r"diffs\[0\]"),
    (lambda bad: sign_flip([0.1, bad]), r"diffs\[1\]"),
    (lambda bad: sign_flip([0.1], bad), "seed"),
    (lambda bad: sign_flip_groups([0.1, bad], ["a", "b"]), r"diffs\[1\]"),
    (lambda bad: within_case_permutation([[bad]], [[1]]), "base"),
    (lambda bad: within_case_permutation([[1]], [[bad]]), "cand"),
    (lambda bad: graded_score_z([0.1, bad], 0.05), r"diffs\[1\]"),
    (lambda bad: graded_score_z([0.1], bad), "margin"),
    (lambda bad: cost_ratio([1, bad], [1, 1]), r"base\[1\]"),
    (lambda bad: mean_log_ratio([1, 1], [1, bad]), r"cand\[1\]"),
    (lambda bad: holm([0.1, bad]), r"p_values\[1\]"),
    (lambda bad: benjamini_hochberg([bad]), r"p_values\[0\]"),
    (lambda bad: cases_needed(1, 1, 9, 0.05, power=bad), "power"),
    (lambda bad: graded_cases_needed([0.1, bad], 0.05), r"diffs\[1\]"),
]


@pytest.mark.parametrize("bad", [nan, inf, -inf])
@pytest.mark.parametrize(("call", "named"), TAKES)
def test_no_number_is_made_from_nan_or_infinity(call, named, bad):
    with pytest.raises(ValueError, match=rf"^{named}(?!\w)"):
        call(bad)


@pytest.mark.parametrize(
    "call",
    [
        partial(mean_t, [0.1]),
        partial(cluster_jackknife, [0.1, 0.2], ["a", "a"]),
        partial(sign_flip, []),
        partial(graded_score_z, [], 0.05),
        partial(within_case_permutation, [[1], []], [[1], [1]]),
        partial(cost_ratio, [1], [1]),
        partial(tango_interval, 0, 0, 0),
        partial(wilson, 0, 0),
    ],
)
def test_too_few_cases_are_refused(call):
    with pytest.raises(ValueError, match=r"at least|without"):
        call()


def test_counts_that_do_not_fit_are_refused():
    with pytest.raises(ValueError, match="losses \\+ gains is 12"):
        tango_interval(7, 5, 11)
    with pytest.raises(ValueError, match="base: 2, cand: 3"):
        cost_ratio([1, 2], [1, 2, 3])


def test_small_right_wrong_verdicts_load_neither_numpy_nor_scipy():
    code = (
        "import sys\n"
        "from pytest_llmcost.statistics import intervals, multiplicity, paired, permutation, power, ratio, score\n"
        "paired.tango_interval(1, 2, 50); paired.mcnemar_midp(9, 1); permutation.sign_flip([-1, 0.5, 0])\n"
        "assert not {'numpy', 'scipy'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
