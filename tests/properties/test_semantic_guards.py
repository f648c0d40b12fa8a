"""Laws of the guards: a text is itself, from either side, however it is spaced and whatever its case."""

from __future__ import annotations

import string

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from pytest_llmcost.strategies.semantic.guards import GUARDS, told_apart

WORDS = """
Is it not unsafe to mix bleach and ammonia from Oslo to Rome on 3 March 2026 at 10 pm half a million and a half
twenty-five 1,000 10k 6:15 -5 20 kg lb 5 °C € 50%
m² non-refundable sugar-free iPhone user_id "affect" `a == b` --hard every other
day I can't hardly the Fall, In May may Mr O'Neil's second per 2026-05-04 99-99-99 2026-13-01 ¾ 1e-3 [1:] École & +
""".split()  # noqa: SIM905 (words)
ANYTHING = st.lists(st.sampled_from(WORDS) | st.text(max_size=6), max_size=12).map(" ".join)
ORDINARY = st.lists(st.text(string.ascii_letters, min_size=1, max_size=8), min_size=1, max_size=12).map(" ".join)


@given(ANYTHING)
@example("&\u00df")
@example("6:15 million")
@example("1.2.3 k")
def test_a_text_is_never_told_apart_from_itself(text: str) -> None:
    assert told_apart(text, text) is None


@pytest.mark.parametrize("guard", GUARDS)
@settings(max_examples=60)
@given(ANYTHING, ANYTHING)
@example("refundable", "non-refundable")
@example("two hundred and", "and five")
def test_it_does_not_matter_which_text_is_first(guard: str, first: str, second: str) -> None:
    assert told_apart(first, second, [guard]) == told_apart(second, first, [guard])


@given(ANYTHING, st.sampled_from([" ", "\n", "\t", "  "]))
def test_how_a_text_is_spaced_does_not_matter(text: str, blank: str) -> None:
    plain = " ".join(text.replace("`", "").split())
    assert told_apart(plain, f"{blank}{plain.replace(' ', blank)}{blank}") is None


@given(ORDINARY)
def test_the_case_of_words_does_not_matter_outside_of_code(text: str) -> None:
    guards = set(GUARDS) - {"code"}
    assert told_apart(text, text.lower(), guards) is None
    assert told_apart(text, text.upper(), guards) is None


@given(ANYTHING, ANYTHING)
def test_what_one_guard_tells_apart_all_of_them_do(first: str, second: str) -> None:
    alone = [name for name in GUARDS if told_apart(first, second, [name]) is not None]
    assert told_apart(first, second) == (alone[0] if alone else None)
    assert told_apart(first, second, ()) is None
