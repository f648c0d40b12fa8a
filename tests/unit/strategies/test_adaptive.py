from __future__ import annotations

import random
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest
from fakes.process import start_python

from pytest_llmcost.domain.errors import LlmCostError, SettingsError
from pytest_llmcost.strategies.adaptive import AdaptiveRouter, Rules
from pytest_llmcost.strategies.adaptive_state import StateError

RULES = Rules(("cheap", "mid", "frontier"), max_failure_rate=0.1, error_rate=0.001, retry_after=200)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "state" / "routes.sqlite"


@pytest.fixture
def routed() -> Iterator[Callable[..., AdaptiveRouter]]:
    """Routers that are closed in the end."""
    with ExitStack() as stack:
        yield lambda *arguments, **options: stack.enter_context(closing(AdaptiveRouter(*arguments, **options)))


def report(router: AdaptiveRouter, task: str, *oks: bool) -> None:
    for ok in oks:
        router.report(router.choose(task).call_id, ok)


def test_every_task_type_starts_at_mid(path, routed):
    router = routed(path)
    assert (router.choose("spam").tier, router.tier_of("legal")) == ("mid", "mid")
    assert routed(path.with_name("two"), ["small", "medium", "large"]).tier_of("spam") == "medium"


def test_failures_move_a_type_up_successes_move_it_down_and_others_stay(path, routed):
    router = routed(path)
    report(router, "legal", *[False] * 8)
    report(router, "spam", *[True] * 150)
    assert [router.tier_of(task) for task in ("legal", "spam", "news")] == ["frontier", "cheap", "mid"]


def test_a_short_streak_proves_nothing(path, routed):
    router = routed(path)
    report(router, "legal", False, False)
    report(router, "spam", *[True] * 40)
    assert (router.tier_of("legal"), router.tier_of("spam")) == ("mid", "mid")


def test_there_is_nothing_above_the_top_and_nothing_below_the_bottom(path, routed):
    router = routed(path, max_failure_rate=0.3)
    report(router, "hopeless", *[False] * 100)
    report(router, "trivial", *[True] * 400)
    assert (router.tier_of("hopeless"), router.tier_of("trivial")) == ("frontier", "cheap")


def test_what_was_learned_outlives_the_process_and_is_of_its_tiers_only(path, routed):
    router = routed(path)
    report(router, "legal", *[False] * 8)
    router.close()
    assert routed(path).tier_of("legal") == "frontier"
    with pytest.raises(StateError, match=r"Name another file"):
        routed(path, ["small", "large"])


def test_a_report_counts_once_and_not_for_a_tier_that_was_left_meanwhile(path, routed):
    router = routed(path)
    before = [router.choose("legal").call_id for _ in range(20)]
    for _ in range(50):
        router.report(before[0], ok=False)
    assert router.tier_of("legal") == "mid"
    for call_id in before:
        router.report(call_id, ok=False)
    assert router.tier_of("legal") == "frontier"
    late = routed(path.with_name("other"), ["cheap", "mid", "high", "top"])
    ids = [late.choose("legal").call_id for _ in range(60)]
    for call_id in ids:
        late.report(call_id, ok=False)
    assert late.tier_of("legal") == "high"


@pytest.mark.parametrize(
    "call_id", ["", "x", "0123456789abcdef.0", "../../etc.1.0123456789ab", "0123456789abcdef.0.zz"]
)
def test_a_call_id_that_was_not_given_out_is_refused(path, routed, call_id):
    with pytest.raises(SettingsError, match="call_id"):
        routed(path).report(call_id, ok=True)


@pytest.mark.parametrize(
    ("options", "key"),
    [
        ({"max_failure_rate": 0}, "max_failure_rate"),
        ({"max_failure_rate": float("nan")}, "max_failure_rate"),
        ({"error_rate": 1}, "error_rate"),
        ({"retry_after": 0}, "retry_after"),
        ({"tiers": ["mid"]}, "tiers"),
        ({"tiers": ["mid", "mid"]}, "tiers"),
    ],
)
def test_settings_that_mean_nothing_are_refused_by_name(path, options, key):
    with pytest.raises(SettingsError) as caught:
        AdaptiveRouter(path, **options)
    assert caught.value.key == key


