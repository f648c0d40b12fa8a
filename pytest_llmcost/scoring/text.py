"""Right or wrong by the text alone."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from pytest_llmcost.domain.digest import canonical_json
from pytest_llmcost.domain.errors import ScorerError
from pytest_llmcost.domain.protocols import Scorer
from pytest_llmcost.domain.suite import Case
from pytest_llmcost.domain.trial import Answer

PATTERN_SECONDS = 1.0
"""How long a pattern may search one answer; some take longer than the universe has."""


def text_of(value: Any) -> str:
    """Return an answer, or an expected one, as text; what is no text is JSON."""
    return value if isinstance(value, str) else canonical_json(value)


def exact(answer: Answer, case: Case) -> float:
    """Return 1.0 where the answer is one of the expected texts, white space around it aside."""
    if answer.value is None:
        return 0.0
    return float(text_of(answer.value).strip() in {text_of(text).strip() for text in case.expected})


def label(answer: Answer, case: Case) -> float:
    """Return 1.0 where the answer is one of the expected labels, in whatever letter case."""
    if answer.value is None:
        return 0.0
    folded = {text_of(text).strip().casefold() for text in case.expected}
    return float(text_of(answer.value).strip().casefold() in folded)


def contains(value: Any = None, any: Any = None, all: Any = None) -> Scorer:  # noqa: A002 (the suite's own words)
    """Return a scorer: do any of the texts occur in the answer, or all of them; by default any expected one."""
    wanted = _texts(all if all is not None else value if any is None else any)
    return _looked_for(wanted, lambda needle, text: needle in text, every=all is not None)


def starts_with(value: Any = None) -> Scorer:
    """Return a scorer: does the answer begin with one of the texts; by default with an expected one."""
    return _looked_for(_texts(value), lambda needle, text: text.lstrip().startswith(needle), every=False)


def regex(value: Any = None) -> Scorer:
    """Return a scorer: does the pattern occur in the answer; by default an expected one.

    The scorer raises `ScorerError` where the search takes longer than a second.
    """
    return _looked_for(_texts(value), search, every=False)


def search(pattern: str, text: str) -> bool:
    """Return whether *pattern* occurs in *text*.

    Raises:
        ScorerError: If that cannot be told within a second, or it is no pattern.
    """
    import regex as engine

    try:
        return engine.search(pattern, text, timeout=PATTERN_SECONDS) is not None
    except TimeoutError as error:
        reason = f"the pattern {pattern!r} takes over {PATTERN_SECONDS:g} s on this answer"
        raise ScorerError(reason, scorer="regex") from error
    except engine.error as error:
        raise ScorerError(f"the pattern {pattern!r} is wrong: {error}", scorer="regex") from error


def length(min: int = 0, max: float = float("inf"), unit: str = "chars") -> Scorer:  # noqa: A002 (the suite's words)
    """Return a scorer: is the answer so many characters (or words) long, both ends included."""

    def score(answer: Answer, case: Case) -> float:
        text = "" if answer.value is None else text_of(answer.value)
        return float(min <= (len(text.split()) if unit == "words" else len(text)) <= max)

    return score


def _texts(value: Any) -> tuple[str, ...]:
    if value is None:
        return ()
    return tuple(map(str, value)) if isinstance(value, list | tuple) else (str(value),)


def _looked_for(wanted: Sequence[str], occurs: Callable[[str, str], bool], *, every: bool) -> Scorer:
    def score(answer: Answer, case: Case) -> float:
        if answer.value is None:
            return 0.0
        text = text_of(answer.value)
        found = [occurs(needle, text) for needle in wanted or map(text_of, case.expected)]
        return float(all(found) if every else any(found))

    return score
