"""Ways to answer: a model, another strategy, a route or a cascade; each may stand where a model may."""

from __future__ import annotations

from pytest_llmcost.suites.schema.context import context_key
from pytest_llmcost.suites.schema.gate import GATE
from pytest_llmcost.suites.schema.params import PARAMS
from pytest_llmcost.suites.schema.prompt import ASKING
from pytest_llmcost.suites.schema.scoring import FUNCTION
from pytest_llmcost.suites.schema.semantic import SEMANTIC_KEY
from pytest_llmcost.suites.tree.fields import Key, Table
from pytest_llmcost.suites.tree.shapes import ByShape, ListOf, NamedOf
from pytest_llmcost.suites.tree.values import Data, Number, OneOf, Only, Text, Word

PARAMS_KEY = Key(PARAMS, "request parameters")
GATE_KEY = Key(ByShape(Only(False), mapping=GATE), "bounds of the verdicts; false: measured, never judged")

MODEL, USE, CASCADE, ROUTE, POLICY = "model", "use", "cascade", "route", "policy"
WHO = (MODEL, USE, CASCADE, ROUTE, POLICY)
"""The keys of which a strategy has one: they say who answers."""
_LATER = frozenset({"app", "http", "answers"})
_NOT_YET = _LATER | {"tools"}

MOST_AGREEING = 100
"""Answers to one question that may be compared; each is paid."""

_INLINE: dict[str, Key] = {}
_STEP: dict[str, Key] = {}
_HELD_WHOLE = {"gate": "verdicts are given on whole strategies. Put it on the one that the suite names"}
INLINE = Table(
    "an inline strategy",
    _INLINE,
    _NOT_YET,
    refused=_HELD_WHOLE,
    stand_ins=_LATER | {*WHO},
)
NAME_OR_INLINE = ByShape(Text(), mapping=INLINE)
CONTEXT_KEY = context_key(NAME_OR_INLINE)

STEP = Table("a step", _STEP, _NOT_YET, refused=_HELD_WHOLE, stand_ins=_LATER | {*WHO})

CONFIDENCE = Table(
    "confidence",
    {
        "json": Key(Word(longest=200), "the field of the answer's JSON that says it, 0..1"),
        "agreement": Key(Number(2, MOST_AGREEING, is_whole=True), "how many answers are compared"),
        "verifier": Key(NAME_OR_INLINE, "the model that is asked whether the answer is right"),
        "python": Key(FUNCTION, "module:function that says it of an answer and a case, 0..1"),
    },
)

ROUTE_TABLE = Table(
    "route",
    {
        "by": Key(
            ByShape(
                Word(),
                mapping=Table(
                    "by",
                    {
                        "python": Key(FUNCTION, "module:function that says it of a case"),
                        "estimate": Key(OneOf(("complexity",)), "what is estimated from the case's text"),
                    },
                ),
            ),
            "a field of the case, tags, group, or {python: module:function}",
            is_required=True,
        ),
        "to": Key(NamedOf(NAME_OR_INLINE, "branch"), "strategies by what the field may be", is_required=True),
        "otherwise": Key(NAME_OR_INLINE, "the strategy for every other case"),
    },
)

_PARTS = {
    USE: Key(NAME_OR_INLINE, "a strategy of this suite or the configuration, or a model"),
    CASCADE: Key(ListOf(STEP, item="a step", at_least=1), "strategies asked in turn until one is sure enough"),
    ROUTE: Key(ROUTE_TABLE, "a strategy for each kind of case"),
    POLICY: Key(Text(), "file of rules that say who answers, as llmcost route learn writes it"),
    **ASKING,
    "confidence": Key(
        ByShape(OneOf(("logprob", "parses")), mapping=CONFIDENCE), "how it is told whether the answer is right"
    ),
    "of": Key(NamedOf(NAME_OR_INLINE, "part"), "the strategies that another package's strategy may ask, by name"),
    "options": Key(Data("a mapping"), "what is said to another package's strategy, by option"),
    "params": PARAMS_KEY,
    "context": CONTEXT_KEY,
    "semantic_cache": SEMANTIC_KEY,
    "examples": Key(Number(0, is_whole=True), "how many of the suite's examples, from the first"),
}
_ONE_MODEL = Key(NAME_OR_INLINE, "a tier, or a model such as openai/gpt-4o-mini", is_required=True)
_STEPS_OWN = {
    "accept": Key(Number(0, 1), "the least confidence with which its answer is taken"),
    "on_error": Key(OneOf(("escalate", "fail")), "what happens where it fails on a case"),
}
_INLINE.update({MODEL: _ONE_MODEL, **_PARTS})
_STEP.update({**_INLINE, MODEL: Key(NAME_OR_INLINE, _ONE_MODEL.doc), USE: Key(NAME_OR_INLINE, _PARTS[USE].doc, True)})
_STEP.update(_STEPS_OWN)

STRATEGY = Table(
    "a strategy",
    {MODEL: _ONE_MODEL, **_PARTS, "gate": GATE_KEY},
    not_yet=_NOT_YET,
    stand_ins=_LATER | {*WHO},
)
