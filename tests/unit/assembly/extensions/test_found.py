"""What is added is checked when it is found: every fault is told with its owner, before anything runs."""

from __future__ import annotations

from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest

from pytest_llmcost.assembly.extensions.found import find_extensions, hooks_of
from pytest_llmcost.domain.errors import ExtensionError


def plugin(**returned: Any) -> SimpleNamespace:
    """Return a plugin whose hooks return these."""
    hooks = {}
    for name, value in returned.items():
        hooks[f"llmcost_{name}"] = value if callable(value) else lambda value=value: value
    return SimpleNamespace(**hooks)


def score(answer: Any, case: Any, n: int = 1) -> bool:
    return True


async def complete(request: Any) -> Any: ...


async def late(answer: Any, case: Any) -> bool:
    return True


def raising() -> Any:
    raise OSError("no network")


def test_all_that_is_added_is_found_with_its_owner() -> None:
    report = lambda run, verdicts: None  # noqa: E731

    found = find_extensions(
        [
            ("mine", plugin(scorers={"close": score}, prices={"echo/last": {"input": 1, "output": 2}})),
            ("yours", plugin(scorers={"far": score}, providers={"echo": complete}, report=report)),
            ("theirs", plugin(strategies={"twice": late})),
        ]
    )

    assert found.scorers == {"close": score, "far": score}
    assert found.accepted["close"].options == ("n",)
    assert found.providers == {"echo": complete}
    assert found.strategies == {"twice": late}
    assert (found.prices["echo/last"].output, found.prices["echo/last"].source) == (Decimal(2), "mine")
    assert [owner for owner, _ in found.reports] == ["yours"]
    assert found.said == [
        "scorer close, by mine",
        "scorer far, by yours",
        "provider echo, by yours",
        "strategy twice, by theirs",
        "price of echo/last, by mine",
        "a report, by yours",
    ]


def test_a_report_gets_what_it_names() -> None:
    got: list[Any] = []

    found = find_extensions(
        [
            ("mine", plugin(report=lambda verdicts: got.append(verdicts))),
            ("yours", plugin(report=lambda: got.append(0))),
        ]
    )
    for _, report in found.reports:
        report("the run", "the verdicts")  # type: ignore[arg-type]

    assert sorted(map(str, got)) == ["0", "the verdicts"]


def test_one_object_that_is_named_twice_adds_once() -> None:
    both = plugin(scorers={"close": score})

    assert find_extensions([("mine", both), ("mine, as a plugin of pytest", both)]).said == ["scorer close, by mine"]


@pytest.mark.parametrize(
    ("hooks", "said"),
    [
        ({"scorer": {}}, "mine: there is no hook llmcost_scorer. Did you mean llmcost_scorers?"),
        ({"caches": {}}, "mine: there is no hook llmcost_caches. There are llmcost_scorers, llmcost_prov"),
        ({"scorers": lambda config: {}}, "mine: its hooks cannot be used: "),
        ({"scorers": raising}, "mine: llmcost_scorers: raised OSError: no network. Mend it there"),
        ({"scorers": [score]}, "mine: llmcost_scorers: returned [<function"),
        ({"scorers": {"": score}}, "mine: llmcost_scorers: names a scorer '', which is no name."),
        ({"scorers": {3: score}}, "mine: llmcost_scorers: names a scorer 3, which is no name."),
        ({"scorers": {"exact": score}}, "scorer 'exact' is added by mine, and by pytest-llmcost itself."),
        ({"scorers": {"not": score}}, "scorer 'not' is added by mine, and by pytest-llmcost itself."),
        ({"scorers": {"judge": score}}, "scorer 'judge' is added by mine, and by pytest-llmcost itself."),
        ({"scorers": {"close": 1}}, "mine: llmcost_scorers: scorer 'close': 1 is no function."),
        ({"scorers": {"close": late}}, "scorer 'close': it is async: a scorer returns its score at once."),
        ({"scorers": {"close": lambda answer: 1}}, "it cannot be called as function(answer, case, **options)."),
        ({"scorers": {"close": lambda answer, case, weight: 1}}, "'weight' can be no option"),
        ({"providers": {"echo": None}}, "mine: llmcost_providers: provider 'echo': None is no function."),
        ({"providers": {"echo/": complete}}, "names a provider 'echo/', which is no name."),
        ({"providers": {"openai": complete}}, "provider 'openai' is added by mine, and by pytest-llmcost itself."),
        (
            {"providers": {"anthropic": complete}},
            "provider 'anthropic' is added by mine, and by pytest-llmcost itself.",
        ),
        ({"providers": {"local": complete}}, "provider 'local' is added by mine, and by pytest-llmcost itself."),
        ({"strategies": {"twice": score}}, "strategy 'twice': it is not async: a strategy waits for the models"),
        ({"strategies": {"twice": complete}}, "it cannot be called as function(ask, case, **options)."),
        ({"prices": {"echo/last": {"input": 1}}}, "price of 'echo/last': prices.\"echo/last\".output is missing."),
        ({"prices": {"echo/last": {"input": float("nan"), "output": 1}}}, 'prices."echo/last".input is nan'),
        ({"prices": {"echo/last": 3}}, 'prices."echo/last" is 3: a table is needed.'),
    ],
)
def test_what_cannot_be_used_is_refused_with_its_owner(hooks: dict[str, Any], said: str) -> None:
    with pytest.raises(ExtensionError) as raised:
        find_extensions([("mine", plugin(**hooks))])

    assert said in str(raised.value)
    assert raised.value.owner == "mine"
    assert len(str(raised.value).splitlines()) <= 2


@pytest.mark.parametrize("hook", ["scorers", "providers", "strategies", "prices"])
def test_a_name_that_two_add_is_told_with_both(hook: str) -> None:
    thing = {"scorers": score, "providers": complete, "strategies": late, "prices": {"usd_per_hour": 1}}[hook]
    with pytest.raises(ExtensionError, match="'twice' is added by yours, and by mine"):
        find_extensions([("mine", plugin(**{hook: {"twice": thing}})), ("yours", plugin(**{hook: {"twice": thing}}))])


def test_only_functions_under_our_prefix_are_hooks() -> None:
    thing = SimpleNamespace(llmcost_scorers=score, llmcost_table={}, pytest_configure=score, scorers=score)

    assert hooks_of(thing) == ["llmcost_scorers"]
