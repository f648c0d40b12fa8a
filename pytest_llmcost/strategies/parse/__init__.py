"""From a completion to an answer: the text itself, one label of a closed set, JSON, or what a pattern finds."""

from __future__ import annotations

from collections.abc import Sequence

from pytest_llmcost.domain.completion import Completion
from pytest_llmcost.strategies.parse.json_value import parse_json, value_at
from pytest_llmcost.strategies.parse.label import first_token_alternatives, label_distribution, parse_label
from pytest_llmcost.strategies.parse.parsed import Distribution, Parse, Parsed
from pytest_llmcost.strategies.parse.pattern import parse_regex

__all__ = [
    "Distribution",
    "Parse",
    "Parsed",
    "first_token_alternatives",
    "label_distribution",
    "parse_json",
    "parse_label",
    "parse_regex",
    "parse_text",
    "parser_of",
    "value_at",
]


def parser_of(name: str, labels: Sequence[str], argument: str = "") -> Parse:
    """Return the parser called *name*.

    Args:
        name: `text`, `label`, `json` or `regex`.
        labels: The closed set of answers, for `label`.
        argument: The field's path for `json`, or nothing for all of it; the pattern for `regex`.

    Raises:
        ValueError: If there is none of that name.
    """
    match name:
        case "text":
            return lambda completion, prior: parse_text(completion)
        case "label":
            return lambda completion, prior: parse_label(completion, labels, prior)
        case "json":
            return lambda completion, prior: parse_json(completion, argument)
        case "regex":
            return lambda completion, prior: parse_regex(completion, argument)
    raise ValueError(f"no parser is called {name!r}: there are text, label, json and regex")


def parse_text(completion: Completion) -> Parsed:
    """Return the whole text, without the white space around it."""
    return Parsed(completion.text.strip())
