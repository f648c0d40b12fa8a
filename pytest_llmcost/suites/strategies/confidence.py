"""How sure an answer is: what a strategy says of it, checked against what the strategy asks."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pytest_llmcost.suites.strategies.names import Names
from pytest_llmcost.suites.tree.fields import Section, first_said

LOGPROB = "logprob"
DEFAULT_ACCEPT = {"parses": 1.0, "verifier": 0.5}
"""From which confidence an answer is taken where nobody says it: what is yes or no needs no threshold."""


def confidence_of(section: Section, names: Names) -> tuple[str, Any] | None:
    """Return what *section* says under `confidence`, as kind and argument; None where that is wrong."""
    written = section.get("confidence")
    if not isinstance(written, Section):
        return None if written is None else (written, "")
    if len(written.entries) != 1:
        known = "{json: field}, {agreement: 3}, {verifier: model} and {python: module:function}"
        names.tell(written.node, f"confidence takes one of logprob, parses, {known}")
        return None
    for kind, argument in written.values.items():
        if kind == "python" and (why := names.project.why_barred(argument)):
            names.tell(written.at(kind), why)
        return kind, argument
    return None


def why_untold(kind: str, layers: Sequence[Section]) -> str:
    """Return why a confidence of that kind cannot be told of a strategy's answers; empty where it can.

    Args:
        kind: How it is to be told.
        layers: All that is said of the strategy, what goes before first and the suite last.
    """
    parse = first_said("parse", layers, "text")
    if kind == LOGPROB and parse != "label":
        return (
            "confidence: logprob is a label's probability, and needs parse: label.\n"
            "Add that (in Python: labels=[...]), or say how it is told: parses, {json: field}, {agreement: 3}, "
            "{verifier: model}, {python: ...}"
        )
    if kind == "parses" and parse == "text" and first_said("response_format", layers) is None:
        return "any text parses, so that every answer is accepted. Add parse: json, or a response_format"
    if kind == "agreement" and _temperature(layers) == 0:
        return "at temperature 0 all answers agree. Set one above it: params: {temperature: 0.7}"
    return ""


def _temperature(layers: Sequence[Section]) -> Any:
    params = [section.get("params") for section in layers]
    return next((own.get("temperature") for own in params if own is not None and "temperature" in own), None)
