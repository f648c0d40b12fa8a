"""What a run is held against: `--llm-baseline`, or, in a pull request's job, the branch that it wants to get into."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from pytest_llmcost.assembly.base.repository import REMOTES, Repository
from pytest_llmcost.assembly.base.state import State
from pytest_llmcost.assembly.base.target import target_branch
from pytest_llmcost.assembly.sides import GIT, Side, read_side
from pytest_llmcost.domain.errors import SettingsError
from pytest_llmcost.gate.baseline import Baseline, baseline_path, read_baseline

STRATEGY = "strategy:"


@dataclass(frozen=True, slots=True)
class Comparison:
    """What a run is held against: one of three, or else the baselines beside the suites.

    Attributes:
        name: In words.
        state: The base of a change: its baselines are compared with, its settings judge.
        side: What was read from files.
        strategy: The strategy of the same run that all others are compared with.
        notes: What must be said of it.
    """

    name: str
    state: State | None = None
    side: Side | None = None
    strategy: str = ""
    notes: tuple[str, ...] = ()

    def baseline_of(self, root: Path, suite: str) -> Baseline | None:
        """Return what the suite of that path is compared with; None where that is nothing, or this run itself.

        Raises:
            BaselineError: If it is there and cannot be read.
        """
        path = baseline_path(root, suite)
        if self.strategy:
            return None
        if self.state is not None:
            return self.state.baseline_at(path.relative_to(root).as_posix())
        return self.side.of(suite) if self.side is not None else read_baseline(path)


STORED = Comparison("the baselines in llm_baselines/ beside the suites")


def comparison_of(text: str | None, root: Path, environment: Mapping[str, str]) -> Comparison:
    """Return what a user asks to compare with.

    Args:
        text: `PATH`, `git:REF`, `strategy:NAME`, or None: then a pull request's job compares with the branch that
            it wants to get into, and any other run with the baselines beside the suites.
        root: The root directory.
        environment: Where CI systems say which branch that is.

    Raises:
        SettingsError: If git does not know that branch, or this clone lacks its history.
        BaselineError: If there is nothing at PATH, or it cannot be read.
    """
    branch = target_branch(environment)
    if text is None:
        # By its full name: a tag or a branch of the same short name would go before it.
        return _of_commit(root, f"{GIT}origin/{branch}", f"{REMOTES}origin/{branch}") if branch else STORED
    comparison = _asked_for(text, root)
    if not branch or text == f"{GIT}origin/{branch}":
        return comparison
    said = f"this pull request wants to get into '{branch}', and is compared with {comparison.name} instead"
    return dataclasses.replace(comparison, notes=(*comparison.notes, said))


def _asked_for(text: str, root: Path) -> Comparison:
    if text.startswith(GIT):
        return _of_commit(root, text, text.removeprefix(GIT))
    if text.startswith(STRATEGY):
        name = text.removeprefix(STRATEGY)
        if not name:
            raise SettingsError(f"{text}: a strategy's name is needed, as strategy:cheap", key="--llm-baseline")
        return Comparison(f"strategy '{name}' of this run", strategy=name)
    side = read_side(text, root)
    return Comparison(side.name, side=side, notes=side.notes)


def _of_commit(root: Path, name: str, ref: str) -> Comparison:
    repository = Repository(root)
    state = State(repository, repository.merge_base(ref), name)
    state.baselines  # noqa: B018 (read now: what git cannot read is said before anything is asked)
    return Comparison(f"{state.name} and its gate settings", state=state)
