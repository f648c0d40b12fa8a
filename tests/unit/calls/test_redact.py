"""What must not be stored is taken out of an answer before anybody sees it."""

from __future__ import annotations

import asyncio

import pytest
from fakes.complete import ScriptedComplete, completion, request
from fakes.store import MemoryStore, layers_over

from pytest_llmcost.calls.cache.cached import Cached
from pytest_llmcost.calls.redact import Redacted, read_patterns, redacting
from pytest_llmcost.domain.completion import TokenLogprob

CARD = r"\b\d{16}\b"


def test_every_match_is_replaced_and_said():
    answer = redacting([CARD])(completion("4111111111111111 or 4222222222222222, not 123", flags=("length",)))
    assert (answer.text, answer.flags) == ("[redacted] or [redacted], not 123", ("length", "redacted"))


def test_an_answer_without_a_match_is_left_as_it_is():
    answer = completion("yes", logprobs=(TokenLogprob("yes", -0.1),))
    assert redacting([CARD], ["sk-canary-4711"])(answer) is answer


def test_tokens_that_would_spell_it_are_left_out():
    answer = completion("4111111111111111", logprobs=(TokenLogprob("4111", -0.1),))
    assert redacting([CARD])(answer).logprobs == ()


def test_s04_a_pattern_without_end_takes_the_whole_answer_out():
    assert redacting(["(a|a)*$"])(completion("a" * 40 + "!")).text == "[redacted]"


def test_what_is_replayed_equals_what_was_recorded():
    store = MemoryStore()
    model = Redacted(ScriptedComplete(completion("4111111111111111")), redacting([CARD]))
    recorded = asyncio.run(Cached(model, layers_over(store), "auto")(request()))
    replayed = asyncio.run(Cached(model, layers_over(store), "replay")(request()))
    assert recorded.text == replayed.text == "[redacted]"
    assert not any("4111" in text for text in store.rows.values())


@pytest.mark.parametrize("value", ["one", [1], [""], ["("]])
def test_what_is_no_list_of_patterns_is_refused(value):
    with pytest.raises(ValueError, match=r"pattern|regular expressions"):
        read_patterns(value)
