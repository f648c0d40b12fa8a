"""Where cases were lost and won: only a slice that surely changed is named as a reason."""

from __future__ import annotations

import pytest
from fakes.evidence import graded, records

from pytest_llmcost.domain.change import Slice
from pytest_llmcost.gate.pairing import Pairing, pair_cases
from pytest_llmcost.gate.slices import Mark, quality_change
from pytest_llmcost.statistics.paired import mcnemar_midp


def turned(losses: list[int], gains: list[int], n: int = 60, groups: dict[str, str | None] | None = None) -> Pairing:
    before, now = records(n, wrong=gains), records(n, wrong=losses)
    return pair_cases(before, now, same_strategy=False, groups=groups)


def tagged(**places: range) -> dict[str, list[Mark]]:
    """By case, its tags; each tag holds the cases at some places."""
    return {f"c{place:03}": [("tag", tag) for tag, own in places.items() if place in own] for place in range(60)}


def by_name(pairing: Pairing, marks: dict[str, list[Mark]]) -> dict[str, Slice]:
    return {one.name: one for one in quality_change(pairing, marks).slices}


def test_the_slice_in_which_the_losses_are_is_named_with_its_share_of_the_change() -> None:
    found = quality_change(turned(list(range(12)), [40]), tagged(orders=range(20), account=range(20, 60)))

    assert (found.cases, found.lost, found.won, found.change) == (60, 12, 1, pytest.approx(-11 / 60))
    (orders,) = found.explaining
    assert (orders.kind, orders.name, orders.cases, orders.lost, orders.won) == ("tag", "orders", 20, 12, 0)
    assert orders.change == pytest.approx(-12 / 60)


def test_p_is_two_sided_and_corrected_for_the_number_of_slices_that_were_tested() -> None:
    marks = tagged(first=range(20), second=range(20, 40), third=range(40, 60))
    pairing = turned([*range(6), *range(20, 24)], [24, 25, 26])
    found = by_name(pairing, marks)

    assert found["first"].p == pytest.approx(2 * (2 * mcnemar_midp(6, 0)))  # two were tested, this first
    assert found["second"].p == pytest.approx(2 * mcnemar_midp(4, 3))
    assert "third" not in found  # no case of it changed


def test_losses_that_lie_evenly_over_the_slices_are_explained_by_none() -> None:
    marks = {f"c{place:03}": [("tag", f"t{place % 10}")] for place in range(60)}
    found = quality_change(turned(list(range(20)), []), marks)

    assert found.explaining == ()
    assert len(found.slices) == 10


def test_a_slice_that_got_better_does_not_explain_a_loss() -> None:
    marks = tagged(worse=range(20), better=range(40, 60))
    found = quality_change(turned(list(range(15)), list(range(40, 49))), marks)

    assert [one.name for one in found.explaining] == ["worse"]
    assert by_name(turned(list(range(15)), list(range(40, 49))), marks)["better"].holds


def test_what_all_cases_are_in_or_few_changed_in_is_counted_and_not_tested() -> None:
    found = by_name(turned(list(range(9)), []), tagged(everything=range(60), few=range(4)))

    assert (found["everything"].lost, found["everything"].p) == (9, None)
    assert (found["few"].lost, found["few"].p) == (4, None)


def test_a_single_group_is_one_piece_of_evidence_however_many_of_its_cases_fell() -> None:
    groups: dict[str, str | None] = {f"c{place:03}": "mail-7" for place in range(10)}
    marks: dict[str, list[Mark]] = {case: [("group", "mail-7"), ("tag", "orders")] for case in groups}
    found = by_name(turned(list(range(10)), [], groups=groups), marks)

    assert {name: (one.lost, one.p, one.holds) for name, one in found.items()} == {
        "mail-7": (10, None, False),
        "orders": (10, None, False),
    }


def test_graded_scores_have_slices_too() -> None:
    pairing = graded([0.8] * 20, [0.4] * 10 + [0.8] * 10)
    marks: dict[str, list[Mark]] = {f"c{place:03}": [("tag", "low" if place < 10 else "high")] for place in range(20)}
    (low,) = quality_change(pairing, marks).explaining

    assert (low.name, low.change) == ("low", pytest.approx(-0.2))


def test_without_pairs_or_marks_there_are_no_slices() -> None:
    assert quality_change(turned([], [], n=0), {}).slices == ()
    assert quality_change(turned([1], []), {}).slices == ()
