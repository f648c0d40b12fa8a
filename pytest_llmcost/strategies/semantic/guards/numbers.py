"""Numbers: `5 eggs` is not `6 eggs`."""

from __future__ import annotations

from pytest_llmcost.strategies.semantic.guards.reading import Reading


def differ(first: Reading, second: Reading) -> bool:
    """Whether one text has a number that the other has not."""
    return _numbers(first) != _numbers(second)


def _numbers(reading: Reading) -> list[str]:
    return sorted(word.replace(",", "") for word in reading.words if word[0].isdigit())
