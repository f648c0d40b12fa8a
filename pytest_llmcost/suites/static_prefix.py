"""Providers keep the beginning that prompts have in common: where it ends, and how a prompt would have a longer one.

A text is cut into paragraphs, and one that reads no variable of a case is the same for all
cases. What stands before the first that does is kept; what stands after it is not.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from pytest_llmcost.domain.request import Message
from pytest_llmcost.domain.suite import Prompt
from pytest_llmcost.suites.templates import LABELS, TemplateError, compile_template

_BREAK = re.compile(r"\n[ \t]*\n\s*")
_LINE_END = re.compile(r"\n")
_PAIRS = (("{{", "}}"), ("{%", "%}"), ("{#", "#}"))
_TAG = re.compile(r"\{[{%#]")
_BLOCK = re.compile(r"\{%[-+]?\s*(?P<end>end)?(?:for|if|raw)\b")


@dataclass(frozen=True, slots=True)
class Piece:
    """A paragraph (or line) of a template, with the white space that follows it.

    Attributes:
        is_static: Whether it is the same text for every case.
        variables: What it reads of a case.
    """

    text: str
    is_static: bool
    variables: frozenset[str] = frozenset()


def pieces_of(source: str) -> list[Piece]:
    """Return the paragraphs of *source*, its lines where it has one paragraph; blocks of the template stay whole."""
    return _divided(source)[0]


def _divided(source: str) -> tuple[list[Piece], str]:
    """Return the pieces, and what stands between two of them."""
    paragraphs = list(_cut(source, _BREAK))
    if len(paragraphs) > 1:
        return [_piece(part) for part in paragraphs], "\n\n"
    return [_piece(part) for part in _cut(source, _LINE_END)], "\n"


def static_head(source: str) -> str:
    """Return the beginning of the text of *source* that is the same for every case, as it is sent."""
    first = _TAG.search(source)
    if first is None or _is_static(source):
        return source
    head = source[: first.start()]
    # `{%-` takes the white space before it away.
    return head.rstrip() if source[first.end() : first.end() + 1] == "-" else head


def static_first(source: str) -> str | None:
    """Return *source* with what is the same for every case before what is not; None where it is so already.

    A paragraph that speaks of what stands "above" then stands before it: whoever takes this
    over has to read it.
    """
    body = source.strip()
    pieces, gap = _divided(body)
    ordered = sorted(pieces, key=lambda piece: not piece.is_static)  # (a stable sort: within both the order stays)
    if ordered == pieces:
        return None
    before, _, behind = source.partition(body)
    return before + gap.join(piece.text.strip("\n") for piece in ordered) + behind


@dataclass(frozen=True, slots=True)
class Misplaced:
    """A prompt that puts what varies before what does not.

    Attributes:
        variables: What the first varying paragraph reads of a case.
        prompt: The prompt, reordered.
    """

    variables: tuple[str, ...]
    prompt: Prompt


def misplaced(prompt: Prompt, *, is_whole: bool = False) -> Misplaced | None:
    """Return the reordered prompt and what stood in its way; None where what varies stands last, as far as it can.

    Args:
        prompt: A strategy's.
        is_whole: Whether the provider keeps whole messages alone: nothing then is kept of a message
            that varies, and what is the same for every case goes into the system message.
    """
    return _outside_system(prompt) if is_whole else _against(prompt, _reordered(prompt))


def _outside_system(prompt: Prompt) -> Misplaced | None:
    if prompt.messages or prompt.style == "text":
        return None
    (kept, varying), (fixed, question) = (_parted(text or "") for text in (prompt.system, prompt.prompt))
    if varying and prompt.examples:  # (an example need not have what the system message reads)
        return None
    reordered = replace(prompt, system=_joined([kept, fixed]) or None, prompt=_joined([*question, *varying]))
    return _against(prompt, reordered)


def _against(prompt: Prompt, reordered: Prompt) -> Misplaced | None:
    pieces = (piece for text in template_texts(prompt) for piece in pieces_of(text))
    varying = next((piece for piece in pieces if not piece.is_static), None)
    if varying is None or _words(prompt) == _words(reordered):
        return None
    return Misplaced(tuple(sorted(varying.variables)), reordered)


def _words(prompt: Prompt) -> list[list[str]]:
    return [text.split() for text in template_texts(prompt)]


def static_texts(prompt: Prompt, prefix: Sequence[Message], *, is_whole: bool = False) -> list[str]:
    """Return the texts that a prompt's calls begin with.

    Args:
        prompt: A strategy's.
        prefix: Its leading messages that are the same for every case, as `PromptRenderer.static_prefix` has them.
        is_whole: Whether whole messages alone count, and not the beginning of the next one.
    """
    told = [text for message in prefix for text in _contents(message)]
    return told if is_whole else [*told, _head_behind(prompt, prefix)]


def _head_behind(prompt: Prompt, prefix: Sequence[Message]) -> str:
    """Return the beginning of the first message that varies."""
    if prompt.examples and len(prefix) > 1:
        return static_head(list(template_texts(prompt))[-1])  # the question's, which is the last one
    rest = [text for message in _messages(prompt)[len(prefix) :] for text in _contents(message)]
    return static_head(rest[0]) if rest else ""


def _reordered(prompt: Prompt) -> Prompt:
    if prompt.messages:
        return replace(prompt, messages=tuple(map(_reordered_message, prompt.messages)))
    system, question = prompt.system, prompt.prompt
    if system and question and not prompt.examples:
        # What varies in the system message stands before all of the question: it moves behind it.
        kept, moved = _parted(system)
        if moved:
            return replace(prompt, system=kept or None, prompt=_joined([static_first(question) or question, *moved]))
    return replace(
        prompt,
        system=system and (static_first(system) or system),
        prompt=question and (static_first(question) or question),
    )


def _reordered_message(message: Message) -> Message:
    content = message["content"]
    return {**message, "content": static_first(content) or content} if isinstance(content, str) else message


def _parted(source: str) -> tuple[str, list[str]]:
    pieces = pieces_of(source)
    return _joined([p.text for p in pieces if p.is_static]), [p.text for p in pieces if not p.is_static]


def _joined(texts: Sequence[str]) -> str:
    return "\n\n".join(text.strip("\n") for text in texts if text.strip())


def template_texts(prompt: Prompt) -> Iterator[str]:
    """Yield the texts that a prompt is made of, examples left out."""
    for message in _messages(prompt):
        yield from _contents(message)


def _messages(prompt: Prompt) -> Sequence[Message]:
    if prompt.messages:
        return prompt.messages
    system = [{"role": "system", "content": prompt.system}] if prompt.system else []
    return [*system, {"role": "user", "content": prompt.prompt or ""}]


def _contents(message: Message) -> list[str]:
    content = message["content"]
    return [content] if isinstance(content, str) else [str(part.get("text", "")) for part in content]


def _piece(text: str) -> Piece:
    try:
        variables = compile_template(text).variables - {LABELS}
    except TemplateError:
        return Piece(text, is_static=False)
    return Piece(text, not variables, variables)


def _is_static(source: str) -> bool:
    return _piece(source).is_static


def _cut(source: str, where: re.Pattern[str]) -> Iterator[str]:
    """Yield the parts of *source* between the breaks that stand in no block and no tag."""
    start = read = depth = tags = 0
    for found in where.finditer(source):
        depth, tags = depth + _blocks(source[read : found.end()]), tags + _open_tags(source[read : found.end()])
        read = found.end()
        if depth == tags == 0:
            yield source[start:read]
            start = read
    if start < len(source):
        yield source[start:]


def _blocks(part: str) -> int:
    return sum(-1 if found["end"] else 1 for found in _BLOCK.finditer(part))


def _open_tags(part: str) -> int:
    return sum(part.count(opened) - part.count(closed) for opened, closed in _PAIRS)
