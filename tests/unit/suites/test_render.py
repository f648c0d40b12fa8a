"""What is asked, message by message, and how much of it is the same for every case."""

import pytest

from pytest_llmcost.domain.suite import Example, Prompt
from pytest_llmcost.suites.render import PromptRenderer
from pytest_llmcost.suites.templates import TemplateError

EXAMPLES = (Example({"text": "lost parcel"}, "shop"), Example({"text": "a poem"}, "other"))
CASE = {"text": "my refund"}


def rendered(labels=(), fields=CASE, **prompt):
    """Return the messages, and how many of them are the same for every case."""
    renderer = PromptRenderer(Prompt(**prompt), labels)
    return list(renderer.messages(fields)), renderer.prefix_messages


def said(role, content):
    """Return one message."""
    return {"role": role, "content": content}


def test_chat():
    """System, examples as turns, then the case: all but the last message are the same for every case."""
    messages, prefix = rendered(system="Sort.", prompt="Topic of {{ text }}?\n", examples=EXAMPLES)
    assert messages == [
        said("system", "Sort."),
        said("user", "Topic of lost parcel?\n"),
        said("assistant", "shop"),
        said("user", "Topic of a poem?\n"),
        said("assistant", "other"),
        said("user", "Topic of my refund?\n"),
    ]
    assert prefix == 5


def test_chat_without_anything_static():
    """A prompt alone is one message, and nothing of it is shared."""
    assert rendered(prompt="{{ text }}") == ([said("user", "my refund")], 0)


def test_system_with_variables():
    """Where the system knows the case, nothing after it is the same any more."""
    messages, prefix = rendered(system="You know {{ text }}.", prompt="{{ text }}?", examples=EXAMPLES[:1])
    assert [message["content"] for message in messages] == ["You know my refund.", "lost parcel?", "shop", "my refund?"]
    assert prefix == 0


def test_labels_are_a_variable():
    """Labels are the same for every case."""
    messages, prefix = rendered(
        labels=("shop", "other"), system="One of: {{ labels|join(', ') }}.", prompt="{{ text }}", examples=EXAMPLES[:1]
    )
    assert messages[0] == said("system", "One of: shop, other.")
    assert prefix == 3


def test_text():
    """As plain text: instructions and solved examples, then the question, blank space at the ends dropped."""
    messages, prefix = rendered(
        style="text", system="Sort.\n", prompt="Message: {{ text }}\nTopic: \n", examples=EXAMPLES
    )
    assert messages == [
        said("system", "Sort.\n\nMessage: lost parcel\nTopic: shop\n\nMessage: a poem\nTopic: other"),
        said("user", "Message: my refund\nTopic:"),
    ]
    assert prefix == 1


@pytest.mark.parametrize(
    ("system", "examples", "head", "static"),
    [
        ("Sort.", (), "Sort.", 1),
        (None, EXAMPLES[:1], "lost parcel? shop", 1),
        ("On {{ text }}.", EXAMPLES[:1], "On my refund.\n\nlost parcel? shop", 0),
    ],
)
def test_text_heads(system, examples, head, static):
    """There is a head where there is anything to put into it; it is shared where the case is not in it."""
    messages, prefix = rendered(style="text", system=system, prompt="{{ text }}?", examples=examples)
    assert (messages, prefix) == ([said("system", head), said("user", "my refund?")], static)


def test_text_without_head():
    """Without system and examples there is only the question."""
    assert rendered(style="text", prompt="{{ text }} is") == ([said("user", "my refund is")], 0)


def test_written_chat():
    """Examples stand before the last message of the user; what comes before that and knows no case is shared."""
    chat = (
        said("system", "Be kind."),
        said("user", "Hello"),
        said("assistant", "Hello! What is it?"),
        said("user", "{{ text }}"),
        said("assistant", "Topic:"),
    )
    messages, prefix = rendered(messages=chat, examples=EXAMPLES[:1])
    assert messages == [
        *chat[:3],
        said("user", "lost parcel"),
        said("assistant", "shop"),
        said("user", "my refund"),
        said("assistant", "Topic:"),
    ]
    assert prefix == 5


def test_written_chat_that_knows_the_case_early():
    """Only what comes before the first message about the case is shared."""
    chat = (
        said("system", "Be kind."),
        said("user", "On {{ text }}."),
        said("assistant", "Yes?"),
        said("user", "Well?"),
    )
    messages, prefix = rendered(messages=chat, examples=EXAMPLES[:1])
    assert [message["content"] for message in messages] == [
        *("Be kind.", "On my refund.", "Yes?"),
        *("Well?", "shop", "Well?"),
    ]
    assert prefix == 1


def test_parts():
    """The texts of a message in parts are templates, too."""
    parts = [{"type": "text", "text": "About {{ text }}"}, {"type": "text", "text": "Well?"}]
    messages, prefix = rendered(messages=(said("user", parts),))
    assert messages == [said("user", [{"type": "text", "text": "About my refund"}, {"type": "text", "text": "Well?"}])]
    assert prefix == 0
    assert parts[0]["text"] == "About {{ text }}"


def test_any_text_in_the_place_of_the_case():
    """Content-free inputs are asked with the same messages."""
    renderer = PromptRenderer(Prompt(system="Sort.", prompt="{{ text }} {{ n }}", style="text"))
    assert renderer.messages({"text": "N/A", "n": "N/A"})[-1] == said("user", "N/A N/A")


def test_missing_field():
    """A missing field is an error with its name."""
    with pytest.raises(TemplateError, match="'text' is undefined"):
        rendered(fields={}, prompt="{{ text }}")
    with pytest.raises(TemplateError, match="'text' is undefined"):
        rendered(prompt="{{ text }}", examples=(Example({}, "shop"),))
