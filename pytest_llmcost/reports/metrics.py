"""Under -v: what else is known of a strategy; under -vv label by label, and every case that flickers."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence

from pytest_llmcost.domain.gate import PercentileChange
from pytest_llmcost.domain.metrics import LabelMetrics, LabelScore, RepeatMetrics
from pytest_llmcost.reports.safe import visible
from pytest_llmcost.reports.summary import StrategySummary

MOST_NAMED = 5
"""Flickering cases that are named under -v alone."""


def metric_lines(rows: Sequence[StrategySummary], verbosity: int) -> Iterator[str]:
    """Yield each strategy's metrics: nothing without -v (1), the most with -vv (2)."""
    for row in rows if verbosity > 0 else ():
        told = list(_of(row, whole=verbosity > 1))
        if told:
            yield ""
            yield f"{visible(row.suite_path, 200)}::{visible(row.strategy)}"
            yield from (f"  {line}" for line in told)


def _of(row: StrategySummary, *, whole: bool) -> Iterator[str]:
    if row.p50_seconds is not None and row.p95_seconds is not None and row.p99_seconds is not None:
        yield f"latency: p50 {row.p50_seconds:.2f} s, p95 {row.p95_seconds:.2f} s, p99 {row.p99_seconds:.2f} s"
    latency = row.verdicts.get("latency")
    for change in latency.percentiles if latency else ():
        yield _percentile(change)
    if row.error_rate is not None:
        kept = "" if row.coverage is None else f"; {row.coverage:.1%} of the baseline's cases asked again"
        yield f"without an answer: {row.error_rate:.1%}{kept}"
    if row.repeats is not None:
        yield from _repeats(row.repeats, whole=whole)
    if row.labels is not None:
        yield from _labels(row.labels, whole=whole)


def _percentile(change: PercentileChange) -> str:
    ends = f"[{change.lower:+z.1%}, {change.upper:+z.1%}]"
    return f"p{100 * change.share:g}: {change.before:.2f} s before, {change.now:.2f} s now, {change.ratio:+z.1%} {ends}"


def _repeats(repeats: RepeatMetrics, *, whole: bool) -> Iterator[str]:
    k = repeats.trials
    rates = f"pass@1 {repeats.pass_at[0]:.1%}, pass@{k} {repeats.pass_at[-1]:.1%}, pass^{k} {repeats.pass_all[-1]:.1%}"
    yield f"{k} trials a case: {rates}; flickering: {len(repeats.flickering) or 'none'}"
    shown = repeats.flickering if whole else repeats.flickering[:MOST_NAMED]
    named = [f"{visible(one.case, 40)} ({one.right} of {one.trials} right)" for one in shown]
    if len(shown) < len(repeats.flickering):
        named.append("... (-vv names all)")
    yield from textwrap.wrap(", ".join(named), 100, initial_indent="  ", subsequent_indent="  ")


def _labels(labels: LabelMetrics, *, whole: bool) -> Iterator[str]:
    kappa = _share(labels.kappa)
    if labels.lower is not None and labels.upper is not None:
        kappa += f" [{labels.lower:.2f}, {labels.upper:.2f}]"
    left_out = f"; {labels.left_out} cases accept several labels, or none, and are not counted" * bool(labels.left_out)
    yield f"labels: macro-F1 {_share(labels.macro_f1)}, Cohen's kappa {kappa}{left_out}"
    if whole:
        from tabulate import tabulate

        header = ("label", "expected", "precision", "recall", "F1", "taken for")
        cells = [_cells(score, labels) for score in labels.labels]
        table = tabulate([header, *cells], tablefmt="plain", disable_numparse=True, colalign=_ALIGN)
        yield from (f"  {line}" for line in table.splitlines())


_ALIGN = ("left", *["right"] * 4, "left")


def _cells(score: LabelScore, labels: LabelMetrics) -> tuple[str, ...]:
    names = [*(visible(other.label, 20) for other in labels.labels), "(no label)"]
    place = labels.labels.index(score)
    taken = sorted(
        (-count, name)
        for column, (count, name) in enumerate(zip(labels.matrix[place], names, strict=True))
        if count and column != place
    )
    return (
        visible(score.label, 20),
        str(score.expected),
        *(_share(share) for share in (score.precision, score.recall, score.f1)),
        ", ".join(f"{name} {-count}" for count, name in taken),
    )


def _share(share: float | None) -> str:
    return "-" if share is None else f"{share:.2f}"
