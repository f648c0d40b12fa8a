"""A row as those see it who look after a cache: whatever it is, it is data."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from pytest_llmcost.calls.cache.codec import NOTE, UnreadableRow, decode, read_note
from pytest_llmcost.domain.completion import Completion
from pytest_llmcost.domain.errors import LlmCostError


class CacheError(LlmCostError):
    """A cache cannot be looked after; its text says which, and why."""


class CacheInUse(CacheError):
    """A run uses the cache, and may need what is in it."""


@dataclass(frozen=True, slots=True)
class Kept:
    """A row of a cache.

    Attributes:
        key: The request's, or of a note on one; whatever was found where it is neither.
        text: What the codec reads; empty where the row is refused.
        fault: Why it is refused, before anybody reads it.
        row: What who keeps it knows it by.
        shown: Its value as text, for a file of refused rows.
        place: The line of a recording: `answers.jsonl:17`.
    """

    key: str
    text: str
    fault: str = ""
    row: tuple[int, Any] = (0, None)
    shown: str = ""
    place: str = ""

    @property
    def is_note(self) -> bool:
        """Whether it tells what a request was made of, rather than an answer."""
        return self.key.startswith(NOTE)

    def answer(self) -> Completion | None:
        """Return the answer; None where it is a note, or cannot be read."""
        if self.is_note or self.fault:
            return None
        try:
            return decode(self.text)
        except UnreadableRow:
            return None

    def why_unreadable(self) -> str:
        """Return what is wrong with it, or nothing."""
        if self.fault:
            return self.fault
        try:
            read_note(self.text) if self.is_note else decode(self.text)
        except UnreadableRow as error:
            return str(error)
        return ""


class LookedAfter(Protocol):
    """A cache, for whoever looks after it."""

    @property
    def name(self) -> str:
        """What people know it by, without a password."""
        ...

    @property
    def origin(self) -> str:
        """What its answers are counted as: `recordings`, `local cache` or `shared cache`."""
        ...

    @property
    def size_bytes(self) -> int:
        """What it takes where it is kept."""
        ...

    def kept(self) -> Iterator[Kept]:
        """Yield every row, also one that is refused, with why."""
        ...

    def remove(self, kept: Iterable[Kept]) -> int:
        """Delete rows, and return how many."""
        ...

    def set_aside(self, kept: Sequence[Kept]) -> str:
        """Put rows where no run reads them, and return where that is."""
        ...
