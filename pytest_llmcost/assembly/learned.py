"""From a run to a policy: what is learned from some of its cases, and measured on those that were set aside."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from pytest_llmcost.assembly.learning import Lessons, by_cost, told_confidence
from pytest_llmcost.assembly.policies import measured_alone, policy_of_cascade, policy_of_routes
from pytest_llmcost.domain.errors import SettingsError
from pytest_llmcost.domain.policy import Learned, Policy, Way
from pytest_llmcost.gate.bounds import FEWEST_FOR_P95
from pytest_llmcost.strategies.learn.calibrated import Bound, Calibrated
from pytest_llmcost.strategies.learn.candidates import single
from pytest_llmcost.strategies.learn.reliability import Reliability, reliability_of
from pytest_llmcost.strategies.learn.routes import Goal, LearnedRoutes, learn_routes
from pytest_llmcost.strategies.learn.samples import Sample, halves
from pytest_llmcost.strategies.learn.thresholds import calibrate_thresholds
from pytest_llmcost.strategies.learn.traffic import Measured, Traffic, shares_of
from pytest_llmcost.strategies.learn.vectors import MOST_STEPS, calibrate_vectors


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is asked of either way to learn.

    Attributes:
        holdout: Share of the cases that are set aside; 0: none.
        seed: Of the dice that split the cases.
        requests: Of a month, for its cost.
    """

    goal: Goal
    holdout: float
    seed: int
    requests: int

    def split(self, samples: Sequence[Sample]) -> tuple[Sequence[Sample], Sequence[Sample]]:
        """Return the cases to learn from, and those to measure on."""
        held, rest = halves(samples, self.seed, self.holdout) if self.holdout else ([], samples)
        return rest, held


@dataclass(frozen=True, slots=True)
class CascadeLesson:
    """A calibrated cascade.

    Attributes:
        reliability: Of the confidence of each step but the last, by its name.
        held: Ways on the cases that were set aside: each strategy alone, and the cheapest cascade that is shown.
        held_cases: How many those are.
        notes: What has to be said of the cases.
    """

    found: Calibrated
    reliability: Mapping[str, Reliability]
    policy: Policy
    learned: Learned
    held: Mapping[str, Measured]
    held_cases: int
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RouteLesson:
    """Learned routes; otherwise as `CascadeLesson`."""

    found: LearnedRoutes
    policy: Policy
    learned: Learned
    held: Mapping[str, Measured]
    held_cases: int


def learn_cascade(
    lessons: Lessons,
    wanted: Wanted,
    path: str,
    *,
    steps: Sequence[str],
    net: bool,
    name_of: Callable[[Way], str],
) -> CascadeLesson:
    """Return the cascade with the lowest cost that is shown to keep the goal.

    Args:
        lessons: The cases.
        wanted: The goal, and how to split.
        path: The run's file, for messages.
        steps: Strategies in the order in which they are asked. Of two a threshold is sought on all cases; of more one
            each, where half of the cases say which are tried.
        net: Whether gains make up for losses.
        name_of: What a way is called beside strategies.

    Raises:
        BaselineError: If no answer of a strategy before the last has a confidence.
        SettingsError: If there are more steps than can be calibrated.
    """
    if len(steps) > MOST_STEPS:
        raise SettingsError(f"{len(steps)} steps are too many. Name {MOST_STEPS} at most.", key="--step")
    samples, held = wanted.split(lessons.samples)
    *tries, last = steps
    notes = tuple(note for name in tries for note in told_confidence(samples, name, path))
    bound = Bound(wanted.goal.loss, wanted.goal.confidence, net)
    if len(steps) == 2:
        tested = samples
        found = calibrate_thresholds(samples, steps[0], last, bound)
    else:
        ordered, tested = halves(samples, wanted.seed)
        found = calibrate_vectors(ordered, tested, steps, bound)
    ways = {name: single(name) for name in steps}
    if found.cascade is not None:
        ways[name_of(found.cascade.way)] = found.cascade.way
    policy, learned = policy_of_cascade(found, lessons, tested, wanted.requests)
    return CascadeLesson(
        found=found,
        reliability={name: reliability_of(samples, name) for name in tries},
        policy=policy,
        learned=learned,
        held=measured_alone(held, ways, last, bound.loss) if held else {},
        held_cases=len(held),
        notes=notes,
    )


def steps_of(lessons: Lessons, cheap: str | None, expensive: str | None) -> tuple[str, str]:
    """Return a cascade of two: the cheapest and the dearest, or, where one of them is named, that and of the others.

    Raises:
        SettingsError: If one that is named did not answer the cases.
    """
    for option, name in (("--cheap", cheap), ("--expensive", expensive)):
        if name is not None and name not in lessons.strategies:
            there = ", ".join(lessons.strategies)
            raise SettingsError(f"{option} {name!r} did not answer these cases. There are: {there}.", key=option)
    order = by_cost(lessons.samples, lessons.strategies)
    first = cheap or next(name for name in order if name != expensive)
    return first, expensive or next(name for name in reversed(order) if name != first)


def learn_route(
    lessons: Lessons, wanted: Wanted, *, by: str, safe: str | None, mix: Mapping[str, float] | None
) -> RouteLesson:
    """Return the routes with the lowest cost that are shown to keep the goal.

    Args:
        lessons: The cases.
        wanted: The goal, and how to split.
        by: What tells the task type.
        safe: What the loss is measured against; None: the best.
        mix: Share of the traffic by task type; None: as the cases are.

    Raises:
        SettingsError: If *safe* did not answer the cases, *mix* has a type that none is of, or there are too few cases
            for a bound of latency.
    """
    if safe is not None and safe not in lessons.strategies:
        there = ", ".join(lessons.strategies)
        raise SettingsError(f"--safe {safe!r} did not answer these cases. There are: {there}.", key="--safe")
    samples, held = wanted.split(lessons.samples)
    _check_mix(mix or {}, samples)
    ordered, tested = halves(samples, wanted.seed)
    if wanted.goal.p95_seconds is not None and len(tested) < FEWEST_FOR_P95:
        raise SettingsError(
            f"--p95: {len(tested)} cases to test on say nothing of a 95th percentile. {FEWEST_FOR_P95} are needed, so "
            f"about {2 * FEWEST_FOR_P95} in all.",
            key="--p95",
        )
    found = learn_routes(ordered, tested, lessons.strategies, wanted.goal, safe=safe, shares=mix)
    policy, learned = policy_of_routes(found, lessons, by, wanted.requests)
    return RouteLesson(found, policy, learned, _measured(found, held), len(held))


def _check_mix(mix: Mapping[str, float], samples: Sequence[Sample]) -> None:
    there = sorted({sample.kind for sample in samples})
    unknown = sorted(kind for kind, share in mix.items() if share and kind not in there)
    if unknown:
        raise SettingsError(f"--mix: no case is of type {unknown[0]!r}. There are: {', '.join(there)}.", key="--mix")


def _measured(found: LearnedRoutes, held: Sequence[Sample]) -> dict[str, Measured]:
    """Return each strategy alone and the policy on the cases that were set aside, as those are mixed."""
    if not held:
        return {}
    traffic = Traffic(held, shares_of(held), found.goal.loss)
    safe = traffic.all_by(single(found.safe))
    ways = {name: traffic.all_by(single(name)) for name in found.alone}
    ways["policy"] = {kind: found.ways.get(kind, single(found.safe)) for kind in traffic.kinds}
    return {name: traffic.measure(one, safe) for name, one in ways.items()}
