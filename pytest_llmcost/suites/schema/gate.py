"""The bounds that a strategy is held to."""

from __future__ import annotations

from pytest_llmcost.suites.tree.fields import Key, Table
from pytest_llmcost.suites.tree.values import Boolean, Money, Number, OneOf

_SHARE = Number(0, 1)
_INCREASE = Number(0)

GATE = Table(
    "gate",
    {
        "quality": Key(
            Table(
                "gate.quality",
                {
                    "margin": Key(Number(above=0, high=0.99), "largest accepted drop of the mean score"),
                    "min": Key(_SHARE, "floor of the mean score"),
                    "fail_on": Key(
                        OneOf(("drop_of_margin", "any_drop", "beyond_margin")), "how sure and how large a drop fails"
                    ),
                    "anytime": Key(
                        Boolean(), "whether the verdict holds however often it is looked at while cases are added"
                    ),
                },
            ),
            "is it worse",
        ),
        "cost": Key(
            Table(
                "gate.cost",
                {
                    "max_usd_per_case": Key(Money(), "cap, as if nothing were cached"),
                    "max_increase": Key(_INCREASE, "largest accepted increase over the baseline; 0.10 is ten per cent"),
                },
            ),
            "is it dearer",
        ),
        "tokens": Key(
            Table("gate.tokens", {"max_increase": Key(_INCREASE, "largest accepted increase over the baseline")}),
            "is it longer",
        ),
        "latency": Key(
            Table(
                "gate.latency",
                {
                    "p95_seconds": Key(Number(above=0), "cap of the 95th percentile"),
                    "ttft_p95_seconds": Key(
                        Number(above=0), "cap of the first token's 95th percentile; with params: {stream: true}"
                    ),
                    "max_increase": Key(_INCREASE, "largest accepted increase over the baseline"),
                    "fail": Key(Boolean(), "whether it can fail the run; otherwise it warns"),
                },
            ),
            "is it slower",
        ),
        "errors": Key(
            Table("gate.errors", {"max_rate": Key(_SHARE, "largest accepted share without an answer")}),
            "are cases left unanswered",
        ),
        "coverage": Key(
            Table("gate.coverage", {"min": Key(_SHARE, "least share of the baseline's cases that are still there")}),
            "are cases gone",
        ),
    },
)
