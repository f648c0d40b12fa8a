"""Where cases were lost and won: only a slice that stands out from the rest is named as a reason."""

from __future__ import annotations

from random import Random

import pytest
from fakes.evidence import graded, records

from pytest_llmcost.domain.change import Slice
from pytest_llmcost.gate.pairing import Pairing, pair_cases
from pytest_llmcost.gate.slices import Mark, quality_change
from pytest_llmcost.statistics.concentration import p_concentrated

Marks = dict[str, list[Mark]]


def turned(losses: list[int], gains: list[int], n: int = 60, groups: dict[str, str | None] | None = None) -> Pairing:
    before, now = records(n, wrong=gains), records(n, wrong=losses)
    return pair_cases(before, now, same_strategy=False, groups=groups)


def tagged(**places: range) -> Marks:
    """By case, its tags; each tag holds the cases at some places."""
    return {f"c{place:03}": [("tag", tag) for tag, own in places.items() if place in own] for place in range(60)}


def by_name(pairing: Pairing, marks: Marks) -> dict[str, Slice]:
    return {one.name: one for one in quality_change(pairing, marks).slices}


def test_the_slice_in_which_the_losses_lie_is_named_with_its_share_of_the_change() -> None:
    found = quality_change(turned(list(range(12)), [40]), tagged(orders=range(20), account=range(20, 60)))

    assert (found.cases, found.lost, found.won, found.change) == (60, 12, 1, pytest.approx(-11 / 60))
    (orders,) = found.explaining
    assert (orders.kind, orders.name, orders.cases, orders.lost, orders.won) == ("tag", "orders", 20, 12, 0)
    assert orders.change == pytest.approx(-12 / 60)


def test_p_is_that_of_the_slice_against_the_rest_corrected_for_the_slices_that_were_tested() -> None:
    marks = tagged(first=range(20), second=range(20, 40), third=range(40, 60))
    found = by_name(turned([*range(6), 20], [40]), marks)

    assert found["first"].p == pytest.approx(3 * p_concentrated(6, 20, 7, 60))
    assert found["second"].p == 1.0
    assert found["third"].change > 0


def test_losses_that_lie_evenly_over_the_slices_are_explained_by_none() -> None:
    marks: Marks = {f"c{place:03}": [("tag", f"t{place % 3}"), ("tag", "all")] for place in range(60)}
    found = quality_change(turned(list(range(30)), []), marks)

    assert found.explaining == ()
    assert {one.name: one.lost for one in found.slices} == {"all": 30, "t0": 10, "t1": 10, "t2": 10}


def test_a_rise_is_explained_by_where_cases_were_won() -> None:
    marks = tagged(worse=range(20), better=range(40, 60))
    found = quality_change(turned(list(range(6)), list(range(40, 55))), marks)

    assert [(one.name, one.won) for one in found.explaining] == [("better", 15)]


def test_a_single_lost_case_is_no_slice_that_stands_out() -> None:
    assert by_name(turned([3], []), tagged(few=range(3, 5)))["few"].p is None


def test_what_all_cases_are_in_explains_nothing() -> None:
    assert by_name(turned(list(range(9)), []), tagged(everything=range(60)))["everything"].p is None


def test_a_group_is_one_unit_however_many_of_its_cases_fell() -> None:
    groups: dict[str, str | None] = {f"c{place:03}": "mail-7" for place in range(10)}
    marks: Marks = {case: [("group", "mail-7"), ("tag", "orders")] for case in groups}
    found = by_name(turned(list(range(10)), [], groups=groups), marks)

    assert {name: (one.lost, one.holds) for name, one in found.items()} == {
        "mail-7": (10, False),
        "orders": (10, False),
    }


def test_graded_scores_have_slices_too() -> None:
    pairing = graded([0.8] * 20, [0.4] * 10 + [0.8] * 10)
    marks: Marks = {f"c{place:03}": [("tag", "low" if place < 10 else "high")] for place in range(20)}
    (low,) = quality_change(pairing, marks).explaining

    assert (low.name, low.change) == ("low", pytest.approx(-0.2))


def test_without_pairs_or_marks_there_are_no_slices() -> None:
    assert quality_change(turned([], [], n=0), {}).slices == ()
    assert quality_change(turned([1], []), {}).slices == ()


def test_where_losses_fall_by_chance_a_slice_is_named_in_at_most_one_run_of_twenty() -> None:
    """Six tags of 20 cases in 100, one case in five lost: whatever is named is named wrongly."""
    random, wrong = Random(6), 0
    for _ in range(100):
        marks: Marks = {f"c{place:03}": [] for place in range(100)}
        for tag in range(6):
            for place in random.sample(range(100), 20):
                marks[f"c{place:03}"].append(("tag", str(tag)))
        lost = [place for place in range(100) if random.random() < 0.2]
        wrong += bool(quality_change(turned(lost, [], n=100), marks).explaining)
    assert wrong <= 5
