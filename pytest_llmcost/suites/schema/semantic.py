"""When an earlier answer may stand for a new question; off unless a strategy says otherwise."""

from __future__ import annotations

from pytest_llmcost.domain.semantic import GUARD_NAMES
from pytest_llmcost.suites.tree.fields import Key, Table
from pytest_llmcost.suites.tree.shapes import ByShape, ListOf
from pytest_llmcost.suites.tree.values import Number, OneOf, Only, Word

SEMANTIC_KEY = Key(
    ByShape(
        Only(False),
        mapping=Table(
            "semantic_cache",
            {
                "threshold": Key(Number(0, 1), "the least cosine of two questions with one answer; default 0.95"),
                "guards": Key(
                    ListOf(OneOf(GUARD_NAMES), item="a guard"), "what must not tell the two apart; default: all"
                ),
                "namespace": Key(Word(), "a field of the case or its meta: where it differs no answers are shared"),
            },
        ),
    ),
    "earlier cases' answers, for questions that mean the same; false: none",
)
