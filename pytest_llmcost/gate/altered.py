"""What a change does to its own judge: a suite beside the one that it started from."""

from __future__ import annotations

import dataclasses
from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import Any

from pytest_llmcost.domain.alteration import Alteration, Altered
from pytest_llmcost.domain.gate import Gate
from pytest_llmcost.domain.suite import Case, Suite
from pytest_llmcost.gate.held_to import asks_the_same, expects_the_same, has_to_pass
from pytest_llmcost.gate.looser import is_looser

_Pair = tuple[Case, Case]


def altered(base: Suite, now: Suite) -> Iterator[Alteration]:
    """Yield in what *now* differs from *base*, as far as it bears on verdicts."""
    yield from _of_gates(base, now)
    yield from _of_strategies(base, now)
    before = {case.id: case for case in base.cases}
    pairs = [(before[case.id], case) for case in now.cases if case.id in before]
    here = {case.id for case in now.cases}
    yield from _on(Altered.DELETED, now, [(case, case) for case in base.cases if case.id not in here], line=0)
    asked = [pair for pair in pairs if not asks_the_same(pair[1], pair[0])]
    yield from _on(Altered.ASKED, now, asked)
    expected = [pair for pair in pairs if not expects_the_same(pair[1], now, pair[0], base)]
    yield from _on(Altered.EXPECTED, now, expected)
    yield from _on(Altered.QUARANTINE, now, [pair for pair in pairs if pair[1].quarantine and not pair[0].quarantine])
    yield from _of_thresholds(base, now, pairs)
    yield from _of_must_pass(base, now, pairs)


def _on(kind: Altered, now: Suite, pairs: list[_Pair], line: int | None = None) -> Iterator[Alteration]:
    if pairs:
        at = pairs[0][1].line if line is None else line
        yield Alteration(kind, now.path, cases=tuple(case.id for case, _ in pairs), line=at)


def _of_strategies(base: Suite, now: Suite) -> Iterator[Alteration]:
    here = {spec.name for spec in now.strategies}
    for spec in base.strategies:
        if spec.name not in here and spec.gate is not None:
            yield Alteration(Altered.DELETED, now.path, spec.name, reason="the strategy is gone, and nothing judges it")


def _of_gates(base: Suite, now: Suite) -> Iterator[Alteration]:
    """Yield each bound that differs: once where it does so for all strategies alike."""
    specs = {spec.name: spec for spec in base.strategies}
    found: dict[tuple[str, str, str, bool], list[tuple[str, int]]] = defaultdict(list)
    common = [spec for spec in now.strategies if spec.name in specs]
    for spec in common:
        for difference in _differences(specs[spec.name].gate, spec.gate):
            found[difference].append((spec.name, spec.line))
    for (what, before, after, is_weaker), places in found.items():
        everywhere = len(places) == len(common) > 1
        for name, line in [("", 0)] if everywhere else places:
            yield Alteration(Altered.GATE, now.path, name, what, before, after, is_weaker=is_weaker, line=line)


def _differences(base: Gate | None, now: Gate | None) -> Iterator[tuple[str, str, str, bool]]:
    if base is None or now is None:
        if base is not now:
            yield "gate", "false" if base is None else "stated", "false" if now is None else "stated", now is None
        return
    before, after = _bounds(base), _bounds(now)
    for what in before:
        if before[what] != after[what]:
            yield what, _shown(before[what]), _shown(after[what]), _is_weaker(what, before[what], after[what])


def _bounds(gate: Gate) -> dict[str, Any]:
    """Return all bounds of a gate by their keys in a suite."""
    bounds: dict[str, Any] = {"coverage.min": gate.coverage_min}
    for metric, section in dataclasses.asdict(gate).items():
        if isinstance(section, dict):
            bounds |= {f"{metric}.{key}": value for key, value in section.items()}
    return bounds


def _is_weaker(what: str, before: Any, now: Any) -> bool:
    if before is None or now is None:
        return now is None
    return is_looser(what.rpartition(".")[2], now, before)


def _shown(value: Any) -> str:
    return "" if value is None else str(value).lower() if isinstance(value, bool) else f"{value}"


def _of_thresholds(base: Suite, now: Suite, pairs: list[_Pair]) -> Iterator[Alteration]:
    found: dict[tuple[float, float], list[Case]] = defaultdict(list)
    for before, case in pairs:
        values = base.threshold_of(before), now.threshold_of(case)
        if values[0] != values[1]:
            found[values].append(case)
    yield from _of_cases("threshold", now, found, len(pairs))


def _of_must_pass(base: Suite, now: Suite, pairs: list[_Pair]) -> Iterator[Alteration]:
    found: dict[tuple[float, float], list[Case]] = defaultdict(list)
    for before, case in pairs:
        values = _least_right(before, base), _least_right(case, now)
        if values[0] != values[1]:
            found[values].append(case)
    yield from _of_cases("must_pass", now, found, len(pairs))


def _least_right(case: Case, suite: Suite) -> float:
    return float("inf") if has_to_pass(case, suite) else int(case.must_pass)


def _of_cases(
    what: str, now: Suite, found: Mapping[tuple[float, float], list[Case]], count: int
) -> Iterator[Alteration]:
    words = {float("inf"): "true", 0: "false"} if what == "must_pass" else {}
    for (before, after), cases in found.items():
        yield Alteration(
            Altered.GATE,
            now.path,
            what=what,
            before=words.get(before, f"{before:g}"),
            now=words.get(after, f"{after:g}"),
            cases=() if len(cases) == count else tuple(case.id for case in cases),
            is_weaker=after < before,
            line=cases[0].line,
        )
