"""An instruction that another one says as well: the same words in the same order, and nothing new."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from pytest_llmcost.suites.lint.finding import BULLET, Edit, Finding, applied, line_of, outside, prose, with_its_line

FEWEST_WORDS = 3
"""Of a sentence, words with a meaning of their own: fewer are a heading or a label."""
MOST_SENTENCES = 500
"""Each is compared with each; a text of more is data, and is not compared."""

_SENTENCE = re.compile(r"[^.!?\n\0]+(?:[.!?](?!\s|\Z)[^.!?\n\0]*)*[.!?]*", re.UNICODE)
_WORD = re.compile(r"[^\W_]+(?:['\u2019][^\W_]+)*")
_LONGEST_SHOWN = 60


def _words(*lines: str) -> frozenset[str]:
    return frozenset(" ".join(lines).split())


_EMPTY = _words(
    "a an the of in on at to for with by as is are be been was were do does did your you it its this that these those",
    "there and or but so must should shall will would can could may might please always only just also then",
    "make sure ensure remember note important",
)
_NEGATIONS = _words(
    "not no never none nothing neither nor without avoid",
    "don't doesn't can't cannot won't mustn't shouldn't",
)
_SAME = {
    **dict.fromkeys(_words("reply replies respond response responses answers answering"), "answer"),
    **dict.fromkeys(_words("return output provide produce write gives giving"), "give"),
    **dict.fromkeys(_words("single 1"), "one"),
    "words": "word",
    "sentences": "sentence",
}
"""Words that mean the same to whoever is instructed."""


@dataclass(frozen=True, slots=True)
class _Sentence:
    start: int
    end: int
    words: tuple[str, ...]
    negations: int


def repeated(text: str, skipped: Sequence[tuple[int, int]] = ()) -> Iterator[Finding]:
    """Yield the sentences of *text* that another one makes needless; of two that say the same, the later one.

    A sentence is needless if its words of meaning stand in another one in the same order, and both deny as often:
    what has a word of its own, or a number, is no repetition.

    Args:
        text: The prompt.
        skipped: Spans that hold data.
    """
    sentences = [one for one in _sentences(text) if outside(skipped, one.start, one.end)]
    if len(sentences) > MOST_SENTENCES:
        return
    for place, one in enumerate(sentences):
        kept = next(
            (other for at, other in enumerate(sentences) if at != place and _covers(other, at, one, place)), None
        )
        if kept is not None:
            said = " ".join(text[one.start : one.end].split())
            shown = said if len(said) <= _LONGEST_SHOWN else f"{said[: _LONGEST_SHOWN - 1]}…"
            what = f"'{shown}' is said {_where(text, kept, one)}"
            edit = Edit(*with_its_line(text, one.start, one.end))
            # Where a template chooses between texts, each branch may need its own.
            is_choosing = "{%" in text
            instead = applied(text, [edit]) if is_choosing else None
            yield Finding("repeated", one.start, what, None if is_choosing else edit, instead)


def _where(text: str, kept: _Sentence, one: _Sentence) -> str:
    lines = line_of(text, one.start) - line_of(text, kept.start)
    if not lines:
        return "in the same line, too"
    count = f"{abs(lines)} line{'s' * (abs(lines) != 1)}"
    return f"{count} above, too" if lines > 0 else f"{count} below, too"


def _sentences(text: str) -> Iterator[_Sentence]:
    for match in _SENTENCE.finditer(prose(text)):
        words = [word.lower().replace("\u2019", "'") for word in _WORD.findall(match[0])]
        meaning = tuple(_SAME.get(word, word) for word in words if word not in _EMPTY)
        if len(meaning) >= FEWEST_WORDS and not match[0].rstrip().endswith(":"):
            head = BULLET.match(match[0])
            start = match.start() + (head.end() if head else 0)
            yield _Sentence(start, match.end(), meaning, sum(word in _NEGATIONS for word in words))


def _covers(other: _Sentence, at: int, one: _Sentence, place: int) -> bool:
    if one.negations != other.negations or not _is_within(one.words, other.words):
        return False
    return len(other.words) > len(one.words) or at < place


def _is_within(few: Sequence[str], many: Sequence[str]) -> bool:
    """Whether *few* stand among *many* in the same order."""
    waiting = iter(many)
    return len(few) <= len(many) and all(word in waiting for word in few)
