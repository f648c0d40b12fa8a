"""Scorers by name: what a suite may say of each, and what each needs of a case."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from pytest_llmcost.suites.tree.fields import Key, Table
from pytest_llmcost.suites.tree.shapes import ByShape, Later, ListOf
from pytest_llmcost.suites.tree.values import Data, Kind, Number, OneOf, Text, Word

VALUE = "value"
"""The option that a bare value stands for: `{contains: sorry}` is `{contains: {value: sorry}}`."""
WEIGHT = "weight"
NOT = "not"
WEIGHT_KEY = Key(Number(above=0), "its share among several")


@dataclass(frozen=True, slots=True)
class Form:
    """One scorer.

    Attributes:
        doc: What it compares.
        options: What may be said of it, by option.
        bare: What may stand in the place of options, for `value`.
        reads_expected: Whether a case has to have `expected`.
        is_graded: Whether a score between 0 and 1 is common.
        one_of: Options of which exactly one is needed.
        some_of: Options of which one or more are needed.
        falls_back: Whether a case's `expected` may stand in for them.
    """

    doc: str
    options: Mapping[str, Key] = field(default_factory=dict)
    bare: Kind | None = None
    reads_expected: bool = False
    is_graded: bool = False
    one_of: tuple[str, ...] = ()
    some_of: tuple[str, ...] = ()
    falls_back: bool = False

    def table(self, name: str) -> Table:
        """Return the options as a table, with a weight."""
        bare = {VALUE: Key(self.bare, self.doc)} if self.bare else {}
        return Table(f"scorer {name}", {**bare, **self.options, WEIGHT: WEIGHT_KEY})


_WORDS = ByShape(Word(), ListOf(Word(), at_least=1))
_TOLERANCE = Number(0)
FUNCTION = Word(r"[A-Za-z_]\w*(\.[A-Za-z_]\w*)*:[A-Za-z_]\w*", needed="module:function")
_SCHEMA = ByShape(Text(), mapping=Data("a mapping"))

FORMS: Mapping[str, Form] = {
    "exact": Form("the answer is an expected text", reads_expected=True),
    "label": Form("the answer is an expected label, in whatever letter case", reads_expected=True),
    "contains": Form(
        "text(s) of which one occurs in the answer",
        {
            "any": Key(_WORDS, "texts of which one has to occur"),
            "all": Key(_WORDS, "texts all of which have to occur"),
        },
        bare=_WORDS,
        one_of=(VALUE, "any", "all"),
        falls_back=True,
    ),
    "starts_with": Form("text(s) with one of which the answer begins", bare=_WORDS, one_of=(VALUE,), falls_back=True),
    "regex": Form("pattern that occurs in the answer", bare=Text(), one_of=(VALUE,), falls_back=True),
    "numeric": Form(
        "the answer is an expected number",
        {
            "abs": Key(_TOLERANCE, "largest accepted difference"),
            "rel": Key(_TOLERANCE, "largest accepted difference, as a share of the expected number"),
        },
        reads_expected=True,
    ),
    "json_schema": Form("JSON schema, or its file, that the answer follows", bare=_SCHEMA, one_of=(VALUE,)),
    "json_fields": Form(
        "the share of the expected fields that the answer has",
        {"fields": Key(ListOf(Word(), at_least=1), "the fields that count; default: those of expected")},
        reads_expected=True,
        is_graded=True,
    ),
    "f1": Form("words in common with an expected text", reads_expected=True, is_graded=True),
    "levenshtein": Form("likeness to an expected text, letter by letter", reads_expected=True, is_graded=True),
    "length": Form(
        "the answer's length",
        {
            "max": Key(Number(0, is_whole=True), "longest answer that is right"),
            "min": Key(Number(0, is_whole=True), "shortest answer that is right"),
            "unit": Key(OneOf(("chars", "words")), "what is counted"),
        },
        some_of=("max", "min"),
    ),
    "python": Form("module:function that gives the score", bare=FUNCTION, one_of=(VALUE,), is_graded=True),
}
"""The scorers of this package, but `not`, which holds another one."""

NOT_YET = frozenset({"similarity", "judge"})

_DOC_NOT = "a scorer that is turned round"
_OWN: dict[str, Key] = {}
BARE = OneOf((*FORMS, NOT), NOT_YET)
WITH_OPTIONS = Table("a scorer", _OWN, not_yet=NOT_YET)
_ONE = ByShape(BARE, mapping=WITH_OPTIONS)
SCORER = ByShape(_ONE.scalar, ListOf(_ONE, item="a scorer", at_least=1), _ONE.mapping)
"""What may stand under `scorer`, as far as it is this package's."""

for _name, _form in FORMS.items():
    _options = _form.table(_name)
    _bare = _form.bare if isinstance(_form.bare, ByShape) else ByShape(_form.bare)
    _forms = ByShape(_bare.scalar, _bare.sequence, _bare.mapping or _options)
    _OWN[_name] = Key(Later(_forms, may_be_null=True), _form.doc)  # `contains:` has no options
_OWN[NOT] = Key(Later(SCORER), _DOC_NOT)
