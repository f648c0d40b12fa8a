"""What happened: calls, answers, scores, trials, and the run that holds them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from pytest_llmcost.domain.avoided import Avoided
from pytest_llmcost.domain.context import Passage
from pytest_llmcost.domain.request import Message
from pytest_llmcost.domain.semantic import Lookup
from pytest_llmcost.domain.usage import Usage

VERDICT_CERTAIN = "verdict certain"
"""Why a trial was not run that no verdict needed any more."""


@dataclass(frozen=True, slots=True)
class Call:
    """One request to one model, as it is accounted.

    Attributes:
        model: What it is priced as: the model that was asked, or the one that replied, and its service tier.
        usd: What it costs as if nothing were cached by us.
        paid_usd: What it cost now.
        key: The request's key: the same call, made for two answers, is known by it.
        origin: Where a cached answer came from, by the names of `domain/avoided.py`; empty where it was not cached.
        ttft_seconds: From sending to the answer's first token; None where it was not streamed.
        call_id: Its name in the ledger, by which its outcome is reported.
    """

    model: str
    usage: Usage
    seconds: float
    usd: Decimal
    paid_usd: Decimal
    attempts: int
    cached: bool
    key: str = ""
    ttft_seconds: float | None = None
    origin: str = ""
    call_id: str = ""

    @property
    def tokens_per_second(self) -> float | None:
        """The pace of the answer after its first token; None where it was not streamed, or is too short to tell."""
        if self.ttft_seconds is None or not self.seconds > self.ttft_seconds:
            return None
        later = self.usage.output_tokens - self.usage.reasoning_tokens - 1
        return later / (self.seconds - self.ttft_seconds) if later > 0 else None


@dataclass(frozen=True, slots=True)
class Step:
    """One stop of a composed strategy on the way to an answer: what a route picked, what a cascade tried.

    Attributes:
        name: As the suite names it, inner ones behind outer ones: `spam > cheap`.
        calls: How many of the answer's calls are its own, in their order.
        confidence: What it said of its answer, 0..1; None where it was not asked, or could not tell.
        seconds: How long it took in vain, where it failed: no call of the answer has them.
    """

    name: str
    calls: int
    confidence: float | None = None
    seconds: float = 0.0


def usage_of(calls: Iterable[Call]) -> Usage:
    """Return the tokens of several calls."""
    first, *others = [call.usage for call in calls] or [Usage()]
    return sum(others, first)


@dataclass(frozen=True, slots=True)
class Answer:
    """A strategy's final reply to a case.

    Attributes:
        value: The parsed answer, text or JSON; None where the text could not be parsed.
        text: The last completion's text.
        calls: Every call it took.
        shared: Calls made once for a whole strategy (calibration), not for this case alone.
        flags: What a reader must know of it.
        confidence: How likely it is right, by its own measure, 0..1, where that is known.
        steps: Of a composed strategy, in the order in which they were taken; the last one answered.
        lost_usd: What steps that failed were charged, beside the calls.
        asked: The messages that it answers.
        passages: What was looked up for it; None where nothing is looked up.
        lookups: What looking into semantic caches came to.
        avoided: Calls that the strategy did not have to make, where it knows.
    """

    value: Any
    text: str
    calls: tuple[Call, ...]
    shared: tuple[Call, ...] = ()
    flags: tuple[str, ...] = ()
    confidence: float | None = None
    steps: tuple[Step, ...] = ()
    lost_usd: Decimal = Decimal(0)
    asked: tuple[Message, ...] = ()
    passages: tuple[Passage, ...] | None = None
    lookups: tuple[Lookup, ...] = ()
    avoided: tuple[Avoided, ...] = ()

    @property
    def call_id(self) -> str:
        """The name of the call that brought it, the last one: outcomes are reported by it."""
        return self.calls[-1].call_id if self.calls else ""


@dataclass(frozen=True, slots=True)
class Trial:
    """One execution of a case by a strategy.

    Attributes:
        score: 0..1, or None where there is no score; `error` then says why.
        correct: Whether the score reached the suite's threshold.
        error: None, or what went wrong, in one or two lines; `error_kind` is its name in tables.
        not_run: Why it was not run at all (`budget reached`, `verdict certain`), else empty.
        paid_usd: What this trial cost now, failed attempts included.
        answer_sha256: Digest of the parsed answer, or None.
        got: The parsed answer itself; stored in files only where the user asked for it.
        confidence, steps, passages, lookups, avoided: The answer's.
    """

    suite: str
    strategy: str
    case: str
    trial: int
    fingerprint: str
    score: float | None
    correct: bool | None
    error: str | None
    calls: tuple[Call, ...]
    paid_usd: Decimal
    answer_sha256: str | None = None
    shared: tuple[Call, ...] = ()
    flags: tuple[str, ...] = ()
    error_kind: str = ""
    not_run: str = ""
    expected: tuple[Any, ...] = ()
    got: Any = None
    confidence: float | None = None
    steps: tuple[Step, ...] = ()
    passages: tuple[Passage, ...] | None = None
    lookups: tuple[Lookup, ...] = ()
    avoided: tuple[Avoided, ...] = ()

    @property
    def is_needless(self) -> bool:
        """Whether it was left out because the verdict was certain without it."""
        return self.not_run == VERDICT_CERTAIN

    @property
    def usd(self) -> Decimal:
        """What the answer costs as if nothing were cached, in US dollars."""
        return sum((c.usd for c in self.calls), Decimal(0))

    @property
    def seconds(self) -> float:
        """The answer's latency: its calls one after another, what steps took in vain, and what look-ups took."""
        return self._waited + sum((c.seconds for c in self.calls), 0.0)

    @property
    def ttft_seconds(self) -> float | None:
        """How long its reader waits for the first token of the last call; None where that was not streamed."""
        if not self.calls or self.calls[-1].ttft_seconds is None:
            return None
        return self._waited + sum((c.seconds for c in self.calls[:-1]), 0.0) + self.calls[-1].ttft_seconds

    @property
    def _waited(self) -> float:
        return sum((step.seconds for step in self.steps), 0.0) + sum(lookup.seconds for lookup in self.lookups)

    @property
    def usage(self) -> Usage:
        """The tokens of all its calls."""
        return usage_of(self.calls)


def calls_of(trials: Iterable[Trial]) -> list[Call]:
    """Return every call of some trials, made once for a whole strategy included."""
    return [call for trial in trials for call in (*trial.calls, *trial.shared)]


@dataclass(frozen=True, slots=True)
class StrategyRecord:
    """What a run's header keeps of a strategy, so that it can be compared and repriced.

    Attributes:
        parts: Short digests of what the fingerprint covers (`model`, `params`, `prompt`, ...), which tell what
            changed; none in files of earlier versions.
    """

    fingerprint: str
    model: str
    prices: Mapping[str, Any] = field(default_factory=dict)
    parts: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class RunHeader:
    """The first line of a run file.

    Attributes:
        strategies: By suite path, then strategy name.
        prices_date, prices_sha256: The price table in use.
        early_stop: How many verdicts on quality the run could test at most, if it might stop early; else 0.
    """

    started: str
    versions: Mapping[str, str]
    commit: str | None
    strategies: Mapping[str, Mapping[str, StrategyRecord]]
    prices_date: str = ""
    prices_sha256: str = ""
    early_stop: int = 0


@dataclass(frozen=True, slots=True)
class Run:
    """All trials of one session, with its header."""

    header: RunHeader
    trials: tuple[Trial, ...]
