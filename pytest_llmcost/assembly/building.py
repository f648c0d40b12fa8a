"""From what a suite says of a strategy to one that answers: each part is built, and asks through one chain."""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from pytest_llmcost.assembly.requests import is_calibrated, template_of
from pytest_llmcost.assembly.scopes import Scopes
from pytest_llmcost.domain.plan import Cascade, Confidence, Foreign, Plan, Route
from pytest_llmcost.domain.protocols import Complete, Render, Strategy
from pytest_llmcost.domain.request import Message, Request
from pytest_llmcost.domain.suite import StrategySpec, Suite
from pytest_llmcost.scoring.apart import Apart
from pytest_llmcost.strategies.agreement import Agreeing
from pytest_llmcost.strategies.cascade import Cascading
from pytest_llmcost.strategies.confidence import Measure, Measured, by_field, by_function, by_logprob, by_parsing
from pytest_llmcost.strategies.foreign import Delegate, Delegating
from pytest_llmcost.strategies.parse import parser_of
from pytest_llmcost.strategies.route import Routing
from pytest_llmcost.strategies.single import Single
from pytest_llmcost.strategies.verifier import Verifier
from pytest_llmcost.suites.render import PromptRenderer

if TYPE_CHECKING:
    from pytest_llmcost.strategies.context.compressing import Compressor
    from pytest_llmcost.strategies.semantic.answering import Embed


class Builder:
    """Builds the strategies of suites.

    Args:
        scopes: Finds models and their prices.
        chain: Returns what asks a model; it is made when the first strategy needs it.
        embed: Makes vectors of texts.
        functions: Other packages' ways to answer, by name.
    """

    def __init__(
        self,
        scopes: Scopes,
        chain: Callable[[], Complete],
        embed: Embed,
        functions: Mapping[str, Delegate] = MappingProxyType({}),
    ) -> None:
        self._scopes = scopes
        self._chain = chain
        self._embed = embed
        self._functions = functions
        self._apart = Apart()

    def build(self, suite: Suite, spec: StrategySpec, messages: Sequence[Message] = ()) -> Strategy:
        """Return a strategy of a suite; parts without a prompt of their own ask *messages*.

        Raises:
            PriceError: If the price of one of its models is not known.
        """
        return self._built(_Asking(suite, tuple(messages)), spec, f"{suite.path}::{spec.name}")

    def _built(self, asking: _Asking, spec: StrategySpec, about: str) -> Strategy:
        answering = self._answering(asking, spec, about)
        if spec.semantic is None:
            return answering
        from pytest_llmcost.strategies.semantic.answering import (
            Remembering,  # here, since its guards' patterns take time
        )

        return Remembering(answering, spec.semantic, asking.suite.cases, self._embed)

    def _answering(self, asking: _Asking, spec: StrategySpec, about: str) -> Strategy:
        if spec.plan is None:
            measured = self._measured(asking, spec, about)
            if spec.context is None:
                return measured
            from pytest_llmcost.strategies.context.answering import InContext  # here, as few strategies look things up

            return InContext(measured, spec.context, self._compressor(asking, spec.compressor, about))
        later = itertools.count() if isinstance(spec.plan, Cascade) else itertools.repeat(0)

        def part(one: StrategySpec) -> Strategy:
            return self._built(dataclasses.replace(asking, step=asking.step + next(later)), one, f"{about}::{one.name}")

        return self._composed(spec.plan.map(part))

    def _composed(self, plan: Plan[Strategy]) -> Strategy:
        match plan:
            case Cascade():
                return Cascading(plan)
            case Route():
                return Routing(plan, self._apart)
            case Foreign():
                return Delegating(plan, self._functions[plan.function])

    def _measured(self, asking: _Asking, spec: StrategySpec, about: str) -> Strategy:
        confidence = spec.confidence
        if confidence is None:
            return self._single(asking, spec, about)
        if confidence.kind == "agreement":
            return Agreeing([self._single(asking, one, about) for one in samples_of(spec)])
        measure = self._measure(asking, spec, confidence, about)
        return Measured(self._single(asking, spec, about), measure)

    def _measure(
        self, asking: _Asking, spec: StrategySpec, confidence: Confidence[StrategySpec], about: str
    ) -> Measure:
        argument = str(confidence.argument)
        match confidence.kind:
            case "logprob":
                return by_logprob
            case "json":
                return by_field(argument)
            case "parses":
                return by_parsing(schema_of(spec.params))
            case "python":
                return by_function(argument, self._apart)
        assert confidence.verifier is not None, f"confidence {confidence.kind!r} is none"
        return self._verifier(asking, confidence.verifier, f"{about}::verifier")

    def _single(self, asking: _Asking, spec: StrategySpec, about: str) -> Single:
        suite = asking.suite
        renderer = self._renderer(suite, spec)
        return Single(
            ask=self._chain(),
            template=self._template(asking, spec, renderer, about),
            render=_rendering(asking, spec, renderer),
            parse=parser_of(spec.parse, suite.labels, spec.parse_argument),
            prices=self._scopes.models,
            labels=suite.labels,
            calibrate=is_calibrated(spec),
        )

    def _verifier(self, asking: _Asking, spec: StrategySpec, about: str) -> Verifier:
        renderer = self._renderer(asking.suite, spec)
        render = renderer.messages if has_own_prompt(spec) else None
        return Verifier(self._chain(), self._template(asking, spec, renderer, about), self._scopes.models, render)

    def _compressor(self, asking: _Asking, spec: StrategySpec | None, about: str) -> Compressor | None:
        if spec is None:
            return None
        from pytest_llmcost.strategies.context.compressing import Compressor

        template = self._template(asking, spec, self._renderer(asking.suite, spec), f"{about}::compressor")
        return Compressor(self._chain(), template, self._scopes.models)

    def _renderer(self, suite: Suite, spec: StrategySpec) -> PromptRenderer:
        model = self._scopes.find(suite.path, spec.model)
        return PromptRenderer(spec.prompt, suite.labels, model.endpoint.model)

    def _template(self, asking: _Asking, spec: StrategySpec, renderer: PromptRenderer, about: str) -> Request:
        suite = asking.suite
        model = self._scopes.find(suite.path, spec.model)
        request = template_of(self._scopes.at(suite.path), suite, spec, model, renderer.prefix_messages, about)
        return dataclasses.replace(request, step=asking.step)


