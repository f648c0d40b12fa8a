"""What each guard of the semantic cache catches of near misses, and loses of paraphrases, on labelled pairs.

    python benchmarks/semantic_guards.py            # the tables of docs/semantic_guards.md
    python benchmarks/semantic_guards.py --embed    # measures the pairs' cosines anew, first; needs the weights

Guards were written on half A of the pairs; what counts is half B, which no guard was changed for.
"""

from __future__ import annotations

import csv
import sys
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from pathlib import Path

from pytest_llmcost.statistics.intervals import wilson
from pytest_llmcost.strategies.semantic.guards import GUARDS, told_apart

PAIRS = Path(__file__).parents[1] / "example_suites/paraphrases/pairs.csv"
COSINES = Path(__file__).with_name("semantic_guards.csv")
THRESHOLDS = (0.85, 0.90, 0.95)


@dataclass(frozen=True)
class Pair:
    """Two texts, whether they mean the same, and how near an embedding finds them."""

    id: str
    is_paraphrase: bool
    what: str
    first: str
    second: str
    half: str
    cosine: float = 0.0

    def passes(self, guards: Collection[str]) -> bool:
        """Whether each of *guards* takes the texts for the same."""
        return told_apart(self.first, self.second, guards) is None


@dataclass(frozen=True)
class Effect:
    """Of the pairs that a threshold accepts: how many there are, and how many pass the guards too."""

    paraphrases: int
    hits: int
    near_misses: int
    wrong_hits: int


def read_pairs() -> list[Pair]:
    """Return the labelled pairs with the cosines that were measured."""
    with COSINES.open(encoding="utf-8", newline="") as file:
        cosines = {row["id"]: float(row["cosine"]) for row in csv.DictReader(file)}
    return [_pair(row, cosines[row["id"]]) for row in _rows()]


def half(pairs: Iterable[Pair], name: str) -> list[Pair]:
    """Return half A or half B."""
    return [pair for pair in pairs if pair.half == name]


def effect(pairs: Iterable[Pair], threshold: float, guards: Collection[str]) -> Effect:
    """Return what a cache with this threshold and these guards does to *pairs*."""
    near = [pair for pair in pairs if pair.cosine >= threshold]
    same, other = ([pair for pair in near if pair.is_paraphrase is kind] for kind in (True, False))
    return Effect(
        len(same), sum(pair.passes(guards) for pair in same), len(other), sum(pair.passes(guards) for pair in other)
    )


def rates(pairs: Collection[Pair]) -> list[str]:
    """Return a Markdown table: hits and wrong hits a threshold, of all pairs, without and with the guards."""
    of_kind = {kind: sum(pair.is_paraphrase is kind for pair in pairs) for kind in (True, False)}
    lines = [
        "| threshold | guards | paraphrases answered | near misses answered wrongly |",
        "| --- | --- | --- | --- |",
    ]
    for threshold in THRESHOLDS:
        for name, guards in (("none", ()), ("all", GUARDS)):
            found = effect(pairs, threshold, guards)
            hits, wrong = _share(found.hits, of_kind[True]), _share(found.wrong_hits, of_kind[False])
            lines.append(f"| {threshold:.2f} | {name} | {hits} | {wrong} |")
    return lines


def guard_by_guard(pairs: Collection[Pair]) -> list[str]:
    """Return a Markdown table of each guard alone, and left out of all: near misses caught / paraphrases lost."""
    head = [f"{place} {threshold:.2f}" for threshold in THRESHOLDS for place in ("alone,", "left out,")]
    lines = ["| guard | " + " | ".join(head) + " |", "| --- " * (len(head) + 1) + "|"]
    for guard in GUARDS:
        cells = [cell for threshold in THRESHOLDS for cell in _cells(pairs, threshold, guard)]
        lines.append(f"| `{guard}` | " + " | ".join(cells) + " |")
    return lines


def _cells(pairs: Collection[Pair], threshold: float, guard: str) -> tuple[str, str]:
    none, every = effect(pairs, threshold, ()), effect(pairs, threshold, GUARDS)
    alone = effect(pairs, threshold, [guard])
    rest = effect(pairs, threshold, [name for name in GUARDS if name != guard])
    return (
        f"{none.wrong_hits - alone.wrong_hits} / {none.hits - alone.hits}",
        f"{rest.wrong_hits - every.wrong_hits} / {rest.hits - every.hits}",
    )


def passing(pairs: Iterable[Pair], threshold: float) -> list[str]:
    """Return the near misses that every guard lets pass, and the paraphrases that one tells apart."""
    near = [pair for pair in pairs if pair.cosine >= threshold]
    wrong = [
        f"wrong  {p.cosine:.3f} {p.what}: {p.first} | {p.second}"
        for p in near
        if not p.is_paraphrase and p.passes(GUARDS)
    ]
    lost = [
        f"lost   {p.cosine:.3f} {told_apart(p.first, p.second)}: {p.first} | {p.second}"
        for p in near
        if p.is_paraphrase and not p.passes(GUARDS)
    ]
    return wrong + lost


def _share(count: int, whole: int) -> str:
    found = wilson(count, whole)
    return f"{count} of {whole}: {count / whole:.0%} [{found.lower:.1%}, {found.upper:.1%}]"


def _rows() -> list[dict[str, str]]:
    with PAIRS.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _pair(row: dict[str, str], cosine: float) -> Pair:
    return Pair(row["id"], row["kind"] == "paraphrase", row["what"], row["first"], row["second"], row["half"], cosine)


def measure() -> None:
    """Write the cosine of each pair."""
    from pytest_llmcost.calls.embedding.minilm import MiniLM

    embed = MiniLM().embed
    with COSINES.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["id", "cosine"])
        writer.writerows((row["id"], f"{embed(row['first']) @ embed(row['second']):.4f}") for row in _rows())


if __name__ == "__main__":
    if "--embed" in sys.argv:
        measure()
    pairs = half(read_pairs(), "B")
    print(*rates(pairs), "", *guard_by_guard(pairs), "", *passing(pairs, min(THRESHOLDS)), sep="\n")
