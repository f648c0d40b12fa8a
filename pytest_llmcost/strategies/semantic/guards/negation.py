"""Negation, by a word or by an affix: `not safe` is `unsafe`; `refundable` is not `non-refundable`."""

from __future__ import annotations

from collections.abc import Iterator

from pytest_llmcost.strategies.semantic.guards.reading import Reading

_WORDS = frozenset(
    """not no never none nobody nothing nowhere neither nor cannot without except excluding exclude excludes
    avoid avoids avoiding stop stops refuse refuses refused refrain hardly barely scarcely seldom rarely lack
    lacks lacking unable fail fails failed prohibited forbidden banned unless deny denied denies reject rejected
    rejects prevent prevents against dont cant wont isnt arent doesnt didnt wasnt couldnt shouldnt wouldnt""".split()  # noqa: SIM905 (words)
)
_PREFIXES = ("un", "in", "im", "il", "ir", "non", "dis", "de", "mis", "anti")
_SUFFIXES = (("less", "ful"), ("less", ""), ("-free", ""))
_ASKING = frozenset("isn't aren't wasn't weren't don't doesn't didn't won't can't couldn't shouldn't wouldn't".split())  # noqa: SIM905
_SHORTEST_STEM = 3


def differ(first: Reading, second: Reading) -> bool:
    """Whether one text denies what the other says."""
    return _denials(first) - _denials(second) + _affixed(first, second) - _affixed(second, first) != 0


def denies(word: str) -> bool:
    """Whether a word, in lower case, denies by itself."""
    return word in _WORDS or word.endswith("n't")


def is_affixed(word: str, other: str) -> bool:
    """Whether one of two words is the other with an affix that denies: `unsafe` and `safe`."""
    return other in _bases(word) or word in _bases(other)


def _denials(reading: Reading) -> int:
    """Return how many words deny; a question that opens with one (`Isn't it open?`) asks the same without."""
    words = reading.words
    is_asked = words[:1] != () and words[0] in _ASKING and reading.text.rstrip().endswith("?")
    return sum(map(denies, words[is_asked:]))


def _affixed(first: Reading, second: Reading) -> int:
    """Return how many words of *first* are words of *second* with an affix that denies."""
    ours, theirs = set(first.words), set(second.words)
    plain = theirs - ours
    return sum(any(base in plain for base in _bases(word)) for word in ours - theirs - _WORDS)


def _bases(word: str) -> Iterator[str]:
    """Yield what a word would be without an affix that denies."""
    found = [word.removeprefix(prefix) for prefix in _PREFIXES if word.startswith(prefix)]
    found += [word.removesuffix(less) + plain for less, plain in _SUFFIXES if word.endswith(less)]
    yield from (base for base in found if len(base) >= _SHORTEST_STEM)
