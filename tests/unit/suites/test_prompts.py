"""Strategy and suite agree on what is asked."""

import pytest

CASES = "cases: [{text: a, expected: b}]\n"
CHAT = "messages: [{role: system, content: Be kind.}, {role: user, content: '{{ text }}'}]\n"


def test_chat_instead_of_prompt(read):
    """A strategy's messages replace the suite's system and prompt, and its prompt the suite's messages."""
    prompt = "system: Be terse.\nprompt: '{{ text }}?'\n"
    (own,) = read(CASES + prompt + f"strategies: {{a: {{model: mid, {CHAT.strip()}}}}}").strategies
    assert (own.prompt.system, own.prompt.prompt) == (None, None)
    assert own.prompt.messages == (
        {"role": "system", "content": "Be kind."},
        {"role": "user", "content": "{{ text }}"},
    )
    (own,) = read(CASES + CHAT + "strategies: {a: {model: mid, prompt: '{{ text }}!'}}").strategies
    assert (own.prompt.system, own.prompt.prompt, own.prompt.messages) == (None, "{{ text }}!", ())


def test_no_system(read):
    """A strategy does without the suite's system by an empty one of its own."""
    text = CASES + "system: Be terse.\nprompt: '{{ text }}?'\nstrategies: {a: {model: mid, system: ''}}"
    (own,) = read(text).strategies
    assert own.prompt.system is None


def test_parts(read):
    """A message's content may be parts of text."""
    chat = "messages: [{role: user, content: [{type: text, text: '{{ text }}'}, {type: text, text: Well?}]}]\n"
    (own,) = read(CASES + chat + "strategies: [mid]").strategies
    assert own.prompt.messages == (
        {"role": "user", "content": [{"type": "text", "text": "{{ text }}"}, {"type": "text", "text": "Well?"}]},
    )


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        ("strategies: [mid]", "1:1: there is no prompt: nothing to ask. Write one, such as prompt: "),
        (
            "strategies: {a: {model: mid}, b: {model: mid, prompt: '{{ text }}'}}",
            "2:17: there is no prompt: nothing to",
        ),
        (CHAT + "prompt: '{{ text }}'\nstrategies: [mid]", "3:1: 'prompt' and 'messages' both say what is asked."),
        (CHAT + "system: Hi.\nstrategies: [mid]", "3:1: 'system' and 'messages' both say what is asked."),
        (CHAT + "strategies: {a: {model: mid, system: Hi.}}", "3:30: the suite has 'messages', and the system's is"),
        (CHAT + "style: text\nstrategies: [mid]", "2:1: style: text has no turns. Write 'system' and 'prompt'"),
        (
            "messages: [{role: system, content: '{{ text }}'}]\nstrategies: [mid]",
            "2:11: no message is the user's. Add one with role: user, the question",
        ),
        ("messages: []\nstrategies: [mid]", "2:11: messages has length 0: at least 1 is needed"),
        ("messages: [{role: user}]\nstrategies: [mid]", "2:12: a message has no 'content'. Add it: a template"),
        (
            "messages: [{role: tool, content: '{{ text }}'}]\nstrategies: [mid]",
            "2:19: role 'tool' is not supported yet.",
        ),
        ("messages: [{role: usr, content: '{{ text }}'}]\nstrategies: [mid]", "2:19: unknown role 'usr' (did you mean"),
        ("messages: [{role: user, content: 5}]\nstrategies: [mid]", "2:34: content is 5: text is needed; put it in"),
        (
            "messages: [{role: user, content: ['{{ text }}']}]\nstrategies: [mid]",
            "2:35: a part is '{{ text }}': a mapping is needed",
        ),
        (
            "messages: [{role: user, content: [{type: image_url, image_url: {url: 'file:///etc/passwd'}}]}]\n"
            "strategies: [mid]",
            "2:42: type 'image_url' is not supported yet. Use text",
        ),
    ],
)
def test_mistakes(mistakes, lines, said):
    """Each is told with its place."""
    found = mistakes(CASES + lines + "\n")
    assert found[0].startswith(said)
