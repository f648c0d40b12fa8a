"""What files keep of a strategy: whatever can change its answers changes its fingerprint, and nothing else does."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from pytest_llmcost.assembly.models import Models
from pytest_llmcost.assembly.settings import Settings
from pytest_llmcost.assembly.strategy_record import strategy_record
from pytest_llmcost.costs.price_map import PriceMap
from pytest_llmcost.costs.prices import PriceTable
from pytest_llmcost.domain.gate import Gate
from pytest_llmcost.domain.suite import Prompt, StrategySpec, Suite
from pytest_llmcost.domain.trial import StrategyRecord
from pytest_llmcost.suites.read import read_suite

MODEL = "stub/small"
SPEC = StrategySpec("cheap", MODEL, Prompt(prompt="{{ text }}"), {"temperature": 0}, "label", False, Gate())
SUITE = Suite("bench_mail.yaml", "mail", "", ("spam", "ham"), (SPEC,), (), 1.0, None, ())
PRICE = {"input": 1, "output": 10}
PRICES = dict.fromkeys(("stub/small", "stub/mid", "stub/big"), PRICE)


def models(prices: Mapping[str, Mapping[str, Any]] = PRICES) -> Models:
    return Models(Settings(Path(), prices=prices), PriceTable(prices, PriceMap), {})


@pytest.mark.parametrize(
    "change",
    [
        {"model": "stub/mid"},
        {"prompt": Prompt(prompt="Scope? {{ text }}")},
        {"prompt": Prompt(prompt="{{ text }}", style="text")},
        {"params": {"temperature": 1}},
        {"parse": "text"},
        {"calibrate": True},
    ],
    ids=str,
)
def test_whatever_can_change_an_answer_changes_the_strategys_fingerprint(change: dict[str, Any]) -> None:
    changed = dataclasses.replace(SPEC, **change)
    assert strategy_record(SUITE, changed, models()).fingerprint != strategy_record(SUITE, SPEC, models()).fingerprint


def test_its_name_gate_price_and_prefix_cache_are_no_part_of_it() -> None:
    same = dataclasses.replace(SPEC, name="other", gate=None, line=9, prefix_cache=True)
    dear = models({MODEL: {"input": 9, "output": 9}})

    first = strategy_record(SUITE, SPEC, models())

    assert strategy_record(SUITE, same, models()).fingerprint == first.fingerprint
    assert strategy_record(SUITE, SPEC, dear).fingerprint == first.fingerprint


def test_a_strategy_without_a_known_price_still_has_a_record() -> None:
    record = strategy_record(SUITE, SPEC, models({}))

    assert (record.model, record.prices, len(record.fingerprint)) == (MODEL, {}, 12)


# -- composed ------------------------------------------------------------------

CASCADE = {
    "cascade": [
        {"use": "stub/small", "accept": 0.9, "confidence": {"verifier": "stub/mid"}},
        {"use": "stub/big", "prompt": "Well: {{ text }}"},
    ]
}
ROUTE = {"route": {"by": "kind", "to": {"spam": "stub/small", "legal": CASCADE}, "otherwise": "stub/mid"}}


def recorded(tmp_path: Path, strategy: Mapping[str, Any], known: Models | None = None) -> StrategyRecord:
    """The record of a strategy as a suite writes it."""
    suite = {
        "labels": ["spam", "ham"],
        "parse": "label",
        "prompt": "{{ text }}",
        "strategies": {"it": strategy},
        "cases": [{"text": "a", "expected": "spam", "meta": {"kind": "spam", "topic": "spam"}}],
    }
    path = tmp_path / "bench_mail.yaml"
    path.write_text(json.dumps(suite))
    read = read_suite(path, root=tmp_path, allowed_python=["mine"])
    return strategy_record(read, read.strategies[0], models() if known is None else known)


def test_a_composed_strategys_record_has_all_its_models_and_their_prices(tmp_path: Path) -> None:
    record = recorded(tmp_path, ROUTE)

    assert record.model == "stub/small + stub/mid + stub/big"
    assert record.prices.keys() == {"stub/small", "stub/mid", "stub/big"}
    assert recorded(tmp_path, ROUTE, models({"stub/small": PRICE})).prices == {}


def changed(path: str, value: Any, whole: Any = ROUTE) -> Any:
    """A copy of *whole* with another value at a path of keys."""
    key, _, rest = path.partition("/")
    place: Any = int(key) if isinstance(whole, list) else key
    copy = list(whole) if isinstance(whole, list) else dict(whole)
    copy[place] = changed(rest, value, copy[place]) if rest else value
    return copy


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("route/by", "topic"),
        ("route/by", {"python": "mine:kind"}),
        ("route/otherwise", "stub/big"),
        ("route/to/spam", "stub/big"),
        ("route/to/legal/cascade/0/accept", 0.8),
        ("route/to/legal/cascade/0/on_error", "fail"),
        ("route/to/legal/cascade/0/confidence", "logprob"),
        ("route/to/legal/cascade/0/confidence/verifier", "stub/big"),
        ("route/to/legal/cascade/0/params", {"seed": 3}),
        ("route/to/legal/cascade/1/prompt", "Better: {{ text }}"),
        ("prompt", "Around: {{ text }}"),
    ],
)
def test_every_part_is_in_the_fingerprint(tmp_path: Path, path: str, value: Any) -> None:
    assert recorded(tmp_path, changed(path, value)).fingerprint != recorded(tmp_path, ROUTE).fingerprint


def test_what_a_part_is_called_is_not(tmp_path: Path) -> None:
    inline = changed("route/otherwise", {"model": {"use": "stub/mid"}})
    assert recorded(tmp_path, inline).fingerprint == recorded(tmp_path, ROUTE).fingerprint


def test_who_compresses_is_in_the_fingerprint_and_among_the_models_and_its_price_is_not(tmp_path: Path) -> None:
    (tmp_path / "a.md").write_text("Spam is mail.")
    strategy = {"model": "stub/small", "context": {"documents": "*.md", "compress_to": 8}}
    by = changed("context/compressor", "stub/mid", strategy)
    records = [
        recorded(tmp_path, one)
        for one in (strategy, by, changed("context/compressor", {"model": "stub/mid", "params": {"seed": 1}}, by))
    ]

    assert [one.model for one in records] == ["stub/small", "stub/small + stub/mid", "stub/small + stub/mid"]
    assert len({one.fingerprint for one in records}) == 3
    assert len({one.parts["context"] for one in records}) == 3
    assert len({one.parts["documents"] for one in records}) == 1
    dear = models({**PRICES, "stub/mid": {"input": 9, "output": 9}})
    assert recorded(tmp_path, by, dear).fingerprint == records[1].fingerprint
