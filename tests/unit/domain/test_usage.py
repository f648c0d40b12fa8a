"""Token counts that cannot be are refused; those that can add up."""

from __future__ import annotations

from typing import Any

import pytest

from pytest_llmcost.domain.errors import InvalidUsage
from pytest_llmcost.domain.usage import MOST_TOKENS, Usage


@pytest.mark.parametrize("count", [-1, MOST_TOKENS + 1, 10**18, 1.0, float("nan"), True, None, "5"])
@pytest.mark.parametrize("kind", ["input_tokens", "output_tokens", "cached_input_tokens"])
def test_e09_an_impossible_count_is_refused_by_name(kind: str, count: Any) -> None:
    with pytest.raises(InvalidUsage, match=kind) as raised:
        Usage(**{kind: count})
    assert raised.value.usage is not None


@pytest.mark.parametrize(
    "counts",
    [
        {"input_tokens": 10, "cached_input_tokens": 11},
        {"input_tokens": 10, "cached_input_tokens": 6, "cache_write_tokens": 5},
        {"output_tokens": 3, "reasoning_tokens": 4},
    ],
)
def test_e09_a_part_is_not_more_than_its_whole(counts: dict[str, int]) -> None:
    with pytest.raises(InvalidUsage, match="more tokens were"):
        Usage(**counts)


def test_parts_are_not_counted_again() -> None:
    usage = Usage(input_tokens=10, cached_input_tokens=6, cache_write_tokens=4, output_tokens=3, reasoning_tokens=3)

    assert usage.total_tokens == 13


def test_usages_add_up_kind_by_kind_and_one_estimate_makes_an_estimate() -> None:
    total = Usage(10, 6, 4, 3, 1) + Usage(1, 0, 1, 2, 2, is_estimated=True)

    assert total == Usage(11, 6, 5, 5, 3, is_estimated=True)
