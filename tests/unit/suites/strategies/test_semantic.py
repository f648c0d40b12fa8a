"""What a strategy says of a semantic cache; off wherever nothing is said."""

import pytest

from pytest_llmcost.domain.semantic import GUARD_NAMES, SemanticCaching

CASES = 'prompt: "About {{ topic }}: {{ text }}"\ncases: [{text: a, topic: c, expected: b}]\n'


def semantic(read, strategies, name="cached"):
    """Return what the strategy of that name says."""
    suite = read(f"{CASES}strategies: {{plain: {{model: mid}}, {strategies}}}\n")
    return next(one for one in suite.strategies if one.name == name).semantic


def test_it_is_off_where_nothing_is_said(read):
    """Also where another strategy of the suite has one."""
    assert semantic(read, "cached: {use: plain, semantic_cache: {}}", "plain") is None


def test_defaults(read):
    """All guards, a threshold of 0.95, no namespace; the question is what the prompt reads."""
    found = semantic(read, "cached: {use: plain, semantic_cache: {}}")
    assert found == SemanticCaching(0.95, GUARD_NAMES, (), ("text", "topic"))


def test_all_that_may_be_said(read):
    """Guards stand in their own order; a namespace is a scope."""
    found = semantic(
        read, "cached: {use: plain, semantic_cache: {threshold: 0.9, guards: [order, numbers], namespace: topic}}"
    )
    assert found == SemanticCaching(0.9, ("numbers", "order"), ("topic",), ("text", "topic"))
    assert semantic(read, "cached: {use: plain, semantic_cache: {guards: []}}").guards == ()


def test_a_strategy_has_it_from_the_one_that_it_uses_and_may_switch_it_off(read):
    """As with all else that a strategy says."""
    used = "cached: {use: plain, semantic_cache: {threshold: 0.8}}, again: {use: cached}"
    assert semantic(read, used, "again").threshold == 0.8
    assert semantic(read, used.replace("{use: cached}", "{use: cached, semantic_cache: false}"), "again") is None


def test_the_whole_has_it_and_its_parts_do_not(read):
    """A cache before a route answers before anybody is picked: where the field differs, nothing is shared."""
    routed = "cached: {route: {by: topic, to: {c: cheap}, otherwise: mid}, semantic_cache: {}}"
    suite = read(f"{CASES}strategies: {{{routed}}}\n")
    (cached,) = suite.strategies
    assert cached.semantic.scopes == ("topic",)
    assert [part.semantic for part in cached.plan.parts()] == [None, None]


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("true", "semantic_cache is true: false or a mapping is needed"),
        ("{threshold: 1.5}", "threshold is 1.5: "),
        ("{threshold: .nan}", "'.nan' is no finite number"),
        ("{guards: [number]}", "unknown guard 'number' (did you mean 'numbers'?)"),
        ("{treshold: 0.9}", "unknown key 'treshold' in semantic_cache (did you mean 'threshold'?)"),
    ],
)
def test_mistakes(mistakes, said, told):
    """Each is told by name."""
    (found,) = mistakes(f"{CASES}strategies: {{a: {{model: mid, semantic_cache: {said}}}}}\n")
    assert told in found
