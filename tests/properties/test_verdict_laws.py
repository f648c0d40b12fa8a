"""Laws of a verdict on any two runs: mirrored, diluted, asked twice, and put together from shards."""

from __future__ import annotations

import dataclasses
import random
from decimal import Decimal
from pathlib import Path

import pytest
from fakes.evidence import BLANK, graded
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from pytest_llmcost.assembly.merge import merge_runs
from pytest_llmcost.assembly.models import Models
from pytest_llmcost.assembly.settings import Settings
from pytest_llmcost.assembly.summing import entries_of, judge_entries, summary_of
from pytest_llmcost.assembly.trials import answer_digest
from pytest_llmcost.costs.price_map import PriceMap
from pytest_llmcost.costs.prices import PriceTable
from pytest_llmcost.domain.gate import Gate, Outcome, QualityGate, Verdict
from pytest_llmcost.domain.suite import Case, Prompt, StrategySpec, Suite
from pytest_llmcost.domain.trial import Call, Run, RunHeader, Trial
from pytest_llmcost.domain.usage import Usage
from pytest_llmcost.gate.baseline import Baseline
from pytest_llmcost.gate.decide import decide
from pytest_llmcost.gate.pairing import Pairing
from pytest_llmcost.gate.quality import judge_quality

PASS, FAIL = Outcome.PASS, Outcome.FAIL
margins = st.sampled_from([0.02, 0.05, 0.1, 0.3])

halves = st.sampled_from([0.0, 0.5, 1.0])
own_trials = st.lists(halves, min_size=1, max_size=3)
cases = st.tuples(own_trials, own_trials, st.sampled_from([None, *"abcdefgh"]))
comparisons = st.one_of(
    st.lists(cases, min_size=2, max_size=40),
    st.lists(st.tuples(halves, halves, st.none()), min_size=2, max_size=40),
    st.lists(st.tuples(st.sampled_from([0.0, 1.0]), st.sampled_from([0.0, 1.0]), st.none()), min_size=2, max_size=80),
).map(lambda rows: tuple(map(list, zip(*rows, strict=True))))


def decided(pairing: Pairing, margin: float = 0.05) -> Verdict:
    now = [pair.now for pair in pairing.pairs]
    return decide([judge_quality(BLANK, QualityGate(margin=margin), now, pairing)])[0]


@given(comparisons)
def test_swapping_the_two_runs_mirrors_the_change_and_its_interval(drawn: tuple[list, list, list]) -> None:  # type: ignore[type-arg]
    before, now, groups = drawn
    one, other = decided(graded(before, now, groups)), decided(graded(now, before, groups))

    assert one.basis == other.basis
    if one.basis == "test":
        assert other.estimate == pytest.approx(-one.estimate)  # type: ignore[operator]
        assert (other.lower, other.upper) == pytest.approx((-one.upper, -one.lower))  # type: ignore[operator]
        assert (other.losses, other.gains) == (one.gains, one.losses)


@given(comparisons, margins, st.integers(1, 300), halves)
def test_adding_cases_that_did_not_change_never_turns_a_pass_into_a_failure(
    drawn: tuple[list, list, list],  # type: ignore[type-arg]
    margin: float,
    more: int,
    score: float,
) -> None:
    before, now, groups = drawn
    first = decided(graded(before, now, groups), margin)
    diluted = graded([*before, *[score] * more], [*now, *[score] * more], [*groups, *[None] * more])

    if first.outcome is PASS:
        assert decided(diluted, margin).outcome is not FAIL


@given(st.lists(cases, min_size=2, max_size=20), st.integers(2, 4))
def test_writing_every_case_of_each_group_again_does_not_narrow_the_interval(
    rows: list[tuple[list[float], list[float], str | None]], times: int
) -> None:
    rows = [(before, now, group or f"alone {place}") for place, (before, now, group) in enumerate(rows)]
    assume(len({group for _, _, group in rows}) > 1)
    before, now, groups = (list(side) for side in zip(*rows, strict=True))

    first = graded(before, now, groups)
    assume(first.has_groups or not all(pair.is_right_or_wrong for pair in first.pairs))  # (Tango's is another interval)

    once, again = decided(first), decided(graded(before * times, now * times, groups * times))

    assert (again.lower, again.upper) == pytest.approx((once.lower, once.upper), abs=1e-9)
    if all(len(pair.before.scores) == len(pair.now.scores) for pair in first.pairs):
        assert again.p == once.p


# -- shards

PATH, MODEL = "bench_mail.yaml", "stub/small"
GATE = Gate(quality=QualityGate(margin=0.1))
SPEC = StrategySpec("cheap", MODEL, Prompt(prompt="{{ text }}"), {}, "label", False, GATE)
PRICES = {MODEL: {"input": 1, "output": 10}}
MODELS = Models(Settings(Path(), prices=PRICES), PriceTable(PRICES, PriceMap), {})
LABELS = ("spam", "ham")


def suite(groups: list[str | None]) -> Suite:
    asked = tuple(
        Case(f"c{n}", {"text": str(n)}, (LABELS[n % 2],), f"{n:012}", group=group) for n, group in enumerate(groups)
    )
    return Suite(PATH, "mail", "", LABELS, (SPEC,), (), 1.0, None, asked)


def trials(asked: Suite, rights: list[bool], repeats: int) -> list[Trial]:
    """Each case in so many trials, right or wrong in turn."""
    call = Call(MODEL, Usage(500, output_tokens=8), 0.25, Decimal("0.00058"), Decimal("0.00058"), 1, False)
    made = []
    for place, case in enumerate(asked.cases):
        for number in range(repeats):
            is_right = rights[(place * repeats + number) % len(rights)]
            answer = case.expected[0] if is_right else LABELS[LABELS.index(case.expected[0]) - 1]
            seconds = 0.2 + (place * 7 % 5) / 10 + is_right / 100
            made.append(
                Trial(
                    suite=PATH,
                    strategy="cheap",
                    case=case.id,
                    trial=number + 1,
                    fingerprint=case.fingerprint,
                    score=float(is_right),
                    correct=is_right,
                    error=None,
                    calls=(dataclasses.replace(call, seconds=seconds),),
                    paid_usd=Decimal("0.00058"),
                    answer_sha256=answer_digest(answer),
                )
            )
    return made


@settings(max_examples=40)
@given(
    st.lists(st.sampled_from([None, "a", "b"]), min_size=2, max_size=30),
    st.lists(st.booleans(), min_size=1, max_size=9),
    st.integers(1, 3),
    st.integers(1, 4),
    st.randoms(use_true_random=False),
)
def test_shards_merged_are_judged_and_summed_up_as_the_whole_run(
    groups: list[str | None], rights: list[bool], repeats: int, parts: int, drawn: random.Random
) -> None:
    asked = suite(groups)
    (before,) = entries_of([asked], trials(asked, [True, True, False], repeats), MODELS, {})
    baseline = Baseline("mail", {"cheap": before.record}, before.records)
    whole = trials(asked, rights, repeats)
    shard_of = {case.id: drawn.randrange(parts) for case in asked.cases}
    header = RunHeader("2026-01-01T00:00:00+00:00", {}, None, {PATH: {"cheap": before.record}})
    shards = {f"run-{n}.jsonl": Run(header, tuple(t for t in whole if shard_of[t.case] == n)) for n in range(parts)}

    merged = merge_runs(shards).trials

    rows = []
    for run in (whole, merged):
        (entry,) = entries_of([asked], run, MODELS, {PATH: baseline})
        verdicts = judge_entries([entry], MODELS)
        rows.append((verdicts, summary_of(entry, verdicts)))
    assert rows[0] == rows[1]
