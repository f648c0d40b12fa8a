"""Suites as pytest sees them: file, strategy, case."""

from __future__ import annotations

import fnmatch
import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from pytest_llmcost.domain.digest import digest
from pytest_llmcost.domain.errors import SettingsError, SuiteError
from pytest_llmcost.domain.suite import Case, StrategySpec, Suite
from pytest_llmcost.domain.trial import Trial

if TYPE_CHECKING:
    from pytest_llmcost.plugin.active import ActivePlugin

PATTERNS = ("bench_*.yaml", "bench_*.yml", "*_bench.yaml", "*_bench.yml")
PROPERTY = "llmcost"
"""Under this name a trial travels in its report from where it ran to the tally."""
LONGEST_NAME = 1000
"""Columns that an id may take in a node id."""
WORD = "llmcost-word"
"""Under this name the word for a case travels that neither passed nor failed."""
MISSED = "missed"
UNANSWERED = "unanswered"


def is_suite_file(path: Path) -> bool:
    """Whether a file is a benchmark suite by its name."""
    return any(fnmatch.fnmatchcase(path.name, pattern) for pattern in PATTERNS)


MOST_SHOWN = 2_000
"""Characters of one text in a failure; a model may write a million."""


class NotAnswered(Exception):
    """A case got no answer or no score; its text is for the reader."""


class WronglyAnswered(Exception):
    """A case that has to pass was answered wrongly; its text is for the reader."""


class SuiteFile(pytest.File):
    """A bench file; its children are strategies."""

    active: ActivePlugin

    def collect(self) -> Iterator[pytest.Collector]:
        """Yield one collector a strategy, or raise all the suite's mistakes at once."""
        try:
            suite = self.active.read_suite(self.path)
        except (SuiteError, SettingsError) as error:
            raise self.CollectError(str(error)) from error
        for tag in sorted({tag for case in suite.cases for tag in case.tags}):
            self.config.addinivalue_line("markers", f"{tag}: a tag of benchmark cases")
        for spec in suite.strategies:
            node: StrategyNode = StrategyNode.from_parent(self, name=node_name(spec.name))
            node.suite, node.spec, node.active = suite, spec, self.active
            node.add_marker("llm")
            node.add_marker(pytest.mark.suite(name=suite.name))
            node.add_marker(pytest.mark.strategy(name=spec.name))
            yield node


class StrategyNode(pytest.Collector):
    """A strategy; its children are the suite's cases."""

    suite: Suite
    spec: StrategySpec
    active: ActivePlugin

    def collect(self) -> Iterator[pytest.Item]:
        """Yield one item a case and trial."""
        taken: set[str] = set()
        for case in self.suite.cases:
            for number in range(1, self.suite.repeats + 1):
                name = _free(node_name(case.id) if number == 1 else f"{node_name(case.id)}#{number}", case.id, taken)
                item: CaseItem = CaseItem.from_parent(self, name=name)
                item.suite, item.spec, item.case, item.active = self.suite, self.spec, case, self.active
                item.trial_number = number
                for tag in case.tags:
                    item.add_marker(tag)
                yield item


class CaseItem(pytest.Item):
    """One trial of one case, answered by one strategy."""

    suite: Suite
    spec: StrategySpec
    case: Case
    active: ActivePlugin
    trial_number = 1

    def runtest(self) -> None:
        """Wait for the answer and report it; raise where there is none."""
        trial = self.active.trial_of(self)
        unanswered = trial.error is not None
        missed = not unanswered and not trial.correct and not trial.not_run
        carry(self, self.active.carried(trial), UNANSWERED if unanswered else MISSED if missed else "")
        if trial.not_run:
            pytest.skip(trial.not_run)
        if unanswered and self.must_be_answered:
            raise NotAnswered(unanswered_text(self, trial))
        if missed and self.suite.must_be_right(self.case):
            raise WronglyAnswered(wrong_text(self, trial))

    @property
    def must_be_answered(self) -> bool:
        """Whether a missing answer fails the test."""
        return self.spec.must_answer(self.case)

    @property
    def must_be_right(self) -> bool:
        """Whether a wrong answer fails the test."""
        return self.suite.must_be_right(self.case)

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], *args: Any, **kwargs: Any) -> Any:
        """Return the failure in its own few lines: pytest's traceback would cost 100 ms an item."""
        if isinstance(excinfo.value, NotAnswered | WronglyAnswered):
            return str(excinfo.value)
        return super().repr_failure(excinfo)

    def reportinfo(self) -> tuple[os.PathLike[str] | str, int | None, str]:
        """Return the case's own line in the suite, and a heading: one that ended the node id would lose its dots."""
        return self.path, self.case.line - 1, f"{self.name} by {node_name(self.spec.name)}"


def carry(item: pytest.Item, trial: object, word: str) -> None:
    """Put a trial, and the word for it, into an item's report; those of an earlier try go: items may be run again."""
    kept = [(name, value) for name, value in item.user_properties if name not in (PROPERTY, WORD)]
    item.user_properties[:] = [*kept, (PROPERTY, trial), (WORD, word)]


def unanswered_text(item: CaseItem, trial: Trial) -> str:
    """Return what a reader must know of a case without an answer: where, who, why."""
    from pytest_llmcost.reports.safe import inert, visible

    case = f"{item.suite.path}:{item.case.line}: case '{visible(item.case.id)}'"
    models = ", ".join(dict.fromkeys(leaf.model for leaf in item.spec.leaves()))
    return inert(f"{case} has no answer by '{item.spec.name}' ({models})\n{_begin_of(trial.error)}")


def wrong_text(item: CaseItem, trial: Trial) -> str:
    """Return what a reader must know of a case that had to be right and was not."""
    from pytest_llmcost.reports.safe import inert, visible

    case = f"{item.suite.path}:{item.case.line}: case '{visible(item.case.id)}'"
    expected, got = _begin_of(" or ".join(map(str, trial.expected))), _begin_of(trial.got)
    return inert(f"{case} must pass by '{item.spec.name}'\nexpected {expected}, got {got}")


def _begin_of(value: object) -> str:
    """Return a model's or a scorer's text as far as anybody reads it in a terminal."""
    text = str(value)
    return text if len(text) <= MOST_SHOWN else f"{text[:MOST_SHOWN]}... ({len(text):,} characters)"


def node_name(name: str) -> str:
    """Return a name that is safe in a node id: no separators, no control or direction characters, not too long."""
    from pytest_llmcost.reports.safe import columns, visible

    shown = visible(name.replace("::", "\\x3a:"), LONGEST_NAME)
    return _in_environment(shown if columns(shown) < LONGEST_NAME else _marked(shown, name))


def _in_environment(name: str) -> str:
    """Return *name* as an environment variable can hold it, where pytest puts each node id: in some locales, ASCII."""
    try:
        os.fsencode(name)
    except UnicodeEncodeError:
        return name.encode("ascii", "backslashreplace").decode("ascii")
    return name


def _free(name: str, case: str, taken: set[str]) -> str:
    """Return *name*, or another one where two cases come to the same: reports and selections go by it."""
    free = _marked(name, case) if name in taken else name
    taken.add(free)
    return free


def _marked(name: str, case: str) -> str:
    return f"{name}~{digest(case)[:8]}"
