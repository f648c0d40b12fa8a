"""A traffic mix: how many of the requests are of which task type."""

from __future__ import annotations

import math
from pathlib import Path

from pytest_llmcost.suites.tree.compose import compose
from pytest_llmcost.suites.tree.files import Unreadable, read_text
from pytest_llmcost.suites.tree.report import Report
from pytest_llmcost.suites.tree.shapes import NamedOf
from pytest_llmcost.suites.tree.values import INVALID, Number, read_value

_MIX = NamedOf(Number(0), "task type")


def read_mix(path: Path) -> dict[str, float]:
    """Return the share of each task type, adding up to 1, from a file of YAML or JSON: `{spam: 600, legal: 25}`.

    Raises:
        SuiteError: If it is none, or all its numbers are 0.
    """
    report = Report(path.as_posix())
    try:
        report.source = read_text(path.resolve(), path.resolve().parent)
    except Unreadable as error:
        report.fail(error.line or 1, error.column or 1, str(error))
    tree = compose(report)
    mix = read_value(_MIX, tree, "the mix", report) if tree else {}
    report.raise_if_any()
    total = math.fsum(mix.values()) if mix is not INVALID else 0.0
    if not total > 0:
        report.fail(1, 1, "the mix has no requests. Write their numbers or shares: {spam: 600, legal: 25}")
    return {kind: count / total for kind, count in mix.items()}
