"""Why cost and quality changed, in a line each."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from fractions import Fraction

from pytest_llmcost.domain.change import CostChange, QualityChange, Slice
from pytest_llmcost.domain.gate import Outcome
from pytest_llmcost.reports.safe import visible
from pytest_llmcost.reports.summary import StrategySummary
from pytest_llmcost.reports.table import usd

MOST_SLICES = 3
WORTH_TELLING = 0.01
"""A change of cost, as a share, and a part of it, as a share of all parts, below which it is not told."""
_WORDS = {"prompt_cache": "prompt cache", "time": "compute time", "price": "prices"}


def change_lines(row: StrategySummary, *, verbose: bool = False) -> Iterator[str]:
    """Yield what a reader of the verdicts wants to know next; all slices with *verbose*."""
    if row.cost_change is not None and _is_told(row, row.cost_change):
        yield f"why cost changed: {cost_in_words(row.cost_change)}"
    quality = row.verdicts.get("quality")
    if row.quality_change is not None and quality is not None and quality.outcome is not Outcome.PASS:
        told = slices_in_words(row.quality_change)
        if told:
            yield f"where quality changed: {told}"
        if verbose:
            yield from _by_kind(row.quality_change)


def _is_told(row: StrategySummary, change: CostChange) -> bool:
    """Whether costs moved; compute time alone, which differs from day to day, only where its verdict is no pass."""
    verdict = row.verdicts.get("cost")
    if verdict is not None and verdict.outcome is not Outcome.PASS:
        return change.now != change.before
    moved = sum(abs(part) for name, part in change.parts.items() if name != "time")
    return moved > WORTH_TELLING * change.before


def cost_in_words(change: CostChange) -> str:
    """Return `$0.0120 -> $0.0041 a case (-66.0 %): mix -$0.0085, tokens +$0.0006`, the largest part first."""
    parts = sorted(change.parts.items(), key=lambda part: -abs(part[1]))
    least = WORTH_TELLING * sum(abs(part) for _, part in parts)
    told = ", ".join(f"{_WORDS.get(name, name)} {signed_usd(part)}" for name, part in parts if abs(part) > least)
    share = "" if change.increase is None else f" ({100 * change.increase:+z.1f} %)"
    unknown = "" if change.is_price_known else "; earlier prices are not known, and taken as today's"
    hits = f"; cache hits saved ${_usd(change.hits)} of it" if change.hits else ""
    return f"${_usd(change.before)} -> ${_usd(change.now)} a case{share}: {told or 'nothing moved'}{hits}{unknown}"


def slices_in_words(change: QualityChange) -> str:
    """Return the slices that surely changed as the whole did, those first that moved it most; empty without any."""
    return "; ".join(map(_slice, change.explaining[:MOST_SLICES]))


def _by_kind(change: QualityChange) -> Iterator[str]:
    for kind in dict.fromkeys(one.kind for one in change.slices):
        own = (one for one in change.slices if one.kind == kind)
        yield f"lost and won by {kind}: " + ", ".join(
            f"{visible(s.name, 40)} {s.lost} and {s.won} of {s.cases}" for s in own
        )


def _slice(one: Slice) -> str:
    p = "p < 0.0001" if one.p is None or one.p < 0.0001 else f"p = {one.p:.4f}"
    return f"{one.kind} '{visible(one.name, 40)}' {one.lost} lost, {one.won} won of {one.cases} ({p})"


def signed_usd(amount: Fraction) -> str:
    """Return `+$0.0012` or `-$0.0012`."""
    return f"{'-' if amount < 0 else '+'}${_usd(abs(amount))}"


def _usd(amount: Fraction) -> str:
    return usd(Decimal(amount.numerator) / Decimal(amount.denominator))
