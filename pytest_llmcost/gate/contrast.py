"""Two strategies on the same cases: worse, not worse, better, or not to be told; corrected for how many are asked."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence

from pytest_llmcost.domain.comparison import Contrast, Finding, Moved
from pytest_llmcost.domain.gate import Outcome, Verdict
from pytest_llmcost.domain.price import Price
from pytest_llmcost.gate.bounds import FEWEST_FOR_P95
from pytest_llmcost.gate.evidence import ALPHA, evidence_of
from pytest_llmcost.gate.increase import Measure, RatioOf, judge_increase, total_ratio, typical_ratio
from pytest_llmcost.gate.pairing import Pairing
from pytest_llmcost.statistics.clusters import count_groups
from pytest_llmcost.statistics.multiplicity import holm
from pytest_llmcost.statistics.not_worse import p_not_worse, p_not_worse_graded
from pytest_llmcost.statistics.percentiles import percentile

_BLANK = Verdict("", "", "", Outcome.NEW, "")


def contrast(blank: Contrast, pairing: Pairing, prices: Mapping[str, Price]) -> Contrast:
    """Return what two strategies' common cases tell; p is not yet corrected, and no finding given, as by `settled`.

    Args:
        blank: With names and margin.
        pairing: The cases common to both.
        prices: By model, the same for both sides, as far as they are known.
    """
    found = dataclasses.replace(blank, n=len(pairing.pairs), lost=pairing.lost, won=pairing.won)
    if pairing.too_few:
        reason = f"too few common cases: {len(pairing.pairs)} of {pairing.before}"
        return dataclasses.replace(found, reason=reason)
    cost = _cost(pairing, prices)
    found = dataclasses.replace(
        found,
        cost=_as_moved(cost) if cost else None,
        grew=cost.grew if cost else (),
        grew_share=cost.grew_share if cost else None,
        tokens=_moved(pairing, lambda record: record.tokens_per_trial),
        latency=_latency(pairing),
        p95_seconds=_p95(pairing),
    )
    if pairing.is_unchanged:
        return dataclasses.replace(found, finding=Finding.UNCHANGED, estimate=0.0)
    if count_groups(pairing.groups) == 1:
        return dataclasses.replace(found, reason="all common cases are in one group, and it tells nothing of others")
    evidence = evidence_of(pairing, blank.margin)
    return dataclasses.replace(
        found,
        estimate=evidence.change,
        lower=evidence.interval.lower,
        upper=evidence.interval.upper,
        p_worse=evidence.p,
        p_better=evidence_of(_turned_round(pairing), blank.margin).p,
        p_not_worse=_p_not_worse(pairing, blank.margin),
    )


def settled(contrasts: Sequence[Contrast]) -> tuple[Contrast, ...]:
    """Return the findings: each kind of claim is one family of tests, so that few of all claims made are wrong."""
    found = list(contrasts)
    tested = [place for place, one in enumerate(found) if one.p_worse is not None]
    families = ([getattr(found[place], name) for place in tested] for name in ("p_worse", "p_better", "p_not_worse"))
    for place, *adjusted in zip(tested, *map(holm, families), strict=True):
        worse, better, not_worse = adjusted
        found[place] = dataclasses.replace(found[place], p_worse=worse, p_better=better, p_not_worse=not_worse)
    return tuple(dataclasses.replace(one, finding=_finding(one)) for one in found)


def _finding(one: Contrast) -> Finding:
    if one.p_worse is None or one.p_better is None or one.p_not_worse is None:
        return one.finding
    if one.p_better <= ALPHA:
        return Finding.BETTER
    if one.p_not_worse <= ALPHA:
        return Finding.NOT_WORSE
    return Finding.WORSE if one.p_worse <= ALPHA else Finding.UNTOLD


def _p_not_worse(pairing: Pairing, margin: float) -> float:
    if pairing.has_groups or not all(pair.is_right_or_wrong for pair in pairing.pairs):
        return p_not_worse_graded(pairing.changes, pairing.groups, margin)
    return p_not_worse(len(pairing.lost), len(pairing.won), len(pairing.pairs), margin)


def _turned_round(pairing: Pairing) -> Pairing:
    pairs = tuple(dataclasses.replace(pair, before=pair.now, now=pair.before) for pair in pairing.pairs)
    return dataclasses.replace(pairing, pairs=pairs)


def _cost(pairing: Pairing, prices: Mapping[str, Price]) -> Verdict | None:
    models = {model for pair in pairing.pairs for record in (pair.before, pair.now) for model in record.usage}
    if not models <= prices.keys():
        return None
    return judge_increase(_BLANK, 0.0, lambda record: float(record.usd_per_trial(prices)), pairing)


def _moved(pairing: Pairing, measure: Measure, ratio_of: RatioOf = total_ratio) -> Moved:
    return _as_moved(judge_increase(_BLANK, 0.0, measure, pairing, ratio_of))


def _as_moved(found: Verdict) -> Moved:
    return Moved(found.before or 0.0, found.value or 0.0, found.estimate, found.lower, found.upper)


def _latency(pairing: Pairing) -> Moved:
    typical = _moved(pairing, lambda record: record.seconds_per_trial, typical_ratio)
    before, now = (percentile(side, 0.5) for side in _seconds(pairing))
    return dataclasses.replace(typical, before=before, now=now)


def _p95(pairing: Pairing) -> tuple[float, float] | None:
    if len(pairing.pairs) < FEWEST_FOR_P95:
        return None
    before, now = (percentile(side, 0.95) for side in _seconds(pairing))
    return before, now


def _seconds(pairing: Pairing) -> tuple[list[float], list[float]]:
    pairs = pairing.pairs
    return [pair.before.seconds_per_trial for pair in pairs], [pair.now.seconds_per_trial for pair in pairs]
