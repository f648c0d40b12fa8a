"""How the rooms meet: each Protocol is a seam where one part can be put for another."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from pytest_llmcost.domain.completion import Completion
from pytest_llmcost.domain.errors import BudgetReached, CallError
from pytest_llmcost.domain.price import Price
from pytest_llmcost.domain.request import Message, Request
from pytest_llmcost.domain.suite import Case
from pytest_llmcost.domain.trial import Answer


class Complete(Protocol):
    """Asks a model; every link of the calling chain is one, wrapped around another."""

    async def __call__(self, request: Request) -> Completion:
        """Return the reply, or raise `CallError` or `BudgetReached`."""
        ...


class Provider(Complete, Protocol):
    """The innermost link: one attempt, on the wire or in process."""

    async def aclose(self) -> None:
        """Free connections and threads, on the loop that used them."""
        ...


class Store(Protocol):
    """Texts by key, kept between runs."""

    def get(self, key: str) -> str | None:
        """Return what is stored, or None."""
        ...

    def set(self, key: str, text: str) -> None:
        """Store a text; a store that cannot write says so once and goes on."""
        ...

    def close(self) -> None:
        """Free the store."""
        ...


class CallLog(Protocol):
    """Is told of every live call; it may neither wait nor raise."""

    def answered(self, request: Request, completion: Completion) -> None:
        """Note a call that was answered."""
        ...

    def failed(self, call_id: str, request: Request, error: CallError | BudgetReached) -> None:
        """Note a call that was sent, and got no answer."""
        ...


class PriceList(Protocol):
    """Prices by model."""

    def price_of(self, model: str) -> Price:
        """Return the model's price, or raise `PriceError`."""
        ...


class Catalogue(PriceList, Protocol):
    """Prices by model, and who serves it."""

    def provider_of(self, model: str) -> str:
        """Return who serves a model whose name does not say so, or nothing where that is not known."""
        ...

    def least_prefix_tokens(self, model: str) -> int | None:
        """Return the shortest prefix of a prompt that the model's provider keeps, or None where nobody says."""
        ...


class Render(Protocol):
    """Turns a case's fields into messages."""

    def __call__(self, fields: Mapping[str, Any]) -> Sequence[Message]:
        """Return the chat that asks about *fields*."""
        ...


class Strategy(Protocol):
    """A way to answer a case."""

    async def answer(self, case: Case, trial: int) -> Answer:
        """Return the final reply, or raise `CallError` or `BudgetReached`."""
        ...


class Scorer(Protocol):
    """Says how good an answer is."""

    def __call__(self, answer: Answer, case: Case) -> float:
        """Return a score in 0..1."""
        ...
