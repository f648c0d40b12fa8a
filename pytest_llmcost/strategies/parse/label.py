"""One label of a closed set: by the first token's probabilities, or by the text."""

from __future__ import annotations

import dataclasses
import math
import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from itertools import pairwise

from pytest_llmcost.domain.completion import Completion, TokenLogprob
from pytest_llmcost.strategies.parse.parsed import Distribution, Parsed, unparsed

LEAST = 1e-30
"""The probability below which none is told from another: servers write -9999 for "never"."""


def parse_label(completion: Completion, labels: Sequence[str], prior: Distribution | None = None) -> Parsed:
    """Return the likeliest label, or the only one that the text names.

    Where the completion lists its first token's alternatives, their probabilities decide,
    divided by *prior* where one is given (contextual calibration, Zhao et al. 2021).
    Else, or where no label is among them, or one label begins another (`in`, `in-scope`:
    no token tells them apart), the one label that stands in the text as a whole word.
    Of labels that are equally likely the first counts.
    """
    listed = first_token_alternatives(completion.logprobs)
    if not listed or not _are_told_apart(tuple(labels)):
        return _label_in_text(completion.text, labels)
    distribution, missing = label_distribution(listed, labels)
    if len(missing) == len(labels):
        parsed = _label_in_text(completion.text, labels)
        return dataclasses.replace(parsed, flags=("no label is among the alternatives", *parsed.flags))
    if prior is not None:
        distribution = _normalised({label: p / prior[label] for label, p in distribution.items()})
    best = max(labels, key=lambda label: distribution[label])
    flags = tuple(f"label {label!r} is not among the alternatives" for label in missing)
    return Parsed(best, flags, distribution[best])


def first_token_alternatives(logprobs: Sequence[TokenLogprob]) -> tuple[tuple[str, float], ...]:
    """Return tokens and natural log-probabilities at the first token that is not blank."""
    return next((token.top for token in logprobs if token.token.strip()), ())


def label_distribution(
    listed: Sequence[tuple[str, float]], labels: Sequence[str]
) -> tuple[dict[str, float], tuple[str, ...]]:
    """Return the labels' normalised probabilities, and the labels that no token stands for.

    A token counts for the label of which alone its stripped, lower-case text is a
    beginning (two letters or more, or the whole label). A label without a token
    gets the smallest listed probability: an upper bound of what it can have.
    None gets 0, so that any can be divided by.
    """
    mass = dict.fromkeys(labels, 0.0)
    for token, logprob in listed:
        label = _label_of_token(token, labels)
        if label is not None:
            mass[label] += math.exp(logprob)
    missing = tuple(label for label in labels if not mass[label])
    smallest = math.exp(min(logprob for _, logprob in listed))
    return _normalised({label: max(p or smallest, LEAST) for label, p in mass.items()}), missing


def _label_of_token(token: str, labels: Sequence[str]) -> str | None:
    text = token.strip().lower()
    begun = [label for label in labels if label.lower().startswith(text)]
    if len(begun) != 1:
        return None
    return begun[0] if len(text) >= 2 or text == begun[0].lower() else None


@lru_cache(maxsize=64)  # (asked for every case, with the few label sets of a run)
def _are_told_apart(labels: tuple[str, ...]) -> bool:
    # Sorted, a label comes right before the first of those that begin with it.
    return not any(longer.startswith(shorter) for shorter, longer in pairwise(sorted(map(str.lower, labels))))


def _normalised(mass: Mapping[str, float]) -> dict[str, float]:
    total = sum(mass.values())
    return {label: p / total for label, p in mass.items()}


def _label_in_text(text: str, labels: Sequence[str]) -> Parsed:
    named = _labels_named(text, labels)
    if len(named) == 1:
        return Parsed(named[0])
    why = "names no label" if not named else f"names {len(named)} labels"
    return unparsed(f"the text {why}")


def _labels_named(text: str, labels: Sequence[str]) -> list[str]:
    found = {match.lower() for match in _whole_words(tuple(labels)).findall(text)}
    return [label for label in labels if label.lower() in found]


@lru_cache(maxsize=64)
def _whole_words(labels: tuple[str, ...]) -> re.Pattern[str]:
    # The longest first: who says "not spam" has not named "spam".
    either = "|".join(re.escape(label) for label in sorted(labels, key=len, reverse=True))
    return re.compile(rf"(?<!\w)(?:{either})(?!\w)", re.IGNORECASE)
