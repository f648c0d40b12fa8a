"""Every failure a user can meet: what is wrong, where, and what to do."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any


class LlmCostError(Exception):
    """Root of all errors of this package; its text is written for the user."""


class SettingsError(LlmCostError):
    """An option or a configuration key is wrong."""

    def __init__(self, message: str, *, key: str) -> None:
        super().__init__(message)
        self.key = key


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """One mistake in a suite, at a place; lines and columns count from 1."""

    path: str
    line: int
    column: int
    message: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}:{self.column}: {self.message}"


class SuiteError(LlmCostError):
    """A suite is wrong; it carries all the mistakes at once."""

    def __init__(self, path: str, problems: Sequence[Problem]) -> None:
        self.path = path
        self.problems = tuple(sorted(problems))
        super().__init__("\n".join(map(str, self.problems)))


class PriceError(LlmCostError):
    """No usable price is known for a model."""

    def __init__(self, message: str, *, model: str, date: str | None = None) -> None:
        super().__init__(message)
        self.model = model
        self.date = date


class InvalidUsage(LlmCostError):
    """Token counts that cannot be: negative, not finite, more cached than input."""

    def __init__(self, message: str, *, usage: Any) -> None:
        super().__init__(message)
        self.usage = usage


class CallError(LlmCostError):
    """A call failed; raised by a provider for one attempt, and by the chain for good.

    Args:
        message: What happened and what to do, in at most two lines.
        model: The model as the provider was asked for it.
        kind: One word or two for tables: `rate limit`, `bad key`, `time-out`, ...
        attempts: Tries made so far.
        status: HTTP status, where there was one.
        is_retryable: Whether the same request may succeed when sent again.
        may_be_billed: Whether the provider may charge for it although no answer came
            (a time-out, a reset, a broken reply), so that it settles at its worst case.
        retry_after_seconds: The wait that the provider asked for.
        paid_usd: What was charged, or may have been, over all attempts.
        seconds: How long the attempts and the waits between them took.
    """

    def __init__(
        self,
        message: str,
        *,
        model: str,
        kind: str = "error",
        attempts: int = 1,
        status: int | None = None,
        is_retryable: bool = False,
        may_be_billed: bool = False,
        retry_after_seconds: float | None = None,
        paid_usd: Decimal = Decimal(0),
        seconds: float = 0.0,
    ) -> None:
        super().__init__(message)
        self.model = model
        self.kind = kind
        self.attempts = attempts
        self.status = status
        self.is_retryable = is_retryable
        self.may_be_billed = may_be_billed
        self.retry_after_seconds = retry_after_seconds
        self.paid_usd = paid_usd
        self.seconds = seconds


class ReplayMiss(CallError):
    """Nothing is recorded for a request, and no call is allowed."""

    def __init__(self, message: str, *, model: str, key: str, changed: Sequence[str] = ()) -> None:
        super().__init__(message, model=model, kind="no recording", attempts=0)
        self.key = key
        self.changed = tuple(changed)


class WeightsError(LlmCostError):
    """The weights of a local model are missing, damaged, or cannot be fetched."""

    def __init__(self, message: str, *, name: str) -> None:
        super().__init__(message)
        self.name = name


class ScorerError(LlmCostError):
    """An answer cannot be scored: the case stays without a score, which is never 0."""

    def __init__(self, message: str, *, scorer: str) -> None:
        super().__init__(message)
        self.scorer = scorer


class NoStrategy(LlmCostError):
    """A route has no strategy for a request."""


class BudgetReached(LlmCostError):
    """The next call does not fit into what is left of a budget; money in US dollars.

    Args:
        message: Which budget, how much is spent, and what to do.
        budget: The budget's cap.
        spent: What is spent of it.
        paid_usd: What earlier attempts of the refused call were charged.
    """

    def __init__(self, message: str, *, budget: Decimal, spent: Decimal, paid_usd: Decimal = Decimal(0)) -> None:
        super().__init__(message)
        self.budget = budget
        self.spent = spent
        self.paid_usd = paid_usd


class BaselineError(LlmCostError):
    """A baseline or run file is missing, unreadable, or of another format."""

    def __init__(self, message: str, *, path: str, format: str | None = None) -> None:  # noqa: A002 (the file's own word)
        super().__init__(message)
        self.path = path
        self.format = format


class ExtensionError(LlmCostError):
    """What another package, a plugin of pytest or a conftest.py adds cannot be used.

    Args:
        message: Who adds what, what is wrong with it, and what to do.
        owner: Who adds it.
    """

    def __init__(self, message: str, *, owner: str) -> None:
        super().__init__(message)
        self.owner = owner
