"""Whose tokens `truncate_tokens` counted, where they were not the model's own."""

from __future__ import annotations

from collections.abc import Iterator

from pytest_llmcost.assembly.models import Models
from pytest_llmcost.calls.tokens import counter_of
from pytest_llmcost.domain.errors import PriceError
from pytest_llmcost.domain.suite import StrategySpec
from pytest_llmcost.reports.safe import visible
from pytest_llmcost.suites.static_prefix import template_texts

_FILTER = "truncate_tokens"


def cut_lines(spec: StrategySpec, models: Models) -> Iterator[str]:
    """Yield a line on each model for which a template's texts are cut by an estimate of its tokens."""
    cutting = [leaf for leaf in spec.leaves() if any(_FILTER in text for text in template_texts(leaf.prompt))]
    for name in dict.fromkeys(leaf.model for leaf in cutting):
        try:
            counter = counter_of(models.find(name).endpoint.model)
        except PriceError:
            continue  # (nothing was asked: the cases say why)
        if not counter.exact:
            yield f"{_FILTER} cuts by {visible(counter.by, 200)}"
