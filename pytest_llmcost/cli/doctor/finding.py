"""One thing that was looked at: fine, worth a word, or broken."""

from __future__ import annotations

from dataclasses import dataclass

OK, WARN, BAD = "ok", "warn", "bad"


@dataclass(frozen=True, slots=True)
class Finding:
    """What was found.

    Attributes:
        level: `ok`, `warn` (something may be missed) or `bad` (something does not work).
        topic: A word or two: `key`, `suite`, ...
        todo: What to do; empty where nothing is.
    """

    level: str
    topic: str
    text: str
    todo: str = ""

    def lines(self) -> str:
        """Return it for a terminal, what to do below it."""
        rest = "".join(f"\n       {line}" for line in self.todo.splitlines())
        return f"{self.level:5}{self.topic}: {self.text}{rest}"


def of_error(topic: str, error: Exception) -> Finding:
    """Return an error as a finding: its first line is what is wrong, the others say what to do."""
    text, _, todo = str(error).partition("\n")
    return Finding(BAD, topic, text, todo)
