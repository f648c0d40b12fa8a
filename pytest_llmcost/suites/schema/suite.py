"""A whole suite."""

from __future__ import annotations

from pytest_llmcost.suites.schema.case import CASES, MOST_REPEATS, SCORING, SOURCES
from pytest_llmcost.suites.schema.prompt import ASKING, EXAMPLE
from pytest_llmcost.suites.schema.strategy import CONTEXT_KEY, GATE_KEY, PARAMS_KEY, STRATEGY
from pytest_llmcost.suites.tree.fields import Key, Table
from pytest_llmcost.suites.tree.shapes import ByShape, ListOf, NamedOf
from pytest_llmcost.suites.tree.values import Kind, Money, Number, OneOf, Text, Word

_STRATEGY_NAME = Word(
    r"(?!gate\[)(?!\s)(?:(?!::)[^\x00-\x1f\x7f])+(?<!\s)",
    longest=100,
    needed="text on one line, without '::' or spaces at its ends,",
)

SUITE = Table(
    "a suite",
    {
        "suite": Key(Text(), "a name to show; the suite's identity is its path"),
        "description": Key(Text(may_be_blank=True), "what is asked, and what for"),
        "labels": Key(ListOf(Word(), at_least=2, at_most=1_000), "the closed set of answers"),
        **ASKING,
        "style": Key(OneOf(("chat", "text")), "turns through the model's template, or one plain text"),
        "examples": Key(ListOf(EXAMPLE, item="an example", skips_wrong=True), "solved cases that are shown first"),
        "params": PARAMS_KEY,
        "context": CONTEXT_KEY,
        "strategies": Key(
            ByShape(
                sequence=ListOf(_STRATEGY_NAME, at_least=1),
                mapping=NamedOf(STRATEGY, "strategy", name=_STRATEGY_NAME),
            ),
            "ways to answer, by name; or a list of tiers and models",
        ),
        **SCORING,
        "repeats": Key(Number(1, MOST_REPEATS, is_whole=True), "trials a case"),
        "budget_usd": Key(Money(), "spending cap of this suite, within the run's"),
        "gate": GATE_KEY,
        "cases": Key(CASES, "the questions, with their right answers", is_required=True),
        "cases_from": Key(SOURCES, "file(s) with more cases: {path, rename, limit}"),
    },
    not_yet=frozenset({"tools", "semantic_cache", "turns"}),
    stand_ins=frozenset({"cases_from"}),
)

ROOT: Kind = ByShape(sequence=CASES, mapping=SUITE)
"""The whole file."""
