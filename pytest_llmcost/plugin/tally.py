"""The controller's books: every trial of the run, on disk before it is shown."""

from __future__ import annotations

import dataclasses
import datetime
import json
import secrets
from pathlib import Path

import pytest

from pytest_llmcost.assembly.settings import Settings
from pytest_llmcost.domain.trial import Trial
from pytest_llmcost.plugin.collection import PROPERTY, WORD
from pytest_llmcost.reports.run_file import RunWriter
from pytest_llmcost.reports.trial_line import trial_of

RUNS = Path(".llmcost/runs")


class Tally:
    """Trials as they are reported, and the run file that they are written to.

    Attributes:
        lost: Node ids of the tests that no report will come of.
    """

    def __init__(self, path: Path, started: str, *, keep_text: bool) -> None:
        self.path = path
        self.started = started
        self.faults: list[str] = []
        self.lost: list[str] = []
        self._keep_text = keep_text
        self._writer: RunWriter | None = None
        self._trials: dict[tuple[str, str, str, int], Trial] = {}

    @classmethod
    def start(cls, config: pytest.Config, settings: Settings) -> Tally:
        """Return empty books; the run file is made with the first trial."""
        now = datetime.datetime.now(datetime.UTC)
        given = config.getoption("llm_run")
        name = f"{now:%Y%m%dT%H%M%S}-{secrets.token_hex(2)}.jsonl"
        path = config.invocation_params.dir / given if given else settings.root / RUNS / name
        return cls(path, now.isoformat(timespec="seconds"), keep_text=settings.keep_text)

    @property
    def trials(self) -> list[Trial]:
        """Every trial once, in the order in which they were first reported."""
        return list(self._trials.values())

    @property
    def writer(self) -> RunWriter | None:
        """The run file in the making; None where nothing was written, or nothing could be."""
        return self._writer

    def take(self, report: pytest.TestReport) -> None:
        """Take a case's trial out of its report: write it down, and leave in its place what JUnit shows."""
        carried = next((value for name, value in report.user_properties if name == PROPERTY), None)
        if carried is None:
            return
        trial = carried if isinstance(carried, Trial) else trial_of(json.loads(str(carried)))
        word = next((value for name, value in report.user_properties if name == WORD), None)
        kept = [(name, value) for name, value in report.user_properties if name not in (PROPERTY, WORD)]
        report.user_properties = kept + _properties(trial)
        if report.when == "call":  # the teardown's report holds the same once more
            self._write(trial)
            self._keep(trial)
            # Extra attributes are how a report carries what pytest has no field for.
            report.__dict__[WORD] = word

    def _keep(self, trial: Trial) -> None:
        # A case is reported again by `--dist=each`, and by plugins that rerun what failed: the last try is the trial.
        key = (trial.suite, trial.strategy, trial.case, trial.trial)
        before = self._trials.get(key)
        paid_usd = trial.paid_usd + (before.paid_usd if before else 0)
        self._trials[key] = dataclasses.replace(trial, paid_usd=paid_usd)

    def _write(self, trial: Trial) -> None:
        try:
            if self._writer is None and not self.faults:
                self._writer = RunWriter(self.path, keep_text=self._keep_text)
            if self._writer is not None:
                self._writer.add(trial)
        except OSError as error:
            self._writer = None
            self.faults.append(f"the run file {self.path} cannot be written: {error}. The run goes on without it.")


def _properties(trial: Trial) -> list[tuple[str, object]]:
    """Return the figures that JUnit and other reports show of a case; money in US dollars."""
    figures: list[tuple[str, object]] = [
        ("usd", float(trial.usd)),
        ("tokens", trial.usage.total_tokens),
        ("seconds", round(trial.seconds, 6)),
    ]
    if cached := [call for call in trial.calls if call.cached]:
        figures += [("cached_calls", len(cached)), ("saved_usd", float(sum(call.usd for call in cached)))]
    return figures if trial.score is None else [*figures, ("score", trial.score)]
