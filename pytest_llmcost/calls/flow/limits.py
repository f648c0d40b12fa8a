"""What a provider, or a model, may be asked at once and a minute, as the configuration says it."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class FlowLimits:
    """Calls at once, requests and tokens a minute; None is no limit.

    Attributes:
        requests_per_minute: Attempts; a fraction where a process has its share of one.
        tokens_per_minute: Input and output together.
    """

    in_flight: int | None = None
    requests_per_minute: float | None = None
    tokens_per_minute: float | None = None

    def share(self, processes: int) -> FlowLimits:
        """Return what one of so many processes may do: the same part for each, and one call at once at least."""
        return FlowLimits(
            in_flight=None if self.in_flight is None else max(1, self.in_flight // processes),
            requests_per_minute=None if self.requests_per_minute is None else self.requests_per_minute / processes,
            tokens_per_minute=None if self.tokens_per_minute is None else self.tokens_per_minute / processes,
        )


def read_limits(stated: Mapping[str, Any]) -> FlowLimits:
    """Return the limits that a table of the configuration holds.

    Raises:
        ValueError: If it holds something else; its text says what.
    """
    known = [field.name for field in dataclasses.fields(FlowLimits)]
    for name, value in stated.items():
        if name not in known:
            raise ValueError(f"there is no {name!r}, known are {', '.join(known)}")
        if type(value) is not int or value < 1:
            raise ValueError(f"{name} = {value!r}: a whole number from 1 up is needed")
    return FlowLimits(**stated)
