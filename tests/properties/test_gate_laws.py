"""Laws of the gate: for any run and any baseline."""

from __future__ import annotations

import dataclasses
import random
import tempfile
from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path

from fakes.evidence import BLANK, MODEL, measured, paired, record
from hypothesis import assume, given
from hypothesis import strategies as st

from pytest_llmcost.domain.gate import Gate, Outcome, QualityGate, Verdict
from pytest_llmcost.domain.price import Price
from pytest_llmcost.domain.trial import StrategyRecord
from pytest_llmcost.domain.usage import Usage
from pytest_llmcost.gate.baseline import Baseline, read_baseline, write_baseline
from pytest_llmcost.gate.decide import decide, overall
from pytest_llmcost.gate.increase import judge_increase
from pytest_llmcost.gate.judge import Judged, judge
from pytest_llmcost.gate.pairing import Pairing, pair_cases
from pytest_llmcost.gate.quality import judge_quality
from pytest_llmcost.gate.records import CaseRecord

PASS, FAIL, INCONCLUSIVE, NEW = Outcome.PASS, Outcome.FAIL, Outcome.INCONCLUSIVE, Outcome.NEW
WEIGHT = {PASS: 0, INCONCLUSIVE: 1, FAIL: 2}
PRICES = {MODEL: Price(input=Decimal("0.15"), output=Decimal("0.6")), "other": Price(per_request=Decimal("0.001"))}

counts = st.tuples(st.integers(0, 40), st.integers(0, 40), st.integers(0, 120)).map(
    lambda drawn: (drawn[0], drawn[1], max(2, sum(drawn)))
)
margins = st.sampled_from([0.01, 0.02, 0.05, 0.1, 0.2])
fail_ons = st.sampled_from(["drop_of_margin", "any_drop", "beyond_margin"])


def judged(pairing: Pairing, **gate: object) -> Verdict:
    now = [pair.now for pair in pairing.pairs]
    return judge_quality(BLANK, QualityGate(**gate), now, pairing)  # type: ignore[arg-type]


def decided(pairing: Pairing, **gate: object) -> Verdict:
    return decide([judged(pairing, **gate)])[0]


@given(counts, margins, fail_ons)
def test_every_comparison_has_a_verdict_and_a_reason(drawn: tuple[int, int, int], margin: float, fail_on: str) -> None:
    verdict = decided(paired(*drawn), margin=margin, fail_on=fail_on)

    assert verdict.outcome in WEIGHT
    assert verdict.reason
    assert "\n" not in verdict.reason


@given(counts, margins, fail_ons)
def test_no_verdict_passes_and_may_fail(drawn: tuple[int, int, int], margin: float, fail_on: str) -> None:
    verdict = judged(paired(*drawn), margin=margin, fail_on=fail_on)

    assert not (verdict.may_fail and verdict.outcome is PASS)


@given(counts, margins)
def test_one_more_loss_is_never_better(drawn: tuple[int, int, int], margin: float) -> None:
    losses, gains, n = drawn
    assume(losses + gains < n)

    fewer, more = (decided(paired(b, gains, n), margin=margin).outcome for b in (losses, losses + 1))

    assert WEIGHT[more] >= WEIGHT[fewer]


@given(counts, margins)
def test_what_did_not_get_worse_never_fails(drawn: tuple[int, int, int], margin: float) -> None:
    losses, gains, n = drawn
    assume(losses <= gains)

    assert decided(paired(losses, gains, n), margin=margin, fail_on="any_drop").outcome is not FAIL


@given(counts, margins)
def test_what_fails_dropped_by_the_margin_or_more(drawn: tuple[int, int, int], margin: float) -> None:
    losses, gains, n = drawn

    if decided(paired(losses, gains, n), margin=margin).outcome is FAIL:
        assert losses - gains >= margin * n * (1 - 1e-12)


@given(counts, margins)
def test_a_wider_margin_never_turns_a_pass_into_less(drawn: tuple[int, int, int], margin: float) -> None:
    assume(decided(paired(*drawn), margin=margin).outcome is PASS)

    assert decided(paired(*drawn), margin=margin + 0.05).outcome is PASS


@given(counts, margins)
def test_cases_are_promised_only_where_they_would_help(drawn: tuple[int, int, int], margin: float) -> None:
    verdict = decided(paired(*drawn), margin=margin)

    if verdict.needed is not None:
        assert verdict.needed > verdict.n
        assert verdict.estimate is not None
        assert -verdict.estimate < margin


@given(counts, st.randoms(use_true_random=False))
def test_the_order_of_the_cases_makes_no_difference(drawn: tuple[int, int, int], shuffled: random.Random) -> None:
    pairing = paired(*drawn)
    before, now = [pair.before for pair in pairing.pairs], [pair.now for pair in pairing.pairs]
    shuffled.shuffle(before)
    shuffled.shuffle(now)

    other = decided(pair_cases(before, now, same_strategy=False))

    first = decided(pairing)
    assert (other.outcome, other.p, other.lower, other.reason) == (first.outcome, first.p, first.lower, first.reason)


