"""What a run is held against is what was asked for; in a pull request's job anything but its target is noted."""

from __future__ import annotations

from pathlib import Path

import pytest
from fakes.git_project import commit_all, start_branch

from pytest_llmcost.assembly.base.comparison import STORED, comparison_of
from pytest_llmcost.domain.errors import SettingsError

PULL_REQUEST = {"GITHUB_BASE_REF": "main"}


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    commit_all(tmp_path, "One")
    start_branch(tmp_path)
    commit_all(tmp_path, "Two")
    return tmp_path


def test_nothing_asked_for_is_the_target_of_a_pull_request_or_else_what_is_stored(clone: Path) -> None:
    assert comparison_of(None, clone, {}) is STORED
    found = comparison_of(None, clone, PULL_REQUEST)
    assert found.state is not None
    assert (found.name[:16], found.notes) == ("git:origin/main ", ())


@pytest.mark.parametrize(("text", "is_noted"), [("git:origin/main", False), ("git:HEAD", True), ("strategy:one", True)])
def test_a_pull_request_that_asks_for_something_else_than_its_target_is_told(
    clone: Path, text: str, is_noted: bool
) -> None:
    found = comparison_of(text, clone, PULL_REQUEST)

    said = f"this pull request wants to get into 'main', and is compared with {found.name} instead"
    assert found.notes == ((said,) if is_noted else ())
    assert comparison_of(text, clone, {}).notes == ()


def test_a_strategy_needs_a_name(clone: Path) -> None:
    with pytest.raises(SettingsError, match="a strategy's name is needed, as strategy:cheap"):
        comparison_of("strategy:", clone, {})