@pytest.mark.parametrize("content", [b"this is no database, but a text that is long enough to be one" * 20, None])
def test_a_file_that_is_no_state_is_said_and_stays(tmp_path, content):
    path = tmp_path / "state"
    path.mkdir() if content is None else path.write_bytes(content)
    with pytest.raises(LlmCostError, match="cannot be used"):
        AdaptiveRouter(path)
    assert path.is_dir() if content is None else path.read_bytes() == content


@pytest.mark.parametrize("place", ["no json", "{}", '{"up": 1}', "[]"])
def test_a_place_that_somebody_spoilt_is_said(path, routed, place):
    router = routed(path)
    report(router, "spam", True)
    with closing(sqlite3.connect(path)) as con, con:
        con.execute("UPDATE places SET place = ?", (place,))
    with pytest.raises(StateError, match="cannot be used"):
        router.choose("spam")


def test_a_tier_that_failed_rests_and_each_time_twice_as_long():
    """Mid never fails, and cheap always does: how many reports pass between the visits to it?"""
    place, visits = RULES.start(), []
    for number in range(4000):
        moved = RULES.after(place, failed=place.tier == 0)
        if moved.tier == 0 and place.tier == 1:
            visits.append(number)
        place = moved
    gaps = [later - earlier for earlier, later in pairwise(visits)]
    assert 200 <= gaps[0] < 300
    assert 400 <= gaps[1] < 500
    assert 800 <= gaps[2] < 900


def test_successes_while_the_tier_below_rests_do_not_outweigh_failures_that_follow():
    """Mid does well for 190 of the 200 reports that cheap rests, and then fails now and then: it stays."""
    place = replace(RULES.start(), rests=(200, 0, 0))
    for number in range(400):
        place = RULES.after(place, failed=number > 190 and number % 8 == 0)
    assert place.tier == 1


def test_however_long_it_is_watched_the_numbers_stay_finite():
    place = RULES.start()
    for failed in (True, False):
        for _ in range(20_000):
            place = RULES.after(place, failed)
        assert all(owned < 1e6 for owned in (*place.up, *place.down))


def test_a_tier_that_did_well_for_long_is_forgiven():
    """Cheap fails, does well for 3,000 reports, and fails again: it rests as long as the first time."""
    place, draw = RULES.start(), random.Random(5)
    rested = []
    for failing in (True, False, True):
        for _ in range(3000):
            moved = RULES.after(place, failed=place.tier == 0 and (failing or draw.random() < 0.02))
            if moved.tier > place.tier:
                rested.append((failing, moved.rests[0]))
            place = moved
    first_of_each_bad_time = [rested[0], next(rest for number, rest in enumerate(rested) if number and rest[1] == 200)]
    assert first_of_each_bad_time == [(True, 200), (True, 200)]


REPORTING = """
import sys
from pytest_llmcost.strategies.adaptive import AdaptiveRouter
router = AdaptiveRouter(sys.argv[1])
for _ in range(int(sys.argv[2])):
    router.report(router.choose("spam").call_id, ok=True)
"""


def test_several_processes_share_one_state_and_lose_no_report(path, routed):
    """All of them open the file at once, when it is not there yet; together with one report more they are enough."""
    place, needed = RULES.start(), 0
    while place.tier:
        place, needed = RULES.after(place, failed=False), needed + 1
    processes = [start_python(REPORTING, path, count) for count in (30, 30, needed - 61)]
    for process in processes:
        assert process.communicate(timeout=60)[1] == ""
    router = routed(path)
    assert router.tier_of("spam") == "mid"
    report(router, "spam", True)
    assert router.tier_of("spam") == "cheap"
