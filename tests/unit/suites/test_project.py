"""Which options a scorer of another package takes is read off its signature."""

from functools import partial

import pytest

from pytest_llmcost.suites.project import Accepted


class Scorer:
    def __call__(self, answer, case, *, n=1): ...

    def method(self, answer, case, n): ...


@pytest.mark.parametrize(
    ("function", "accepted"),
    [
        (lambda answer, case: 1, Accepted()),
        (lambda answer, case, n, *, m=1: 1, Accepted(("n", "m"), ("n",))),
        (lambda answer, case, **options: 1, Accepted(takes_any=True)),
        (lambda *both: 1, Accepted()),
        (lambda answer, *rest, n=1: 1, Accepted(("n",))),
        (Scorer(), Accepted(("n",))),
        (Scorer().method, Accepted(("n",), ("n",))),
        (partial(lambda n, answer, case: 1, 2), Accepted()),
        (lambda answer: 1, None),
        (lambda: 1, None),
        (lambda answer, *, case: 1, None),
    ],
)
def test_options(function, accepted):
    """Answer and case come by place, options by name."""
    assert Accepted.of(function) == accepted


def test_what_has_no_signature_takes_any_option():
    """Then only calling it can tell."""
    function = lambda answer, case: 1  # noqa: E731
    function.__signature__ = "lost"
    assert Accepted.of(function) == Accepted(takes_any=True)
