"""If nothing changed, a case's two labels could be swapped; p is how often that looks at least as bad.

Each case becomes a table of all values that its part of the total could take, each as likely. With few
arrangements all are counted; with many, 9,999 are drawn from a seed, and the observed one counts among them
(Phipson and Smyth 2010); with so many that each case is small beside the total's standard deviation, as some 1,100
that changed alike, the total is normal. Cases are put in order first, so that p does not depend on theirs.
"""

from __future__ import annotations

import math
from collections.abc import Hashable, Iterator, Sequence
from functools import lru_cache, reduce
from itertools import combinations, groupby
from typing import TYPE_CHECKING

from pytest_llmcost.statistics.checks import check_counts, check_same_length, check_values
from pytest_llmcost.statistics.clusters import gather

if TYPE_CHECKING:
    from numpy import float64
    from numpy.typing import NDArray

Table = tuple[float, ...]

_EXACT_BITS = 16  # up to 2^16 arrangements are counted, as many as the sign flips of 16 cases
_DRAWS = 9_999
_TABLE_SIZE = 1_024  # entries of a table that fits into a processor's nearest cache
_SMALL = 0.03  # of the total's standard deviation: the normal law is then nearer than 9,999 draws would be
_TIES = 1e-9  # of the largest possible total: sums that differ by rounding alone are equal


def sign_flip(diffs: Sequence[float], seed: int = 0) -> float:
    """Return the one-sided p-value of "worse" when each difference might as well have the other sign.

    Exact where at most 16 differences are not 0, else from 9,999 draws: p = (1 + hits)/10,000; normal from some 1,100.
    Source: Fisher 1935; statistics.md section 3.

    Args:
        diffs: Candidate minus baseline, one a case (repeats averaged before), at least 1.
        seed: Of the draws, 0 or more; equal seeds give equal p-values.

    Raises:
        ValueError: If *diffs* is empty or holds NaN or an infinity, or *seed* is negative.
    """
    check_values("diffs", diffs)
    check_counts(seed=seed)
    observed, sizes = math.fsum(diffs), [abs(diff) for diff in diffs]
    if (p := _p_if_normal(observed, sizes, [size * size for size in sizes])) is not None:
        return p
    return _p_worse(observed, [(diff, -diff) for diff in sorted(diffs) if diff], seed)


def sign_flip_groups(diffs: Sequence[float], groups: Sequence[Hashable], seed: int = 0) -> float:
    """Return the same when the cases of a group can only flip together; exact up to 16 groups.

    The smallest possible value is 2^-G: with fewer than 5 groups it cannot reach 0.05.

    Args:
        diffs: Candidate minus baseline, one a case, at least 1.
        groups: The group of each case; `None` is a group of its own.
        seed: Of the draws, 0 or more.

    Raises:
        ValueError: If lengths differ, *diffs* is empty or holds NaN or an infinity, or *seed* is negative.
    """
    return sign_flip([math.fsum(cluster) for cluster in gather(diffs, groups)], seed)


def within_case_permutation(base: Sequence[Sequence[float]], cand: Sequence[Sequence[float]], seed: int = 0) -> float:
    """Return the one-sided p-value of "worse" when a case's trials might as well be labelled otherwise.

    For cases whose sides have different numbers of trials, where flipping signs errs. The statistic is the mean of
    the cases' differences of means. Exact up to 65,536 labellings in all, else from 9,999 draws; of a case with
    more than 1,024 labellings, the observed one and 1,023 drawn ones stand for all, which keeps the test valid
    (Hemerik and Goeman 2018). Source: statistics.md section 3.

    Args:
        base: Scores of each case's trials with the baseline, at least 1 case and 1 trial each.
        cand: The same cases with the candidate, in the same order.
        seed: Of the draws, 0 or more.

    Raises:
        ValueError: If lengths differ, a side or a case is empty, a score is NaN or infinite, or *seed* is negative.
    """
    check_counts(seed=seed)
    check_same_length(base=base, cand=cand)
    check_values("base", [score for case in base for score in case])
    check_values("cand", [score for case in cand for score in case])
    if not all(map(len, base)) or not all(map(len, cand)):
        raise ValueError("base or cand has a case without a trial")
    cases = sorted((tuple(sorted(b)), tuple(sorted(c))) for b, c in zip(base, cand, strict=True))
    cases = [(b, c) for b, c in cases if min(b[0], c[0]) < max(b[-1], c[-1])]  # all scores equal: nothing to tell
    observed = math.fsum(math.fsum(c) / len(c) - math.fsum(b) / len(b) for b, c in cases)
    p = _p_if_normal(observed, [_farthest(b, c) for b, c in cases], [_variance(b, c) for b, c in cases])
    if p is not None:
        return p
    return _p_worse(observed, [_labellings(b, c, (seed, place)) for place, (b, c) in enumerate(cases)], seed)


