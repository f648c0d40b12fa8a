"""What the cases that two strategies share tell of the second against the first."""

from __future__ import annotations

import dataclasses
from decimal import Decimal

import pytest
from fakes.evidence import MODEL, graded, measured, paired, records

from pytest_llmcost.domain.comparison import Contrast, Finding
from pytest_llmcost.domain.price import Price
from pytest_llmcost.domain.usage import Usage
from pytest_llmcost.gate.contrast import contrast, settled
from pytest_llmcost.gate.pairing import Pairing, pair_cases
from pytest_llmcost.statistics.paired import mcnemar_midp

PRICES = {MODEL: Price(input=Decimal(1), output=Decimal(10))}


def blank(margin: float = 0.05) -> Contrast:
    return Contrast("old", "new", Finding.UNTOLD, margin, "the suite", 0)


def found(pairing: Pairing, margin: float = 0.05) -> Contrast:
    (one,) = settled([contrast(blank(margin), pairing, PRICES)])
    return one


@pytest.mark.parametrize(
    ("pairing", "finding"),
    [
        (paired(20, 2, 200), Finding.WORSE),
        (paired(2, 20, 200), Finding.BETTER),
        (paired(3, 2, 200), Finding.NOT_WORSE),
        (paired(3, 2, 40), Finding.UNTOLD),
        (paired(0, 0, 40, same_strategy=True), Finding.UNCHANGED),
    ],
)
def test_findings_are_what_was_tested(pairing: Pairing, finding: Finding) -> None:
    assert found(pairing).finding is finding


def test_a_drop_that_is_no_accident_but_surely_within_the_margin_is_not_worse() -> None:
    one = found(paired(8, 0, 400))
    assert (one.finding, one.p_worse) == (Finding.NOT_WORSE, pytest.approx(mcnemar_midp(8, 0)))


def test_each_kind_of_claim_is_corrected_for_how_many_are_made() -> None:
    """Alone a claim may be wrong in one case of twenty; of ten of them no more than that together."""
    one = contrast(blank(), paired(3, 2, 140), PRICES)
    assert found(paired(3, 2, 140)).finding is Finding.NOT_WORSE
    many = settled([one] * 10)
    assert {each.finding for each in many} == {Finding.UNTOLD}
    assert many[0].p_not_worse == pytest.approx(10 * (one.p_not_worse or 0.0))


def test_what_was_not_tested_is_no_member_of_the_family() -> None:
    one, unchanged = (contrast(blank(), p, PRICES) for p in (paired(3, 2, 140), paired(0, 0, 40, same_strategy=True)))
    assert settled([one, unchanged, unchanged])[0].p_not_worse == one.p_not_worse


def test_too_few_common_cases_tell_nothing_and_that_is_said() -> None:
    now = [dataclasses.replace(record, fingerprint="other") for record in records(40)[:30]] + records(40)[30:]
    one = found(pair_cases(records(40), now, same_strategy=False))
    assert (one.finding, one.reason, one.cost) == (Finding.UNTOLD, "too few common cases: 10 of 40", None)


def test_one_group_tells_nothing_of_others() -> None:
    assert "one group" in found(graded([1.0] * 6, [0.5] * 6, ["g"] * 6)).reason


def test_cost_tokens_and_latency_stand_beside_it() -> None:
    cheaper = records(60, usage={MODEL: Usage(250, output_tokens=4)}, seconds=0.25)
    one = found(pair_cases(records(60), cheaper, same_strategy=False))
    assert one.cost is not None
    assert one.tokens is not None
    assert one.latency is not None
    assert (one.cost.before, one.cost.now) == (pytest.approx(580e-6), pytest.approx(290e-6))
    assert one.cost.increase == one.tokens.increase == one.latency.increase == -0.5
    assert one.p95_seconds == (0.5, 0.25)
    assert one.grew == ()


def test_below_59_cases_there_is_no_95th_percentile() -> None:
    assert found(measured([1.0] * 58, [2.0] * 58)).p95_seconds is None


def test_without_a_price_there_is_no_cost() -> None:
    assert contrast(blank(), paired(1, 1, 40), {}).cost is None


def test_the_cases_that_grew_dearest_are_named() -> None:
    now = records(60)
    now[7] = dataclasses.replace(now[7], usage={MODEL: Usage(500, output_tokens=800)})
    one = found(pair_cases(records(60), now, same_strategy=False))
    assert (one.grew, one.grew_share) == (("c007",), 1.0)
