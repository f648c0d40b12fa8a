"""A row as those see it who look after a cache: whatever it is, it is data."""

from __future__ import annotations

from dataclasses import dataclass

from pytest_llmcost.calls.cache.codec import NOTE, UnreadableRow, decode, read_note
from pytest_llmcost.domain.completion import Completion


@dataclass(frozen=True, slots=True)
class Kept:
    """A row of a cache.

    Attributes:
        key: The request's, or of a note on one; whatever was found where it is neither.
        text: What the codec reads; empty where the row is refused.
        fault: Why it is refused, before anybody reads it.
        row: Where it is, for who keeps it.
        used: When it was last used, seconds since 1970; 0 where that is not known.
        shown: Its value as text, for a file of refused rows.
    """

    key: str
    text: str
    fault: str = ""
    row: int = 0
    used: float = 0.0
    shown: str = ""

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
