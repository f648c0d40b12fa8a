"""A comparison as people read it: two tables a suite, and below them who may take whose place, and why."""

from __future__ import annotations

from collections.abc import Iterator, Set
from decimal import Decimal

from pytest_llmcost.domain.comparison import Allowance, Contrast, Finding, Moved, SideBySide, Standing, SuiteComparison
from pytest_llmcost.reports.changes import WORTH_TELLING, cost_in_words, slices_in_words
from pytest_llmcost.reports.safe import columns, named, visible
from pytest_llmcost.reports.table import usd

NAME_WIDTH = 24
MOST_NAMED = 5
STANDINGS = ("strategy\n model", "quality\n90 %", "USD\na case", "tokens\na case", "p50 s\np95 s", "")
CONTRASTS = ("strategy\n against", "change pt\n90 %", "lost\nwon", "of", "cost\n90 %", "tokens", "latency\np95 s", "")


def comparison_lines(found: SideBySide) -> Iterator[str]:
    """Yield the whole, line by line."""
    yield from (f"{letter}  {visible(text, 200)}" for letter, text in found.sides.items())
    for suite in found.suites:
        yield from ("", *_suite(suite, found.quality, found.allowance))
    tests = sum(one.p_worse is not None for suite in found.suites for one in suite.contrasts)
    if tests > 1:
        yield ""
        yield f"Findings are corrected for {tests} comparisons (Holm); intervals are 90 %, each for itself."
    yield from (f"note: {visible(note, 400)}" for note in found.notes)


def _suite(suite: SuiteComparison, quality: float | None, allowance: Allowance | None) -> Iterator[str]:
    cases = f"{suite.cases} cases that all answered" if len(suite.standings) > 1 else f"{suite.cases} cases"
    margins = dict.fromkeys(f"margin {100 * one.margin:g} pt, {one.margin_from}" for one in suite.contrasts)
    yield "; ".join([f"{visible(suite.suite, 200)}: {cases}", *margins])
    front = {one.name for one in suite.standings if not one.beaten_by}
    if suite.standings:
        yield _table([STANDINGS, *(_standing(one, front) for one in suite.standings)])
    if suite.contrasts:
        yield from ("", _table([CONTRASTS, *map(_contrast, suite.contrasts)]), "")
    for contrast in suite.contrasts:
        yield from _told(contrast)
    yield from _beaten(suite, front)
    if quality is not None and suite.standings:
        yield from _good_enough(suite, quality)
    if allowance is not None and suite.standings:
        yield _affordable(suite, allowance)
    yield from (f"note: {visible(note, 400)}" for note in suite.notes)


def _table(rows: list[tuple[str, ...]]) -> str:
    from tabulate import tabulate

    widths = [max(columns(line) for cell in column for line in cell.split("\n")) for column in zip(*rows, strict=True)]
    rows.insert(1, tuple("-" * width for width in widths))
    align = ("left", *["right"] * (len(widths) - 2), "left")
    return str(tabulate(rows, tablefmt="plain", disable_numparse=True, preserve_whitespace=True, colalign=align))


def _standing(one: Standing, front: Set[str]) -> tuple[str, ...]:
    beaten = "\nand ".join(_name(other) for other in one.beaten_by if other in front)
    return (
        f"{_name(one.name)}\n {visible(one.model, NAME_WIDTH - 1)}",
        f"{one.quality:.1%}\n[{100 * one.lower:.0f}, {100 * one.upper:.0f}]",
        "unknown" if one.usd is None else usd(_decimal(one.usd)),
        f"{one.tokens:,.0f}",
        f"{one.p50_seconds:.2f}\n{'-' if one.p95_seconds is None else f'{one.p95_seconds:.2f}'}",
        f"beaten by {beaten}" if beaten else "Pareto front",
    )


def _contrast(one: Contrast) -> tuple[str, ...]:
    p95 = "" if one.p95_seconds is None else f"\n{one.p95_seconds[1] - one.p95_seconds[0]:+z.2f}"
    return (
        f"{_name(one.now)}\n {_name(one.before)}",
        _points(one),
        f"{len(one.lost)}\n{len(one.won)}",
        str(one.n),
        _moved(one.cost, with_interval=True),
        _moved(one.tokens),
        f"{_moved(one.latency)}{p95}",
        one.finding if one.finding is not Finding.NOT_WORSE else f"not worse\nby {100 * one.margin:g} pt",
    )


def _points(one: Contrast) -> str:
    if one.estimate is None:
        return "-"
    change = f"{100 * one.estimate:+z.1f}"
    if one.lower is None or one.upper is None:
        return change
    return f"{change}\n[{100 * one.lower:+z.1f}, {100 * one.upper:+z.1f}]"


