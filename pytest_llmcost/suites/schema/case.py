"""One case, or many from a file."""

from __future__ import annotations

from pytest_llmcost.suites.schema.scoring import SCORER
from pytest_llmcost.suites.tree.fields import Key, Table
from pytest_llmcost.suites.tree.shapes import ByShape, FlagOr, Later, ListOf, NamedOf
from pytest_llmcost.suites.tree.values import Boolean, Data, Number, Text, Word

MOST_REPEATS = 1_000
LONGEST_ID = 16_384
"""Whole texts are taken for ids where a table has none; what a terminal and a node id show of them is cut."""

_OF_PYTEST = "it is a marker of pytest, which would change how the case is reported"
_OF_PLUGINS = "it is a marker of a plugin, which would change how the case is run"
_OURS = "it is a marker of this plugin"

_TAG = Word(
    r"[\w.-]+",
    longest=100,
    refused={
        **dict.fromkeys(("skip", "skipif", "xfail", "parametrize", "usefixtures", "filterwarnings"), _OF_PYTEST),
        **dict.fromkeys(("tryfirst", "trylast", "hookwrapper", "optionalhook", "no_cover"), _OF_PYTEST),
        **dict.fromkeys(("flaky", "timeout", "xdist_group", "asyncio", "anyio", "repeat"), _OF_PLUGINS),
        **dict.fromkeys(("llm", "suite", "strategy", "llm_budget"), _OURS),
    },
    needed="a word of letters, digits, _ - .",
)
_WRITTEN = Later(Word(), is_checked=True)
_WRITTEN_JSON = Later(Data("a mapping"), is_checked=True)

SCORING = {
    "scorer": Key(Later(SCORER), "what turns an answer into a score"),
    "threshold": Key(Number(above=0, high=1), "score from which an answer counts as correct"),
    "strict": Key(Boolean(), "whether a wrong answer is a failed test"),
}
"""What a suite says of its scoring, and a case instead of it."""

CASE = Table(
    "a case",
    {
        "id": Key(
            Word(
                r"(?!gate\[)[\s\S]*\S[\s\S]*",
                longest=LONGEST_ID,
                needed="text that is not blank and does not begin with 'gate['",
            ),
            "its name, unique in the suite",
        ),
        "expected": Key(
            ByShape(_WRITTEN, ListOf(ByShape(_WRITTEN, mapping=_WRITTEN_JSON), at_least=1), _WRITTEN_JSON),
            "the right answer, or a list of right ones",
        ),
        "tags": Key(ListOf(_TAG, item="a tag"), "markers for -m"),
        "group": Key(Word(longest=200), "cases of one group stand or fall together"),
        "must_pass": Key(
            FlagOr(Number(1, MOST_REPEATS, is_whole=True)),
            "whether a wrong answer is a failed test; a number: how many trials have to be right",
        ),
        "quarantine": Key(Text(), "why it is not gated: reason, until YYYY-MM-DD"),
        "expected_source": Key(
            ByShape(Word(), ListOf(Word(), at_least=1)), "document(s) that hold the answer: what is to be found"
        ),
        **SCORING,
        "meta": Key(Table("meta", {}, rest=Data()), "notes of any kind, which the model does not see"),
    },
    not_yet=frozenset({"messages", "turns"}),
    rest=Data(),
    named_by="id",
)

CASES = ListOf(CASE, item="case", at_least=1, skips_wrong=True)
"""A bare list of cases is a suite, too."""

SOURCE = Table(
    "cases_from",
    {
        "path": Key(Text(), "a .csv, .jsonl or .json file", is_required=True),
        "rename": Key(NamedOf(Word(), "column"), "column to field: {body: text, label: expected}"),
        "limit": Key(Number(1, is_whole=True), "how many cases are read, from the first"),
    },
)

_FILE = Later(Text(), is_checked=True)
SOURCES = ByShape(_FILE, ListOf(ByShape(_FILE, mapping=SOURCE), item="a file of cases", at_least=1), SOURCE)
"""A path alone, one file, or several."""
