"""What a prompt could do without: a line a finding, with its place, its tokens, and its dollars a month."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from pytest_llmcost.domain.comparison import Contrast, Finding
from pytest_llmcost.gate.explain import points
from pytest_llmcost.reports.safe import visible
from pytest_llmcost.reports.table import usd

_MOST = 200
MOST_LINES = 20
"""Of a prompt that is shown as it would be."""


@dataclass(frozen=True, slots=True)
class Saving:
    """What is spared of one model.

    Attributes:
        tokens: A call; negative where there would be more, none where they would be cheaper.
        usd_per_month: None where no price a token is known.
    """

    model: str
    tokens: int
    usd_per_month: Decimal | None


@dataclass(frozen=True, slots=True)
class Waste:
    """One finding.

    Attributes:
        rule: Its name.
        path, line: Where it stands.
        is_mendable: Whether `--fix` mends it.
        savings: One a model that reads it; they do not add up where findings overlap.
        strategies: Who sends it; none where a file is looked at alone.
        instead: The prompt's text as it would be, where all of it is another; else empty.
    """

    rule: str
    path: str
    line: int
    what: str
    is_mendable: bool
    savings: tuple[Saving, ...]
    strategies: tuple[str, ...] = ()
    instead: str = ""


@dataclass(frozen=True, slots=True)
class Size:
    """How long a strategy's prompt is.

    Attributes:
        strategy: Empty where a file is looked at alone.
        tokens: Of the text of a call, on average over *cases*.
        is_exact, counted_by: Whether the model's own tokenizer counted, and who did.
        mendable: What is spared with all mended that can be.
    """

    strategy: str
    tokens: float
    cases: int
    is_exact: bool
    counted_by: str
    mendable: Saving


@dataclass(frozen=True, slots=True)
class LeftOut:
    """What leaving one example out did.

    Attributes:
        number: Which of the strategy's examples it is, from 1.
        contrast: Without it, against with it; None where that was not asked, or not to its end; `why` then says so.
    """

    strategy: str
    number: int
    path: str
    line: int
    saving: Saving
    contrast: Contrast | None
    why: str = ""


@dataclass(frozen=True, slots=True)
class Linted:
    """All that is told of a file or a suite.

    Attributes:
        requests: A month, for its dollars.
        notes: What must be known to read the figures.
        examples: None where no budget to ask was given.
    """

    path: str
    wastes: tuple[Waste, ...]
    sizes: tuple[Size, ...]
    requests: int
    notes: tuple[str, ...] = ()
    examples: tuple[LeftOut, ...] = ()


def lint_lines(found: Linted) -> Iterator[str]:
    """Yield the findings, and what mending would spare."""
    for waste in found.wastes:
        place = f"{visible(waste.path, _MOST)}:{waste.line}"
        yield f"{place}: {waste.rule}: {visible(waste.what, 2 * _MOST)}{_savings(waste.savings)}"
        yield from _instead(waste.instead)
    for one in found.examples:
        place = f"{visible(one.path, _MOST)}:{one.line}"
        yield f"{place}: example: {_left_out(one)}{_savings([one.saving])}"
    for size in found.sizes:
        yield _size(size, found.requests)


def lint_document(found: Linted) -> dict[str, Any]:
    """Return the same for programs."""
    return {
        "path": found.path,
        "requests_per_month": found.requests,
        "findings": [
            {
                "rule": waste.rule,
                "path": waste.path,
                "line": waste.line,
                "what": waste.what,
                "mendable": waste.is_mendable,
                "strategies": list(waste.strategies),
                "savings": [_saving(one) for one in waste.savings],
                "instead": waste.instead or None,
            }
            for waste in found.wastes
        ],
        "examples": [
            {
                "strategy": one.strategy,
                "number": one.number,
                "path": one.path,
                "line": one.line,
                "finding": one.contrast.finding.value if one.contrast else None,
                "why": one.why,
                **_change(one.contrast),
                "savings": [_saving(one.saving)],
            }
            for one in found.examples
        ],
        "prompts": [
            {
                "strategy": size.strategy or None,
                "tokens": size.tokens,
                "cases": size.cases,
                "exact": size.is_exact,
                "counted_by": size.counted_by,
                "mendable": _saving(size.mendable),
            }
            for size in found.sizes
        ],
        "notes": list(found.notes),
    }


def _instead(text: str) -> Iterator[str]:
    lines = text.splitlines()
    yield from (f"  | {visible(line, _MOST)}" for line in lines[:MOST_LINES])
    if len(lines) > MOST_LINES:
        yield f"  ... and {len(lines) - MOST_LINES} more lines; --fix writes them"


def _savings(savings: Sequence[Saving]) -> str:
    told = "; ".join(filter(None, (_told(one, with_name=len(savings) > 1) for one in savings)))
    return f" ({told})" if told else ""


def _told(one: Saving, *, with_name: bool) -> str:
    tokens = f"{one.tokens} token{'s' * (one.tokens != 1)} a call" if one.tokens else ""
    month = "" if one.usd_per_month is None else f"${usd(one.usd_per_month)} a month"
    told = ", ".join(filter(None, (tokens, month)))
    return f"{visible(one.model)}: {told}" if with_name and told else told


def _size(size: Size, requests: int) -> str:
    counted = "" if size.is_exact else "about "
    mean = f" on average over {size.cases} case{'s' * (size.cases != 1)}" if size.strategy else ""
    saved = size.mendable
    share = saved.tokens / size.tokens if size.tokens else 0
    name = f"{visible(size.strategy)} ({visible(saved.model)}): " if size.strategy else f"{visible(saved.model)}: "
    spared = "--fix spares none of them"
    if saved.tokens > 0:
        month = "" if saved.usd_per_month is None else f", ${usd(saved.usd_per_month)} of {requests:,} requests a month"
        spared = f"{saved.tokens} of them ({100 * share:.0f} %{month}) are spared by what --fix mends"
    return f"{name}{counted}{size.tokens:,.0f} tokens a call{mean}; {spared}"


def _saving(one: Saving) -> dict[str, Any]:
    month = None if one.usd_per_month is None else float(one.usd_per_month)
    return {"model": one.model, "tokens_per_call": one.tokens, "usd_per_month": month}


def _change(found: Contrast | None) -> dict[str, Any]:
    names = ("n", "margin", "estimate", "lower", "upper", "p_worse", "p_better", "p_not_worse")
    return {name: getattr(found, name) if found else None for name in names}


def _left_out(one: LeftOut) -> str:
    name = f"example {one.number} of {visible(one.strategy)}"
    found = one.contrast
    if found is None:
        return f"{name}: {visible(one.why, _MOST)}"
    if found.estimate is None or found.lower is None or found.upper is None:
        return f"{name}: {found.finding.value}: {visible(found.reason, _MOST)}"
    change = f"without it quality {points(found.estimate)} pt [{points(found.lower)}, {points(found.upper)}]"
    margin = f"{100 * found.margin:g} pt"
    told = {
        Finding.BETTER: f"does harm: {change}",
        Finding.NOT_WORSE: f"adds nothing that shows: {change}, no drop of {margin}",
        Finding.WORSE: f"helps: {change}",
    }
    return f"{name} {told.get(found.finding, f'cannot be told: {change}, margin {margin}')}; {found.n} cases"