def _moved(moved: Moved | None, *, with_interval: bool = False) -> str:
    if moved is None or moved.increase is None:
        return "-"
    if not with_interval or moved.lower is None or moved.upper is None:
        return f"{100 * moved.increase:+z.1f} %"
    return f"{100 * moved.increase:+z.1f} %\n[{100 * moved.lower:+z.0f}, {100 * moved.upper:+z.0f}]"


def _told(one: Contrast) -> Iterator[str]:
    """Yield what follows from one pair: who may take whose place, and why their costs and qualities differ."""
    yield f"{_name(one.now)} {_claim(one)}{_saving(one)}"
    if one.cost_change is not None and abs(one.cost_change.increase or 0.0) > WORTH_TELLING:
        yield f"  cost: {cost_in_words(one.cost_change)}"
    if one.grew_share is not None and one.cost is not None and (one.cost.increase or 0.0) > WORTH_TELLING:
        yield f"  cost grew most in {named(one.grew, MOST_NAMED)}: {one.grew_share:.0%} of all that was added"
    for word, cases in (("lost", one.lost), ("won", one.won)):
        if cases:
            yield f"  {word}: {named(cases, MOST_NAMED)}"
    if one.quality_change is not None and (where := slices_in_words(one.quality_change)):
        yield f"  where: {where}"


def _claim(one: Contrast) -> str:
    other, margin = _name(one.before), f"{100 * one.margin:g} pt"
    claims = {
        Finding.UNCHANGED: f"answers as {other} does",
        Finding.BETTER: f"is better than {other} ({_p(one.p_better)})",
        Finding.NOT_WORSE: f"is not worse than {other} by more than {margin} ({_p(one.p_not_worse)})",
        Finding.WORSE: f"is worse than {other} ({_p(one.p_worse)})",
        Finding.UNTOLD: f"against {other}: cannot tell{f', {one.reason}' if one.reason else f' a drop of {margin}'}",
    }
    return claims[one.finding]


def _saving(one: Contrast) -> str:
    """Return what is saved by taking what is no worse."""
    if one.finding in (Finding.WORSE, Finding.UNTOLD) or one.cost is None or one.cost.increase is None:
        return ""
    saved = usd(_decimal(one.cost.before - one.cost.now))
    less = f", and costs {-100 * one.cost.increase:.0f} % less (${saved} a case)"
    return less if one.cost.increase < -WORTH_TELLING else ""


def _beaten(suite: SuiteComparison, front: Set[str]) -> Iterator[str]:
    """Yield by how much those on the Pareto front beat the others: whatever beats them is beaten by it, too."""
    by_name = {one.name: one for one in suite.standings}
    for one in suite.standings:
        for other in one.beaten_by:
            if other in front:
                yield f"{_name(one.name)} is beaten by {_name(other)}: {_apart(by_name[other], one)}"


def _apart(one: Standing, other: Standing) -> str:
    cost = ""
    if one.usd is not None and other.usd:
        cost = f", cost {100 * (one.usd / other.usd - 1):+z.0f} %"
    quality = f"quality {100 * (one.quality - other.quality):+z.1f} pt"
    return f"{quality}{cost}, p50 {one.p50_seconds - other.p50_seconds:+z.2f} s"


def _affordable(suite: SuiteComparison, allowance: Allowance) -> str:
    under = f"under ${allowance.usd:,.2f} a month of {allowance.requests:,} requests"
    for one in suite.standings:
        if one.name == suite.best and one.usd is not None:
            return f"best {under}: {_name(one.name)}, {one.quality:.1%}, ${one.usd * allowance.requests:,.2f}"
    return f"no strategy is {under}"


def _good_enough(suite: SuiteComparison, quality: float) -> Iterator[str]:
    by_name, wanted = {one.name: one for one in suite.standings}, f"quality >= {100 * quality:g} %"
    if suite.fastest is None:
        best = max(suite.standings, key=lambda one: one.quality)
        yield f"no strategy has {wanted}: the best is {_name(best.name)}, {best.quality:.1%}"
        return
    for word, name in (("cheapest", suite.cheapest), ("fastest", suite.fastest)):
        if name is not None:
            one = by_name[name]
            sure = "" if one.lower >= quality else f"; {one.lower:.1%} is possible"
            price = "" if one.usd is None else f", ${usd(_decimal(one.usd))} a case"
            yield f"{word} with {wanted}: {_name(name)}, {one.quality:.1%}{price}, p50 {one.p50_seconds:.2f} s{sure}"


def _p(p: float | None) -> str:
    return "p < 0.0001" if p is None or p < 0.0001 else f"p = {p:.4f}"


def _name(name: str) -> str:
    return visible(name, NAME_WIDTH)


def _decimal(amount: float) -> Decimal:
    return Decimal(str(amount))
