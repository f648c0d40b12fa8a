"""Where a run is told beside the terminal: report files, GitHub's step summary, annotations in its log."""

from __future__ import annotations

import os
import shlex
from collections.abc import Callable, Iterator, Mapping
from itertools import islice
from pathlib import Path
from typing import Any

import pytest

from pytest_llmcost.assembly.reporting import LostMustPass
from pytest_llmcost.plugin.options import BARE, OPTIONS, SWITCH
from pytest_llmcost.reports.annotations import error_annotation
from pytest_llmcost.reports.markdown import render_markdown
from pytest_llmcost.reports.report import Report
from pytest_llmcost.reports.report_file import write_report
from pytest_llmcost.reports.safe import visible

SUMMARY = "GITHUB_STEP_SUMMARY"
CACHE_CAME = "LLMCOST_CACHE_CAME"
"""Says, in the action, with what the cache came: `restored from llmcost-Linux-push-17`."""

MOST_ANNOTATIONS = 10
"""GitHub shows no more errors of one step."""

_NOT_AGAIN = ("--llm-report", "--llm-run", "--llm-update-baseline")
"""Options that write: whoever looks into a run wants its verdict, and no file changed."""


def tell(config: pytest.Config, make: Callable[[], Report], *, is_judged: bool) -> Iterator[str]:
    """Write the reports that were asked for, and the step summary of a judged run; yield what could not be written.

    Args:
        config: With the options.
        make: Makes the report, where anybody wants one.
        is_judged: Whether there are verdicts.
    """
    names, summary = config.getoption("llm_report"), os.environ.get(SUMMARY) if is_judged else None
    if not names and not summary:
        return
    report = make()
    for name in names:
        path = config.invocation_params.dir / name
        try:
            write_report(path, report)
        except OSError as error:
            yield f"the report {path} cannot be written: {error}"
    if summary:
        try:
            with Path(summary).open("a", encoding="utf-8") as file:
                file.write(f"{render_markdown(report)}\n")
        except OSError as error:
            yield f"the step summary {summary} cannot be written: {error}"


def annotation_lines(root: Path, lost: Iterator[LostMustPass], environment: Mapping[str, str]) -> Iterator[str]:
    """Yield, in a job of GitHub, a command for each case that must pass and is wrong, at its own line.

    Args:
        root: The rootdir, below which suites have their paths.
        lost: The cases.
        environment: Of the process.
    """
    if environment.get("GITHUB_ACTIONS") != "true":
        return
    workspace = Path(environment.get("GITHUB_WORKSPACE") or root)
    for one in islice(lost, MOST_ANNOTATIONS):
        file = root / (one.case.path or one.suite.path.partition("::")[0])
        shown = file.relative_to(workspace) if file.is_relative_to(workspace) else file
        told = f"case '{visible(one.case.id)}' must pass, and '{visible(one.strategy)}' answers it wrongly"
        yield error_annotation(told, file=shown.as_posix(), line=one.case.line, title=f"{visible(one.suite.name)}")


def command_of(config: pytest.Config) -> str:
    """Return the command that makes this run again: our options, `-k`, `-m` and the paths; no other plugin's options.

    Others' options may hold what is nobody's business.
    """
    words = ["pytest"]
    for name, described in OPTIONS.items():
        value = config.getoption(name.removeprefix("--").replace("-", "_"))
        if name not in _NOT_AGAIN and value != described.get("default", False if "action" in described else None):
            words += _words(name, value)
    selections = {"-k": config.getoption("keyword", ""), "-m": config.getoption("markexpr", "")}
    words += [word for name, value in selections.items() if value for word in (name, value)]
    if config.args_source is pytest.Config.ArgsSource.ARGS:
        words += config.args
    return shlex.join(words)


def _words(name: str, value: Any) -> Iterator[str]:
    if value is True or (name == SWITCH and value == BARE):
        yield name
    elif isinstance(value, tuple):
        yield f"{name}={'/'.join(map(str, value))}"
    else:
        yield from (f"{name}={one}" for one in (value if isinstance(value, list) else [value]))
