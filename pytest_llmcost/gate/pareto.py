"""Which strategies are worth a thought: the Pareto front of quality, cost and latency."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

TIE = 1e-12
"""Means that are apart by less are equal."""


@dataclass(frozen=True, slots=True)
class Point:
    """Where a strategy stands, by what was measured on the cases that all of them answered.

    Attributes:
        quality: Mean score, within 0..1.
        usd: A case, in US dollars; None where a price is not known: then nothing is beaten by it, and it by nothing.
        seconds: Median latency.
    """

    name: str
    quality: float
    usd: float | None
    seconds: float


def beaten_by(points: Sequence[Point]) -> Mapping[str, tuple[str, ...]]:
    """Return, by name, which others are at least as good, as cheap and as fast, and better in one of these.

    The strategies that nothing beats are the Pareto front.
    """
    return {one.name: tuple(other.name for other in points if _beats(other, one)) for one in points}


def _beats(one: Point, other: Point) -> bool:
    if one.usd is None or other.usd is None:
        return False
    ahead = (one.quality - other.quality, other.usd - one.usd, other.seconds - one.seconds)
    return min(ahead) >= -TIE and max(ahead) > TIE


def cheapest(points: Sequence[Point], quality: float) -> Point | None:
    """Return the cheapest of those that reach a quality; of equally cheap ones the best, then the fastest."""
    priced = [(p.usd, -p.quality, p.seconds, p) for p in points if p.usd is not None and _reaches(p, quality)]
    return min(priced, key=lambda ranked: ranked[:3])[-1] if priced else None


def fastest(points: Sequence[Point], quality: float) -> Point | None:
    """Return the fastest of those that reach a quality; of equally fast ones the best."""
    able = [p for p in points if _reaches(p, quality)]
    return min(able, key=lambda p: (p.seconds, -p.quality), default=None)


def best(points: Sequence[Point], most_usd: float) -> Point | None:
    """Return the best of those that cost no more than *most_usd* a case; of equally good ones the cheapest."""
    paid = [(-p.quality, p.usd, p.seconds, p) for p in points if p.usd is not None and p.usd <= most_usd + TIE]
    return min(paid, key=lambda ranked: ranked[:3])[-1] if paid else None


def _reaches(point: Point, quality: float) -> bool:
    return point.quality >= quality - TIE
