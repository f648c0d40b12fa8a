"""Laws of what is learned: never dearer than what it replaces, and the file says what was learned."""

from __future__ import annotations

import string
from pathlib import Path

from fakes.lessons import random_samples
from hypothesis import given, settings
from hypothesis import strategies as st

from pytest_llmcost.domain.policy import Learned, Policy, PolicyStep, Way
from pytest_llmcost.domain.trial import StrategyRecord
from pytest_llmcost.reports.policy_file import policy_text
from pytest_llmcost.strategies.learn.calibrated import Bound
from pytest_llmcost.strategies.learn.candidates import single
from pytest_llmcost.strategies.learn.routes import Goal, learn_routes
from pytest_llmcost.strategies.learn.samples import Passage, Sample, halves, passage
from pytest_llmcost.strategies.learn.thresholds import calibrate_thresholds
from pytest_llmcost.strategies.learn.vectors import calibrate_vectors
from pytest_llmcost.suites.policies import read_policy

TIERS = ("cheap", "mid", "dear")


@settings(max_examples=25)
@given(st.integers(0, 10**6), st.integers(2, 120), st.sampled_from([0.02, 0.05, 0.1, 0.3]))
def test_a_learned_policy_is_never_dearer_than_the_cheapest_single_tier_that_is_shown_to_keep_the_bound(
    seed: int, count: int, loss: float
) -> None:
    found = learn_routes(*halves(random_samples(seed, count), seed), TIERS, Goal(loss, 0.9))
    assert found.safe in found.shown
    assert found.measured.usd <= min(found.alone[name].usd for name in found.shown)


@settings(max_examples=15)
@given(st.integers(0, 10**6), st.integers(1, 80), st.sampled_from([0.02, 0.1, 0.3]), st.booleans())
def test_a_calibrated_cascade_is_never_dearer_than_the_dear_strategy_and_never_surer_than_it_may_be(
    seed: int, count: int, loss: float, net: bool
) -> None:
    found = calibrate_thresholds(random_samples(seed, count), "cheap", "dear", Bound(loss, 0.9, net))
    assert found.chosen.usd <= found.safe.usd
    assert found.chosen.threshold is None or (found.chosen.p <= 0.1 + 1e-9 and found.chosen.loss < loss)
    shares = [point.escalated for point in found.points]
    assert shares == sorted(shares, reverse=True)


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 10**6), st.integers(2, 80), st.sampled_from([0.02, 0.1, 0.3]), st.booleans())
def test_a_longer_cascade_is_never_dearer_than_its_last_step_and_its_thresholds_never_rise(
    seed: int, count: int, loss: float, net: bool
) -> None:
    found = calibrate_vectors(*halves(random_samples(seed, count), seed), TIERS, Bound(loss, 0.9, net))
    assert found.chosen.usd <= found.safe.usd
    assert len(found.chosen.way) == 1 or (found.chosen.p <= 0.1 + 1e-9 and found.chosen.loss < loss)
    for point in found.points:
        *tries, last = point.way
        accepts = [step.accept for step in tries]
        assert last == PolicyStep("dear")
        assert accepts == sorted(accepts, reverse=True)


@given(st.integers(0, 10**6), st.integers(2, 3))
def test_a_cascade_of_any_length_is_its_first_step_from_0_on_and_its_last_above_1_with_all_tries_paid(
    seed: int, length: int
) -> None:
    *tries, last = TIERS[-length:]

    def through(case: Sample, accept: float) -> Passage:
        return passage(case, (*(PolicyStep(name, accept) for name in tries), PolicyStep(last)))

    for case in random_samples(seed, 5):
        assert through(case, 0.0) == passage(case, single(tries[0]))
        assert through(case, 1.1).score == passage(case, single(last)).score
        assert through(case, 1.1).usd == sum(passage(case, single(name)).usd for name in (*tries, last))


names = st.one_of(
    st.text(string.ascii_letters + string.digits + "./-_", min_size=1, max_size=12),
    st.text(st.characters(exclude_categories=("Cs",)), min_size=1, max_size=12),
    st.sampled_from(
        ["true", "NO", "1e3", "012", "~", "- a", "a: b", "#", "x # y", "{a}", "'", '"', "\\", "\u2028", "é\ufeff"]
    ),
).filter(str.strip)


@st.composite
def ways(draw: st.DrawFn) -> Way:
    accepts = sorted(draw(st.lists(st.floats(0, 1), max_size=2)), reverse=True)
    confidence = draw(st.one_of(st.none(), st.just("parses"), st.builds(lambda name: {"json": name}, names)))
    steps = [PolicyStep(draw(names), accept, confidence) for accept in accepts]
    return (*steps, PolicyStep(draw(names)))


PRICES = st.just({"m": {"input": 0.5}})
learned = st.builds(
    Learned,
    started=names,
    commit=names,
    loss=st.floats(0, 1),
    confidence=st.floats(0, 1),
    safe=names,
    prices_date=st.just("2026-11-01"),
    prices_sha256=names,
    strategies=st.dictionaries(
        names,
        st.dictionaries(names, st.builds(StrategyRecord, names, names, PRICES), min_size=1, max_size=2),
        max_size=2,
    ),
    requests=st.integers(1, 10**9),
    usd=st.integers(0, 10**6).map(float),
    alone_usd=st.dictionaries(names, st.integers(0, 10**6).map(float), max_size=3),
)


@settings(max_examples=100)
@given(names, st.dictionaries(names, ways(), min_size=1, max_size=4), ways(), st.none() | learned, names)
def test_a_policy_comes_back_from_its_file_as_it_went_whatever_its_names_are(
    tmp_path_factory, by: str, to: dict[str, Way], otherwise: Way, origin: Learned | None, evidence: str
) -> None:
    path: Path = tmp_path_factory.getbasetemp() / "policy.yaml"
    policy = Policy(path.as_posix(), otherwise, by, to, origin)
    path.write_text(policy_text(policy, [evidence], dict.fromkeys(to, evidence)), "utf-8")
    assert read_policy(path) == policy


def test_a_single_way_is_its_strategy_alone() -> None:
    assert single("mid") == (PolicyStep("mid"),)
