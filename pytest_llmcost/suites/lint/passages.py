"""The texts that a prompt is made of, and where each is written: in a suite, or in a file that it names."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from pytest_llmcost.domain.errors import Problem, SuiteError
from pytest_llmcost.domain.request import Message
from pytest_llmcost.domain.suite import Prompt, StrategySpec, Suite
from pytest_llmcost.suites.prompts import FILED
from pytest_llmcost.suites.templates import MOST_CHARACTERS, TemplateError, compile_template
from pytest_llmcost.suites.tree.compose import compose
from pytest_llmcost.suites.tree.files import Unreadable, identity_of, read_text
from pytest_llmcost.suites.tree.nodes import List, Map, Node, Scalar
from pytest_llmcost.suites.tree.references import text_at
from pytest_llmcost.suites.tree.report import Report

SYSTEM, PROMPT, MESSAGES = "system", "prompt", "messages"


@dataclass(frozen=True, slots=True)
class Asker:
    """A strategy that sends a text.

    Attributes:
        name: As the suite names it; of a part of a strategy the whole's.
        model: As written: a tier, a configured model, or litellm's name.
        times: How often the text is in one call: a question with five examples before it is there six times.
    """

    name: str
    model: str
    times: int = 1


@dataclass(frozen=True, slots=True)
class Passage:
    """One text of a prompt.

    Attributes:
        path: The file it is written in, below the root directory.
        line: The first line of it, from 1.
        has_lines: Whether a line of the text is a line of the file; else all of it counts as that first line.
        key: What the suite calls it: `system`, `prompt` or `messages`; empty where a file is looked at alone.
        askers: Who sends it, each model of each strategy once.
    """

    text: str
    path: str
    line: int = 1
    has_lines: bool = True
    key: str = ""
    askers: tuple[Asker, ...] = ()

    def line_at(self, place: int) -> int:
        """Return the file's line at a place in the text."""
        return self.line + (self.text.count("\n", 0, place) if self.has_lines else 0)


def passage_of_file(path: Path) -> Passage:
    """Return the prompt in a file.

    Raises:
        SuiteError: If it cannot be read, is no text, or longer than a prompt may be.
    """
    name = identity_of(path, Path.cwd())
    try:
        text = read_text(path, path.resolve().parent)
    except Unreadable as error:
        raise SuiteError(name, [Problem(name, error.line or 1, error.column or 1, str(error))]) from error
    if "\0" in text:
        line = text.count("\n", 0, text.index("\0")) + 1
        raise SuiteError(name, [Problem(name, line, 1, "this is no text: it holds a NUL. Name a prompt")])
    if len(text) > MOST_CHARACTERS:
        what = f"{len(text):,} characters are too long for a prompt, {MOST_CHARACTERS:,} are the most. Split it"
        raise SuiteError(name, [Problem(name, 1, 1, what)])
    return Passage(text, name)


def fault_of(passage: Passage) -> str:
    """Return what is wrong with a passage as a template, for people; nothing where it is one."""
    try:
        compile_template(passage.text)
    except TemplateError as error:
        return f"{passage.path} is taken as it is: as a template it would be wrong ({error})"
    return ""


def passages_of_suite(suite: Suite, path: Path, root: Path) -> list[Passage]:
    """Return the texts that a suite's strategies send, each once, in the order of the strategies.

    Args:
        suite: As it was read.
        path: Its file.
        root: The root directory.
    """
    found: dict[tuple[str, str], Passage] = {}
    places = _Places(path, root, suite.path)
    for spec in suite.strategies:
        for leaf in spec.leaves():
            for key, text, times in texts_of(leaf.prompt):
                asker = Asker(spec.name, leaf.model, times)
                known = found.get((key, text)) or places.find(key, text, spec)
                askers = known.askers if asker in known.askers else (*known.askers, asker)
                found[key, text] = dataclasses.replace(known, askers=askers)
    return list(found.values())


def texts_of(prompt: Prompt) -> Iterator[tuple[str, str, int]]:
    """Yield what the suite calls each text, the text, and how often a call has it."""
    shown = 1 + len(prompt.examples)
    if not prompt.messages:
        if prompt.system:
            yield SYSTEM, prompt.system, 1
        if prompt.prompt:
            yield PROMPT, prompt.prompt, shown
    last = max((at for at, message in enumerate(prompt.messages) if message["role"] == "user"), default=-1)
    for at, message in enumerate(prompt.messages):
        yield from ((MESSAGES, text, shown if at == last else 1) for text in contents(message))


def contents(message: Message) -> Sequence[str]:
    """Return the texts of a message."""
    content = message["content"]
    return [content] if isinstance(content, str) else [part["text"] for part in content if "text" in part]


def with_texts(prompt: Prompt, texts: Mapping[tuple[str, str], str]) -> Prompt:
    """Return *prompt* with other texts.

    Args:
        prompt: Any.
        texts: By what the suite calls a text, and the text that stands there now.
    """
    return dataclasses.replace(
        prompt,
        system=prompt.system and texts.get((SYSTEM, prompt.system), prompt.system),
        prompt=prompt.prompt and texts.get((PROMPT, prompt.prompt), prompt.prompt),
        messages=tuple(_message(message, texts) for message in prompt.messages),
    )


def _message(message: Message, texts: Mapping[tuple[str, str], str]) -> Message:
    content = message["content"]
    if isinstance(content, str):
        return {**message, "content": texts.get((MESSAGES, content), content)}
    told = [{**part, "text": texts.get((MESSAGES, part["text"]), part["text"])} for part in content]
    return {**message, "content": told}


class _Places:
    """Finds where a text of a suite is written."""

    def __init__(self, path: Path, root: Path, suite: str) -> None:
        report = Report(suite, root)
        report.source = read_text(path, root)
        self._suite, self._lines = suite, report.source.split("\n")
        self._scalars = list(_scalars(compose(report), report))

    def find(self, key: str, text: str, spec: StrategySpec) -> Passage:
        """Return the text as a passage; one that the suite does not hold itself stands where the strategy does."""
        for scalar in self._scalars:
            if scalar.raw == text:
                line, has_lines = self._first_line(scalar)
                return Passage(text, scalar.path or self._suite, line, has_lines, key)
        return Passage(text, self._suite, spec.line, False, key)

    def _first_line(self, scalar: Scalar) -> tuple[int, bool]:
        if scalar.path:
            return 1, True
        mark = self._lines[scalar.line - 1][scalar.column - 1 :][:1]
        return (scalar.line + 1, True) if mark == "|" else (scalar.line, False)


def _scalars(tree: Node | None, report: Report) -> Iterator[Scalar]:
    """Yield the texts of a file, and of those that it names as prompts."""
    waiting: list[Node] = [tree] if tree is not None else []
    while waiting:
        node = waiting.pop()
        if isinstance(node, Scalar):
            yield node
        elif isinstance(node, List):
            waiting += node.items
        elif isinstance(node, Map):
            for key, (_, value) in node.entries.items():
                named = text_at(value, report) if key in FILED and isinstance(value, Scalar) else value
                waiting.append(named)
