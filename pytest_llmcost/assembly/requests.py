"""What a strategy asks, but for the case: model, parameters, budgets and time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from pytest_llmcost.assembly.models import Model
from pytest_llmcost.assembly.nested import Scope
from pytest_llmcost.assembly.settings import Settings
from pytest_llmcost.calls.providers.chat.keys import ANTHROPIC
from pytest_llmcost.calls.providers.dispatch import LOCAL
from pytest_llmcost.domain.request import IMPLICIT, MARKED, Endpoint, Message, Request
from pytest_llmcost.domain.suite import StrategySpec, Suite


def template_of(
    scope: Scope, suite: Suite, spec: StrategySpec, model: Model, prefix_messages: int, about: str
) -> Request:
    """Return a strategy's request without its messages.

    Args:
        scope: What holds for the suite.
        suite: The suite.
        spec: Its strategy, or a part of one.
        model: The one that is asked.
        prefix_messages: How many leading messages are the same for every case.
        about: Who asks: suite, strategy, part.
    """
    return Request(
        endpoint=model.endpoint,
        messages=(),
        params=request_params(scope.settings, model, spec),
        style=spec.prompt.style,
        prefix_messages=prefix_messages,
        prefix_cache=_prefix_cache(spec, model.endpoint, prefix_messages),
        about=about,
        budgets=(*scope.caps, *([suite.path] if suite.budget_usd is not None else [])),
        timeout_seconds=scope.settings.timeout_seconds,
    )


def _prefix_cache(spec: StrategySpec, endpoint: Endpoint, prefix_messages: int) -> str:
    if not spec.prefix_cache or not prefix_messages:
        return ""
    return MARKED if must_be_told(endpoint) and spec.prompt.style == "chat" else IMPLICIT


def must_be_told(endpoint: Endpoint) -> bool:
    """Whether the provider keeps a prompt's beginning only where it is told that, as Anthropic is: whole messages.

    Plain text goes out as one message with the case's own in it, of which nothing can be marked.
    """
    return endpoint.provider == ANTHROPIC or endpoint.model.startswith("claude-")  # litellm knows them bare, too


def free_request(
    scope: Scope,
    model: Model,
    messages: Sequence[Message],
    params: Mapping[str, Any],
    about: str,
    budgets: Sequence[str],
) -> Request:
    """Return a request outside of any suite; *params* go over the model's own, *budgets* beside the folder's."""
    return Request(
        endpoint=model.endpoint,
        messages=tuple(messages),
        params={"max_tokens": scope.settings.max_tokens, **model.params, **params},
        about=about,
        budgets=(*scope.caps, *budgets),
        timeout_seconds=scope.settings.timeout_seconds,
    )


def is_calibrated(spec: StrategySpec) -> bool:
    """Whether a strategy's labels are corrected for the model's bias; with another parse the word has no effect."""
    return spec.calibrate and spec.parse == "label"


def request_params(settings: Settings, model: Model, spec: StrategySpec) -> Mapping[str, object]:
    """Return what is sent along: the strategy's word over the model's, with a `max_tokens` always.

    A local model lists its tokens' probabilities for the asking; elsewhere they are asked
    for only where the strategy cannot do without, as not every provider has them.
    """
    params: dict[str, object] = {"max_tokens": settings.max_tokens, **model.params, **spec.params}
    is_needed = spec.calibrate or (spec.confidence is not None and spec.confidence.kind == "logprob")
    if spec.parse == "label" and (is_needed or model.endpoint.provider == LOCAL):
        params = {"logprobs": True, "top_logprobs": 20, **params}
    return params
