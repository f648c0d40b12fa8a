"""The labelled pairs are what the page says: many, original, and halved before anybody looked."""

from __future__ import annotations

import csv
import hashlib
import re
import runpy
from collections import Counter
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[4]
PAGE = (ROOT / "docs/semantic_guards.md").read_text("utf-8")


@pytest.fixture(scope="module")
def rows() -> list[dict[str, str]]:
    with (ROOT / "example_suites/paraphrases/pairs.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_there_are_200_of_each_kind_at_least_and_no_text_stands_twice(rows: list[dict[str, str]]) -> None:
    kinds = Counter(row["kind"] for row in rows)
    assert kinds.keys() == {"paraphrase", "near_miss"}
    assert min(kinds.values()) >= 200
    texts = Counter(row[side] for row in rows for side in ("first", "second"))
    assert [text for text, count in texts.items() if count > 1] == []


def test_the_hash_of_its_id_says_in_which_half_a_pair_is(rows: list[dict[str, str]]) -> None:
    for row in rows:
        digest = hashlib.sha256(row["id"].encode()).hexdigest()
        assert row["half"] == "AB"[int(digest, 16) % 2], row["id"]


def test_the_pages_tables_are_what_the_benchmark_counts() -> None:
    benchmark = runpy.run_path(str(ROOT / "benchmarks/semantic_guards.py"))
    pairs = benchmark["half"](benchmark["read_pairs"](), "B")
    for table in (benchmark["rates"], benchmark["guard_by_guard"]):
        assert "\n".join(table(pairs)) in PAGE


def test_the_example_suite_asks_pairs_of_half_b_and_takes_a_paraphrases_answer_for_right(
    rows: list[dict[str, str]],
) -> None:
    pairs = {row["id"]: row for row in rows if row["half"] == "B"}
    suite = yaml.safe_load((ROOT / "example_suites/paraphrases/bench_paraphrases.yaml").read_text("utf-8"))
    sides = [case["id"].rpartition("-") for case in suite["cases"]]
    assert [side for _, _, side in sides] == ["first"] * (len(sides) // 2) + ["second"] * (len(sides) // 2)
    for case, (pair, _, side) in zip(suite["cases"], sides, strict=True):
        row = pairs[pair]
        assert (case["text"], case["group"], case["tags"]) == (row[side], pair, [row["kind"]])
        right = {case["expected"]} if row["kind"] == "near_miss" else set(case["expected"])
        assert right == ({row[side]} if row["kind"] == "near_miss" else {row["first"], row["second"]})


def test_what_the_page_says_in_python_is_so() -> None:
    for block in re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL):
        exec(block, {})
