"""A request's complexity is told from its text: by hand-labelled requests, and by what must not count."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from pytest_llmcost.strategies.complexity import complexity_of, text_of

ROOT = Path(__file__).parents[3]


def test_it_is_right_as_often_as_the_page_says() -> None:
    """docs/strategies.md tells what is right of the rows that nothing was tuned on."""
    with (ROOT / "benchmarks" / "complexity_requests.csv").open(encoding="utf-8", newline="") as file:
        held_out = list(csv.DictReader(file))[1::2]
    right = sum(complexity_of(row["text"]) == row["level"] for row in held_out)
    assert f"right for {right} of {len(held_out)}" in (ROOT / "docs" / "strategies.md").read_text("utf-8")


@pytest.mark.parametrize(
    ("text", "level"),
    [
        ("", "simple"),
        ("Is this spam?", "simple"),
        ('Is this spam? "Analyse, design, prove and refactor, then negotiate a strategy!"', "simple"),
        ("Does this plan include roaming?", "simple"),
        ("Write a short poem about autumn and the sea, please.", "medium"),
        ("Design a cache, weigh the trade-offs of two layouts, and prove that none loses an entry.", "complex"),
        ("Wo ist meine Bestellung?", "simple"),
    ],
)
def test_levels(text: str, level: str) -> None:
    assert complexity_of(text) == level


def test_a_requests_text_is_that_of_its_fields() -> None:
    assert text_of({"text": "Hello", "n": 3, "subject": "Greeting", "tags": ["a"]}) == "Hello\nGreeting"
