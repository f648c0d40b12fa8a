"""What is asked: a suite, its cases, and the strategies that it names."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from pytest_llmcost.domain.context import Context
from pytest_llmcost.domain.gate import Gate
from pytest_llmcost.domain.plan import Confidence, Plan
from pytest_llmcost.domain.policy import Policy
from pytest_llmcost.domain.request import Message
from pytest_llmcost.domain.semantic import SemanticCaching


@dataclass(frozen=True, slots=True)
class ScorerSpec:
    """A scorer as a suite names it.

    Attributes:
        name: In the registry of scorers: `exact`, `numeric`, `python`, ...
        options: What the suite says of it, by option; a bare value (`{contains: sorry}`) stands under `value`.
        weight: Its share among several.
        of: The scorers that it turns round (`not`).
    """

    name: str
    options: Mapping[str, Any] = field(default_factory=dict)
    weight: float = 1.0
    of: tuple[ScorerSpec, ...] = ()


@dataclass(frozen=True, slots=True)
class Case:
    """One input with its expected output.

    Attributes:
        id: Unique in its suite, stable under reordering.
        fields: The template's variables.
        expected: Right answers, any of them, as text or JSON; empty where the scorer needs none.
        fingerprint: Digest of input, expected and scoring: cases are paired by it.
        group: Cases of one group stand or fall together; None is a group of its own.
        must_pass: Whether a wrong answer is a failed test: True for all trials, or how many have to be right.
        strict: As `must_pass: true`, where the case says so; None leaves it to the suite.
        quarantine: Why it is asked and shown, but not gated; empty where it is gated.
        scorer: Its own scorers; empty where the suite's hold.
        threshold: Its own threshold; None where the suite's holds.
        line: Its line in `path`, from 1.
        sources: The documents that hold what it asks for, where it says so: what a retriever should find.
    """

    id: str
    fields: Mapping[str, Any]
    expected: tuple[Any, ...]
    fingerprint: str
    tags: tuple[str, ...] = ()
    group: str | None = None
    must_pass: bool | int = False
    strict: bool | None = None
    quarantine: str = ""
    scorer: tuple[ScorerSpec, ...] = ()
    threshold: float | None = None
    meta: Mapping[str, Any] = field(default_factory=dict)
    path: str = ""
    line: int = 1
    sources: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Example:
    """A solved case that is shown to the model before the real one."""

    fields: Mapping[str, Any]
    expected: str


@dataclass(frozen=True, slots=True)
class Prompt:
    """The templates a request is made from: `messages`, or `system` and `prompt`."""

    system: str | None = None
    prompt: str | None = None
    messages: tuple[Message, ...] = ()
    style: str = "chat"
    examples: tuple[Example, ...] = ()


@dataclass(frozen=True, slots=True)
class StrategySpec:
    """A strategy as a suite describes it, with the suite's own settings filled in.

    It asks one model, or has a plan, whose parts are strategies themselves; a plan's own
    prompt, params and parsing are those of its parts.

    Attributes:
        model: As written: a tier, a configured model, or a litellm name; empty where there is a plan.
        parse: `text`, `label`, `json` or `regex`; `parse_argument` is the JSON field or the pattern.
        gate: What it is judged by; None where it is measured and never tested.
        confidence: How its answers' confidence is told; None leaves it to the parser, which may know it.
        policy: The file that its plan was read from, if it was.
        context: What it looks up for each case, if it does; with a plan its parts do.
        compressor: The model that shortens what is looked up; None: no model does.
        semantic: When an earlier case's answer stands for its own; None: never.
        prefix_cache: Whether the provider is to keep what is the same at the head of all its prompts.
    """

    name: str
    model: str
    prompt: Prompt
    params: Mapping[str, Any]
    parse: str
    calibrate: bool
    gate: Gate | None
    line: int = 1
    parse_argument: str = ""
    confidence: Confidence[StrategySpec] | None = None
    plan: Plan[StrategySpec] | None = None
    policy: Policy | None = None
    context: Context | None = None
    compressor: StrategySpec | None = None
    semantic: SemanticCaching | None = None
    prefix_cache: bool = False

    def policies(self) -> Iterator[Policy]:
        """Yield the policies that it, and its parts, were read from."""
        if self.policy is not None:
            yield self.policy
        for part in self.plan.parts() if self.plan is not None else ():
            yield from part.policies()

    def leaves(self) -> Iterator[StrategySpec]:
        """Yield all that ask a model, at whatever depth, verifiers and compressors included."""
        if self.plan is not None:
            for part in self.plan.parts():
                yield from part.leaves()
            return
        yield self
        if self.confidence is not None and self.confidence.verifier is not None:
            yield from self.confidence.verifier.leaves()
        if self.compressor is not None:
            yield from self.compressor.leaves()

    def must_answer(self, case: Case) -> bool:
        """Whether a missing answer fails the test; where the gate accepts a rate of errors it judges them."""
        return not case.quarantine and (self.gate is None or self.gate.errors.max_rate == 0)


@dataclass(frozen=True, slots=True)
class Suite:
    """One bench file.

    Attributes:
        path: Posix path below the root directory: the suite's identity.
        name: For display, unique in a run.
        labels: The closed set of answers, or empty.
        scorer: One, or several whose weighted mean counts.
        threshold: Score from which an answer counts as correct.
        strict: Whether a wrong case is a failed test.
        repeats: Trials a case.
    """

    path: str
    name: str
    description: str
    labels: tuple[str, ...]
    strategies: tuple[StrategySpec, ...]
    scorer: tuple[ScorerSpec, ...]
    threshold: float
    budget_usd: Decimal | None
    cases: tuple[Case, ...]
    strict: bool = False
    repeats: int = 1

    def must_be_right(self, case: Case) -> bool:
        """Whether a wrong answer fails the test; where only some trials have to be right, the gate counts them."""
        strict = self.strict if case.strict is None else case.strict
        return not case.quarantine and (strict or case.must_pass is True)

    def scorer_of(self, case: Case) -> tuple[ScorerSpec, ...]:
        """Return what scores the answers to a case: its own, else the suite's."""
        return case.scorer or self.scorer

    def threshold_of(self, case: Case) -> float:
        """Return the score from which an answer to a case counts as correct."""
        return self.threshold if case.threshold is None else case.threshold
