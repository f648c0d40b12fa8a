"""What baselines hold, in figures: today, and after each commit that changed one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from pathlib import Path

from pytest_llmcost.assembly.base.repository import Change, Repository
from pytest_llmcost.assembly.models import Models
from pytest_llmcost.domain.errors import BaselineError, PriceError, SettingsError
from pytest_llmcost.gate.baseline import Baseline, baseline_in, read_baseline
from pytest_llmcost.gate.records import CaseRecord
from pytest_llmcost.reports.baselines import StoredStrategy, StoredSuite, Version
from pytest_llmcost.statistics.intervals import mean_score
from pytest_llmcost.statistics.percentiles import percentile

MOST_VERSIONS = 20


class Stored:
    """The baselines of a project.

    Args:
        root: Its root directory.
        models: For today's prices.
    """

    def __init__(self, root: Path, models: Models) -> None:
        self._root = root
        self._models = models
        self._repository = Repository(root)

    def suite(
        self, path: str, suite: str, groups: Mapping[str, str | None], wanted: str | None = None
    ) -> StoredSuite | None:
        """Return what the baseline at *path* holds; None where there is none, or another is wanted.

        Args:
            path: The baseline's, below the root directory.
            suite: The suite's.
            groups: By case; None, or no entry, stands alone.
            wanted: Path or name of the suite that is asked for, then with what it held after earlier commits.

        Raises:
            BaselineError: If it cannot be read.
        """
        baseline = read_baseline(self._root / path)
        if baseline is None or wanted not in (None, path, suite, baseline.suite):
            return None
        changes = self._changes(path, 1 if wanted is None else MOST_VERSIONS)
        return StoredSuite(
            suite=suite,
            name=baseline.suite,
            file=path,
            date=changes[0].date if changes else "",
            is_committed=bool(changes) and self._repository.is_committed(path),
            strategies=tuple(self._strategies(suite, baseline, groups)),
            accepted=baseline.accepted,
            versions=tuple(self._versions(path, suite, changes, groups)) if wanted is not None else (),
            notes=baseline.notes,
        )

    def _changes(self, path: str, most: int) -> list[Change]:
        try:
            return self._repository.changes(path, most)
        except SettingsError:
            return []  # (without git there is no date)

    def _versions(
        self, path: str, suite: str, changes: Sequence[Change], groups: Mapping[str, str | None]
    ) -> Iterator[Version]:
        contents = self._repository.versions(path, changes) if changes else iter(())
        for change, content in zip(changes, contents, strict=True):
            strategies, fault = tuple[StoredStrategy, ...](), "" if content is not None else "deleted"
            try:
                held = baseline_in(content.decode("utf-8"), path) if content is not None else Baseline(suite)
                strategies = tuple(self._strategies(suite, held, groups))
            except (BaselineError, UnicodeDecodeError):
                fault = "cannot be read"
            yield Version(change.commit, change.date, change.subject, strategies, fault)

    def _strategies(self, suite: str, baseline: Baseline, groups: Mapping[str, str | None]) -> Iterator[StoredStrategy]:
        for name, record in baseline.strategies.items():
            scored = [one for one in baseline.of(name) if one.scores]
            if scored:
                scores = [one.mean_score for one in scored]
                interval = mean_score(scores, [groups.get(one.case) for one in scored])
                yield StoredStrategy(
                    name=name,
                    model=record.model,
                    cases=len(scored),
                    quality=sum(scores) / len(scores),
                    lower=interval.lower,
                    upper=interval.upper,
                    usd_per_case=self._usd_per_case(suite, scored),
                    p50_seconds=percentile([one.seconds_per_trial for one in scored], 0.5),
                )

    def _usd_per_case(self, suite: str, records: Sequence[CaseRecord]) -> Decimal | None:
        try:
            own = self._models.at(suite)
            prices = {name: own.price_of(name) for one in records for name in one.usage}
        except (PriceError, SettingsError):
            return None
        return sum((one.usd_per_trial(prices) for one in records), Decimal(0)) / len(records)
