"""A first suite as text: what a person would write, with every value safely quoted."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator, Sequence

from pytest_llmcost.cli.init.choice import Choice
from pytest_llmcost.cli.init.dataset import Dataset, Solved
from pytest_llmcost.statistics.paired import fewest_provable_cases, smallest_provable_margin

USUAL_MARGIN = 0.05
_TOKENS_OF_THOUGHT = 1024
_MOST_TOKENS = 512
_COMMENTS_AT = 48
_NOT_AS_IT_IS = re.compile(r"[^ -~]")
_PLAIN = re.compile(r"[a-z][a-z0-9_./-]*")
_NOT_TEXT = frozenset(("true", "false", "null", "yes", "no", "on", "off", "y", "n"))


def suite_text(data: Dataset, choice: Choice, about: Sequence[str]) -> str:
    """Return the suite.

    Args:
        data: Cases, examples, labels.
        choice: Who is asked.
        about: Comments for the head of the file, a line each.
    """
    lines = [f"# {line}" for line in about]
    lines += [*_question(data, choice), *_scoring(data), *_strategies(data, choice), *_gate(len(data.cases))]
    if data.examples:
        lines += [_line("examples:", "solved, and shown before each case"), *map(_solved, data.examples)]
    return "\n".join([*lines, "cases:", *map(_case, data.cases), ""])


def quoted(text: str) -> str:
    """Return *text* as a double-quoted scalar that YAML reads back as it was.

    JSON's quoting is YAML's, but for characters that YAML takes for line ends or refuses
    to read, and that a reviewer could not see.
    """
    written = json.dumps(text, ensure_ascii=False)
    return _NOT_AS_IT_IS.sub(lambda found: found[0] if found[0].isprintable() else _escaped(found[0]), written)


def _name(text: str) -> str:
    return text if _PLAIN.fullmatch(text) and text not in _NOT_TEXT else quoted(text)


def _escaped(char: str) -> str:
    return f"\\u{ord(char):04x}" if ord(char) < 0x10000 else f"\\U{ord(char):08x}"


def _question(data: Dataset, choice: Choice) -> Iterator[str]:
    if data.labels:
        yield _line(f"labels: [{', '.join(map(_name, data.labels))}]", "the closed set of answers")
    yield f"system: {quoted(_instruction(data))}"
    yield _line("prompt: |-", "a case's fields are its variables")
    yield from ("  Text: {{ text }}", "  Label:") if data.labels else ("  Question: {{ text }}", "  Answer:")
    if choice.weights:
        yield _line("style: text", "one plain text, which small models complete better than a chat")
    temperature = "temperature: 0, " if choice.takes_temperature else ""
    thought = "the longest answer, with room for thoughts before it" if choice.thinks else "the longest answer"
    yield _line(f"params: {{{temperature}max_tokens: {_tokens(data, choice)}}}", thought)


def _instruction(data: Dataset) -> str:
    if not data.labels:
        return "Answer as shortly as you can, with the answer alone."
    listed = ", ".join(data.labels)
    # A brace would be read as a template's.
    named = "{{ labels|join(', ') }}" if "{" in listed else listed
    return f"Sort each text into exactly one of: {named}. Answer with that alone."


def _tokens(data: Dataset, choice: Choice) -> int:
    answers = data.labels or [case.expected for case in data.cases]
    longest = max(len(answer.encode()) for answer in answers) + 8  # a token is a byte or more
    return min(longest, _MOST_TOKENS) + (_TOKENS_OF_THOUGHT if choice.thinks else 0)


def _scoring(data: Dataset) -> Iterator[str]:
    if data.labels and data.is_told_by_token:
        yield "parse: label"
    yield f"scorer: {'label' if data.labels else 'exact'}"


def _strategies(data: Dataset, choice: Choice) -> Iterator[str]:
    yield _line("strategies:", "ways to answer; each is asked about every case")
    corrected = ", calibrate: true" if choice.weights and data.labels and data.is_told_by_token else ""
    what = "calibrate: its bias towards a label is measured, and taken out" if corrected else ""
    yield _line(f"  {_name(choice.strategy)}: {{model: {_name(choice.name)}{corrected}}}", what)
    for tier in choice.others:
        yield f"  # {_name(tier)}: {{model: {_name(tier)}}}"


def _gate(cases: int) -> Iterator[str]:
    provable = math.ceil(20 * smallest_provable_margin(cases)) / 20
    margin = max(USUAL_MARGIN, provable)
    why = "the largest drop of the mean score that you accept"
    if margin > USUAL_MARGIN:
        needed = fewest_provable_cases(USUAL_MARGIN)
        why = f"all that {cases} cases can prove; {needed} could prove {USUAL_MARGIN}"
    yield "gate:"
    yield _line(f"  quality: {{margin: {margin:g}}}", why)


def _line(text: str, comment: str) -> str:
    return f"{text:{_COMMENTS_AT}}  # {comment}" if comment else text


def _case(row: Solved) -> str:
    return _solved(row, f"id: {quoted(row.id)}, " if row.id else "")


def _solved(row: Solved, name: str = "") -> str:
    return f"  - {{{name}text: {quoted(row.text)}, expected: {quoted(row.expected)}}}"
