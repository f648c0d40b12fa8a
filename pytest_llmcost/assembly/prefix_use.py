"""What providers' own caches of prompts saved a strategy, and why they could not save more."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Sequence
from decimal import Decimal

from pytest_llmcost.assembly.models import Model, Models
from pytest_llmcost.assembly.requests import must_be_told
from pytest_llmcost.assembly.summing import Entry, shared_calls
from pytest_llmcost.calls.tokens import ESTIMATE_ERROR, TokenCounter, counter_of
from pytest_llmcost.domain.errors import PriceError
from pytest_llmcost.domain.prefix_use import PrefixUse
from pytest_llmcost.domain.price import PER_MILLION, Price, cost_of
from pytest_llmcost.domain.suite import Prompt, StrategySpec, Suite
from pytest_llmcost.domain.trial import Call
from pytest_llmcost.domain.usage import Usage
from pytest_llmcost.reports.safe import visible
from pytest_llmcost.reports.summary import StrategySummary
from pytest_llmcost.reports.table import usd
from pytest_llmcost.suites.render import PromptRenderer
from pytest_llmcost.suites.static_prefix import misplaced, static_texts

MOST_NAMES = 3


def with_prefix(row: StrategySummary, entry: Entry, models: Models) -> StrategySummary:
    """Return a strategy's row with what its prefixes did, in figures and in words."""
    own = models.at(entry.suite.path)
    calls = [*(call for trial in entry.trials for call in trial.calls), *shared_calls(entry.trials)]
    use = prefix_use(calls, entry.spec, own)
    notes = tuple(prefix_lines(use, entry.suite, entry.spec, own))
    return dataclasses.replace(row, prefix=use, notes=(*notes, *row.notes)) if use or notes else row


def prefix_use(calls: Sequence[Call], spec: StrategySpec, models: Models) -> PrefixUse | None:
    """Return what the providers' caches did; None where nobody asked for them, and they did nothing.

    Of a model that is paid by the hour a cached token has no price: it spares time, which is
    in the seconds already.
    """
    is_wanted = any(leaf.prefix_cache for leaf in spec.leaves())
    if not is_wanted and not any(call.usage.cached_input_tokens or call.usage.cache_write_tokens for call in calls):
        return None  # (as it is of most runs: nothing needs to be priced again)
    known = [(call, price) for call in calls if (price := _price(call, models)) and (is_wanted or price.input)]
    usage = sum((call.usage for call, _ in known), Usage())
    if not known or not (usage.cached_input_tokens or usage.cache_write_tokens or is_wanted):
        return None
    saved = writes = Decimal(0)
    for call, price in known if usage.cached_input_tokens or usage.cache_write_tokens else ():
        own = cost_of(call.usage, price)
        saved += cost_of(_plain(call.usage), price) - own
        writes += own - cost_of(_without_writes(call.usage), price)
    rate = usage.cached_input_tokens / usage.input_tokens if usage.input_tokens else 0.0
    return PrefixUse(rate, usage.input_tokens, usage.cached_input_tokens, usage.cache_write_tokens, saved, writes)


def prefix_lines(use: PrefixUse | None, suite: Suite, spec: StrategySpec, models: Models) -> Iterator[str]:
    """Yield what is told of it: the hit rate and the saving, and of prompts that cannot be kept why not."""
    if use is not None:
        yield in_words(use)
    wanted = [leaf for leaf in spec.leaves() if leaf.prefix_cache]
    if wanted and (use is None or not use.cached_tokens):
        yield from dict.fromkeys(line for leaf in wanted for line in _useless(leaf, suite, models))
    yield from dict.fromkeys(line for leaf in wanted for line in _misplaced(leaf, suite, models))


def in_words(use: PrefixUse) -> str:
    """Return `prefix cache: 80% of 12,000 input tokens read from it, $0.0216 saved`, and what writing took of it."""
    told = f"prefix cache: {use.hit_rate:.0%} of {use.input_tokens:,} input tokens read from it"
    verb = "saved" if use.saved_usd >= 0 else "lost"
    writes = f" (writing {use.written_tokens:,} tokens took ${usd(use.writes_usd)})" if use.writes_usd else ""
    return f"{told}, ${usd(abs(use.saved_usd))} {verb}{writes}"


def _price(call: Call, models: Models) -> Price | None:
    try:
        return models.price_of(call.model)
    except PriceError:
        return None  # (the strategy's cost says so)


def _plain(usage: Usage) -> Usage:
    return dataclasses.replace(usage, cached_input_tokens=0, cache_write_tokens=0, cache_write_1h_tokens=0)


def _without_writes(usage: Usage) -> Usage:
    return dataclasses.replace(usage, cache_write_tokens=0, cache_write_1h_tokens=0)


def _useless(leaf: StrategySpec, suite: Suite, models: Models) -> Iterator[str]:
    found = _kept_by(leaf, models)
    if found is None:
        return
    model, least = found
    counter = counter_of(model.endpoint.model)
    tokens = prefix_tokens(leaf.prompt, suite.labels, counter, is_whole=must_be_told(model.endpoint))
    about = "" if counter.exact else "about "
    told = f"the prompts begin alike for {about}{tokens:,} tokens"
    keeps = f"{visible(model.endpoint.label, 60)} keeps no fewer than {least:,}"
    if tokens < least * (1 if counter.exact else 1 - ESTIMATE_ERROR):
        yield f"prefix_cache is useless here: {told}, and {keeps}"
    elif tokens < least * (1 if counter.exact else 1 + ESTIMATE_ERROR):
        yield f"prefix_cache may be useless here: {told}, and {keeps}"


def _misplaced(leaf: StrategySpec, suite: Suite, models: Models) -> Iterator[str]:
    """Yield what a prompt with its static part first would save, where the provider would keep that."""
    found = _kept_by(leaf, models)
    if found is None:
        return
    model, least = found
    is_whole = must_be_told(model.endpoint)
    wrong = misplaced(leaf.prompt, is_whole=is_whole)
    if wrong is None:
        return
    counter = counter_of(model.endpoint.model)
    before, now = (prefix_tokens(one, suite.labels, counter, is_whole=is_whole) for one in (leaf.prompt, wrong.prompt))
    kept_before = before if before >= least else 0
    if now < least or now <= kept_before:
        return
    rate = model.price.input if model.price.cached_input is None else model.price.cached_input
    saved = (now - kept_before) * (model.price.input - rate) * 1000 / PER_MILLION
    names = ", ".join(visible(name, 40) for name in wrong.variables[:MOST_NAMES])
    fault = "has what is the same for all cases in messages that vary" if is_whole else "puts what varies first"
    cure = "in the system message" if is_whole else "reordered"
    yield (
        f"the prompt {fault} ({names}): {cure}, about {now:,} tokens of each call could be kept, not {kept_before:,}, "
        f"and 1,000 calls cost about ${usd(saved)} less. llmcost prompt lint shows it reordered"
    )


def _kept_by(leaf: StrategySpec, models: Models) -> tuple[Model, int] | None:
    """Return who is asked, and the shortest prefix that it keeps; None where that is not known."""
    try:
        model = models.find(leaf.model)
    except PriceError:
        return None
    least = models.least_prefix_tokens(model.endpoint)
    return None if least is None else (model, least)


def prefix_tokens(prompt: Prompt, labels: Sequence[str], counter: TokenCounter, *, is_whole: bool) -> int:
    """Return how many tokens every call of a prompt begins with; *is_whole*: in whole messages alone."""
    renderer = PromptRenderer(prompt, labels)
    return sum(map(counter.count, static_texts(prompt, renderer.static_prefix, is_whole=is_whole)))
