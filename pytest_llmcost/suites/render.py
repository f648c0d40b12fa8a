"""A case's fields become messages, and what is the same for every case stands at their head."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pytest_llmcost.domain.context import NOTHING_FOUND
from pytest_llmcost.domain.request import Message
from pytest_llmcost.domain.suite import Prompt
from pytest_llmcost.suites.templates import LABELS, MODEL, compile_template

Fields = Mapping[str, Any]


class PromptRenderer:
    """Renders one strategy's prompt; its templates are compiled once, here.

    Style `chat`: the system message, each example as the user's question and the
    assistant's answer, then the case's question. In `messages` the question is the
    last one of the user, and the examples stand before it.

    Style `text`: one message `system` with the system's text and the solved examples,
    one `user` with the question. Blank space at the end of either is dropped, so that
    "Topic:" is answered by " shop".

    Args:
        prompt: A strategy's.
        labels: The suite's.
        model: Whose tokens `truncate_tokens` counts, as litellm names it.

    Attributes:
        static_prefix: The leading messages that are the same for every case.
        prefix_messages: How many these are.
        reads_context: Whether the prompt says where stands what is looked up.

    Raises:
        TemplateError: If a template is wrong, or an example lacks a field.
    """

    def __init__(self, prompt: Prompt, labels: Sequence[str] = (), model: str = "") -> None:
        self._beside: Fields = {**NOTHING_FOUND, MODEL: model, **({LABELS: list(labels)} if labels else {})}
        plan = _text_plan if prompt.style == "text" else _chat_plan
        self._plan = list(plan(prompt, self._beside))
        self.static_prefix = tuple(_static_prefix(self._plan))
        self.prefix_messages = len(self.static_prefix)
        turns = [step for step in self._plan if isinstance(step, _Turn)]
        self.reads_context = any(turn.content.variables & NOTHING_FOUND.keys() for turn in turns)

    def messages(self, fields: Fields) -> tuple[Message, ...]:
        """Return the chat that asks about *fields*.

        Raises:
            TemplateError: If a variable is missing, or a text grows too long.
        """
        known = {**self._beside, **fields}
        return tuple(step.render(known) if isinstance(step, _Turn) else step for step in self._plan)


def _static_prefix(plan: Sequence[Message | _Turn]) -> Iterator[Message]:
    for step in plan:
        if isinstance(step, _Turn):
            return
        yield step


@dataclass(frozen=True, slots=True)
class _Content:
    """What a message says: a text, or parts of which the texts are templates."""

    render: Callable[[Fields], Any]
    variables: frozenset[str]

    @property
    def is_static(self) -> bool:
        """Whether it is the same for every case."""
        return self.variables <= {LABELS}


@dataclass(frozen=True, slots=True)
class _Turn:
    """A message that is rendered for each case."""

    role: str
    content: _Content

    def render(self, fields: Fields) -> Message:
        return {"role": self.role, "content": self.content.render(fields)}


def _chat_plan(prompt: Prompt, beside: Fields) -> Iterator[Message | _Turn]:
    turns = [_Turn(message["role"], _content_of(message["content"])) for message in _messages_of(prompt)]
    last = max((index for index, turn in enumerate(turns) if turn.role == "user"), default=len(turns) - 1)
    question = turns[last]
    for turn in turns[:last]:
        yield turn.render(beside) if turn.content.is_static else turn
    for example in prompt.examples:
        yield question.render({**beside, **example.fields})
        yield {"role": "assistant", "content": example.expected}
    yield from turns[last:]


def _text_plan(prompt: Prompt, beside: Fields) -> Iterator[Message | _Turn]:
    system, question = _stripped(prompt.system or ""), _stripped(prompt.prompt or "")
    solved = [f"{question.render({**beside, **example.fields})} {example.expected}" for example in prompt.examples]
    head = _Content(
        lambda fields: "\n\n".join([text for text in (system.render(fields),) if text] + solved), system.variables
    )
    if prompt.system or solved:
        turn = _Turn("system", head)
        yield turn.render(beside) if head.is_static else turn
    yield _Turn("user", question)


def _messages_of(prompt: Prompt) -> Sequence[Message]:
    if prompt.messages:
        return prompt.messages
    system = [] if prompt.system is None else [{"role": "system", "content": prompt.system}]
    return [*system, {"role": "user", "content": prompt.prompt or ""}]


def _content_of(content: Any) -> _Content:
    if isinstance(content, str):
        template = compile_template(content)
        return _Content(template.render, template.variables)
    parts = [(part, _content_of(part["text"])) for part in content]
    return _Content(
        lambda fields: [{**part, "text": text.render(fields)} for part, text in parts],
        frozenset[str]().union(*(text.variables for _, text in parts)),
    )


def _stripped(source: str) -> _Content:
    template = compile_template(source)
    return _Content(lambda fields: template.render(fields).rstrip(), template.variables)
