"""Labels are a closed set: distinct, told apart by their beginnings where that is needed, and all that is expected."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from pytest_llmcost.domain.suite import ScorerSpec
from pytest_llmcost.suites.scoring.expected import answers_of
from pytest_llmcost.suites.scoring.scorers import has
from pytest_llmcost.suites.tree.fields import Section
from pytest_llmcost.suites.tree.nodes import List, Node, Scalar
from pytest_llmcost.suites.tree.report import Report, did_you_mean, shown


def check_labels(
    suite: Section, scorer: Sequence[ScorerSpec], strategies: list[Section], solved: list[Section], report: Report
) -> None:
    """Report labels that are alike, that are missing, or that are expected and none of them.

    With `parse: label` the label is read from the probabilities of the first token, where
    the model lists them. A label with which another one begins (`in`, `in-scope`; case and
    blanks apart) cannot be told from it there: the pair is a mistake.

    Args:
        suite: The top level.
        scorer: The suite's scorers.
        strategies: What each strategy says itself.
        solved: Cases and examples.
        report: Takes the mistakes.
    """
    labels = suite.get("labels")
    if labels is None:
        if "labels" not in suite:
            _report_missing(suite, scorer, strategies, report)
        return
    places = _places(suite, labels)
    _check_distinct(labels, places, report)
    if any(own.get("parse", suite.get("parse")) == "label" for own in strategies):
        _check_beginnings(dict(zip(map(_folded, labels), places, strict=True)), report)
    _check_expected(labels, solved, report)


def _check_expected(labels: list[str], solved: list[Section], report: Report) -> None:
    known = set(labels)
    for section in solved:
        # What a scorer of the case's own compares with need not be a label.
        for node in answers_of(section) if "scorer" not in section.values else ():
            if isinstance(node, Scalar) and node.raw not in known:
                hint = did_you_mean(node.raw, labels) or f". There are {', '.join(map(shown, labels[:10]))}"
                report.add(node, f"expected {shown(node.raw)} is not among the labels{hint}")


def _report_missing(suite: Section, scorer: Sequence[ScorerSpec], strategies: list[Section], report: Report) -> None:
    lacking = [(section, "parse") for section in (suite, *strategies) if section.get("parse") == "label"]
    for section, key in [*lacking, (suite, "scorer")] if has(scorer, "label") else lacking:
        report.add(section.at(key), f"{key}: label needs 'labels'. Add them: labels: [one, other]")


def _places(suite: Section, labels: list[str]) -> list[Node]:
    written = suite.at("labels") if "labels" in suite.entries else None
    # A bare list's labels stand nowhere; its own place is all there is.
    return written.items if isinstance(written, List) else [suite.node] * len(labels)


def _folded(label: str) -> str:
    return label.strip().lower()


def _check_distinct(labels: list[str], places: list[Node], report: Report) -> None:
    seen: dict[str, str] = {}
    for label, place in zip(labels, places, strict=True):
        folded = _folded(label)
        if not folded:
            report.add(place, "a label is empty. Write what the model is to answer")
        elif folded in seen:
            report.add(place, f"labels {shown(seen[folded])} and {shown(label)} are the same to a model. Rename one")
        seen.setdefault(folded, label)


def _check_beginnings(places: dict[str, Node], report: Report) -> None:
    # Sorted, a label comes right before the first of those that begin with it.
    for short, long in pairwise(sorted(filter(None, places))):
        if long.startswith(short):
            report.add(
                places[long],
                f"labels {shown(short)} and {shown(long)} begin alike, so no token can tell them apart.\nRename one",
            )
