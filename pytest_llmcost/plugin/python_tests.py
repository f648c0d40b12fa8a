"""Tests in Python ask models too: what they use is counted to them, and what they score joins the gate."""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import pytest

from pytest_llmcost.assembly.in_python import chat_of
from pytest_llmcost.assembly.python_suites import RIGHT
from pytest_llmcost.assembly.runner import Runner
from pytest_llmcost.assembly.trials import answer_digest
from pytest_llmcost.domain.completion import Completion
from pytest_llmcost.domain.digest import digest
from pytest_llmcost.domain.errors import LlmCostError, ReplayMiss
from pytest_llmcost.domain.request import Message
from pytest_llmcost.domain.trial import Answer, Call, Trial
from pytest_llmcost.domain.usage import Usage

LONGEST_SHOWN = 40
"""Of a text parameter: a longer one may be a prompt, which no baseline may hold."""
Wait = Callable[[Future[Any]], Any]
"""Returns what a future brings, and may show something meanwhile."""
PYTHON = "python"
"""The strategy of a test that asked several models, or none."""


@dataclass(frozen=True, slots=True)
class Reply:
    """What `llm.complete` returns; money in US dollars, as if nothing were cached."""

    text: str
    usage: Usage
    usd: float
    seconds: float
    cached: bool
    finish_reason: str
    call_id: str = ""


@dataclass(frozen=True, slots=True)
class Spent:
    """What was used so far; `usd` as if nothing were cached, `saved_usd` the part of it that `cached` calls saved."""

    usd: float = 0.0
    tokens: int = 0
    seconds: float = 0.0
    calls: int = 0
    cached: int = 0
    saved_usd: float = 0.0


@dataclass(frozen=True, slots=True)
class Limits:
    """What `@pytest.mark.llm_budget` allows one test; None is no limit."""

    usd: float | None = None
    tokens: int | None = None
    seconds: float | None = None


def spent_by(calls: Sequence[Call]) -> Spent:
    """Return the sums over some calls."""
    cached = [call for call in calls if call.cached]
    return Spent(
        usd=float(sum((call.usd for call in calls), Decimal(0))),
        tokens=sum(call.usage.total_tokens for call in calls),
        seconds=sum(call.seconds for call in calls),
        calls=len(calls),
        cached=len(cached),
        saved_usd=float(sum((call.usd for call in cached), Decimal(0))),
    )


