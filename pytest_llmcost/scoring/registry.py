"""The scorers that a suite may name."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Any

from pytest_llmcost.domain.errors import ScorerError
from pytest_llmcost.domain.protocols import Scorer
from pytest_llmcost.domain.suite import Case, ScorerSpec
from pytest_llmcost.domain.trial import Answer
from pytest_llmcost.scoring import numeric, python, schema, similarity, structure, text
from pytest_llmcost.scoring.combine import inverted, weighted

NOT = "not"
Factory = Callable[..., Scorer]
"""Makes a scorer from its options."""

SCORERS: Mapping[str, Factory] = {
    "exact": lambda: text.exact,
    "label": lambda: text.label,
    "contains": text.contains,
    "starts_with": text.starts_with,
    "regex": text.regex,
    "length": text.length,
    "numeric": numeric.numeric,
    "json_schema": schema.json_schema,
    "json_fields": structure.json_fields,
    "f1": lambda: similarity.f1,
    "levenshtein": lambda: similarity.levenshtein,
    "python": python.python,
}
_NONE: Mapping[str, python.Function] = MappingProxyType({})


def runs_code(specs: Sequence[ScorerSpec]) -> bool:
    """Return whether somebody's function scores, of the project or of another package: it may take for ever."""
    return any(spec.name == "python" or spec.name not in {*SCORERS, NOT} or runs_code(spec.of) for spec in specs)


def scorer_of(specs: Sequence[ScorerSpec], extra: Mapping[str, python.Function] = _NONE) -> Scorer:
    """Return the one scorer that *specs* describe: the weighted mean of them.

    Args:
        specs: As the suite names them, at least one.
        extra: Functions of other packages by name, called as a `python` scorer is, with their options.

    Raises:
        ScorerError: If a name is not known.
    """
    return weighted([(_one(spec, extra), spec.weight) for spec in specs])


def _one(spec: ScorerSpec, extra: Mapping[str, python.Function]) -> Scorer:
    if spec.name == NOT:
        return inverted(scorer_of(spec.of, extra))
    if spec.name in SCORERS:
        return SCORERS[spec.name](**spec.options)
    if spec.name in extra:
        return _foreign(spec.name, extra[spec.name], spec.options)
    raise ScorerError(f"there is no scorer {spec.name!r}", scorer=spec.name)


def _foreign(name: str, function: python.Function, options: Mapping[str, Any]) -> Scorer:
    def score(answer: Answer, case: Case) -> float:
        return python.checked(name, function(answer.value, python.case_mapping(case), **options))

    return score
