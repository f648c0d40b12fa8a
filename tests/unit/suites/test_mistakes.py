"""All mistakes of a suite at once, word by word."""

from pathlib import Path

import pytest

from pytest_llmcost.domain.errors import SuiteError
from pytest_llmcost.suites.read import read_suite

GOLDEN = Path(__file__).parents[2] / "golden"


def test_s01_every_kind_of_mistake():
    """A suite with every kind of mistake is told all of them, each with its place and what to do."""
    with pytest.raises(SuiteError) as caught:
        read_suite(GOLDEN / "suite_mistakes.yaml", root=GOLDEN, models=["cheap", "mid"])
    assert str(caught.value).splitlines() == (GOLDEN / "suite_mistakes.txt").read_text().splitlines()


def test_messages_are_short():
    """A mistake is told in two lines at most."""
    with pytest.raises(SuiteError) as caught:
        read_suite(GOLDEN / "suite_mistakes.yaml", root=GOLDEN, models=["cheap", "mid"])
    assert all(problem.message.count("\n") < 2 for problem in caught.value.problems)
