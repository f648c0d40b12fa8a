"""What a semantic cache did in a run: how often it answered, how often wrongly, and what that saved."""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal

from pytest_llmcost.assembly.notes import counted, some
from pytest_llmcost.assembly.summing import Entry
from pytest_llmcost.domain.trial import Trial
from pytest_llmcost.reports.safe import visible
from pytest_llmcost.reports.summary import StrategySummary
from pytest_llmcost.reports.table import usd
from pytest_llmcost.statistics.calibration import clopper_pearson

SEMANTIC = "semantic_cache"
"""The part of a strategy's record that says so."""


def with_semantic(row: StrategySummary, entry: Entry, entries: Sequence[Entry]) -> StrategySummary:
    """Return *row* with what the strategy's semantic cache did, held against the same one without where that ran."""
    lines = tuple(semantic_lines(entry, _without(entry, entries)))
    return dataclasses.replace(row, notes=(*lines, *row.notes)) if lines else row


def _without(entry: Entry, entries: Sequence[Entry]) -> Entry | None:
    """Return the same suite's strategy that is the same but for the cache."""
    rest = {name: part for name, part in entry.record.parts.items() if name != SEMANTIC}
    same = (one for one in entries if one.suite.path == entry.suite.path and one is not entry)
    return next((one for one in same if one.record.parts == rest), None)


def semantic_lines(entry: Entry, plain: Entry | None) -> Iterator[str]:
    """Yield the hit rate, the wrong hits with their 90 % interval, and the saving.

    A hit is wrong where its answer is, and the strategy's own would be right: only a run of the same strategy
    without the cache can tell, on the same cases.

    Args:
        entry: A strategy.
        plain: The same one without a semantic cache, if it ran.
    """
    looked = [trial for trial in entry.trials if trial.lookups]
    if not looked:
        return
    hits = [trial for trial in looked if trial.lookups[-1].source]
    own = {(one.case, one.trial): one for one in plain.trials} if plain is not None else {}
    asked = {(one.case, one.trial): one for one in entry.trials}
    share = f"{100 * len(hits) / len(looked):.0f} %"
    yield f"semantic cache: {share} of {counted(len(looked), 'answer')} from it{_guarded(looked)}"
    if hits:
        yield _wrong_line(hits, own, plain)
        yield _saving_line(hits, own, asked, plain)


def _guarded(looked: Sequence[Trial]) -> str:
    stopped = Counter(one.lookups[-1].guard for one in looked if one.lookups[-1].guard)
    named = ", ".join(f"{name} {count}" for name, count in sorted(stopped.items()))
    return f"; guards told {sum(stopped.values())} apart ({named})" if stopped else ""


def _wrong_line(hits: Sequence[Trial], own: Mapping[tuple[str, int], Trial], plain: Entry | None) -> str:
    """Return how many hits are wrong; without the strategy's own answers, at most how many."""
    compared = [one for one in hits if one.correct is not None and _known(one, own)]
    if plain is not None and compared:
        wrong = [one for one in compared if not one.correct and own[one.case, one.trial].correct]
        named = f": {some([visible(one.case, 40) for one in wrong])}" if wrong else ""
        what = f"wrong hits: {_rate(len(wrong), len(compared))}, wrong where {visible(plain.spec.name, 40)} is right"
        return f"{what}{named}"
    scored = [one for one in hits if one.correct is not None]
    wrong = [one for one in scored if not one.correct]
    what = f"wrong answers among the hits: {_rate(len(wrong), len(scored))}"
    return f"{what}; how many the strategy alone would have given right, a run of it without the cache beside it tells"


def _known(one: Trial, own: Mapping[tuple[str, int], Trial]) -> bool:
    alone = own.get((one.case, one.trial))
    return alone is not None and alone.correct is not None and alone.fingerprint == one.fingerprint


def _saving_line(
    hits: Sequence[Trial],
    own: Mapping[tuple[str, int], Trial],
    asked: Mapping[tuple[str, int], Trial],
    plain: Entry | None,
) -> str:
    known = [own[one.case, one.trial] for one in hits if (one.case, one.trial) in own]
    if plain is not None and len(known) == len(hits):
        saved = sum((one.usd for one in known), Decimal(0))
        return f"hits save ${usd(saved)}: what {visible(plain.spec.name, 40)} takes for them"
    sources = [asked.get((one.lookups[-1].source, one.trial)) for one in hits]
    told = [source for source in sources if source is not None]
    saved = sum((source.usd for source in told), Decimal(0))
    return f"hits save about ${usd(saved)}: what the earlier answers took{_untold(len(hits) - len(told))}"


def _untold(count: int) -> str:
    return f", of which {count} are not in this run" if count else ""


def _rate(part: int, whole: int) -> str:
    if not whole:
        return "0 of 0"
    found = clopper_pearson(part, whole)
    return f"{part} of {whole} ({100 * part / whole:.1f} %, 90 % [{100 * found.lower:.1f}, {100 * found.upper:.1f}])"
