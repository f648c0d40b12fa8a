"""Named things: what is capitalised within a sentence, and what is quoted."""

from __future__ import annotations

import re

from pytest_llmcost.strategies.semantic.guards.dates import is_date
from pytest_llmcost.strategies.semantic.guards.reading import Reading
from pytest_llmcost.strategies.semantic.guards.units import is_unit

_WORD = re.compile(r"(?<![\w&+#'])\w[\w&+#]*")
_BETWEEN = re.compile(r"[^\w&+#]+|(?<=\w)'s\b")
_QUOTED = re.compile(r"\"([^\"]+)\"|(?<!\w)'([^']+)'(?!\w)")
_NO_NAME_AFTER = re.compile(r"[.!?:]\s+$|[\"'`(]\s*$|[\d°]\s?$")
"""What opens a sentence or a quotation, and what a unit follows."""
_SEEN_BEFORE = 4
_NO_NAMES = frozenset(["i", "q"])


def differ(first: Reading, second: Reading) -> bool:
    """Whether one text names what the other does not mention, in whatever case."""
    return _is_missing(first.text, second.text) or _is_missing(second.text, first.text)


def _is_missing(ours: str, theirs: str) -> bool:
    known = _plain(theirs)
    return any(name not in known for name in _names(ours))


def _plain(text: str) -> str:
    """Return the words of a text in lower case, with one blank around each."""
    return f" {_BETWEEN.sub(' ', text.lower()).strip()} "


def _names(text: str) -> set[str]:
    found = {_plain(next(filter(None, quoted))) for quoted in _QUOTED.findall(text)}
    if any(letter.islower() for letter in text):  # (else all is shouted: nothing is a name by its capital)
        found |= {_plain(match.group()) for match in _WORD.finditer(text) if _is_name(match)}
    return found - {"  "}


def _is_name(match: re.Match[str]) -> bool:
    if not match.group()[0].isupper():
        return False
    word, start = match.group().lower(), match.start()
    before = match.string[max(0, start - _SEEN_BEFORE) : start]
    is_told_elsewhere = word in _NO_NAMES or is_unit(word) or is_date(word)
    is_acronym = len(word) > 1 and match.group().isupper()
    opens = not before.strip() or _NO_NAME_AFTER.search(before) is not None
    return not is_told_elsewhere and (is_acronym or not opens)
