"""What came of an exchange: of the model behind a tier, on the command line, or of a strategy's prompt."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from pytest_llmcost.assembly.judging import JudgedRun
from pytest_llmcost.assembly.models import Models
from pytest_llmcost.assembly.summing import Entry
from pytest_llmcost.domain.suite import StrategySpec
from pytest_llmcost.gate.bounds import FEWEST_FOR_P95
from pytest_llmcost.gate.pairing import Pairing
from pytest_llmcost.reports.exchanged import Exchanged, Reworded, exchanged_line, reworded_line
from pytest_llmcost.statistics.percentiles import percentile


def exchanged_lines(run: JudgedRun, models: Models, given: Mapping[str, str]) -> Iterator[str]:
    """Yield a sentence on every strategy that answered through a tier of the command line; nothing without verdicts.

    Args:
        run: As it was judged.
        models: For the tiers that lead to other tiers.
        given: The tiers of the command line, and their models.
    """
    by_tier = [(entry, tier) for entry in run.entries for tier in _tiers(entry, models) if tier in given]
    for entry, tier in by_tier:
        own = {v.metric: v for v in run.verdicts if (v.suite, v.strategy) == (entry.suite.path, entry.spec.name)}
        if "quality" in own:
            measured, seconds = _seconds(entry.pairing)
            yield exchanged_line(
                Exchanged(
                    tier=tier,
                    model=given[tier],
                    place=_place(entry) if len(by_tier) > 1 else "",
                    quality=own["quality"],
                    cost=own.get("cost"),
                    seconds=seconds,
                    percentile=measured,
                )
            )


def reworded_lines(run: JudgedRun) -> Iterator[str]:
    """Yield a sentence on every strategy that asks as the one it is compared with does, but for the prompt."""
    name = run.comparison.strategy
    for entry in run.entries if name else ():
        model = next((spec for spec in entry.suite.strategies if spec.name == name), None)
        own = {v.metric: v for v in run.verdicts if (v.suite, v.strategy) == (entry.suite.path, entry.spec.name)}
        if model is not None and _is_reworded(entry.spec, model) and "quality" in own and entry.pairing is not None:
            place = entry.suite.path if len(run.suites) > 1 else ""
            yield reworded_line(Reworded(model.name, entry.spec.name, place, own["quality"], _tokens(entry.pairing)))


def _is_reworded(now: StrategySpec, before: StrategySpec) -> bool:
    same = (now.plan, now.model, now.params, now.parse) == (before.plan, before.model, before.params, before.parse)
    return same and now.plan is None and now.prompt != before.prompt


def _tokens(pairing: Pairing) -> tuple[float, float]:
    before = sum(pair.before.tokens_per_trial for pair in pairing.pairs)
    return before, sum(pair.now.tokens_per_trial for pair in pairing.pairs)


def _tiers(entry: Entry, models: Models) -> Iterator[str]:
    own = models.at(entry.suite.path)
    yield from dict.fromkeys(tier for leaf in entry.spec.leaves() for tier in own.tiers_of(leaf.model))


def _place(entry: Entry) -> str:
    return f"{entry.suite.path}::{entry.spec.name}"


def _seconds(pairing: Pairing | None) -> tuple[str, tuple[float, float] | None]:
    pairs = pairing.pairs if pairing is not None else ()
    name, share = ("p95", 0.95) if len(pairs) >= FEWEST_FOR_P95 else ("p50", 0.5)
    if not pairs:
        return name, None
    before = percentile([pair.before.seconds_per_trial for pair in pairs], share)
    return name, (before, percentile([pair.now.seconds_per_trial for pair in pairs], share))
