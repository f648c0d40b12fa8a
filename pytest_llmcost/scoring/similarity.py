"""Graded by likeness to an expected text."""

from __future__ import annotations

import re
from collections import Counter

from pytest_llmcost.domain.suite import Case
from pytest_llmcost.domain.trial import Answer
from pytest_llmcost.scoring.text import text_of

_ARTICLES = {"a", "an", "the"}


def f1(answer: Answer, case: Case) -> float:
    """Return the F1 of the words shared with the likeliest expected text (Rajpurkar et al. 2016, SQuAD).

    Lower case, without punctuation and articles; each word counts as often as it stands on both sides.
    """
    if answer.value is None:
        return 0.0
    given = _words(text_of(answer.value))
    return max((_overlap(given, _words(text_of(expected))) for expected in case.expected), default=0.0)


def levenshtein(answer: Answer, case: Case) -> float:
    """Return 1 less the edit distance (Levenshtein 1966) as a share of the longer text, to the likeliest expected."""
    from rapidfuzz.distance import Levenshtein

    if answer.value is None:
        return 0.0
    given = text_of(answer.value).strip()
    likenesses = (Levenshtein.normalized_similarity(given, text_of(text).strip()) for text in case.expected)
    return float(max(likenesses, default=0.0))


def _words(text: str) -> Counter[str]:
    return Counter(word for word in re.findall(r"\w+", text.lower()) if word not in _ARTICLES)


def _overlap(given: Counter[str], expected: Counter[str]) -> float:
    if not given or not expected:
        return float(given == expected)
    shared = (given & expected).total()
    return 2 * shared / (given.total() + expected.total())
