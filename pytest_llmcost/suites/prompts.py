"""Who says what is asked: the strategy, or else the suite, by a chat or by a prompt."""

from __future__ import annotations

from collections.abc import Sequence

from pytest_llmcost.domain.request import Message
from pytest_llmcost.domain.suite import Example, Prompt
from pytest_llmcost.suites.tree.fields import Section, first_said
from pytest_llmcost.suites.tree.nodes import Map, Node, Scalar
from pytest_llmcost.suites.tree.references import text_at
from pytest_llmcost.suites.tree.report import Report

FILED = {"prompt_file": "prompt", "system_file": "system"}
"""Keys that name a file, and the key whose text it holds."""
_NO_PROMPT = 'there is no prompt: nothing to ask. Write one, such as prompt: "{{ text }}"'


def prompt_of(layers: Sequence[Section], examples: tuple[Example, ...]) -> Prompt:
    """Return a strategy's prompt, with the first `examples: N` of the suite's *examples*.

    Args:
        layers: All that is said of the strategy, what goes before first and the suite last.
        examples: The suite's.
    """
    asking = _asking(layers)
    is_chat = asking is not None and "messages" in asking
    return Prompt(
        system=None if is_chat else first_said("system", layers) or None,
        prompt=None if is_chat or asking is None else asking.get("prompt"),
        messages=tuple(map(_message_of, asking.get("messages", ()) if asking is not None else ())),
        style=first_said("style", layers) or "chat",
        examples=examples[: first_said("examples", layers[:-1])],
    )


def load_files(section: Section, report: Report) -> None:
    """Put the text of `prompt_file` and `system_file` in the place of `prompt` and `system`."""
    for name, key in FILED.items():
        written = section.at(name)
        if section.get(name) is None or not isinstance(written, Scalar):
            continue
        if key in section:
            report.add(section.key_at(name), f"'{key}' and '{name}' both say the {key}. Keep one of them")
            continue
        text = text_at(written, report)
        section.entries = {**section.entries, key: (section.key_at(name), text)}
        if isinstance(text, Scalar):
            section.values[key] = text.raw


def last_user(messages: list[Section]) -> int | None:
    """Return the index of the message that asks, or None where the user says nothing."""
    return max((i for i, message in enumerate(messages) if message.get("role") == "user"), default=None)


def check_prompts(
    suite: Section, sections: Sequence[Section], asked: Sequence[Sequence[Section]], report: Report
) -> None:
    """Report where it is not clear what is asked, or nothing is.

    Args:
        suite: The top level.
        sections: All that says something of a strategy.
        asked: For everyone who is asked, what is said of that, what goes before first, without the suite.
        report: Takes the mistakes.
    """
    for section in (suite, *sections):
        _check_written(section, suite.get("style"), report)
    for own in sections:
        count, examples = own.get("examples", 0), suite.get("examples", [])
        if count > len(examples) and ("examples" not in suite or examples):
            report.add(own.at("examples"), f"examples is {count}: the suite has {len(examples)}")
    for place in {id(place): place for layers in asked for place in _hidden_systems(layers, suite)}.values():
        report.add(place, "the suite has 'messages', and the system's is among them. Write it there")
    lacking = [layers[0] for layers in asked if _asking([*layers, suite]) is None]
    # A bare list without a prompt is told already, with the prompt to write.
    if lacking and isinstance(suite.node, Map):
        for section in [suite] if len(lacking) == len(asked) else lacking:
            report.add(section.node, _NO_PROMPT)


def _hidden_systems(layers: Sequence[Section], suite: Section) -> list[Node]:
    """Return where a system message is written that goes unread: the chat that is asked has its own."""
    if "messages" not in suite or _asking([*layers, suite]) is not suite:
        return []
    return [section.key_at("system") for section in layers if "system" in section]


def _check_written(section: Section, style: str | None, report: Report) -> None:
    if "messages" not in section:
        return
    for key in ("system", "prompt"):
        if key in section:
            report.add(section.key_at(key), f"'{key}' and 'messages' both say what is asked. Keep one of them")
    if style == "text":
        report.add(section.key_at("messages"), "style: text has no turns. Write 'system' and 'prompt' instead")
    messages = section.get("messages", [])
    if messages and all(message.get("role") for message in messages) and last_user(messages) is None:
        report.add(section.at("messages"), "no message is the user's. Add one with role: user, the question")


def _asking(layers: Sequence[Section]) -> Section | None:
    """Return what says what is asked, if anything does."""
    return next((section for section in layers if _asks(section)), None)


def _asks(section: Section) -> bool:
    return any(key in section for key in ("messages", "prompt", "prompt_file"))


def _message_of(section: Section) -> Message:
    content = section.get("content")
    return {
        "role": section.get("role"),
        "content": [dict(part.values) for part in content] if isinstance(content, list) else content,
    }
