"""A bare list of cases is a suite: its labels, prompt and scorer follow from the cases."""

from __future__ import annotations

from typing import Any

from pytest_llmcost.suites.scoring.expected import texts_of
from pytest_llmcost.suites.templates import is_field_name
from pytest_llmcost.suites.tree.fields import Section
from pytest_llmcost.suites.tree.nodes import List, Scalar
from pytest_llmcost.suites.tree.report import Report, shown

MOST_LABELS = 10
_MOST_SHOWN = 10
_QUESTION = ("prompt", "prompt_file", "messages")


def settings_of(node: List, read: Section, report: Report) -> Section:
    """Return the top-level settings that a bare list stands for; without a prompt where none can be told.

    If all expected answers are among two to ten values, these are the labels, sorted,
    so that the prompt does not depend on the order of the cases.

    Args:
        node: The list.
        read: The cases as read, together with the configuration's defaults: what these say is not derived.
        report: Takes the mistakes.
    """
    cases = read.get("cases", [])
    derived: dict[str, Any] = {}
    labels = sorted({answer for case in cases for answer in texts_of(case)})
    if 2 <= len(labels) <= MOST_LABELS:
        derived = {"labels": labels, "parse": "label", "scorer": Scalar("label", "label", node.line, node.column)}
    if not any(key in read for key in _QUESTION):
        variable = _only_field(node, cases, report)
        if variable:
            instruction = f"Answer with exactly one of: {_listed(labels)}.\n\n" if "labels" in derived else ""
            derived["prompt"] = f"{instruction}{{{{ {variable} }}}}"
    return Section(node, {**derived, **read.values}, read.entries)


def _listed(labels: list[str]) -> str:
    text = ", ".join(labels)
    return "{{ labels|join(', ') }}" if "{" in text else text


def _only_field(node: List, cases: list[Section], report: Report) -> str | None:
    fields = list(dict.fromkeys(name for case in cases for name in case.rest))
    good = [name for name in fields if is_field_name(name)]
    if len(fields) == 1 == len(good):
        return fields[0]
    if not fields:
        report.add(node, "the cases have no field to ask about. Give each one, such as text: ...")
    elif len(fields) == 1:
        place = cases[0].key_at(fields[0])
        report.add(place, f"field {shown(fields[0])} can be no variable. Use letters, digits and _")
    else:
        prompt = "\\n".join(f"{{{{ {name} }}}}" for name in good[:_MOST_SHOWN])
        report.add(
            node,
            f"the cases have several fields ({', '.join(map(shown, fields[:_MOST_SHOWN]))}), so a prompt is needed.\n"
            f'Write at the top: prompt: "{prompt}", then cases: and the list below it',
        )
    return None