@dataclass
class Llm:
    """Asks models for one test; every call goes through cache, budget and retries, and is counted.

    Attributes:
        item: The test.
        runner: The asking side of this process.
        is_on: Whether `--llm-budget` allows calls; otherwise recordings answer, or the test is skipped.
        default_model: Asked where the test names none.
        wait: Waits for a call.
    """

    item: pytest.Item
    runner: Runner
    is_on: bool
    default_model: str | None
    limits: Limits = field(default_factory=Limits)
    wait: Wait = Future.result
    calls: list[Call] = field(default_factory=list)
    models: list[str] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)
    flags: list[str] = field(default_factory=list)
    answers: list[Answer] = field(default_factory=list)
    error: str | None = None
    score: float | None = None

    @property
    def spent(self) -> Spent:
        """What this test used so far: `usd`, `tokens`, `seconds`, `calls`."""
        return spent_by(self.calls)

    def complete(
        self, prompt: str | Sequence[Message], *, model: str | None = None, system: str | None = None, **params: Any
    ) -> Reply:
        """Ask a model and wait for its answer.

        Args:
            prompt: The user's message, or a whole chat.
            model: A tier, a configured model, or `provider/model`.
            system: The system message, before the prompt.
            **params: `max_tokens`, `temperature`, ...

        Raises:
            CallError: If there is no answer.
            BudgetReached: If the run's budget, or this test's, does not allow the call.
        """
        future = self._start(prompt, model, system, params)
        with self.noting_failure():
            return self._counted(*self.wait(future))

    async def acomplete(
        self, prompt: str | Sequence[Message], *, model: str | None = None, system: str | None = None, **params: Any
    ) -> Reply:
        """Ask a model from any asyncio loop; otherwise as `complete`."""
        future = self._start(prompt, model, system, params)
        with self.noting_failure():
            return self._counted(*await asyncio.wrap_future(future))

    def _start(
        self, prompt: str | Sequence[Message], model: str | None, system: str | None, params: Mapping[str, Any]
    ) -> Future[tuple[Completion, Call]]:
        name = model or self.default_model
        if name is None:
            raise pytest.UsageError(
                "llm.complete needs a model: name one (model=...), or set a default: "
                '[tool.llmcost.defaults] strategies = ["provider/model"]'
            )
        self.models.append(name)
        about = f"{self.item.nodeid}::{len(self.models)}"
        budgets = [self.item.nodeid] if self.limits.usd is not None else []
        return self.runner.complete(name, chat_of(prompt, system), params, about=about, budgets=budgets)

    def _counted(self, completion: Completion, call: Call) -> Reply:
        self.calls.append(call)
        self.texts.append(completion.text)
        self.flags += completion.flags
        self.check_limits()
        usd = float(call.usd)
        return Reply(
            text=completion.text,
            usage=completion.usage,
            usd=usd,
            seconds=completion.seconds,
            cached=call.cached,
            finish_reason=completion.finish_reason,
            call_id=completion.call_id,
        )

    def took(self, answer: Answer) -> None:
        """Count what a strategy answered."""
        self.answers.append(answer)
        self.calls += answer.calls
        self.texts.append(answer.text)
        self.flags += answer.flags
        self.check_limits()

    @contextlib.contextmanager
    def noting_failure(self) -> Iterator[None]:
        """Note why there is no answer; without `--llm-budget` skip the test where that lacks a recording."""
        try:
            yield
        except LlmCostError as error:
            if isinstance(error, ReplayMiss) and not self.is_on:
                pytest.skip(f"{str(error).splitlines()[0]} Run with --llm-budget to ask.")
            self.error = str(error)
            raise

    def check_limits(self) -> None:
        """Fail the test where it used more than its mark allows."""
        spent = self.spent
        for name in ("usd", "tokens", "seconds"):
            limit = getattr(self.limits, name)
            if limit is not None and not getattr(spent, name) <= limit:
                pytest.fail(
                    f"this test used {getattr(spent, name):g} {name}, llm_budget allows {limit:g}", pytrace=False
                )

    def trial(self) -> Trial | None:
        """Return the test as a trial of the gate, or None where it neither asked nor scored."""
        if not self.calls and self.score is None and self.error is None:
            return None
        names = set(self.models)
        suite, case = suite_of(self.item), case_of(self.item)
        # The steps of several answers would not say which of the calls are whose.
        (only,) = self.answers if len(self.answers) == len(self.models) == 1 else (Answer(None, "", ()),)
        return Trial(
            suite=suite,
            strategy=names.pop() if len(names) == 1 else PYTHON,
            case=case,
            trial=1,
            fingerprint=digest([suite, case])[:12],
            score=self.score,
            correct=None if self.score is None else self.score >= RIGHT,
            error=self.error if self.score is None else None,
            calls=tuple(self.calls),
            flags=tuple(dict.fromkeys(self.flags)),
            paid_usd=sum((call.paid_usd for call in self.calls), Decimal(0)),
            answer_sha256=answer_digest("\x1f".join(self.texts)),
            confidence=only.confidence,
            steps=only.steps,
            avoided=tuple(spared for answer in self.answers for spared in answer.avoided),
        )


def suite_of(item: pytest.Item) -> str:
    """Return the suite that a test is a case of: its file and function, the class included."""
    file, _, inner = item.nodeid.partition("::")
    return f"{file}::{inner.partition('[')[0]}"


def case_of(item: pytest.Item) -> str:
    """Return a test's case id: of its parameters, or a hash where one of them is a long text."""
    callspec = getattr(item, "callspec", None)
    if callspec is None:
        return getattr(item, "originalname", None) or item.name
    is_long = any(isinstance(value, str) and len(value) > LONGEST_SHOWN for value in callspec.params.values())
    return digest(callspec.id)[:12] if is_long or len(callspec.id) > 200 else str(callspec.id)


def limits_of(item: pytest.Item) -> Limits:
    """Return what the mark `llm_budget` allows a test.

    Raises:
        pytest.UsageError: If the mark names something else.
    """
    mark = item.get_closest_marker("llm_budget")
    if mark is None:
        return Limits()
    known = {limit.name for limit in dataclasses.fields(Limits)}
    wrong = set(mark.kwargs) - known
    if mark.args or wrong:
        what = ", ".join(sorted(wrong)) or "a positional argument"
        raise pytest.UsageError(f"{item.nodeid}: llm_budget takes usd, tokens and seconds by name, not {what}")
    return Limits(**mark.kwargs)