@given(st.lists(st.tuples(counts, margins), min_size=1, max_size=12))
def test_company_never_turns_a_verdict_into_a_failure(suites: list[tuple[tuple[int, int, int], float]]) -> None:
    """Holm only raises a p: what does not fail alone does not fail among others."""
    alone = [decided(paired(*drawn), margin=margin) for drawn, margin in suites]
    together = decide([judged(paired(*drawn), margin=margin) for drawn, margin in suites])

    for single, among in zip(alone, together, strict=True):
        assert WEIGHT[among.outcome] <= WEIGHT[single.outcome]
        assert (among.outcome is PASS) == (single.outcome is PASS)
        assert among.p_adjusted is not None
        assert among.p is not None
        assert among.p_adjusted >= among.p


amounts = st.lists(st.tuples(st.floats(0, 1000), st.floats(0, 1000)), min_size=2, max_size=20)


@given(amounts, st.floats(0, 2))
def test_any_two_sides_have_a_verdict_on_their_increase(sides: list[tuple[float, float]], accepted: float) -> None:
    base, cand = zip(*sides, strict=True)

    (verdict,) = decide([judge_increase(BLANK, accepted, lambda r: r.seconds_per_trial, measured(base, cand))])

    assert verdict.outcome in WEIGHT
    assert verdict.reason
    if sum(cand) <= sum(base):
        assert verdict.outcome is not FAIL


@given(amounts)
def test_what_is_the_same_is_unchanged(sides: list[tuple[float, float]]) -> None:
    base = [before for before, _ in sides]

    verdict = judge_increase(BLANK, 0.0, lambda r: r.seconds_per_trial, measured(base, base))

    assert (verdict.outcome, verdict.basis) == (PASS, "unchanged")


# -- whole strategies, and files

names = st.text(st.characters(codec="utf-8"), min_size=1, max_size=8)
parts = st.integers(0, 1000)


@st.composite
def usages(draw: st.DrawFn) -> Usage:
    cached, written, plain, thought, said = (draw(parts) for _ in range(5))
    return Usage(cached + written + plain, cached, written, thought + said, thought)


def cases(strategy: str = "cheap") -> st.SearchStrategy[list[CaseRecord]]:
    one = st.builds(
        record,
        case=names,
        strategy=st.just(strategy),
        fingerprint=st.sampled_from(["9f2c41", "000000"]),
        scores=st.lists(st.sampled_from([0.0, 0.4, 1.0]), min_size=1, max_size=2).map(tuple),
        answers=st.sampled_from(["03bd9e", "ffffff"]),
        usage=st.dictionaries(st.sampled_from(list(PRICES)), usages(), min_size=1, max_size=2),
        seconds=st.floats(0, 100).map(lambda value: round(value, 6)),
    )
    return st.lists(one, max_size=8, unique_by=lambda case: case.case)


def unanswered(some: Sequence[CaseRecord], drawn: random.Random) -> list[CaseRecord]:
    return [dataclasses.replace(c, scores=(), unanswered=1) if drawn.random() < 0.2 else c for c in some]


@given(cases(), cases(), st.booleans(), st.randoms(use_true_random=False))
def test_any_run_beside_any_baseline_has_its_verdicts(
    before: list[CaseRecord], now: list[CaseRecord], same: bool, drawn: random.Random
) -> None:
    now = unanswered(now, drawn)
    pairing = pair_cases(before, now, same_strategy=same)

    found = decide(judge(Judged("bench_mail.yaml", "cheap", Gate(), now, pairing, PRICES)))

    assert [v.metric for v in found] == ["quality", "cost", "tokens", "latency", "errors"]
    assert all(v.reason for v in found)
    answered = [case for case in now if case.is_scored]
    if not answered:
        assert overall(found) in (FAIL, INCONCLUSIVE)
    if len(answered) < len(now):
        assert overall(found) is FAIL


@given(cases(), cases(), st.booleans())
def test_every_case_is_somewhere(before: list[CaseRecord], now: list[CaseRecord], same: bool) -> None:
    pairing = pair_cases(before, now, same_strategy=same)

    assert len(pairing.pairs) + len(pairing.changed) + len(pairing.added) == len(now)
    assert len(pairing.pairs) + len(pairing.changed) + len(pairing.removed) == len(before)


@given(cases(), cases("terse"), st.randoms(use_true_random=False))
def test_a_baseline_comes_back_as_it_went_and_order_changes_no_byte(
    cheap: list[CaseRecord], terse: list[CaseRecord], shuffled: random.Random
) -> None:
    strategies = {name: StrategyRecord("0123456789ab", MODEL, {MODEL: {"input": 0.15}}) for name in ("cheap", "terse")}
    stored = [*cheap, *terse]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "llm_baselines", "bench.jsonl")
        write_baseline(path, Baseline("mail", strategies, tuple(stored)))
        content, found = path.read_bytes(), read_baseline(path)
        shuffled.shuffle(stored)
        write_baseline(path, Baseline("mail", strategies, tuple(stored)))
        again = path.read_bytes()

    assert found is not None
    assert sorted(found.records, key=lambda r: (r.case, r.strategy)) == sorted(
        stored, key=lambda r: (r.case, r.strategy)
    )
    assert (found.strategies, found.notes, again) == (strategies, (), content)
