"""The state that a change started from: its baselines, and its suites with their gates, read as objects of git."""

from __future__ import annotations

import os
import re
import tempfile
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from pathlib import Path, PurePosixPath

from pytest_llmcost.assembly.base.repository import Repository
from pytest_llmcost.assembly.extensions.added import Extensions
from pytest_llmcost.assembly.scopes import Scopes
from pytest_llmcost.assembly.settings import OWN_FILE, read_settings
from pytest_llmcost.assembly.sides import is_baseline
from pytest_llmcost.costs.prices import PriceTable
from pytest_llmcost.domain.errors import BaselineError, LlmCostError, PriceError, SettingsError
from pytest_llmcost.domain.gate import Family
from pytest_llmcost.domain.price import Price
from pytest_llmcost.domain.suite import Suite
from pytest_llmcost.gate.baseline import Baseline, baseline_in
from pytest_llmcost.suites.read import read_suite

_WORD = re.compile(r"[\w.-]+")
_SHARED_FILE = "pyproject.toml"
_NO_DAY_IS_PAST = date.min
"""A quarantine that ended meanwhile is this change's matter, not its base's."""


@dataclass(frozen=True, slots=True)
class SuitesThen:
    """The suites of a base.

    Attributes:
        suites: Those that can be read, by path.
        unread: Why others cannot be, by path.
        prices: What the models of each strategy cost by the base's configuration, by suite and model.
        family: What tests were corrected for; None where the base does not say.
    """

    suites: Mapping[str, Suite] = field(default_factory=dict)
    unread: Mapping[str, str] = field(default_factory=dict)
    prices: Mapping[tuple[str, str], Price] = field(default_factory=dict)
    family: Family | None = None


class State:
    """The project as a commit has it.

    Args:
        repository: The one that its root directory lies in.
        commit: The full name of the commit.
        name: As a user asked for it.
    """

    def __init__(self, repository: Repository, commit: str, name: str) -> None:
        self._repository = repository
        self.commit = commit
        self.name = f"{name} ({commit[:10]})"

    @cached_property
    def files(self) -> Mapping[str, str]:
        """The names of all files' contents, by path below the root directory."""
        return self._repository.files(self.commit)

    def contents(self, paths: Collection[str]) -> dict[str, bytes]:
        """Return the contents of those of *paths* that are there."""
        there = [path for path in paths if path in self.files]
        found = self._repository.contents([self.files[path] for path in there])
        return dict(zip(there, found, strict=True))

    @cached_property
    def baselines(self) -> Mapping[str, bytes]:
        """The contents of all baselines, by path."""
        return self.contents([path for path in self.files if is_baseline(path)])

    def baseline_at(self, path: str) -> Baseline | None:
        """Return the baseline in the file at *path*, or None where there is none.

        Raises:
            BaselineError: If it cannot be read.
        """
        if path not in self.baselines:
            return None
        place = f"{self.commit[:10]}:{path}"
        try:
            return baseline_in(self.baselines[path].decode("utf-8"), place)
        except UnicodeDecodeError as error:
            raise BaselineError(f"{place}: the baseline cannot be read: {error}.", path=place) from error

    def suites_at(self, paths: Collection[str], extensions: Extensions) -> SuitesThen:
        """Return the suites at those of *paths* that are there, read as a run at that commit would read them.

        Args:
            paths: Of suites, below the root directory.
            extensions: What other packages add: today's.
        """
        there = [path for path in paths if path in self.files]
        if not there:
            return SuitesThen()
        try:
            with self._laid_out(there) as root:
                return _read(root, there, extensions)
        except (SettingsError, OSError) as error:
            return SuitesThen(unread=dict.fromkeys(there, _first_line(error)))

    @contextmanager
    def _laid_out(self, suites: Collection[str]) -> Iterator[Path]:
        """Make a folder, for as long as it is needed, of all files that *suites* may name."""
        settings = [path for path in self.files if PurePosixPath(path).name == OWN_FILE or path == _SHARED_FILE]
        texts = self.contents([*settings, *suites])
        words = set(_WORD.findall("\n".join(text.decode("utf-8", "replace") for text in texts.values())))
        # A file that is named has a name all of whose words are written somewhere.
        named = [path for path in self.files if words.issuperset(_WORD.findall(PurePosixPath(path).name))]
        with tempfile.TemporaryDirectory(prefix="llmcost-base-") as folder:
            for path, content in (texts | self.contents([p for p in named if p not in texts])).items():
                file = Path(folder, path)
                file.parent.mkdir(parents=True, exist_ok=True)
                file.write_bytes(content)
            yield Path(folder).resolve()


def _read(root: Path, paths: Collection[str], extensions: Extensions) -> SuitesThen:
    try:
        settings = read_settings(root, os.environ)
        prices = PriceTable(settings.prices, warn=lambda said: None, packaged=extensions.prices)
        scopes = Scopes(settings, prices, os.environ)
    except LlmCostError as error:
        return SuitesThen(unread=dict.fromkeys(paths, _first_line(error, root)))
    suites, unread = {}, {}
    costs: dict[tuple[str, str], Price] = {}
    for path in paths:
        try:
            suites[path] = _suite(root, path, scopes, extensions)
            costs |= _costs(suites[path], scopes)
        except LlmCostError as error:
            unread[path] = _first_line(error, root)
    return SuitesThen(suites, unread, costs, settings.family)


def _costs(suite: Suite, scopes: Scopes) -> dict[tuple[str, str], Price]:
    costs = {}
    for leaf in (leaf for spec in suite.strategies for leaf in spec.leaves()):
        with suppress(PriceError):  # (one that had no price there differs from nothing)
            model = scopes.models.at(suite.path).find(leaf.model)
            costs[suite.path, model.endpoint.label] = model.price
    return costs


def _suite(root: Path, path: str, scopes: Scopes, extensions: Extensions) -> Suite:
    scope = scopes.at(path)
    return read_suite(
        root / path,
        root=root,
        models=scopes.models.at(path),
        configured=scope.configured,
        scorers=extensions.accepted,
        allowed_python=scope.settings.allowed_python,
        today=_NO_DAY_IS_PAST,
    )


def _first_line(error: Exception, root: Path = Path()) -> str:
    return str(error).partition("\n")[0].replace(f"{root}{os.sep}", "")
