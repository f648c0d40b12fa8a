"""From a path to a suite, or to all that is wrong with it."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from pathlib import Path, PurePosixPath

from pytest_llmcost.domain.suite import Suite
from pytest_llmcost.suites.bare import settings_of
from pytest_llmcost.suites.cases import Scoring, read_cases, read_examples
from pytest_llmcost.suites.compose import compose
from pytest_llmcost.suites.fields import INVALID, Section, read_value
from pytest_llmcost.suites.files import identity_of, read_text
from pytest_llmcost.suites.labels import check_labels
from pytest_llmcost.suites.nodes import List, Scalar
from pytest_llmcost.suites.prompts import check_prompts
from pytest_llmcost.suites.report import Report
from pytest_llmcost.suites.schema import ROOT
from pytest_llmcost.suites.specs import spec_of, strategies_of
from pytest_llmcost.suites.variables import check_variables


def read_suite(
    path: Path, *, root: Path, models: Collection[str] = (), default_strategies: Sequence[str] = ()
) -> Suite:
    """Return the suite in the file *path*.

    Args:
        path: A `bench_*.yaml`, or any file in its form.
        root: The root directory; the suite's identity is its path below it.
        models: Names of tiers and configured models. A strategy's model is one of
            them, or has a slash in it.
        default_strategies: Some of *models* (or names with a slash), each asked as a
            strategy of that name where the suite names none.

    Raises:
        SuiteError: If anything is wrong, with all the mistakes that were found.
    """
    report = Report(identity_of(path, root))
    report.source = read_text(path, root, report)
    settings = _settings(report)
    suite = _suite(settings, models, default_strategies, report)
    return suite


def _settings(report: Report) -> Section:
    """Return the top level, whichever of the two forms the file has."""
    tree = compose(report)
    if tree is None or (isinstance(tree, Scalar) and tree.value is None):
        report.fail(1, 1, "the file is empty. Write cases, such as - {text: What is 2 + 2?, expected: 4}")
    read = read_value(ROOT, tree, "the file", report)
    if isinstance(tree, List) and read is not INVALID:
        return settings_of(tree, read, report)
    if not isinstance(read, Section):
        report.raise_if_any()
    assert isinstance(read, Section)
    return read


def _suite(settings: Section, models: Collection[str], default_strategies: Sequence[str], report: Report) -> Suite:
    sections, solved = settings.get("cases", []), settings.get("examples", [])
    labels = tuple(settings.get("labels", ()))
    scoring = Scoring(settings.get("scorer", "exact"), settings.get("threshold", 1.0), labels)
    cases, examples = read_cases(sections, scoring, report), read_examples(solved)
    named = strategies_of(settings, default_strategies, models, report)
    own = [strategy.section for strategy in named]
    check_prompts(settings, own, report)
    check_labels(settings, own, [*sections, *solved], report)
    check_variables([settings, *own], sections, solved, settings.get("labels"), report)
    report.raise_if_any()
    return Suite(
        path=report.path,
        name=settings.get("suite", _name_of(report.path)),
        description=settings.get("description", ""),
        labels=labels,
        strategies=tuple(spec_of(strategy, settings, examples) for strategy in named),
        scorer=scoring.scorer,
        threshold=float(scoring.threshold),
        budget_usd=settings.get("budget_usd"),
        cases=cases,
    )


def _name_of(path: str) -> str:
    """Return what a suite without a name is called: its file's name without what every bench file has."""
    return PurePosixPath(path).stem.removeprefix("bench_").removesuffix("_bench")
