"""Two prompts beside each other, model by model."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from pytest_llmcost.reports.safe import visible
from pytest_llmcost.reports.table import usd


@dataclass(frozen=True, slots=True)
class Side:
    """One prompt; `words` on average over `calls`, which is 1 of a file."""

    name: str
    words: float
    calls: int


@dataclass(frozen=True, slots=True)
class Compared:
    """What one model makes of both.

    Attributes:
        counted_by: Who counted, and why it is not the model's own tokenizer where that is so.
        tokens: Of the input of a call, before and now.
        usd: What that costs, in US dollars; None where no price a token is known. The year's saving likewise.
        payback_days: After how many days an hour's work is paid for; None where it never is, or nobody can tell.
    """

    model: str
    counted_by: str
    is_exact: bool
    tokens: tuple[float, float]
    usd: tuple[Decimal | None, Decimal | None]
    usd_saved_per_year: Decimal | None
    payback_days: float | None


@dataclass(frozen=True, slots=True)
class PromptDiff:
    """All that `llmcost prompt diff` tells; `requests` a month."""

    before: Side
    now: Side
    models: tuple[Compared, ...]
    requests: int
    hour_usd: Decimal
    notes: tuple[str, ...] = ()


def diff_lines(found: PromptDiff) -> Iterator[str]:
    """Yield the sides, and a line or two a model."""
    for mark, side in (("A", found.before), ("B", found.now)):
        mean = f", on average over {side.calls} cases" if side.calls > 1 else ""
        yield f"{mark}: {visible(side.name, 200)}: {side.words:,.0f} words{mean}"
    for one in found.models:
        yield from _lines(one, found)


def diff_document(found: PromptDiff) -> dict[str, Any]:
    """Return the same for programs."""
    return {
        "prompts": [
            {"name": side.name, "words": side.words, "calls": side.calls} for side in (found.before, found.now)
        ],
        "requests_per_month": found.requests,
        "hour_usd": float(found.hour_usd),
        "models": [
            {
                "model": one.model,
                "exact": one.is_exact,
                "counted_by": one.counted_by,
                "tokens": list(one.tokens),
                "usd_per_call": [_number(amount) for amount in one.usd],
                "usd_saved_per_year": _number(one.usd_saved_per_year),
                "payback_days": one.payback_days,
            }
            for one in found.models
        ],
        "notes": list(found.notes),
    }


def _lines(one: Compared, found: PromptDiff) -> Iterator[str]:
    before, now = one.tokens
    about = "" if one.is_exact else "about "
    share = f" ({100 * (now / before - 1):+z.0f} %)" if before else ""
    by = f", counted by {one.counted_by}" if one.is_exact else ""
    yield f"{visible(one.model)}: {about}{_count(before)} -> {about}{_count(now)} input tokens a call{share}{by}"
    if one.usd[0] is None or one.usd[1] is None or one.usd_saved_per_year is None:
        return
    year = one.usd_saved_per_year
    moved = f"${usd(year)} less" if year >= 0 else f"${usd(-year)} more"
    yield f"  ${usd(one.usd[0])} -> ${usd(one.usd[1])} a call; at {found.requests:,} requests a month {moved} a year"
    if one.payback_days is not None:
        yield f"  an hour's work (${usd(found.hour_usd)}) is paid for in {_days(one.payback_days)}"
    else:
        yield f"  an hour's work (${usd(found.hour_usd)}) is never paid for"


def _count(tokens: float) -> str:
    return f"{tokens:,.0f}" if tokens == int(tokens) else f"{tokens:,.1f}"


def _days(days: float) -> str:
    if days < 1:
        return f"{24 * days:.1f} hours"
    return f"{days:,.0f} days" if days < 730 else f"{days / 365:,.1f} years"


def _number(amount: Decimal | None) -> float | None:
    return None if amount is None else float(amount)
