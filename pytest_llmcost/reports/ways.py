"""Ways to answer beside each other: how they are named, what they cost, and what they save."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal

from pytest_llmcost.domain.policy import Learned, Way
from pytest_llmcost.reports.safe import visible
from pytest_llmcost.reports.table import usd
from pytest_llmcost.strategies.learn.calibrated import Calibrated
from pytest_llmcost.strategies.learn.traffic import Measured

NAME_WIDTH = 40


def way_text(way: Way) -> str:
    """Return a way in a few words: `cheap from 0.84, else mid`."""
    *steps, last = way
    tries = [f"{visible(step.use, NAME_WIDTH)} from {step.accept:g}" for step in steps]
    return ", else ".join([*tries, visible(last.use, NAME_WIDTH)])


def asked_text(found: Calibrated) -> str:
    """Return how much of a cascade's requests went on to which step: `escalated 30.0% to mid, 4.0% to dear`."""
    shares = [f"{share:.1%}" for share in found.asked[1:]]
    if len(shares) == 1:
        return f"{shares[0]} escalated"
    later = zip(shares, found.chosen.way[1:], strict=True)
    first, *others = (f"{share} to {visible(step.use, NAME_WIDTH)}" for share, step in later)
    return ", ".join([f"escalated {first}", *others])


def mean_usd(amount: Decimal) -> str:
    """Return the cost of a request, to three significant digits: a mean has no more."""
    return usd(Decimal(f"{amount:.3g}"))


def too_few(units: int, cases: int, loss: float, confidence: float) -> str:
    """Return that so many cases, or groups of them, show nothing, in words that more can follow."""
    word = "cases" if units == cases else "groups of cases"
    bound = f"no bound of {100 * loss:g} points at {100 * confidence:g} %"
    return f"{units} {word} to test on can show {bound}, not even without any loss"


def saving(amount: Decimal, instead_of: Decimal) -> str:
    """Return what an amount saves of another, in words."""
    if not instead_of:
        return "saves nothing"
    share = float(1 - amount / instead_of)
    return f"saves {share:.1%}" if share >= 0 else f"costs {-share:.1%} more"


def measured_lines(measured: Mapping[str, Measured], about: str) -> Iterator[str]:
    """Yield ways beside each other, one a line, under a heading."""
    from tabulate import tabulate

    header = ("", "quality", "lost", "USD a request", "tokens", "p50 s", "p95 s")
    rows = [header, *((visible(name, NAME_WIDTH), *_cells(one)) for name, one in measured.items())]
    yield about
    yield tabulate(rows, tablefmt="plain", disable_numparse=True, colalign=("left", *["right"] * 6))


def _cells(one: Measured) -> Sequence[str]:
    return (
        f"{one.quality:.1%}",
        f"{100 * one.loss:+z.1f} pt",
        mean_usd(one.usd),
        f"{one.tokens:,.0f}",
        f"{one.p50_seconds:.2f}",
        f"{one.p95_seconds:.2f}",
    )


def month_line(learned: Learned) -> str:
    """Return what a month costs, by the policy and by each strategy alone."""
    alone = ", ".join(
        f"all by {visible(name, NAME_WIDTH)} ${amount:,.2f}" for name, amount in sorted(learned.alone_usd.items())
    )
    return f"a month of {learned.requests:,} requests: ${learned.usd:,.2f}; {alone}"
