"""What a strategy says of a semantic cache, and which of a case's fields its question is made of."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from pytest_llmcost.domain.plan import Route
from pytest_llmcost.domain.semantic import DEFAULT_THRESHOLD, GUARD_NAMES, SemanticCaching
from pytest_llmcost.domain.suite import Prompt, StrategySpec
from pytest_llmcost.suites.templates import LABELS, variables_of
from pytest_llmcost.suites.tree.fields import Section, first_said


def semantic_of(chain: Sequence[Section], spec: StrategySpec) -> SemanticCaching | None:
    """Return when an earlier answer stands for that of *spec*; None where it never does.

    Args:
        chain: What the strategy says itself, then those that it uses.
        spec: The strategy, its prompts filled in.
    """
    said = first_said("semantic_cache", chain, False)
    if not said:
        return None
    guards = said.get("guards", GUARD_NAMES)
    namespace = said.get("namespace")
    scopes, reads = asked_by(spec)
    return SemanticCaching(
        threshold=float(said.get("threshold", DEFAULT_THRESHOLD)),
        guards=tuple(name for name in GUARD_NAMES if name in guards),
        scopes=tuple(sorted({*([namespace] if namespace else []), *scopes})),
        reads=reads,
    )


def asked_by(spec: StrategySpec) -> tuple[frozenset[str], tuple[str, ...]]:
    """Return the fields that tell who answers, and those that the prompts of *spec* read."""
    reads = {name for leaf in spec.leaves() for name in _read_by(leaf.prompt)} - {LABELS}
    return frozenset(_routed_by(spec)), tuple(sorted(reads))


def _routed_by(spec: StrategySpec) -> Iterator[str]:
    """Yield the fields by which it is told who answers: where they differ somebody else may."""
    if isinstance(spec.plan, Route) and spec.plan.by.kind == "field":
        yield spec.plan.by.name
    for part in spec.plan.parts() if spec.plan is not None else ():
        yield from _routed_by(part)


def _read_by(prompt: Prompt) -> Iterator[str]:
    contents = [message["content"] for message in prompt.messages] or [prompt.system or "", prompt.prompt or ""]
    for content in contents:
        for source in [content] if isinstance(content, str) else [part.get("text", "") for part in content]:
            yield from variables_of(source)
