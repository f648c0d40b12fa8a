"""Which bounds are looser than others, key by key."""

from __future__ import annotations

from typing import Any

import pytest

from pytest_llmcost.assembly.tightened import loosened
from pytest_llmcost.suites.schema.gate import GATE
from pytest_llmcost.suites.tree.fields import Table


@pytest.mark.parametrize(
    ("metric", "bound", "tighter", "looser"),
    [
        ("quality", {"min": 0.8}, 0.9, 0.7),
        ("quality", {"margin": 0.05}, 0.02, 0.1),
        ("quality", {"fail_on": "drop_of_margin"}, "any_drop", "beyond_margin"),
        ("cost", {"max_usd_per_case": 0.01}, "0.005", "0.02"),
        ("cost", {"max_increase": 0.1}, 0, 0.2),
        ("tokens", {"max_increase": 0.1}, 0.05, 1),
        ("latency", {"p95_seconds": 5}, 4, 6),
        ("latency", {"max_increase": 0.5}, 0.4, 0.6),
        ("latency", {"fail": True}, True, False),
        ("errors", {"max_rate": 0}, 0.0, 0.01),
        ("coverage", {"min": 0.9}, 1, 0.8),
    ],
)
def test_a_bound_may_be_tightened_and_not_loosened(
    metric: str, bound: dict[str, Any], tighter: Any, looser: Any
) -> None:
    ((key, value),) = bound.items()
    above = {"gate": {metric: bound}}

    for good in (value, tighter):
        assert list(loosened({"gate": {metric: {key: good}}}, above)) == []
    assert list(loosened({"gate": {metric: {key: looser}}}, above)) == [("gate", metric, key)]


def test_every_bound_of_the_gate_has_a_direction() -> None:
    """A key that is added to the gate and forgotten here could be loosened unseen."""
    for metric, about in GATE.keys.items():
        assert isinstance(about.kind, Table)
        for key in about.kind.keys:
            pairs: list[tuple[Any, Any]] = [(0, 1), (1, 0), (False, True), (True, False), ("beyond_margin", "any_drop")]
            found = [list(loosened({"gate": {metric: {key: own}}}, {"gate": {metric: {key: b}}})) for own, b in pairs]
            assert [("gate", metric, key)] in found, key


def test_a_gate_that_is_switched_off_is_looser_than_any() -> None:
    above = {"gate": {"quality": {"min": 0.8}}, "budget_usd": 1}

    assert list(loosened({"gate": False}, above)) == [("gate",)]
    assert list(loosened({"gate": False}, {"gate": {}})) == []
    assert list(loosened({"gate": {"cost": {"max_increase": 9}}}, above)) == []
    assert list(loosened({"budget_usd": 2}, above)) == [("budget_usd",)]
    assert list(loosened({"budget_usd": 1}, above)) == []


@pytest.mark.parametrize("junk", [None, "high", [], {"x": 1}, True])
def test_what_is_no_bound_is_for_the_reader_of_suites_to_tell(junk: Any) -> None:
    assert list(loosened({"gate": {"quality": {"min": junk}}}, {"gate": {"quality": {"min": 0.8}}})) == []
