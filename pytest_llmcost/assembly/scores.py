"""From what a suite says of scoring to a score: at once, or beside the calls where somebody's function scores."""

from __future__ import annotations

from collections.abc import Mapping

from pytest_llmcost.assembly.extensions.added import Function
from pytest_llmcost.assembly.trials import Score
from pytest_llmcost.domain.suite import Case, ScorerSpec
from pytest_llmcost.domain.trial import Answer
from pytest_llmcost.scoring.apart import Apart
from pytest_llmcost.scoring.registry import runs_code, scorer_of


class Scores:
    """The scorers of one process, each made once.

    Args:
        functions: Of other packages, by name.
    """

    def __init__(self, functions: Mapping[str, Function]) -> None:
        self._functions = functions
        self._apart = Apart()
        self._made: dict[int, tuple[tuple[ScorerSpec, ...], Score]] = {}

    def of(self, specs: tuple[ScorerSpec, ...]) -> Score:
        """Return what scores as *specs* say."""
        # By identity: a suite's cases share the tuple, and options need not be hashable.
        if id(specs) not in self._made:
            self._made[id(specs)] = (specs, self._score(specs))
        return self._made[id(specs)][1]

    def _score(self, specs: tuple[ScorerSpec, ...]) -> Score:
        scorer = scorer_of(specs, self._functions)
        is_apart = runs_code(specs)

        async def score(answer: Answer, case: Case) -> float:
            return await self._apart.score(scorer, answer, case) if is_apart else scorer(answer, case)

        return score
