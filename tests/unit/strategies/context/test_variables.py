"""What is found stands where the prompt wants it, else at the head of the question."""

from __future__ import annotations

import asyncio

from fakes.strategies import CASE, Scripted, said

from pytest_llmcost.domain.context import Context, Document, Passage
from pytest_llmcost.domain.suite import Case, Example, Prompt
from pytest_llmcost.domain.trial import Answer
from pytest_llmcost.strategies.context.answering import InContext
from pytest_llmcost.strategies.context.variables import before_question, variables_of, with_context
from pytest_llmcost.suites.render import PromptRenderer

FOUND = variables_of([Passage("a.md", 0, 2, "", "Ay."), Passage("b.md", 2, 2, "", "Bee.")])
EXAMPLES = (Example({"text": "before"}, "yes"),)


def asked(found: dict[str, object], **prompt: object) -> list[object]:
    renderer = PromptRenderer(Prompt(examples=EXAMPLES, **prompt))  # type: ignore[arg-type]
    render = with_context(renderer.messages, is_placed=renderer.reads_context)
    return [message["content"] for message in render({"text": "now", **found})]


def test_passages_stand_under_their_sources_and_one_by_one() -> None:
    assert FOUND["context"] == "[a.md]\nAy.\n\n[b.md]\nBee."
    assert FOUND["documents"] == [{"source": "a.md", "text": "Ay."}, {"source": "b.md", "text": "Bee."}]


def test_they_come_after_system_and_examples_and_before_the_question() -> None:
    assert asked(FOUND, system="S", prompt="Q {{ text }}") == [
        "S",
        "Q before",
        "yes",
        f"{FOUND['context']}\n\nQ now",
    ]
    assert asked(FOUND, system="S", prompt="Q {{ text }}", style="text")[-1] == f"{FOUND['context']}\n\nQ now"


def test_a_prompt_that_reads_them_has_them_where_it_wants_and_its_examples_have_none() -> None:
    loop = "{{ text }}:{% for d in documents %} {{ d.source }}={{ d.text }}{% endfor %}"
    assert asked(FOUND, prompt=loop) == ["before:", "yes", "now: a.md=Ay. b.md=Bee."]
    assert asked(FOUND, system="{{ context }}", prompt="{{ text }}")[0] == FOUND["context"]


def test_where_nothing_is_found_or_asked_the_question_stands_alone() -> None:
    nothing = variables_of([])
    content_free = dict.fromkeys(FOUND, "N/A")
    assert asked(nothing, prompt="{{ text }}")[-1] == asked(content_free, prompt="{{ text }}")[-1] == "now"


def test_parts_of_a_message_and_chats_without_a_question() -> None:
    parts = [{"type": "text", "text": "Q"}]
    assert before_question("C", [{"role": "user", "content": parts}])[0]["content"] == [
        {"type": "text", "text": "C"},
        {"type": "text", "text": "Q"},
    ]
    assert before_question("C", [{"role": "system", "content": "S"}])[-1] == {"role": "user", "content": "C"}


def test_an_answer_keeps_the_passages_that_it_had() -> None:
    class Seen(Scripted):
        async def answer(self, case: Case, trial: int) -> Answer:
            self.fields = case.fields
            return await super().answer(case, trial)

    inner = Seen(said())
    documents = (Document("a.md", "Orders are sent at noon."), Document("b.md", "We close at six."))

    answer = asyncio.run(InContext(inner, Context(documents, 1, 50)).answer(CASE, 1))

    assert answer.passages is not None
    assert [(one.source, one.text) for one in answer.passages] == []
    late = Case("late", {"text": "When are orders sent?"}, (), "")
    answer = asyncio.run(InContext(inner, Context(documents, 1, 50)).answer(late, 1))
    assert [one.source for one in answer.passages or ()] == ["a.md"]
    assert inner.fields["context"] == "[a.md]\nOrders are sent at noon."
