"""What a change does to its own judge, all of it: suites, gates, baselines and prices beside those of its base."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from pytest_llmcost.assembly.base.state import State, SuitesThen
from pytest_llmcost.assembly.models import Models, price_fields
from pytest_llmcost.assembly.sides import suite_of
from pytest_llmcost.domain.alteration import Alteration, Altered
from pytest_llmcost.domain.errors import BaselineError, PriceError
from pytest_llmcost.domain.regular_file import read_regular
from pytest_llmcost.domain.suite import Suite
from pytest_llmcost.gate.altered import altered
from pytest_llmcost.gate.baseline import Baseline, baseline_in


def alterations(
    root: Path, state: State, then: SuitesThen, now: Mapping[str, Suite], models: Models
) -> Iterator[Alteration]:
    """Yield all that differs between a change and its base, as far as it bears on verdicts.

    Args:
        root: The root directory: the change.
        state: Its base.
        then: The base's suites.
        now: The suites of this run, by path.
        models: For today's prices.
    """
    for path, reason in then.unread.items():
        yield Alteration(Altered.UNREAD, path, reason=f"cannot be read at the base, its own gate judges: {reason}")
    for path, suite in then.suites.items():
        yield from altered(suite, now[path])
        yield from _of_prices(now[path], then, models)
    for path in state.baselines:
        yield from _of_baseline(root, path, state)


def _of_prices(suite: Suite, then: SuitesThen, models: Models) -> Iterator[Alteration]:
    asked = ((spec.name, spec.line, leaf.model) for spec in suite.strategies for leaf in spec.leaves())
    for strategy, line, name in dict.fromkeys(asked):
        try:
            model = models.at(suite.path).find(name)
        except PriceError:
            continue  # (its cases have failed with that reason)
        before = then.prices.get((suite.path, model.endpoint.label))
        stated = [price_fields(price) for price in (before, model.price) if price is not None]
        if len(stated) == 2 and stated[0] != stated[1]:
            what = f"price of {model.endpoint.label}"
            old, new = (", ".join(f"{key} {value}" for key, value in fields.items()) for fields in stated)
            yield Alteration(Altered.PRICE, suite.path, strategy, what, old, new, line=line)


def _of_baseline(root: Path, path: str, state: State) -> Iterator[Alteration]:
    suite = suite_of(path, state.files.__contains__).partition("::")[0]
    if suite in state.files and not (root / suite).is_file():
        yield Alteration(Altered.DELETED, suite, reason=f"the suite is gone, and {path} compares with nothing")
        return
    try:
        text: str | None = read_regular(root / path)
    except FileNotFoundError:
        text = None
    except (OSError, ValueError) as error:
        yield Alteration(Altered.BASELINE, path, reason=f"cannot be read any more: {error}")
        return
    before = state.baselines[path].decode("utf-8", "replace")
    if text is None:
        yield Alteration(Altered.BASELINE, path, reason="deleted")
    elif text.split() != before.split():  # (a checkout may have line ends of its own)
        yield from _edited(path, before, text)


def _edited(path: str, before: str, now: str) -> Iterator[Alteration]:
    try:
        old, new = baseline_in(before, path), baseline_in(now, path)
    except BaselineError as error:
        yield Alteration(Altered.BASELINE, path, reason=f"edited, and cannot be read: {error}")
        return
    yield Alteration(Altered.BASELINE, path, reason=f"edited: {', '.join(_differences(old, new))}")
    for loss in new.accepted:
        if loss not in old.accepted:
            yield Alteration(Altered.ACCEPTED, path, loss.strategy, loss.metric, reason=loss.reason)


def _differences(old: Baseline, new: Baseline) -> Iterator[str]:
    before = {(record.case, record.strategy): record for record in old.records}
    after = {(record.case, record.strategy): record for record in new.records}
    both = before.keys() & after.keys()
    lower = sum(after[key].mean_score < before[key].mean_score for key in both)
    higher = sum(after[key].mean_score > before[key].mean_score for key in both)
    other = sum(after[key] != before[key] for key in both) - lower - higher
    counts = {
        "scored lower": lower,
        "scored higher": higher,
        "measured otherwise": other,
        "gone": len(before.keys() - after.keys()),
        "new": len(after.keys() - before.keys()),
    }
    told = [f"{count} {what}" for what, count in counts.items() if count]
    yield from told or ["its header"]
