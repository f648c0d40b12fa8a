"""The suites below a folder, each read as a run would read it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from pytest_llmcost.assembly.runner import Runner
from pytest_llmcost.cli.doctor.finding import BAD, OK, WARN, Finding
from pytest_llmcost.cli.project import suite_files
from pytest_llmcost.domain.errors import SettingsError, SuiteError
from pytest_llmcost.domain.suite import Suite

_MOST_SHOWN = 3


class SuitesBelow:
    """The suites that were found.

    Attributes:
        good: Those that can be read.
        findings: What is to be said of each file, in order.
    """

    def __init__(self, folder: Path, root: Path, runner: Runner) -> None:
        self.good: list[Suite] = []
        self.findings = [self._read(path, root, runner) for path in suite_files(folder)]
        if not self.findings:
            todo = "llmcost init writes a first one; llmcost init --csv FILE makes it from a table."
            self.findings = [Finding(WARN, "suite", f"none below {folder} (bench_*.yaml, *_bench.yaml)", todo)]

    def models(self) -> Iterator[tuple[str, str]]:
        """Yield the good ones' paths with the models that they ask."""
        for suite in self.good:
            yield from ((suite.path, leaf.model) for spec in suite.strategies for leaf in spec.leaves())

    def _read(self, path: Path, root: Path, runner: Runner) -> Finding:
        try:
            suite = runner.read_suite(path, root)
        except SuiteError as error:
            return _mistakes(error)
        except SettingsError:
            return Finding(WARN, "suite", f"{path} is looked at once its configuration can be read")
        self.good.append(suite)
        strategies = ", ".join(spec.name for spec in suite.strategies)
        return Finding(OK, "suite", f"{suite.path}: {_counted(len(suite.cases), 'case')} by {strategies}")


def _mistakes(error: SuiteError) -> Finding:
    shown = [str(problem) for problem in error.problems[:_MOST_SHOWN]]
    left = len(error.problems) - len(shown)
    todo = "\n".join([*shown, *([f"... and {left} more"] if left else [])])
    return Finding(BAD, "suite", f"{error.path}: {_counted(len(error.problems), 'mistake')}", todo)


def _counted(number: int, noun: str) -> str:
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"
