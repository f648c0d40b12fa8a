"""Does an example add anything? Each is left out in turn, and the same cases are asked again, paired with before."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

from pytest_llmcost.assembly.prompts.metering import Metered
from pytest_llmcost.assembly.runner import Runner
from pytest_llmcost.assembly.summing import groups_of, quarantined
from pytest_llmcost.domain.comparison import Contrast, Finding
from pytest_llmcost.domain.gate import QualityGate
from pytest_llmcost.domain.suite import Prompt, StrategySpec, Suite
from pytest_llmcost.domain.trial import Trial
from pytest_llmcost.gate.contrast import contrast, settled
from pytest_llmcost.gate.pairing import pair_cases
from pytest_llmcost.gate.records import records_of
from pytest_llmcost.reports.prompt_lint import LeftOut, Saving
from pytest_llmcost.suites.lint.passages import contents
from pytest_llmcost.suites.render import PromptRenderer
from pytest_llmcost.suites.tree.compose import compose
from pytest_llmcost.suites.tree.files import read_text
from pytest_llmcost.suites.tree.nodes import List, Map
from pytest_llmcost.suites.tree.report import Report


@dataclass(frozen=True, slots=True)
class _Asked:
    """A strategy's answers to all cases; `why` says what is missing, where it is."""

    trials: tuple[Trial, ...]
    why: str = ""


def leave_out(
    suite: Suite, path: Path, root: Path, runner: Runner, meters: dict[str, Metered], requests: int, cap_usd: Decimal
) -> Iterator[LeftOut]:
    """Yield what each example of each strategy that asks one model adds.

    The longest examples are left out first. Findings are Holm-corrected over all examples that were asked after.

    Args:
        suite: As it was read.
        path: Its file.
        root: The root directory.
        runner: Asks, through the project's cache.
        meters: By strategy, who counts.
        requests: A month.
        cap_usd: What may be spent, in US dollars; nothing goes beyond.
    """
    runner.open_budgets(cap_usd, [suite])
    lines = _lines(path, root, suite.path)
    found: list[LeftOut] = []
    for spec in suite.strategies:
        if spec.plan is None and spec.prompt.examples:
            found += _of_strategy(suite, spec, runner, meters[spec.name], requests, lines)
    told = [one.contrast for one in found if one.contrast is not None]
    corrected = iter(settled(told))
    for one in found:
        yield one if one.contrast is None else dataclasses.replace(one, contrast=next(corrected))


def _of_strategy(
    suite: Suite, spec: StrategySpec, runner: Runner, meter: Metered, requests: int, lines: Sequence[int]
) -> list[LeftOut]:
    whole = _asked(suite, spec, runner)
    tokens = {place: _spared(suite, spec, place, meter) for place in range(len(spec.prompt.examples))}
    left: dict[int, LeftOut] = {}
    why = whole.why
    for place in sorted(tokens, key=lambda one: -tokens[one]):
        usd = meter.usd(tokens[place])
        saving = Saving(meter.name, tokens[place], None if usd is None else usd * requests)
        line = lines[place] if place < len(lines) else spec.line
        blank = LeftOut(spec.name, place + 1, suite.path, line, saving, None)
        without = _Asked((), why) if why else _asked(suite, _without(spec, place), runner)
        why = without.why
        if why:
            left[place] = dataclasses.replace(blank, why=f"cannot tell: {why}")
        else:
            left[place] = dataclasses.replace(blank, contrast=_contrast(suite, spec, place, whole, without))
    return [left[place] for place in sorted(left)]


def _asked(suite: Suite, spec: StrategySpec, runner: Runner) -> _Asked:
    out = quarantined(suite)
    asked = [
        (suite, spec, case, number + 1) for case in suite.cases if case.id not in out for number in range(suite.repeats)
    ]
    trials = tuple(future.result() for future in runner.submit(asked))
    missing = [trial for trial in trials if trial.not_run]
    if missing:
        return _Asked(trials, f"{len(missing)} of {len(trials)} answers were not asked: {missing[0].not_run}")
    failed = [trial for trial in trials if trial.score is None]
    if len(failed) * 2 > len(trials):
        return _Asked(trials, f"{len(failed)} of {len(trials)} answers failed: {failed[0].error}")
    return _Asked(trials)


def _without(spec: StrategySpec, place: int) -> StrategySpec:
    examples = spec.prompt.examples
    prompt = dataclasses.replace(spec.prompt, examples=(*examples[:place], *examples[place + 1 :]))
    return dataclasses.replace(spec, name=f"{spec.name} without example {place + 1}", prompt=prompt)


def _contrast(suite: Suite, spec: StrategySpec, place: int, whole: _Asked, without: _Asked) -> Contrast:
    gate = spec.gate.quality if spec.gate else QualityGate()
    blank = Contrast(spec.name, _without(spec, place).name, Finding.UNTOLD, gate.margin, "", 0)
    before, now = records_of(whole.trials), records_of(without.trials)
    return contrast(blank, pair_cases(before, now, same_strategy=False, groups=groups_of(suite)), {})


def _spared(suite: Suite, spec: StrategySpec, place: int, meter: Metered) -> int:
    def tokens(prompt: Prompt) -> int:
        messages = PromptRenderer(prompt, suite.labels).messages(suite.cases[0].fields)
        return sum(meter.counter.count(text) for message in messages for text in contents(message))

    return tokens(spec.prompt) - tokens(_without(spec, place).prompt)


def _lines(path: Path, root: Path, suite: str) -> list[int]:
    """Return the line of each of the suite's examples."""
    report = Report(suite, root)
    report.source = read_text(path, root)
    tree = compose(report)
    node = tree.entries.get("examples", (None, None))[1] if isinstance(tree, Map) else None
    return [item.line for item in node.items] if isinstance(node, List) else []
