"""A finding is a span of a text with what is wrong with it, and, where that can be said, what to write instead."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

_OPEN = re.compile(r"\{[{%#]")
_CLOSE = {"{{": "}}", "{%": "%}", "{#": "#}"}
_QUOTED = re.compile(r"```.*?```|`[^`\n]*`|\"[^\"\n]*\"|\u201c[^\u201d\n]*\u201d", re.DOTALL)
BULLET = re.compile(r"\s*(?:[-*•]|\d+[.)])?\s*")
"""What may stand before an item of a list."""


@dataclass(frozen=True, slots=True)
class Edit:
    """A span of a text, and what is to stand there instead."""

    start: int
    end: int
    text: str = ""


@dataclass(frozen=True, slots=True)
class Finding:
    """What a rule found.

    Attributes:
        rule: Its name: `filler`, `repeated`, `json`, `json-keys`, `json-format`.
        start: Where in the text it is.
        what: For people, without the savings.
        edit: What mends it without changing what is meant; None where a person has to decide.
        instead: The whole text as it would be, where it is no small edit; it is not applied.
    """

    rule: str
    start: int
    what: str
    edit: Edit | None = None
    instead: str | None = None

    def mended(self, text: str) -> str:
        """Return *text* with this finding alone mended."""
        return applied(text, [self.edit]) if self.edit else text if self.instead is None else self.instead


def applied(text: str, edits: Iterable[Edit]) -> str:
    """Return *text* with *edits* made, of two that overlap the first; what follows a capital that left gets it.

    Blank space at the text's ends stays as it was.
    """
    parts, at, is_capital = list[str](), 0, False
    for edit in chosen(edits):
        for part in (text[at : edit.start], edit.text):
            parts.append(part[:1].upper() + part[1:] if is_capital else part)
            is_capital = is_capital and not part
        at = edit.end
        is_capital = is_capital or (not edit.text and text[edit.start : edit.start + 1].isupper())
    rest = text[at:]
    made = "".join([*parts, rest[:1].upper() + rest[1:] if is_capital else rest])
    head, tail = len(text) - len(text.lstrip()), len(text.rstrip())
    return f"{text[:head]}{made.strip()}{text[tail:]}" if made.strip() else made


def chosen(edits: Iterable[Edit]) -> list[Edit]:
    """Return the edits that are made: in the text's order, and of those that overlap the first and longest."""
    kept: list[Edit] = []
    for edit in sorted(edits, key=lambda one: (one.start, -one.end)):
        if not kept or edit.start >= kept[-1].end:
            kept.append(edit)
    return kept


def without_tags(text: str) -> str:
    """Return *text* with each tag of its template blanked out, so that places stay what they are."""
    return _replaced(text, "\0")


def prose(text: str) -> str:
    """Return *text* with what is quoted blanked out, too: words that are no instruction, but data or code."""
    return _QUOTED.sub(lambda found: "\0" * len(found[0]), without_tags(text))


def static_text(text: str) -> str:
    """Return *text* without its template's tags: what is the same in each call."""
    return _replaced(text, "")


def tag_in(text: str) -> int | None:
    """Return where the first tag of a template stands, or None where there is none."""
    found = _OPEN.search(text)
    return None if found is None else found.start()


def _replaced(text: str, mark: str) -> str:
    """Return *text* with *mark* for each character of a tag; what is not closed is none, and is looked for once."""
    parts, at, kept, unclosed = list[str](), 0, 0, set[str]()
    while found := _OPEN.search(text, at):
        at = found.end()
        end = -1 if found[0] in unclosed else text.find(_CLOSE[found[0]], at)
        if end < 0:
            unclosed.add(found[0])
            continue
        at = end + 2
        parts += (text[kept : found.start()], mark * (at - found.start()))
        kept = at
    return "".join([*parts, text[kept:]])


def line_of(text: str, place: int) -> int:
    """Return the line of *place* in *text*, from 0."""
    return text.count("\n", 0, place)


def with_its_line(text: str, start: int, end: int) -> tuple[int, int]:
    """Return what goes with a span that leaves: the whole line where nothing else stands in it, else the blanks."""
    first, last = text.rfind("\n", 0, start) + 1, text.find("\n", end)
    last = len(text) if last < 0 else last + 1
    before, behind = text[first:start], text[end:last]
    if not behind.strip() and BULLET.fullmatch(before):
        return first, last
    if not behind.strip():
        return start - len(before) + len(before.rstrip()), end + len(behind.rstrip("\n"))
    if before and not before[-1].isspace():
        return start, end
    return start, end + len(behind) - len(behind.lstrip(" "))


def outside(spans: Sequence[tuple[int, int]], start: int, end: int) -> bool:
    """Whether a span touches none of *spans*."""
    return all(end <= low or high <= start for low, high in spans)