def _variance(base: Table, cand: Table) -> float:
    """Return that of the difference of means over all labellings: sampling without replacement (Cochran 1977, 2.3)."""
    pool, n = (*base, *cand), len(base) + len(cand)
    mean = math.fsum(pool) / n
    return math.fsum((score - mean) ** 2 for score in pool) / (n - 1) * n / (len(base) * len(cand))


def _farthest(base: Table, cand: Table) -> float:
    """Return the largest difference of means, up or down, of all labellings."""
    pool, size, rest = sorted((*base, *cand)), len(cand), len(base)
    total, least, most = math.fsum(pool), math.fsum(pool[:size]), math.fsum(pool[rest:])
    return max((total - least) / rest - least / size, most / size - (total - most) / rest)


def _p_if_normal(observed: float, sizes: Sequence[float], variances: Sequence[float]) -> float | None:
    """Return how likely a normal total is at most *observed*, or None where it may be far from normal.

    Lyapunov's ratio, sum E|x|^3/(sum E x^2)^1.5, bounds the distance (Berry 1941, Esseen 1942). It is added to z,
    which rounds p up by as much as a step of the total could hide.

    Args:
        observed: The total, around 0 if nothing changed.
        sizes: The most that each case could add, or take away.
        variances: Of what each case adds.
    """
    variance = math.fsum(variances)
    if not variance:
        return None
    ratio = math.fsum(size * own for size, own in zip(sizes, variances, strict=True)) / variance**1.5
    if ratio > _SMALL:
        return None
    return math.erfc(-(observed / math.sqrt(variance) + ratio) / math.sqrt(2)) / 2


@lru_cache(maxsize=256)  # right/wrong trials come in few patterns
def _every_labelling(pool: Table, size: int) -> Table:
    """Return the difference of means for each choice of *size* candidate trials out of *pool*."""
    total, rest = math.fsum(pool), len(pool) - size
    chosen = map(math.fsum, combinations(pool, size))
    return tuple(part / size - (total - part) / rest for part in chosen)


def _labellings(base: Table, cand: Table, seed: tuple[int, int]) -> Table:
    pool, size = (*cand, *base), len(cand)
    if math.comb(len(pool), size) <= _TABLE_SIZE:
        return _every_labelling(tuple(sorted(pool)), size)
    return _drawn_labellings(pool, size, seed)


def _drawn_labellings(pool: Table, size: int, seed: tuple[int, int]) -> Table:
    """Return the difference of the labelling observed, the first *size* trials, and of others drawn."""
    import numpy as np

    keys = np.asarray(np.random.PCG64(seed).random_raw(_TABLE_SIZE * len(pool))).reshape(_TABLE_SIZE, -1)
    keys[0] = np.arange(len(pool))
    scores = np.asarray(pool)[keys.argsort(axis=1)]
    differences = scores[:, :size].mean(axis=1) - scores[:, size:].mean(axis=1)
    return tuple(differences.tolist())


def _p_worse(observed: float, tables: Sequence[Table], seed: int) -> float:
    """Return how likely a sum of one entry a table is at most *observed*; never 0."""
    limit = observed + _TIES * math.fsum(max(table) - min(table) for table in tables)
    if math.fsum(math.log2(len(table)) for table in tables) > _EXACT_BITS + 1e-6:
        return (1 + int((_drawn_sums(tables, seed) <= limit).sum())) / (1 + _DRAWS)
    sums = [0.0]
    for table in tables:
        sums = [total + entry for total in sums for entry in table]
    return sum(total <= limit for total in sums) / len(sums)


def _drawn_sums(tables: Sequence[Table], seed: int) -> NDArray[float64]:
    """Return 9,999 sums of one entry a table, drawn by the raw words of PCG64, which no numpy release changes."""
    import numpy as np

    words = np.random.PCG64(seed)
    sums = np.zeros(_DRAWS)
    for block in _blocks(tables):
        draws = np.asarray(words.random_raw(_DRAWS // 2 + 1)).view(np.uint32)[:_DRAWS]
        sums += block.take((draws * np.uint64(block.size) >> np.uint64(32)).view(np.int64))
    return sums


def _blocks(tables: Sequence[Table]) -> Iterator[NDArray[float64]]:
    """Yield tables of all sums of a few *tables* of one length, so that one draw serves several cases."""
    import numpy as np

    for length, alike in groupby(sorted(tables, key=len), key=len):
        rows = np.array(list(alike))
        each = math.floor(math.log(_TABLE_SIZE, length) + 1e-9)
        for start in range(0, len(rows), each):
            yield reduce(lambda block, row: np.add.outer(row, block).ravel(), rows[start : start + each])
