"""Hits and wrong hits of a semantic cache, on the labelled pairs as traffic: each text once, in a seeded order.

    python benchmarks/semantic_traffic.py       # the table of docs/semantic_guards.md; needs the weights

A request is answered by the nearest earlier text above the threshold that no guard tells apart, of whatever pair; else
it is asked, and kept. Its answer is right if it is that of the same pair, and the pair a paraphrase. Half B alone.
"""

from __future__ import annotations

import random
from collections.abc import Collection, Iterator, Sequence
from typing import NamedTuple

from semantic_guards import THRESHOLDS, Pair, half, read_pairs

from pytest_llmcost.statistics.intervals import wilson
from pytest_llmcost.strategies.semantic.guards import GUARDS, told_apart

SEED = 8


class Asked(NamedTuple):
    """A text of the traffic, and the answer that it needs."""

    text: str
    answer: str


class Hit(NamedTuple):
    """Two texts of which the later was given the answer of the earlier."""

    asked: Asked
    found: Asked


def traffic(pairs: Collection[Pair]) -> list[Asked]:
    """Return both texts of each pair, in the seed's order."""
    asked = [
        Asked(text, pair.id if pair.is_paraphrase else f"{pair.id}, {side}")
        for pair in pairs
        for side, text in (("first", pair.first), ("second", pair.second))
    ]
    random.Random(SEED).shuffle(asked)
    return asked


def replayed(order: Sequence[Asked], cosines, threshold: float, guards: Collection[str]) -> Iterator[Hit]:
    """Yield the requests that the cache answers, with whose answer."""
    kept: list[int] = []
    for now, asked in enumerate(order):
        near = sorted((-float(cosines[now, then]), then) for then in kept if cosines[now, then] >= threshold)
        found = (order[then] for _, then in near if told_apart(asked.text, order[then].text, guards) is None)
        if (hit := next(found, None)) is None:
            kept.append(now)
        else:
            yield Hit(asked, hit)


def table(order: Sequence[Asked], cosines) -> Iterator[str]:
    """Yield the lines of a Markdown table."""
    most = len(order) - len({asked.answer for asked in order})
    yield f"| threshold | guards | hits, of {len(order)} requests | right, of {most} possible | wrong, of all |"
    yield "| --- | --- | --- | --- | --- |"
    for threshold in THRESHOLDS:
        for name, guards in (("none", ()), ("all", GUARDS)):
            hits = list(replayed(order, cosines, threshold, guards))
            wrong = sum(hit.asked.answer != hit.found.answer for hit in hits)
            bounds = wilson(wrong, len(order))
            yield (
                f"| {threshold:.2f} | {name} | {len(hits)}: {len(hits) / len(order):.1%} | {len(hits) - wrong} "
                f"| {wrong}: {wrong / len(order):.1%} [{bounds.lower:.1%}, {bounds.upper:.1%}] |"
            )


def main() -> None:
    """Print the table, and what passes the guards wrongly."""
    import numpy
    from pytest_llmcost.calls.embedding.minilm import MiniLM

    order = traffic(half(read_pairs(), "B"))
    vectors = numpy.array(MiniLM().embed_all([asked.text for asked in order]))
    cosines = vectors @ vectors.T
    print(*table(order, cosines), sep="\n")
    for hit in replayed(order, cosines, min(THRESHOLDS), GUARDS):
        if hit.asked.answer != hit.found.answer:
            print(f"wrong: {hit.asked.text} | {hit.found.text}")


if __name__ == "__main__":
    main()
