"""From a path to a suite, or to all that is wrong with it."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from pathlib import Path, PurePosixPath
from typing import Any

from pytest_llmcost.domain.suite import Suite
from pytest_llmcost.suites.bare import settings_of
from pytest_llmcost.suites.cases import Scoring, read_cases, read_examples
from pytest_llmcost.suites.labels import check_labels
from pytest_llmcost.suites.prompts import check_prompts
from pytest_llmcost.suites.schema import ROOT
from pytest_llmcost.suites.specs import spec_of, strategies_of
from pytest_llmcost.suites.templates import LABELS
from pytest_llmcost.suites.tree.compose import compose
from pytest_llmcost.suites.tree.fields import Section
from pytest_llmcost.suites.tree.files import identity_of, read_text
from pytest_llmcost.suites.tree.nodes import List, Scalar
from pytest_llmcost.suites.tree.report import Report
from pytest_llmcost.suites.tree.values import INVALID, read_value
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
    return _suite(settings, models, default_strategies, report)


def _settings(report: Report) -> Section:
    """Return the top level, whichever of the two forms the file has."""
    tree = compose(report)
    if tree is None or (isinstance(tree, Scalar) and tree.value is None):
        report.fail(1, 1, "the file is empty. Write cases, such as - {text: What is 2 + 2?, expected: 4}")
    read = read_value(ROOT, tree, "the file", report)
    if read is INVALID:
        report.raise_if_any()
    settings = settings_of(tree, read, report) if isinstance(tree, List) else read
    assert isinstance(settings, Section)
    return settings


def _suite(settings: Section, models: Collection[str], default_strategies: Sequence[str], report: Report) -> Suite:
    sections, solved = settings.get("cases", []), settings.get("examples", [])
    labels = tuple(settings.get("labels", ()))
    scoring = Scoring(settings.get("scorer", "exact"), settings.get("threshold", 1.0), labels)
    cases, examples = read_cases(sections, scoring, report), read_examples(solved)
    named = strategies_of(settings, default_strategies, models, report)
    own = [strategy.section for strategy in named]
    check_prompts(settings, own, report)
    check_labels(settings, own, [*sections, *solved], report)
    check_variables([settings, *own], sections, solved, _variables_beside(settings), report)
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


def _variables_beside(settings: Section) -> dict[str, Any]:
    """Return the variables that templates have beside the fields of a case."""
    return {LABELS: settings.get("labels", [])} if "labels" in settings else {}


def _name_of(path: str) -> str:
    """Return what a suite without a name is called: its file's name without what every bench file has."""
    return PurePosixPath(path).stem.removeprefix("bench_").removesuffix("_bench")
