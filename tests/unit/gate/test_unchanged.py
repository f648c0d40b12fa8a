"""Two runs of a system that did not change, drawn from one."""

from __future__ import annotations

from random import Random
from statistics import mean

import pytest
from fakes.evidence import record, records

from pytest_llmcost.gate.records import CaseRecord
from pytest_llmcost.gate.unchanged import Unchanged

FLICKERING = [
    record(f"c{place}", *scores) for place, scores in enumerate([(1, 1, 0), (1, 0, 1), (0, 0, 0), (1, 1, 1)] * 20)
]


def unchanged(cases: list[CaseRecord], discordance: float | None = 0.10, groups: int = 0) -> Unchanged:
    named = {one.case: str(place % groups) for place, one in enumerate(cases)} if groups else {}
    return Unchanged(cases, named, discordance)


def test_both_runs_hold_every_case_with_as_many_trials_and_in_its_order() -> None:
    system = unchanged([record("late", 1.0), record("rain", 0.0, 1.0, 1.0), record("books", 0.5)], None)
    pairs = system.pairs(system.draw(Random(1)))
    assert [pair.now.case for pair in pairs] == [pair.before.case for pair in pairs] == ["late", "rain", "books"]
    assert [len(pair.now.scores) for pair in pairs] == [len(pair.before.scores) for pair in pairs] == [1, 3, 1]


@pytest.mark.parametrize(("cases", "discordance"), [(records(200, wrong=range(60)), 0.2), (FLICKERING, None)])
def test_so_many_cases_differ_as_it_says_and_neither_run_is_better(
    cases: list[CaseRecord], discordance: float | None
) -> None:
    system, random = unchanged(cases, discordance), Random(2)
    runs = [system.pairs(system.draw(random)) for _ in range(200)]
    first = mean(pair.before.scores[0] != pair.now.scores[0] for run in runs for pair in run)
    assert first == pytest.approx(system.discordance, abs=0.01)
    assert mean(pair.change for run in runs for pair in run) == pytest.approx(0, abs=0.005)


def test_a_drop_lowers_the_second_run_alone_by_so_much_and_leaves_the_noise_as_it_was() -> None:
    system, random = unchanged(records(100, wrong=range(30))), Random(3)
    drawn = [system.draw(random) for _ in range(300)]
    for one in drawn:
        for same, worse in zip(system.pairs(one), system.pairs(one, 0.10), strict=True):
            assert worse.before == same.before
            assert worse.now.scores in (same.now.scores, (0.0,))
    change = mean(pair.change for one in drawn for pair in system.pairs(one, 0.10))
    assert change == pytest.approx(-0.10, abs=0.006)


def test_groups_are_lost_whole() -> None:
    system = unchanged(records(60), 0.0, groups=12)
    pairs = system.pairs(system.draw(Random(4)), 0.5)
    lost = {group: {pair.change for pair in pairs if pair.group == group} for group in map(str, range(12))}
    assert set(map(frozenset, lost.values())) == {frozenset({-1.0}), frozenset({0.0})}


def test_assumed_noise_turns_groups_whole_and_that_of_repeats_each_case() -> None:
    """Cases that resemble each other have a common fate; chance that was seen in trials has none."""

    def changed(system: Unchanged) -> list[set[bool]]:
        pairs = system.pairs(system.draw(Random(5)))
        return [{pair.change != 0 for pair in pairs if pair.group == str(group)} for group in range(8)]

    alike = records(80, wrong=[place for place in range(80) if place % 8 < 4])
    assumed, seen = changed(unchanged(alike, 0.3, groups=8)), changed(unchanged(FLICKERING, None, groups=8))
    assert {True} in assumed
    assert {True, False} not in assumed
    assert seen.count({True, False}) > 4


def test_answers_that_never_changed_in_repeats_do_not_change() -> None:
    system = unchanged([record(f"c{place}", 1.0, 1.0) for place in range(9)], None)
    assert system.discordance == 0
    assert {pair.change for pair in system.pairs(system.draw(Random(6)))} == {0.0}


@pytest.mark.parametrize(
    ("cases", "groups", "is_counted"),
    [
        (records(9, wrong=[1]), 0, True),
        (records(9, wrong=[1]), 4, False),
        ([record("a", 0.5), record("b")], 0, False),
        (FLICKERING, 0, False),
    ],
)
def test_counts_alone_decide_only_single_right_or_wrong_answers_without_groups(
    cases: list[CaseRecord], groups: int, is_counted: bool
) -> None:
    assert unchanged(cases, groups=groups).is_counted is is_counted
