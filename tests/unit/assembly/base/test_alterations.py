"""Baselines and prices beside those of the base: what a change does to them is told, with numbers."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from fakes.evidence import MODEL, record
from fakes.git_project import commit_all

from pytest_llmcost.assembly.base.alterations import alterations
from pytest_llmcost.assembly.base.repository import Repository
from pytest_llmcost.assembly.base.state import State
from pytest_llmcost.assembly.extensions.added import NONE
from pytest_llmcost.assembly.runner import Runner
from pytest_llmcost.assembly.settings import read_settings
from pytest_llmcost.domain.alteration import Altered
from pytest_llmcost.domain.trial import StrategyRecord
from pytest_llmcost.gate.baseline import Baseline, write_baseline
from pytest_llmcost.gate.baseline_header import Accepted

SUITE, BASELINE = "bench_mail.yaml", "llm_baselines/bench_mail.jsonl"
SETTINGS = """
[prices."stub/small"]
input = {input}
output = 2
"""
LOSS = Accepted("cheap", "quality", -0.05, "half the price")


def baseline(scores: str, **changes: Any) -> Baseline:
    cases = (record(f"c{place}", float(score)) for place, score in enumerate(scores))
    return Baseline("mail", {"cheap": StrategyRecord("0123456789ab", MODEL)}, tuple(cases), **changes)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "llmcost.toml").write_text(SETTINGS.format(input=1))
    (tmp_path / SUITE).write_text(
        "{prompt: '{{ text }}', strategies: {cheap: {model: stub/small}}, cases: [{text: a, expected: b}]}"
    )
    write_baseline(tmp_path / BASELINE, baseline("1100"))
    commit_all(tmp_path, "As it was")
    return tmp_path


def told(root: Path) -> list[tuple[Altered, str, str, str]]:
    """What differs between the work tree and its last commit: kind, path, what, and the values or the reason."""
    repository = Repository(root)
    state = State(repository, repository.commit_of("HEAD"), "git:HEAD")
    runner = Runner(read_settings(root, {}), mode="replay", account=root / "unused", warn=lambda said: None)
    now = {SUITE: runner.read_suite(root / SUITE, root)} if (root / SUITE).is_file() else {}
    found = alterations(root, state, state.suites_at(now, NONE), now, runner.models)
    return [(one.kind, one.path, one.what, one.reason or f"{one.before} -> {one.now}") for one in found]


def edit(root: Path, scores: str = "1100", **changes: Any) -> None:
    write_baseline(root / BASELINE, baseline(scores, **changes))


def line_ends(root: Path) -> None:
    (root / BASELINE).write_bytes((root / BASELINE).read_bytes().replace(b"\n", b"\r\n"))


@pytest.mark.parametrize("change", [lambda root: None, line_ends], ids=["as it was", "other line ends"])
def test_a_project_as_it_was_is_altered_in_nothing(root: Path, change: Callable[[Path], None]) -> None:
    change(root)

    assert told(root) == []


@pytest.mark.parametrize(
    ("scores", "reason"),
    [
        ("0011", "edited: 2 scored lower, 2 scored higher"),
        ("11", "edited: 2 gone"),
        ("11000", "edited: 1 new"),
    ],
)
def test_a_baseline_that_was_edited_is_told_by_what_became_of_its_scores(root: Path, scores: str, reason: str) -> None:
    edit(root, scores)

    assert told(root) == [(Altered.BASELINE, BASELINE, "", reason)]


def test_a_loss_that_the_change_accepts_itself_is_told_with_its_reason_and_one_of_before_is_not(root: Path) -> None:
    edit(root, accepted=(LOSS,))

    assert told(root) == [
        (Altered.BASELINE, BASELINE, "", "edited: its header"),
        (Altered.ACCEPTED, BASELINE, "quality", "half the price"),
    ]
    commit_all(root, "Accepted")
    edit(root, "1000", accepted=(LOSS,))
    assert [kind for kind, *_ in told(root)] == [Altered.BASELINE]


def test_a_baseline_that_is_gone_or_no_baseline_any_more_is_told(root: Path) -> None:
    (root / BASELINE).write_text("{}")
    ((kind, _, _, reason),) = told(root)
    assert (kind, reason[:27]) == (Altered.BASELINE, "edited, and cannot be read:")

    (root / BASELINE).unlink()
    assert told(root) == [(Altered.BASELINE, BASELINE, "", "deleted")]

    (root / BASELINE).mkdir()
    assert "cannot be read any more" in str(told(root))


def test_a_suite_that_is_gone_is_told_where_a_baseline_was_held_against_it(root: Path) -> None:
    (root / SUITE).unlink()

    assert told(root) == [(Altered.DELETED, SUITE, "", f"the suite is gone, and {BASELINE} compares with nothing")]


def test_a_price_that_the_change_states_otherwise_is_told(root: Path) -> None:
    (root / "llmcost.toml").write_text(SETTINGS.format(input=0.5))

    assert told(root) == [
        (Altered.PRICE, SUITE, "price of stub/small", "input 1, output 2 -> input 0.5, output 2"),
    ]
