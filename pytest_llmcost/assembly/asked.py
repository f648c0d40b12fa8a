"""Every request that a strategy may make for a case: more than it makes, where it stops at the first good answer."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from typing import Any

from pytest_llmcost.assembly.building import has_own_prompt, samples_of
from pytest_llmcost.assembly.estimate import BYTES_PER_TOKEN, Asked, worst_usd
from pytest_llmcost.assembly.informed import compressions_about, messages_about
from pytest_llmcost.assembly.requests import is_calibrated, template_of
from pytest_llmcost.assembly.scopes import Scopes
from pytest_llmcost.domain.charge import as_sent, prices_within_reach
from pytest_llmcost.domain.plan import Route
from pytest_llmcost.domain.price import Price
from pytest_llmcost.domain.request import Message, Request
from pytest_llmcost.domain.suite import Case, StrategySpec, Suite
from pytest_llmcost.domain.trial import Answer
from pytest_llmcost.strategies.agreement import STRIDE
from pytest_llmcost.strategies.calibrate import CONTENT_FREE
from pytest_llmcost.strategies.route import values_by
from pytest_llmcost.strategies.verifier import ANSWER, quoted
from pytest_llmcost.suites.render import PromptRenderer


class Questions:
    """The requests of one suite's strategies, without anything being asked.

    Raises:
        PriceError: From any of its methods, if the price of a model is not known.
    """

    def __init__(self, scopes: Scopes, suite: Suite) -> None:
        self._scopes = scopes
        self._suite = suite
        self._asking: dict[int, tuple[PromptRenderer, Request, tuple[Price, ...]]] = {}

    def of(self, spec: StrategySpec, trials: Iterable[tuple[Case, int]]) -> list[Asked]:
        """Return what *spec* may ask about cases, each with its trial's number."""
        trials = list(trials)
        asked = [one for case, number in trials for one in self._one(spec, case, number)]
        return [*asked, *self._calibrating(spec, trials)]

    def _one(self, spec: StrategySpec, case: Case, number: int) -> Iterator[Asked]:
        if isinstance(spec.plan, Route):
            yield from self._routed(spec.plan, case, number)
        elif spec.plan is not None:
            for part in spec.plan.parts():
                yield from self._one(part, case, number)
        else:
            yield from self._leaf(spec, case, number)

    def _routed(self, route: Route[StrategySpec], case: Case, number: int) -> list[Asked]:
        """Return what the strategy asks that the case goes to; where only a run can tell, what the dearest one does."""
        picked = route.pick(values_by(route.by, case)) if route.by.kind != "python" else None
        parts = [picked[1].strategy] if picked is not None else list(route.parts())
        return max((list(self._one(part, case, number)) for part in parts), key=_worst, default=[])

    def _leaf(self, spec: StrategySpec, case: Case, number: int) -> Iterator[Asked]:
        messages = messages_about(case, spec, self._asking_of(spec)[0])
        for compressor, chat in compressions_about(case, spec):
            yield self._asked(compressor, chat, case.id, number)
        for place, sample in enumerate(samples_of(spec)):
            yield self._asked(spec, messages, case.id, number + place * STRIDE, seed=sample.params.get("seed"))
        verifier = spec.confidence.verifier if spec.confidence is not None else None
        if verifier is not None:
            longest = int(self._asking_of(spec)[1].params["max_tokens"]) * BYTES_PER_TOKEN
            answer = Answer(None, "x" * longest, (), asked=messages)
            yield self._asked(verifier, self._checking(verifier, answer, case), case.id, number)

    def _checking(self, verifier: StrategySpec, answer: Answer, case: Case) -> Iterable[Message]:
        if has_own_prompt(verifier):
            return self._asking_of(verifier)[0].messages({**case.fields, ANSWER: answer.text})
        return quoted(answer)

    def _calibrating(self, spec: StrategySpec, trials: list[tuple[Case, int]]) -> Iterator[Asked]:
        for leaf in spec.leaves() if trials else ():
            if is_calibrated(leaf):
                for text in CONTENT_FREE:
                    fields = dict.fromkeys(trials[0][0].fields, text)
                    yield self._asked(leaf, self._asking_of(leaf)[0].messages(fields), "", 1)

    def _asked(
        self, spec: StrategySpec, messages: Iterable[Message], case: str, number: int, seed: Any = None
    ) -> Asked:
        _, template, prices = self._asking_of(spec)
        params: Mapping[str, Any] = template.params if seed is None else {**template.params, "seed": seed}
        request = dataclasses.replace(template, messages=tuple(messages), params=params, trial=number)
        return Asked(case, request, prices)

    def _asking_of(self, spec: StrategySpec) -> tuple[PromptRenderer, Request, tuple[Price, ...]]:
        if id(spec) not in self._asking:
            scope, model = self._scopes.at(self._suite.path), self._scopes.find(self._suite.path, spec.model)
            renderer = PromptRenderer(spec.prompt, self._suite.labels, model.endpoint.model)
            template = template_of(scope, self._suite, spec, model, renderer.prefix_messages, about="")
            prices = prices_within_reach(model.endpoint.label, as_sent(template).params, self._scopes.models)
            self._asking[id(spec)] = (renderer, template, prices)
        return self._asking[id(spec)]


def _worst(asked: list[Asked]) -> Decimal:
    return sum(map(worst_usd, asked), Decimal(0))
