"""What is asked: a suite, its cases, and the strategies that it names."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from pytest_llmcost.domain.gate import Gate
from pytest_llmcost.domain.request import Message


@dataclass(frozen=True, slots=True)
class Case:
    """One input with its expected output.

    Attributes:
        id: Unique in its suite, stable under reordering.
        fields: The template's variables.
        expected: Right answers, any of them; empty where the scorer needs none.
        fingerprint: Digest of input, expected and scoring: cases are paired by it.
        line: Its line in `path`, from 1.
    """

    id: str
    fields: Mapping[str, Any]
    expected: tuple[str, ...]
    fingerprint: str
    tags: tuple[str, ...] = ()
    meta: Mapping[str, Any] = field(default_factory=dict)
    path: str = ""
    line: int = 1


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

    Attributes:
        model: As written: a tier, a configured model, or a litellm name.
        parse: `text` or `label`.
        gate: What it is judged by; None where it is measured and never tested.
    """

    name: str
    model: str
    prompt: Prompt
    params: Mapping[str, Any]
    parse: str
    calibrate: bool
    gate: Gate | None
    line: int = 1


@dataclass(frozen=True, slots=True)
class Suite:
    """One bench file.

    Attributes:
        path: Posix path below the root directory: the suite's identity.
        name: For display, unique in a run.
        labels: The closed set of answers, or empty.
        scorer: Name in the registry of scorers.
        threshold: Score from which an answer counts as correct.
    """

    path: str
    name: str
    description: str
    labels: tuple[str, ...]
    strategies: tuple[StrategySpec, ...]
    scorer: str
    threshold: float
    budget_usd: Decimal | None
    cases: tuple[Case, ...]
