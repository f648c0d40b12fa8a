"""Hits and wrong hits of a semantic cache, on the labelled pairs as traffic: each text once, in a seeded order.

    python benchmarks/semantic_traffic.py       # the table of docs/semantic_guards.md; needs the weights

A hit may come from a text of any pair. It is right where it comes from the other text of a paraphrase. Half B alone.
"""

from __future__ import annotations

import random
from collections.abc import Collection, Iterator

from semantic_guards import THRESHOLDS, Pair, half, read_pairs

from pytest_llmcost.calls.embedding.minilm import MiniLM
from pytest_llmcost.calls.embedding.vectors import timed
from pytest_llmcost.statistics.intervals import wilson
from pytest_llmcost.strategies.semantic.guards import GUARDS
from pytest_llmcost.strategies.semantic.replay import Question, Traffic

SEED = 8


def asked(pairs: Collection[Pair]) -> list[Question]:
    """Return both texts of each pair, in the seed's order, each called by the answer that it needs."""
    questions = [
        Question(pair.id if pair.is_paraphrase else f"{pair.id}, {side}", "", text)
        for pair in pairs
        for side, text in (("first", pair.first), ("second", pair.second))
    ]
    random.Random(SEED).shuffle(questions)
    return questions


def table(traffic: Traffic) -> Iterator[str]:
    """Yield the lines of a Markdown table."""
    whole = len(traffic.questions)
    most = whole - len({question.case for question in traffic.questions})
    yield f"| threshold | guards | hits, of {whole} requests | right, of {most} possible | wrong, of all |"
    yield "| --- | --- | --- | --- | --- |"
    for threshold in THRESHOLDS:
        for name, guards in (("none", ()), ("all", GUARDS)):
            looked_up = zip(traffic.questions, traffic.walk(threshold, guards), strict=True)
            hits = [question.case == lookup.source for question, lookup in looked_up if lookup.source]
            wrong = hits.count(False)
            bounds = wilson(wrong, whole)
            yield (
                f"| {threshold:.2f} | {name} | {len(hits)}: {len(hits) / whole:.1%} | {hits.count(True)} "
                f"| {wrong}: {wrong / whole:.1%} [{bounds.lower:.1%}, {bounds.upper:.1%}] |"
            )


if __name__ == "__main__":
    questions = asked(half(read_pairs(), "B"))
    model = MiniLM()
    print(*table(Traffic(questions, [timed(model, q.text) for q in questions], min(THRESHOLDS))), sep="\n")
