"""What a strategy may ask is told without asking: every step, every sample, every check, and the dearest branch."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pytest_llmcost.assembly.asked import Questions
from pytest_llmcost.assembly.estimate import Asked, worst_usd
from pytest_llmcost.assembly.scopes import Scopes
from pytest_llmcost.assembly.settings import Settings
from pytest_llmcost.costs.price_map import PriceMap
from pytest_llmcost.costs.prices import PriceTable
from pytest_llmcost.strategies.agreement import STRIDE
from pytest_llmcost.suites.read import read_suite

PRICES = {name: {"input": price, "output": price} for name, price in (("s/cheap", 1), ("s/mid", 10), ("s/big", 100))}
CASES = [
    {"id": "a", "text": "Is it?", "expected": "yes", "meta": {"kind": "spam"}},
    {"id": "b", "text": "Why?", "expected": "no", "meta": {"kind": "legal"}},
]


def asked(tmp_path: Path, **strategy: Any) -> list[Asked]:
    suite: Mapping[str, Any] = {
        "labels": ["yes", "no"],
        "parse": "label",
        "prompt": "{{ text }}",
        "params": {"max_tokens": 8},
        "strategies": {"it": strategy},
        "cases": CASES,
    }
    path = tmp_path / "bench_it.yaml"
    path.write_text(json.dumps(suite))
    read = read_suite(path, root=tmp_path, allowed_python=["mine"])
    scopes = Scopes(Settings(tmp_path, prices=PRICES), PriceTable(PRICES, PriceMap), {})
    return Questions(scopes, read).of(read.strategies[0], [(case, 1) for case in read.cases])


def models(found: list[Asked], case: str = "a") -> list[str]:
    return [one.request.endpoint.model for one in found if one.case == case]


def test_a_cascade_may_ask_all_its_steps(tmp_path: Path) -> None:
    steps = [{"use": "s/cheap", "accept": 0.9}, {"use": "s/mid", "accept": 0.9}, {"use": "s/big"}]

    assert models(asked(tmp_path, cascade=steps)) == ["s/cheap", "s/mid", "s/big"]


def test_every_sample_of_an_agreement_is_a_request_of_its_own(tmp_path: Path) -> None:
    found = asked(tmp_path, model="s/cheap", confidence={"agreement": 3}, params={"temperature": 1, "seed": 7})

    samples = [one.request for one in found if one.case == "a"]
    assert [(one.trial, one.params["seed"]) for one in samples] == [(1, 7), (1 + STRIDE, 8), (1 + 2 * STRIDE, 9)]
    assert len({one.key() for one in samples}) == 3


def test_a_verifier_is_asked_about_the_longest_answer_that_there_may_be(tmp_path: Path) -> None:
    found = asked(tmp_path, model="s/cheap", confidence={"verifier": "s/mid"})

    assert models(found) == ["s/cheap", "s/mid"]
    assert "x" * 8 * 4 in found[1].request.messages[1]["content"]


def test_calibration_is_asked_once_for_each_part_that_needs_it(tmp_path: Path) -> None:
    steps = [{"use": "s/cheap", "accept": 0.9, "calibrate": True}, {"use": "s/big"}]

    assert models(asked(tmp_path, cascade=steps), case="") == ["s/cheap"] * 3


def test_a_route_asks_the_branch_that_a_case_goes_to_or_else_the_dearest(tmp_path: Path) -> None:
    to = {"spam": "s/cheap", "legal": "s/big"}
    by_field = asked(tmp_path, route={"by": "kind", "to": to})
    by_function = asked(tmp_path, route={"by": {"python": "mine:kind"}, "to": to, "otherwise": "s/mid"})

    assert (models(by_field, "a"), models(by_field, "b")) == (["s/cheap"], ["s/big"])
    assert (models(by_function, "a"), models(by_function, "b")) == (["s/big"], ["s/big"])
    assert worst_usd(by_function[0]) > worst_usd(by_field[0]) > 0


def test_what_is_looked_up_counts_as_input(tmp_path: Path) -> None:
    (tmp_path / "why.md").write_text("Why not?")
    found = asked(tmp_path, model="s/cheap", context={"documents": "*.md", "top_k": 1})

    assert [one.request.messages[-1]["content"] for one in found] == [
        "[why.md]\nWhy not?\n\nIs it?",
        "[why.md]\nWhy not?\n\nWhy?",
    ]


def test_a_compressor_is_asked_about_each_passage_that_is_too_long_and_what_it_leaves_is_as_long_as_it_may_be(
    tmp_path: Path,
) -> None:
    (tmp_path / "long.md").write_text("Why not? It is so, because it was always so, and nobody asked.")
    (tmp_path / "short.md").write_text("Ask us.")
    context = {"documents": "*.md", "compress_to": 8, "compressor": "s/mid"}
    found = asked(tmp_path, model="s/cheap", context=context)

    assert models(found) == ["s/mid", "s/cheap"]
    compression, answer = (one.request for one in found if one.case == "a")
    assert compression.params["max_tokens"] == 8
    assert "nobody asked" in compression.messages[1]["content"]
    assert answer.messages[0]["content"] == "[long.md]\nWhy not? It is so, because\n\n[short.md]\nAsk us.\n\nIs it?"
    assert worst_usd(found[0]) > worst_usd(found[1])
