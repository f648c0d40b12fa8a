"""A threshold is chosen that is shown to keep the bound; where nothing is shown, none is."""

from __future__ import annotations

import random
from collections.abc import Collection, Sequence
from decimal import Decimal

import pytest
from scipy.stats import binom  # noqa: TID253

from pytest_llmcost.domain.semantic import GUARD_NAMES, Lookup
from pytest_llmcost.strategies.learn.samples import Outcome
from pytest_llmcost.strategies.semantic.calibrate import (
    ALL_GUARDS,
    CalibratedCache,
    Pair,
    Reused,
    Walk,
    calibrate_cache,
    effects_of,
    pairs_of,
    without_each,
)

RIGHT, WRONG = (Outcome(score, bool(score), Decimal("0.01"), 0.5) for score in (1.0, 0.0))


class Hits:
    """A walk in which every second case hits the one before it, from a cosine of its own on."""

    def __init__(self, cosines: Sequence[float], guarded: Collection[int] = ()) -> None:
        self.cosines = cosines
        self.guarded = guarded
        self.cases = [f"{kind}{n}" for n in range(len(cosines)) for kind in ("source", "hit")]

    def look_up(self, threshold: float, guards: Collection[str]) -> list[Lookup]:
        found = []
        for n, cosine in enumerate(self.cosines):
            is_stopped = n in self.guarded and "numbers" in guards
            found += [Lookup(0), Lookup(0, f"source{n}" if cosine >= threshold and not is_stopped else "")]
        return found

    def walk(self, groups: dict[str, str] | None = None) -> Walk:
        return Walk("bench.yaml", self.cases, dict.fromkeys(self.cases, RIGHT), groups or {}, self.look_up)


def calibrated(
    hits: Hits, wrong: Collection[int], groups: dict[str, str] | None = None, loss: float = 0.05
) -> tuple[CalibratedCache, dict[tuple[str, Pair], Reused]]:
    walk = hits.walk(groups)
    ways = [*ALL_GUARDS, *without_each(0.95).values()]
    scored = {
        key: Reused(RIGHT, 0.0, False) if int(key[1][0].removeprefix("hit")) in wrong else Reused(RIGHT, 1.0, True)
        for key in pairs_of([walk], ways)
    }
    return calibrate_cache("plain", [walk], scored, loss=loss, confidence=0.95), scored


def test_the_threshold_that_saves_most_of_those_that_are_shown_is_chosen() -> None:
    cosines = [0.98] * 80 + [0.90] * 40 + [0.80] * 40
    found, _ = calibrated(Hits(cosines), wrong=range(120, 140))  # half of those from 0.80 on
    chosen = found.chosen

    assert chosen is not None
    assert (chosen.threshold, chosen.hits, chosen.wrong) == (0.9, 120, 0)
    assert (chosen.hit_rate, chosen.saved, chosen.saved_usd) == (120 / 320, 120 / 320, Decimal("1.20"))
    at_80 = found.points[20]
    assert (at_80.threshold, at_80.wrong, at_80.compared) == (0.8, 20, 160)
    assert at_80.p == pytest.approx(binom.cdf(20, 160, 0.05), rel=1e-9)
    assert at_80.interval is not None
    assert at_80.interval.lower < 20 / 160 < at_80.interval.upper


def test_the_walk_ends_at_the_first_that_is_not_shown() -> None:
    """Right hits further down do not make up for wrong ones on the way."""
    cosines = [0.98] * 80 + [0.90] * 20 + [0.80] * 400
    found, _ = calibrated(Hits(cosines), wrong=range(80, 100))

    assert found.chosen is not None
    assert found.chosen.threshold == 0.98
    assert found.points[20].p < 0.05


def test_too_few_hits_show_nothing_and_the_missing_are_counted() -> None:
    found, _ = calibrated(Hits([0.98] * 40), wrong=())
    assert (found.chosen, found.first, found.needed, found.missing) == (None, None, 59, 19)
    enough, _ = calibrated(Hits([0.98] * 59), wrong=())
    assert enough.chosen is not None
    assert enough.missing == 0


def test_cases_of_one_group_and_hits_on_one_answer_are_wrong_together() -> None:
    grouped, _ = calibrated(Hits([0.98] * 118), (), {f"hit{n}": str(n // 2) for n in range(118)})
    assert (grouped.points[10].hits, grouped.points[10].units) == (118, 59)

    hits = Hits([0.98] * 60)
    walk = hits.walk()
    one_source = Walk("x", hits.cases, walk.own, {}, lambda *_: [Lookup(0), *([Lookup(0, "source0")] * 119)])
    scored = {key: Reused(RIGHT, 1.0, True) for key in pairs_of([one_source], ALL_GUARDS)}
    found = calibrate_cache("plain", [one_source], scored, loss=0.05, confidence=0.95)
    assert (found.points[0].hits, found.points[0].units, found.chosen) == (119, 1, None)


def test_a_hit_is_wrong_where_the_strategy_itself_is_right() -> None:
    assert Reused(RIGHT, 0.0, False).is_wrong_hit
    assert not Reused(WRONG, 0.0, False).is_wrong_hit
    assert not Reused(RIGHT, 1.0, True).is_wrong_hit
    assert Reused(WRONG, 1.0, True).loss == 0


def test_hits_of_which_nothing_is_known_are_hits_that_show_nothing() -> None:
    walk = Hits([0.98] * 80).walk()
    found = calibrate_cache("plain", [walk], {}, loss=0.05, confidence=0.95)
    assert (found.points[10].hits, found.points[10].compared, found.points[10].p, found.chosen) == (80, 0, 1.0, None)


def test_the_effect_of_a_guard_is_what_would_hit_without_it() -> None:
    hits = Hits([0.98] * 70, guarded=range(60, 70))
    found, scored = calibrated(hits, wrong=range(65, 70))
    effects = {one.guard: (one.hits, one.wrong) for one in effects_of([hits.walk()], scored, found.looked_at)}

    assert effects == {"": (60, 0), **dict.fromkeys(GUARD_NAMES, (60, 0)), "numbers": (70, 5)}


def test_a_bound_that_is_broken_everywhere_is_promised_in_no_more_than_one_run_of_twenty() -> None:
    """Seeded; three standard errors above 5 % are allowed."""
    dice, runs, promised = random.Random(7), 80, 0
    for _ in range(runs):
        cosines = [dice.uniform(0.7, 1.0) for _ in range(120)]
        wrong = {n for n in range(120) if dice.random() < 0.05}
        found, _ = calibrated(Hits(cosines), wrong)
        promised += found.chosen is not None
    assert promised / runs <= 0.05 + 3 * (0.05 * 0.95 / runs) ** 0.5
