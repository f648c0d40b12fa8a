"""A whole suite, and the strategies in it."""

from __future__ import annotations

from pytest_llmcost.suites.schema.case import CASES, MOST_REPEATS, SCORING, SOURCES
from pytest_llmcost.suites.schema.gate import GATE
from pytest_llmcost.suites.schema.params import PARAMS
from pytest_llmcost.suites.schema.prompt import ASKING, EXAMPLE
from pytest_llmcost.suites.tree.fields import Key, Table
from pytest_llmcost.suites.tree.shapes import ByShape, ListOf, NamedOf
from pytest_llmcost.suites.tree.values import Kind, Money, NotYet, Number, OneOf, Only, Text, Word

_PARAMS = Key(PARAMS, "request parameters")
_GATE = Key(ByShape(Only(False), mapping=GATE), "bounds of the verdicts; false: measured, never judged")
_WHO_ANSWERS = frozenset({"cascade", "route", "policy", "use", "app", "http", "answers"})

STRATEGY = Table(
    "a strategy",
    {
        "model": Key(
            ByShape(Text(), mapping=NotYet("a strategy in the place of a model", "a tier or a model's name")),
            "a tier, or a model such as openai/gpt-4o-mini",
            is_required=True,
        ),
        **ASKING,
        "params": _PARAMS,
        "examples": Key(Number(0, is_whole=True), "how many of the suite's examples, from the first"),
        "gate": _GATE,
    },
    not_yet=_WHO_ANSWERS | {"semantic_cache", "context", "tools", "prefix_cache"},
    stand_ins=_WHO_ANSWERS,
)

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
        "params": _PARAMS,
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
        "gate": _GATE,
        "cases": Key(CASES, "the questions, with their right answers", is_required=True),
        "cases_from": Key(SOURCES, "file(s) with more cases: {path, rename, limit}"),
    },
    not_yet=frozenset({"tools", "prefix_cache", "context", "semantic_cache", "turns"}),
    stand_ins=frozenset({"cases_from"}),
)

ROOT: Kind = ByShape(sequence=CASES, mapping=SUITE)
"""The whole file."""
