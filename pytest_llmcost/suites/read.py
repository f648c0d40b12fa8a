"""From a path to a suite, or to all that is wrong with it."""

from __future__ import annotations

import gc
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import date
from pathlib import Path, PurePosixPath
from types import MappingProxyType
from typing import Any

from pytest_llmcost.domain.errors import SuiteError
from pytest_llmcost.domain.suite import Suite
from pytest_llmcost.suites.bare import settings_of
from pytest_llmcost.suites.cases import Reading, Scoring, read_cases, read_examples
from pytest_llmcost.suites.contexts import check_contexts, load_documents, variables_beside
from pytest_llmcost.suites.datasets.sections import Wanted, read_sources
from pytest_llmcost.suites.defaults import defaults_of, over_defaults
from pytest_llmcost.suites.labels import check_labels
from pytest_llmcost.suites.project import Accepted, Configured, Project
from pytest_llmcost.suites.prompts import check_prompts, load_files
from pytest_llmcost.suites.schema.case import MOST_REPEATS
from pytest_llmcost.suites.schema.suite import ROOT, SUITE
from pytest_llmcost.suites.scoring.scorers import EXACT, meant_by, read_scorers, reads_fields
from pytest_llmcost.suites.strategies.forms import load_forms
from pytest_llmcost.suites.strategies.routes import Keys, check_routes
from pytest_llmcost.suites.strategies.specs import Strategies, spec_of
from pytest_llmcost.suites.strategies.verifiers import check_verifiers
from pytest_llmcost.suites.templates import LABELS
from pytest_llmcost.suites.tree.compose import compose
from pytest_llmcost.suites.tree.fields import Section
from pytest_llmcost.suites.tree.files import Unreadable, identity_of, read_text
from pytest_llmcost.suites.tree.nodes import List, Map, Scalar
from pytest_llmcost.suites.tree.report import Report
from pytest_llmcost.suites.tree.values import read_value
from pytest_llmcost.suites.variables import Beside, check_variables, variables_read


def read_suite(
    path: Path,
    *,
    root: Path,
    models: Collection[str] = (),
    configured: Sequence[Configured] = (),
    scorers: Mapping[str, Accepted] = MappingProxyType({}),
    allowed_python: Collection[str] = (),
    functions: Mapping[str, Accepted] = MappingProxyType({}),
    today: date | None = None,
) -> Suite:
    """Return the suite in the file *path*.

    Args:
        path: A `bench_*.yaml`, or any file in its form.
        root: The root directory; the suite's identity is its path below it.
        models: Names of tiers and configured models. A strategy's model is one of
            them, or has a slash in it.
        configured: What the configuration files say of suites, the nearest first. Of their
            defaults `gate` and `params` are merged key by key.
        scorers: Scorers of other packages, by name, with the options that they take.
        allowed_python: Modules whose functions may score; a package stands for those below it.
        functions: Strategies of other packages, by name, with the options that they take.
        today: The day that quarantines are measured by; the default is the real one.

    Raises:
        SuiteError: If anything is wrong, with all the mistakes that were found.
    """
    project = Project(
        models=models,
        configured=configured,
        scorers=scorers,
        allowed_python=allowed_python,
        functions=functions,
        today=today or date.today(),
    )
    try:
        return _read(path, root, project)
    except SuiteError as error:
        files = {one.file for one in configured}
        if not any(problem.path in files for problem in error.problems):
            raise
    return _read(path, root, replace(project, has_lines=True))


def _read(path: Path, root: Path, project: Project) -> Suite:
    report = Report(identity_of(path, root), root)
    try:
        report.source = read_text(path, root)
    except Unreadable as error:
        report.fail(error.line or 1, error.column or 1, str(error))
    with _without_collector():
        settings = _settings(defaults_of(project, report), report)
        return _suite(settings, project, report)


@contextmanager
def _without_collector() -> Iterator[None]:
    """Leave the garbage collector out: nothing here is garbage, and it would walk a growing tree again and again."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def _settings(defaults: Map, report: Report) -> Section:
    """Return the top level, whichever of the two forms the file has."""
    tree = compose(report)
    if tree is None or (isinstance(tree, Scalar) and tree.value is None):
        report.fail(1, 1, "the file is empty. Write cases, such as - {text: What is 2 + 2?, expected: 4}")
    if not isinstance(tree, Map | List):
        read_value(ROOT, tree, "the file", report)
        report.raise_if_any()
    assert isinstance(tree, Map | List)
    read: Section = SUITE.read(over_defaults(tree, defaults), "the file", report)
    if isinstance(tree, List) and "cases" not in read.values:
        report.raise_if_any()
    return settings_of(tree, read, report) if isinstance(tree, List) else read


def _suite(settings: Section, project: Project, report: Report) -> Suite:
    load_files(settings, report)
    load_forms(settings, report)
    load_documents(settings, report)
    strategies = Strategies(settings, project, report)
    own, keys = strategies.sections, Keys.of(strategies.found)
    scoring = _scoring_of(settings, project, report)
    # A number of repeats that is wrong itself bounds nothing.
    repeats = settings.get("repeats", MOST_REPEATS if "repeats" in settings else 1)
    is_coded = reads_fields(scoring.scorer) or keys.are_coded
    wanted = Wanted(None if is_coded else keys.beside(variables_read([settings, *own])), scoring.needs_expected)
    sections = [*settings.get("cases", []), *read_sources(settings, wanted, report)]
    solved = settings.get("examples", [])
    cases = read_cases(sections, Reading(scoring, repeats, project, report))
    check_contexts([(*leaf.layers, settings) for leaf in strategies.leaves()], sections, report)
    check_prompts(settings, own, [leaf.layers for leaf in strategies.leaves()], report)
    check_labels(settings, scoring.scorer, own, [*sections, *solved], report)
    coded = {name for case in cases if is_coded or reads_fields(case.scorer) for name in case.fields} | keys.fields
    beside = Beside(_variables_beside([settings, *own]), wanted.unread, coded)
    check_variables([settings, *own], sections, solved, beside, report)
    check_verifiers(strategies, sections, beside.variables, report)
    check_routes(strategies.found, {section.node: case for section, case in zip(sections, cases, strict=True)}, report)
    report.raise_if_any()
    examples = read_examples(solved)
    return Suite(
        path=report.path,
        name=settings.get("suite", _name_of(report.path)),
        description=settings.get("description", ""),
        labels=scoring.labels,
        strategies=tuple(spec_of(one, settings, examples) for one in strategies.found),
        scorer=scoring.scorer,
        threshold=scoring.threshold,
        budget_usd=settings.get("budget_usd"),
        cases=cases,
        strict=settings.get("strict", False),
        repeats=repeats,
    )


def _scoring_of(settings: Section, project: Project, report: Report) -> Scoring:
    written = settings.get("scorer")
    scorer = EXACT if written is None else read_scorers(written, project, report) or meant_by(written)
    return Scoring(scorer, settings.get("threshold"), tuple(settings.get("labels", ())))


def _variables_beside(asking: Sequence[Section]) -> dict[str, Any]:
    """Return the variables that templates have beside the fields of a case; the suite's own word is the first."""
    labels = {LABELS: asking[0].get("labels", [])} if "labels" in asking[0] else {}
    return labels | variables_beside(asking)


def _name_of(path: str) -> str:
    """Return what a suite without a name is called: its file's name without what every bench file has."""
    return PurePosixPath(path).stem.removeprefix("bench_").removesuffix("_bench")
