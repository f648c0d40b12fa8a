"""Two prompts beside each other: tokens, USD a call and a year, and when an hour's work has paid for itself."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path

from pytest_llmcost.assembly.prompts.linting import only
from pytest_llmcost.assembly.prompts.metering import Metered, Meters
from pytest_llmcost.assembly.prompts.sent import sent
from pytest_llmcost.assembly.runner import Runner
from pytest_llmcost.domain.errors import SettingsError
from pytest_llmcost.reports.prompt_diff import Compared, PromptDiff, Side
from pytest_llmcost.suites.lint.finding import static_text
from pytest_llmcost.suites.lint.passages import fault_of, passage_of_file
from pytest_llmcost.suites.templates import variables_of

OF_STRATEGY = "::"
SUITES = (".yaml", ".yml")
"""Ends of the names of suites; every other file is a prompt."""


def diff(
    texts: tuple[str, str], models: Sequence[str], runner: Runner, root: Path, requests: int, hour_usd: Decimal
) -> PromptDiff:
    """Return what the second prompt takes beside the first.

    Args:
        texts: Each the path of a prompt's file, or SUITE::STRATEGY, whose calls are counted, mean over its cases.
        models: Who reads them; of strategies default their own.
        runner: Reads suites.
        root: The root directory.
        requests: A month.
        hour_usd: What an hour of whoever shortens it costs, in US dollars.

    Raises:
        SuiteError: If a file or suite cannot be read.
        SettingsError: If a suite has no such strategy, or no model is named.
    """
    notes: list[str] = []
    before, now = (_side(text, runner, root, notes) for text in texts)
    names = tuple(models) or tuple(dict.fromkeys(model for _, model, _ in (before, now) if model))
    if not names:
        raise SettingsError("no model is named, whose tokens are meant: --model openai/gpt-4o-mini", key="model")
    meters = Meters(runner.models, root)
    found = [_compared(meters.of(name, before[2] or now[2]), before[0], now[0], requests, hour_usd) for name in names]
    for name in names:
        notes += meters.of(name, before[2] or now[2]).notes()
    sides = tuple(
        Side(text, _words(calls), len(calls)) for text, (calls, _, _) in zip(texts, (before, now), strict=True)
    )
    return PromptDiff(sides[0], sides[1], tuple(found), requests, hour_usd, tuple(dict.fromkeys(notes)))


def _side(text: str, runner: Runner, root: Path, notes: list[str]) -> tuple[list[str], str, str]:
    """Return the texts that are sent (one of a file), the model that reads them, and the suite."""
    path, mark, strategy = text.partition(OF_STRATEGY)
    if not mark and not path.endswith(SUITES):
        return [_of_file(Path(path), notes)], "", ""
    suite = runner.read_suite(Path(path), root)
    if not mark:
        which = f"{path}{OF_STRATEGY}{suite.strategies[0].name}"
        raise SettingsError(f"{path} is a suite: name one of its strategies: {which}", key="strategy")
    (spec,) = only(suite, strategy).strategies
    if spec.plan is not None:
        raise SettingsError(f"{text} asks several prompts. Name a strategy that asks one model.", key="strategy")
    return sent(suite, spec), spec.model, suite.path


def _of_file(path: Path, notes: list[str]) -> str:
    passage = passage_of_file(path)
    if fault := fault_of(passage):
        notes.append(fault)
        return passage.text
    if variables := sorted(variables_of(passage.text)):
        notes.append(f"{passage.path}: without what {', '.join(variables)} will put in")
    return static_text(passage.text)


def _words(calls: Sequence[str]) -> float:
    return sum(len(call.split()) for call in calls) / len(calls)


def _compared(meter: Metered, before: list[str], now: list[str], requests: int, hour_usd: Decimal) -> Compared:
    tokens = [sum(map(meter.counter.count, calls)) / len(calls) for calls in (before, now)]
    usd = [meter.usd(count) for count in tokens]
    saved = meter.usd(tokens[0] - tokens[1])
    year = None if saved is None else saved * requests * 12
    return Compared(
        model=meter.name,
        counted_by=meter.counter.by,
        is_exact=meter.counter.exact,
        tokens=(tokens[0], tokens[1]),
        usd=(usd[0], usd[1]),
        usd_saved_per_year=year,
        payback_days=float(hour_usd * 365 / year) if year is not None and year > 0 else None,
    )
