"""The cases as traffic, one after another in the suite's order: which would a cache have answered, and from where.

It depends on the questions alone and on no answer, so it is the same in every run, whatever is asked first.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from pytest_llmcost.calls.embedding.nearest import neighbours
from pytest_llmcost.calls.embedding.vectors import Embedded
from pytest_llmcost.domain.digest import canonical_json
from pytest_llmcost.domain.policy import kinds_of_case
from pytest_llmcost.domain.semantic import Lookup, SemanticCaching
from pytest_llmcost.domain.suite import Case
from pytest_llmcost.strategies.semantic.guards import told_apart

MOST_NEAR = 10
"""How many of the nearest questions the guards look at."""


@dataclass(frozen=True, slots=True)
class Question:
    """What a case asks, as a cache sees it.

    Attributes:
        scope: Only questions of the same one share answers.
    """

    case: str
    scope: str
    text: str


def question_of(case: Case, settings: SemanticCaching) -> Question:
    """Return what a case asks: the fields that the prompt reads, without the words that all cases share."""
    values = [_text(case.fields[name]) for name in settings.reads if case.fields.get(name) is not None]
    scope = canonical_json([kinds_of_case(case, name) for name in settings.scopes])
    return Question(case.id, scope, "\n".join(values))


def _text(value: Any) -> str:
    return value if isinstance(value, str) else canonical_json(value)


@dataclass(slots=True)
class Traffic:
    """Questions in the order in which they come, ready to be walked with any threshold from *least* up.

    Args:
        questions: What comes.
        embedded: Its vectors.
        least: The lowest threshold that will be tried.
    """

    questions: Sequence[Question]
    embedded: Sequence[Embedded]
    least: float
    _near: list[list[tuple[int, float]]] = field(init=False)
    _apart: dict[tuple[int, int, Collection[str]], str] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        self._near = [[] for _ in self.questions]
        scopes: dict[str, list[int]] = {}
        for place, question in enumerate(self.questions):
            if self.embedded[place].is_whole:  # of a longer text the model sees the beginning alone
                scopes.setdefault(question.scope, []).append(place)
        for places in scopes.values():
            found = neighbours([self.embedded[place].vector for place in places], self.least)
            for place, near in zip(places, found, strict=True):
                self._near[place] = [(places[one], cosine) for one, cosine in near]

    def walk(self, threshold: float, guards: Collection[str]) -> list[Lookup]:
        """Return what a look into the cache comes to for each question.

        The same text hits without more ado. Else the nearest stored question does, if its cosine is *threshold* or
        more and no guard tells it apart; of those that one does, the next nearest is looked at. What hits is not
        stored: its answer is there already.
        """
        exact: dict[tuple[str, str], int] = {}
        stored: set[int] = set()
        found = []
        for place, question in enumerate(self.questions):
            key = (question.scope, question.text)
            source = exact.get(key)
            lookup = (
                self._near_one(place, stored, threshold, guards)
                if source is None
                else Lookup(self.embedded[place].seconds, self.questions[source].case, 1.0)
            )
            if not lookup.source:
                stored.add(place)
                exact[key] = place
            found.append(lookup)
        return found

    def _near_one(self, place: int, stored: Collection[int], threshold: float, guards: Collection[str]) -> Lookup:
        seconds = self.embedded[place].seconds
        nearest: Lookup | None = None
        looked_at = 0
        for other, cosine in self._near[place]:
            if cosine < threshold or looked_at == MOST_NEAR:
                break
            if other not in stored:
                continue
            looked_at += 1
            guard = self._told_apart(place, other, guards)
            if not guard:
                return Lookup(seconds, self.questions[other].case, cosine)
            nearest = nearest or Lookup(seconds, "", cosine, guard)
        return nearest or Lookup(seconds)

    def _told_apart(self, place: int, other: int, guards: Collection[str]) -> str:
        key = (place, other, tuple(guards))
        if key not in self._apart:
            first, second = self.questions[place].text, self.questions[other].text
            self._apart[key] = told_apart(first, second, guards) or ""
        return self._apart[key]


def replay(
    cases: Iterable[Case], settings: SemanticCaching, questions: Sequence[Question], embedded: Sequence[Embedded]
) -> Mapping[str, Lookup]:
    """Return what the look-up of each case comes to, by the case's id."""
    lookups = Traffic(questions, embedded, settings.threshold).walk(settings.threshold, settings.guards)
    return {case.id: lookup for case, lookup in zip(cases, lookups, strict=True)}
