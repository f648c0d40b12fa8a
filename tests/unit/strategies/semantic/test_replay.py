"""Which case hits which depends on the questions and their order alone."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import pytest
from fakes.embedder import Words
from hypothesis import given, settings
from hypothesis import strategies as st

from pytest_llmcost.calls.embedding.vectors import Embedded
from pytest_llmcost.domain.semantic import GUARD_NAMES, Lookup, SemanticCaching
from pytest_llmcost.domain.suite import Case
from pytest_llmcost.strategies.semantic.guards import GUARDS, told_apart
from pytest_llmcost.strategies.semantic.replay import Question, Traffic, question_of


def embedded(text: str) -> Embedded:
    vector, is_whole = Words().embed_whole(text)
    return Embedded(vector, 0.004, is_whole)


def traffic(texts: list[str], scopes: list[str] | None = None, least: float = 0.0) -> Traffic:
    scopes = scopes or [""] * len(texts)
    questions = [
        Question(str(place), scope, text) for place, (scope, text) in enumerate(zip(scopes, texts, strict=True))
    ]
    return Traffic(questions, [embedded(text) for text in texts], least)


def sources(texts: list[str], threshold: float = 0.7, guards: Collection[str] = (), **more: Any) -> list[str]:
    return [lookup.source for lookup in traffic(texts, **more).walk(threshold, guards)]


def test_suites_know_the_guards_by_their_own_names() -> None:
    assert GUARD_NAMES == GUARDS


def test_a_near_question_is_given_the_earlier_answer_and_a_far_one_is_asked() -> None:
    assert sources(["where is my order", "where is my order now", "tell me a joke"]) == ["", "0", ""]


def test_the_same_text_hits_whatever_the_threshold() -> None:
    first, second = traffic(["a b", "a b"], least=1.0).walk(1.0, GUARDS)
    assert (first, second) == (Lookup(0.004), Lookup(0.004, "0", 1.0))


def test_what_hit_is_not_stored_so_that_answers_do_not_drift_from_question_to_question() -> None:
    texts = ["a b c d", "a b c e", "a b e f"]  # each is near the one before it, the last not near the first
    assert sources(texts, 0.7) == ["", "0", ""]


def test_a_guard_stops_a_hit_and_is_named_and_the_next_nearest_is_tried() -> None:
    texts = ["is order 12 here", "where is order 13 here today", "is order 13 here"]
    *_, guarded = traffic(texts[::2]).walk(0.7, ("numbers",))
    *_, next_nearest = traffic(texts).walk(0.7, ("numbers",))

    assert (guarded.source, guarded.guard, guarded.similarity) == ("", "numbers", pytest.approx(0.75))
    assert (next_nearest.source, next_nearest.guard) == ("1", "")
    assert sources(texts[::2], guards=()) == ["", "0"]


def test_only_questions_of_one_scope_share_answers() -> None:
    assert sources(["a b", "a b", "a b"], scopes=["x", "y", "x"]) == ["", "", "0"]


def test_a_text_that_the_embedder_does_not_see_whole_hits_by_the_same_text_alone() -> None:
    long = " ".join(f"w{place}" for place in range(60))
    assert sources([long, f"{long} not", long]) == ["", "", "0"]


def test_a_question_is_made_of_what_the_prompt_reads() -> None:
    case = Case("a", {"text": "Hello", "n": 2, "reference": "the right answer", "empty": None}, ("x",), "f")
    told = question_of(case, SemanticCaching(reads=("empty", "missing", "n", "text")))
    assert told.text == "2\nHello"


def test_scopes_are_fields_of_the_case_or_of_its_meta() -> None:
    settings = SemanticCaching(scopes=("tenant",), reads=("text",))
    one, other, meta = (
        question_of(Case("a", {"text": "x", **fields}, (), "f", meta=meta), settings).scope
        for fields, meta in (({"tenant": "a"}, {}), ({"tenant": "b"}, {}), ({}, {"tenant": "a"}))
    )
    assert one == meta != other


@settings(max_examples=60, deadline=None)
@given(st.lists(st.text("abc1 ", min_size=1, max_size=7), max_size=12), st.sampled_from([0.4, 0.7, 0.95]))
def test_it_is_what_a_cache_does_that_is_asked_one_after_another(texts: list[str], threshold: float) -> None:
    stored: list[int] = []
    vectors = [embedded(text).vector for text in texts]
    wanted = []
    for place, text in enumerate(texts):
        same = [other for other in stored if texts[other] == text]
        near = sorted((-round(float(vectors[place] @ vectors[other]), 6), other) for other in stored)
        allowed = [other for gap, other in near if -gap >= threshold and told_apart(text, texts[other], GUARDS) is None]
        hit = (same or allowed)[:1]
        wanted.append(str(hit[0]) if hit else "")
        stored += [] if hit else [place]

    assert sources(texts, threshold, GUARDS) == wanted
    assert sources(texts[:5], threshold, GUARDS) == wanted[:5]
