"""Strategies that code asks: described as suites describe them, and asked about one prompt at a time."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from pytest_llmcost.assembly.runner import Runner
from pytest_llmcost.domain.errors import SettingsError, SuiteError
from pytest_llmcost.domain.plan import Route
from pytest_llmcost.domain.request import Message
from pytest_llmcost.domain.suite import Case, StrategySpec, Suite
from pytest_llmcost.domain.trial import Answer, Step, usage_of
from pytest_llmcost.domain.usage import Usage
from pytest_llmcost.suites.strategies.alone import read_alone

Prompt = str | Sequence[Message]
"""The user's message, or a whole chat."""
TEXT = "text"
"""What a strategy's own prompt calls the text that it is asked with: of a chat, what the user said last."""


@dataclass(frozen=True, slots=True)
class Reply:
    """What a strategy answers; money in US dollars, over all its calls, as if nothing were cached.

    Attributes:
        value: The parsed answer; None where the text could not be parsed.
        seconds: Of all its calls, one after another.
        confidence: How sure the answer is, 0..1; None where that is not known.
        steps: Who was asked, in order; the last one answered.
        cached: Whether all calls were answered by the cache.
        flags: What a reader must know of it.
        call_id: To report with how good it was: `Ledger.outcome(call_id, ok)`.
    """

    text: str
    value: Any
    usage: Usage
    usd: float
    seconds: float
    cached: bool
    confidence: float | None
    steps: tuple[Step, ...]
    flags: tuple[str, ...] = ()
    call_id: str = ""

    @property
    def answered_by(self) -> str:
        """The step that answered, as `spam > cheap`; empty where one model was asked alone."""
        return self.steps[-1].name if self.steps else ""

    @classmethod
    def of(cls, answer: Answer) -> Reply:
        """Return an answer as code sees it."""
        return cls(
            text=answer.text,
            value=answer.value,
            usage=usage_of(answer.calls),
            usd=float(sum((call.usd for call in answer.calls), Decimal(0))),
            seconds=sum(call.seconds for call in answer.calls)
            + sum(step.seconds for step in answer.steps)
            + sum(lookup.seconds for lookup in answer.lookups),
            cached=bool(answer.calls) and all(call.cached for call in answer.calls),
            confidence=answer.confidence,
            steps=answer.steps,
            flags=answer.flags,
            call_id=answer.call_id,
        )


@dataclass(frozen=True, slots=True)
class Asked:
    """A strategy that code asks.

    Attributes:
        spec: What it is.
        labels: The closed set of its answers, if there is one.
    """

    spec: StrategySpec
    labels: tuple[str, ...] = ()

    @property
    def keys(self) -> frozenset[str]:
        """The fields that its routes go by."""
        return frozenset(_keys(self.spec))

    def start(
        self,
        runner: Runner,
        prompt: Prompt,
        *,
        about: str,
        number: int = 1,
        system: str | None = None,
        fields: Mapping[str, Any] | None = None,
        params: Mapping[str, Any] | None = None,
        budget_usd: Decimal | None = None,
    ) -> Future[Answer]:
        """Start answering; the future raises what a strategy raises.

        Args:
            runner: The asking side.
            prompt: What is asked, where a part has no prompt of its own.
            about: Who asks; with a budget also the name of that.
            number: The how many-th question of whoever asks it is.
            system: The system message, before the prompt.
            fields: Variables of the parts' own prompts beside `text`, and what routes go by.
            params: Request parameters, where a part says nothing else.
            budget_usd: Whether it is charged to a budget by the name of *about*, too.
        """
        messages = chat_of(prompt, system)
        spec = with_params(self.spec, params or {})
        suite = Suite(about, about, "", self.labels, (spec,), (), 1.0, budget_usd, ())
        case = Case(str(number), {TEXT: text_of(prompt), **(fields or {})}, (), "")
        return runner.answer(suite, spec, case, messages)


def chat_of(prompt: Prompt, system: str | None) -> tuple[Message, ...]:
    """Return what is asked as a chat, with a system message before it where there is one."""
    first: list[Message] = [{"role": "system", "content": system}] if system else []
    return (*first, *([{"role": "user", "content": prompt}] if isinstance(prompt, str) else prompt))


def text_of(prompt: Prompt) -> str:
    """Return a prompt's text; of a chat, what the user said last."""
    if isinstance(prompt, str):
        return prompt
    said = [message.get("content") for message in prompt if message.get("role") == "user"]
    return said[-1] if said and isinstance(said[-1], str) else ""


def read_asked(runner: Runner, name: str, described: Any, *, about: str, labels: Sequence[str] = ()) -> Asked:
    """Return the strategy that *described* is, in the form that a suite would have it.

    Args:
        runner: Knows the project's tiers, models and strategies.
        name: What it is called, in messages and tables.
        described: `{"cascade": [...]}`, `{"route": {...}}`, or the name of a strategy, tier or model.
        about: A path below the root: its folder's configuration holds.
        labels: The closed set of answers: the parts' replies are parsed as labels.

    Raises:
        SettingsError: If anything about it is wrong, with all mistakes.
    """
    try:
        spec = read_alone(name, described, labels=labels, project=runner.project_at(about))
    except SuiteError as error:
        raise SettingsError("\n".join(f"{name}: {problem.message}" for problem in error.problems), key=name) from error
    return Asked(spec, tuple(labels))


def with_params(spec: StrategySpec, params: Mapping[str, Any]) -> StrategySpec:
    """Return a strategy with *params* below its own, and below those of its parts."""
    plan = None if spec.plan is None else spec.plan.map(lambda part: with_params(part, params))
    return dataclasses.replace(spec, params={**params, **spec.params}, plan=plan)


def _keys(spec: StrategySpec) -> set[str]:
    if spec.plan is None:
        return set()
    own = {spec.plan.by.name} if isinstance(spec.plan, Route) and spec.plan.by.kind == "field" else set()
    return own.union(*map(_keys, spec.plan.parts()))
