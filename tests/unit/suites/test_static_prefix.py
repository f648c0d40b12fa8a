"""Where what all prompts have in common ends, and how a prompt would have more of it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_llmcost.domain.suite import Example, Prompt
from pytest_llmcost.suites.render import PromptRenderer
from pytest_llmcost.suites.static_prefix import misplaced, static_first, static_head, static_texts
from pytest_llmcost.suites.templates import compile_template

RULES = "Answer yes or no."
LOOP = "{% for x in rows %}\n\nA row:\n\n{{ x }}\n\n{% endfor %}"


@pytest.mark.parametrize(
    ("source", "head"),
    [
        ("Mail: {{ text }}", "Mail: "),
        ("Mail: {%- if text %} {{ text }}{% endif %}", "Mail:"),
        ("{{ text }} Mail", ""),
        ("No variable.\n", "No variable.\n"),
        ("{% for x in rows %}{{ x }}{% endfor %}", ""),
    ],
)
def test_the_head_ends_where_the_first_variable_is(source: str, head: str) -> None:
    assert static_head(source) == head
    rendered = compile_template(source).render({"text": "TEXT", "rows": ["ROW"]})
    assert rendered.startswith(head)


@pytest.mark.parametrize(
    ("source", "reordered"),
    [
        (f"Mail: {{{{ text }}}}\n\n{RULES}\n", f"{RULES}\n\nMail: {{{{ text }}}}\n"),
        (f"{{{{ text }}}}\n{RULES}", f"{RULES}\n{{{{ text }}}}"),
        (f"{LOOP}\n\n{RULES}", f"{RULES}\n\n{LOOP}"),
        (f"{RULES}\n\n{{{{ text }}}}", None),
        (f"Of {{{{ labels }}}}.\n\n{{{{ text }}}}\n\n{RULES}", f"Of {{{{ labels }}}}.\n\n{RULES}\n\n{{{{ text }}}}"),
        ("Is {{ text }} spam?", None),
        ("", None),
    ],
    ids=["paragraphs", "lines", "a loop", "in order", "labels are the same for all", "one line", "empty"],
)
def test_what_is_the_same_for_all_cases_goes_first(source: str, reordered: str | None) -> None:
    assert static_first(source) == reordered


@given(st.lists(st.sampled_from(["{{ a }}", "{% if a %}", "{% endif %}", "\n\n", "\n", "x", "{#", "{{"]), max_size=30))
def test_reordering_loses_nothing_and_is_done_once(parts: list[str]) -> None:
    source = "".join(parts)
    reordered = static_first(source)
    if reordered is not None:
        assert sorted("".join(reordered.split())) == sorted("".join(source.split()))
        assert static_first(reordered) is None


def test_a_hostile_text_takes_no_longer_than_its_length() -> None:
    assert static_first("{% if a %}\n\n" * 30_000) is None


def test_what_calls_begin_with_is_system_examples_and_the_head_of_the_question() -> None:
    shown = (Example({"text": "Hi"}, "no"),)
    prompt = Prompt(system="Sort.", prompt="Mail: {{ text }}", examples=shown)

    texts = static_texts(prompt, PromptRenderer(prompt).static_prefix)

    assert texts == ["Sort.", "Mail: Hi", "no", "Mail: "]
    sent = [message["content"] for message in PromptRenderer(prompt).messages({"text": "Other"})]
    assert "".join(sent).startswith("".join(texts))


def test_what_varies_in_the_system_message_moves_behind_the_question() -> None:
    found = misplaced(Prompt(system="Today is {{ day }}.\n\nSort.", prompt="Mail: {{ text }}\n\nSay yes or no."))

    assert found is not None
    assert found.variables == ("day",)
    assert found.prompt == Prompt(system="Sort.", prompt="Say yes or no.\n\nMail: {{ text }}\n\nToday is {{ day }}.")
    assert misplaced(found.prompt) is None


def test_where_whole_messages_alone_are_kept_what_is_the_same_goes_into_the_system_message() -> None:
    prompt = Prompt(prompt="Sort mail.\n\n{{ text }}\n\nSay yes or no.")

    found = misplaced(prompt, is_whole=True)

    assert found is not None
    assert found.prompt == Prompt(system="Sort mail.\n\nSay yes or no.", prompt="{{ text }}")
    assert misplaced(found.prompt, is_whole=True) is None
    assert static_texts(prompt, PromptRenderer(prompt).static_prefix, is_whole=True) == []
    shown = Prompt(system="On {{ day }}", prompt="{{ text }}", examples=(Example({}, "no"),))
    assert misplaced(shown, is_whole=True) is None, "an example need not have a day"
