"""What is asked: prompts, chats, examples, and what is taken from the reply."""

from __future__ import annotations

from pytest_llmcost.suites.tree.fields import Key, Table
from pytest_llmcost.suites.tree.shapes import ByShape, Later, ListOf
from pytest_llmcost.suites.tree.values import Boolean, Data, OneOf, Text, Word

_PARTS_LATER = frozenset({"image_url", "input_audio", "file"})

PART = Table(
    "a part of a message",
    {
        "type": Key(OneOf(("text",), _PARTS_LATER), "the kind of part", is_required=True),
        "text": Key(Text(may_be_blank=True), "a template", is_required=True),
    },
    not_yet=_PARTS_LATER | {"cache_control"},
    stand_ins=_PARTS_LATER,
)

MESSAGE = Table(
    "a message",
    {
        "role": Key(
            OneOf(("system", "developer", "user", "assistant"), frozenset({"tool", "function"})),
            "system, user or assistant",
            is_required=True,
        ),
        "content": Key(
            ByShape(Text(may_be_blank=True), ListOf(PART, item="a part", at_least=1)), "a template", is_required=True
        ),
    },
    not_yet=frozenset({"name", "tool_calls", "tool_call_id", "cache_control"}),
    stand_ins=frozenset({"tool_calls", "tool_call_id"}),
)

EXAMPLE = Table(
    "an example",
    {
        "expected": Key(
            ByShape(Later(Word(), is_checked=True), mapping=Later(Data("a mapping"), is_checked=True)),
            "the answer to show; a mapping is shown as JSON",
            is_required=True,
        )
    },
    rest=Data(),
)

PARSE = Table(
    "parse",
    {
        "json": Key(Word(longest=200), "the field of the JSON object that is the answer"),
        "regex": Key(Text(), "pattern of the answer: its first group, or all of it"),
    },
)

ASKING = {
    "prompt": Key(Text(), "template of the question; a case's fields are its variables"),
    "prompt_file": Key(Text(), "file that holds the prompt, as the application reads it"),
    "system": Key(Text(may_be_blank=True), "template of the system message; empty: none"),
    "system_file": Key(Text(), "file that holds the system message"),
    "messages": Key(ListOf(MESSAGE, item="a message", at_least=1), "a chat, instead of system and prompt"),
    "response_format": Key(
        ByShape(Text(), mapping=Data("a mapping")), "JSON schema of the answer, or its file; or {type: json_object}"
    ),
    "parse": Key(
        ByShape(OneOf(("text", "label", "json")), mapping=PARSE),
        "what is taken from the model's text as the answer",
    ),
    "prefix_cache": Key(OneOf(("auto", "off")), "auto: the provider keeps what is the same at the head of all prompts"),
    "calibrate": Key(Boolean(), "whether label probabilities are corrected for the model's bias"),
}
"""What a suite says of its prompt, and a strategy instead of it."""
