"""A policy file is data, read like a suite: all its mistakes at once, each with its place."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

from pytest_llmcost.domain.errors import SuiteError
from pytest_llmcost.domain.formats import why_not_read
from pytest_llmcost.domain.policy import FORMAT, SUITE, Learned, Policy, PolicyStep, Way
from pytest_llmcost.domain.trial import StrategyRecord
from pytest_llmcost.suites.schema.policy import POLICY
from pytest_llmcost.suites.tree.compose import compose
from pytest_llmcost.suites.tree.fields import Section
from pytest_llmcost.suites.tree.files import Unreadable, identity_of, read_text
from pytest_llmcost.suites.tree.nodes import Map, Node, Scalar, json_of
from pytest_llmcost.suites.tree.references import path_of, told
from pytest_llmcost.suites.tree.report import Report, Spot, did_you_mean, shown
from pytest_llmcost.suites.tree.values import read_value


def read_policy(path: Path, *, root: Path | None = None, known: Collection[str] | None = None) -> Policy:
    """Return the policy in the file *path*.

    Args:
        path: The file.
        root: The folder that the file has to be below; None: wherever it is.
        known: Tiers, strategies and models that the policy may name, beside `provider/model` and the strategies that
            it was learned from; None: any.

    Raises:
        SuiteError: If anything is wrong, with all the mistakes that were found; a newer format is one.
    """
    real = path.resolve() if root is None else path
    report = Report(path.as_posix() if root is None else identity_of(path, root))
    try:
        report.source = read_text(real, real.parent if root is None else root)
    except Unreadable as error:
        report.fail(error.line or 1, error.column or 1, str(error))
    tree = compose(report)
    _check_format(tree, report)
    section = read_value(POLICY, tree, "the policy", report) if tree else None
    report.raise_if_any()
    assert isinstance(section, Section)
    policy = _policy(section, report)
    if known is not None:
        learned = policy.learned.strategies.values() if policy.learned else ()
        _check_names(section, {*known, *(name for records in learned for name in records)}, report)
    report.raise_if_any()
    return policy


def policy_at(node: Scalar, report: Report) -> Policy | None:
    """Return the policy in the file that *node* names, or None where it is reported.

    By `suite` it is the way of the suite that is read; names are left to whoever knows what they mean there.
    """
    path = path_of(node, report)
    if path is None:
        return None
    try:
        with told(node, path, report):
            read_text(path, report.root)  # (a file that is not there is told where it is named)
            policy = read_policy(path, root=report.root)
            if policy.by == SUITE:
                return replace(policy, by="", otherwise=policy.choose({SUITE: report.path}))
            return policy
    except SuiteError as error:
        for problem in error.problems:
            report.add(Spot(problem.line, problem.column, problem.path), problem.message)
    return None


def _check_format(tree: Node | None, report: Report) -> None:
    """Refuse another format before its keys are called unknown."""
    entry = tree.entries.get("format") if isinstance(tree, Map) else None
    found = entry[1].value if entry and isinstance(entry[1], Scalar) else None
    if reason := why_not_read(found, FORMAT):
        place = entry[1] if entry else None
        report.fail(place.line if place else 1, place.column if place else 1, reason)


def _policy(section: Section, report: Report) -> Policy:
    by, rules = section.get("by", ""), section.get("to", {})
    if ("by" in section) != ("to" in section):
        report.add(section.node, "'by' and 'to' go together. Write both, or 'otherwise' alone")
    return Policy(
        path=report.path,
        otherwise=_way(section.values["otherwise"], report),
        by=by,
        ways={value: _way(written, report) for value, written in rules.items()},
        learned=_learned(section.values["learned"]) if "learned" in section else None,
    )


def _way(written: str | Section, report: Report) -> Way:
    if isinstance(written, str):
        return (PolicyStep(written),)
    if len(written.values) != 1:
        report.add(written.node, "a way to answer is one of 'use' and 'cascade'. Keep one")
    if "use" in written.values:
        return (PolicyStep(written.values["use"]),)
    return _cascade(written.values["cascade"], report)


def _cascade(written: list[Section], report: Report) -> Way:
    *steps, last = written
    for step in steps:
        if "accept" not in step:
            report.add(step.node, "a step has no 'accept', and others follow it. Add the least confidence: 0.9")
    if "accept" in last:
        report.add(last.at("accept"), "the last step's answer is always taken. Leave 'accept' out")
    for before, step in pairwise(steps):
        if step.get("accept", 0) > before.get("accept", 1):
            report.add(
                step.at("accept"),
                f"accept rises from {before.get('accept')} to {step.get('accept')}: a dearer step is trusted no less "
                "than the one before it. Lower it, or change the order",
            )
    return tuple(_step(step) for step in written)


def _step(written: Section) -> PolicyStep:
    accept = written.get("accept")
    return PolicyStep(written.values["use"], None if accept is None else float(accept), written.get("confidence"))


def _check_names(policy: Section, known: Collection[str], report: Report) -> None:
    """Report each name that nothing is known by, where it stands."""
    for way in [*policy.get("to", {}).items(), ("", policy.values["otherwise"])]:
        value, written = way
        if isinstance(written, str):
            rules = policy.at("to")
            place = rules.entries[value][1] if value and isinstance(rules, Map) else policy.at("otherwise")
            named = [(written, place)]
        else:
            sections = [written, *written.get("cascade", [])]
            named = [(one.values["use"], one.at("use")) for one in sections if "use" in one.values]
        for name, place in named:
            if name not in known and "/" not in name:
                report.add(place, f"unknown tier {shown(name)}{_about(name, known)}")


def _about(name: str, known: Collection[str]) -> str:
    return did_you_mean(name, known) or ". Name it under [tool.llmcost.tiers], or write provider/model"


def _learned(written: Section) -> Learned:
    prices, month = written.get("prices"), written.get("month")
    return Learned(
        started=written.values["started"],
        commit=written.get("commit", ""),
        loss=float(written.values["loss"]),
        confidence=float(written.values["confidence"]),
        safe=written.values["safe"],
        prices_date=prices.get("date", "") if prices else "",
        prices_sha256=prices.get("sha256", "") if prices else "",
        strategies={
            suite: {name: _record(record) for name, record in records.items()}
            for suite, records in written.get("strategies", {}).items()
        },
        requests=month.values["requests"] if month else 0,
        usd=float(month.values["usd"]) if month else 0.0,
        alone_usd={name: float(usd) for name, usd in month.get("alone_usd", {}).items()} if month else {},
    )


def _record(written: Section) -> StrategyRecord:
    prices = json_of(written.at("prices")) if "prices" in written else {}
    return StrategyRecord(written.values["fingerprint"], written.values["model"], prices)