@dataclass(frozen=True, slots=True)
class _Asking:
    """What a strategy and all its parts are asked for, and which step of a cascade a part is."""

    suite: Suite
    messages: tuple[Message, ...]
    step: int = 0


def _rendering(asking: _Asking, spec: StrategySpec, renderer: PromptRenderer) -> Render:
    render: Render = renderer.messages if has_own_prompt(spec) else partial(_given, asking, renderer)
    if spec.context is None:
        return render
    from pytest_llmcost.strategies.context.variables import with_context

    return with_context(render, is_placed=renderer.reads_context)


def _given(asking: _Asking, renderer: PromptRenderer, fields: Mapping[str, Any]) -> tuple[Message, ...]:
    """Return what is asked where a part says nothing but a system message: that, and the messages that are given."""
    *system, _ = renderer.messages(fields)
    return (*system, *asking.messages)


def samples_of(spec: StrategySpec) -> list[StrategySpec]:
    """Return a strategy as often as its answers are compared; where it has a seed, each with one of its own."""
    confidence = spec.confidence
    count = int(confidence.argument) if confidence is not None and confidence.kind == "agreement" else 1
    seed = spec.params.get("seed")
    if seed is None:
        return [spec] * count
    return [dataclasses.replace(spec, params={**spec.params, "seed": int(seed) + place}) for place in range(count)]


def has_own_prompt(spec: StrategySpec) -> bool:
    """Whether a strategy says what is asked."""
    return spec.prompt.prompt is not None or bool(spec.prompt.messages)


def schema_of(params: Any) -> Any:
    """Return the JSON schema that a request asks its reply to follow, or None."""
    response_format = params.get("response_format") or {}
    return response_format.get("json_schema", {}).get("schema")
