"""What a project without data begins with: six cases that show the form."""

from __future__ import annotations

from pytest_llmcost.cli.init.dataset import Dataset, Solved

STEM = "first"
ABOUT = (
    "A first suite, written by `llmcost init`. Put your own cases in: 59 or more can prove a margin of 0.05.",
    "Each case is a test, each strategy a way to answer it. `llmcost init --csv FILE` makes cases of a table.",
)


def example() -> Dataset:
    """Return six cases, and four examples that are shown before each."""
    return Dataset(cases=_solved(_CASES), examples=_solved(_EXAMPLES), labels=("other", "shop"))


def _solved(rows: tuple[tuple[str, str, str], ...]) -> tuple[Solved, ...]:
    return tuple(Solved(0, text, expected, id=name) for name, text, expected in rows)


_CASES = (
    ("parcel", "My parcel should have come on Monday, where is it?", "shop"),
    ("shoes", "These shoes are too small, can I send them back?", "shop"),
    ("invoice", "I need an invoice for what I bought last week.", "shop"),
    ("weather", "Will it snow in Oslo this weekend?", "other"),
    ("pasta", "How long does fresh pasta have to cook?", "other"),
    ("moon", "How far away is the moon?", "other"),
)
_EXAMPLES = (
    ("", "The lamp I ordered arrived broken.", "shop"),
    ("", "Who wrote Don Quixote?", "other"),
    ("", "Can you recommend a film for tonight?", "other"),
    ("", "Please cancel my last order.", "shop"),
)
