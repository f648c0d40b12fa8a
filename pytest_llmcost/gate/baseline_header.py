"""The first line of a baseline: which strategies it is of, and which losses were accepted when it was stored."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from pytest_llmcost.domain.trial import StrategyRecord


@dataclass(frozen=True, slots=True)
class Accepted:
    """A verdict that failed, and was accepted.

    Attributes:
        change: Of the mean score for quality, of the ratio less 1 for the others; None where there was no comparison.
        reason: Why, in a person's words.
    """

    strategy: str
    metric: str
    change: float | None
    reason: str


def header_line(
    form: str, suite: str, strategies: Mapping[str, StrategyRecord], accepted: Iterable[Accepted]
) -> dict[str, Any]:
    """Return the line in JSON's types; what there is none of is left out, so that older files stay as they are."""
    losses = [_loss_line(one) for one in sorted(accepted, key=lambda one: (one.strategy, one.metric))]
    return {
        "format": form,
        "suite": suite,
        "strategies": {
            name: {
                "fp": record.fingerprint,
                "model": record.model,
                "prices": dict(record.prices),
                **({"parts": dict(record.parts)} if record.parts else {}),
            }
            for name, record in strategies.items()
        },
        **({"accepted": losses} if losses else {}),
    }


def _loss_line(one: Accepted) -> dict[str, Any]:
    change = {} if one.change is None else {"change": round(one.change, 4)}
    return {"strategy": one.strategy, "metric": one.metric, **change, "reason": one.reason}


def strategies_in(header: Mapping[str, Any]) -> dict[str, StrategyRecord]:
    """Return the strategies that a header holds.

    Raises:
        KeyError, TypeError, ValueError, AttributeError: If it is damaged.
    """
    return {
        name: StrategyRecord(s["fp"], s["model"], dict(s.get("prices", {})), dict(s.get("parts", {})))
        for name, s in header["strategies"].items()
    }


def accepted_in(header: Mapping[str, Any]) -> tuple[Accepted, ...]:
    """Return the losses that a header accepts.

    Raises:
        KeyError, TypeError, ValueError: If it is damaged.
    """
    return tuple(
        Accepted(
            strategy=str(one["strategy"]),
            metric=str(one["metric"]),
            change=float(one["change"]) if "change" in one else None,
            reason=str(one["reason"]),
        )
        for one in header.get("accepted", ())
    )
