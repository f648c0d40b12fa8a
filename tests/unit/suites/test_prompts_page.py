"""docs/prompts.md: its suites are read, its filters write what the page says, and its figures are the map's."""

from __future__ import annotations

import re
from pathlib import Path

from pytest_llmcost.costs.prices import PriceTable
from pytest_llmcost.suites.read import read_suite
from pytest_llmcost.suites.render import PromptRenderer
from pytest_llmcost.suites.templates import compile_template

PAGE = (Path(__file__).parents[3] / "docs" / "prompts.md").read_text("utf-8")
FILES = dict(re.findall(r"^<!-- file: (\S+) -->\n```\w+\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL))


def test_its_suites_are_read_and_say_what_is_kept(tmp_path: Path) -> None:
    for name, text in {**FILES, "rules.md": "Sort mail."}.items():
        (tmp_path / name).write_text(text, "utf-8")

    scope, orders = (read_suite(tmp_path / name, root=tmp_path, models=()) for name in FILES)

    assert {spec.name: spec.prefix_cache for spec in scope.strategies} == {"kept": True, "plain": False}
    assert PromptRenderer(scope.strategies[0].prompt, scope.labels).prefix_messages == 3
    asked = {spec.name: PromptRenderer(spec.prompt).messages(orders.cases[0].fields) for spec in orders.strategies}
    lengths = [len(str(messages[-1]["content"])) for messages in asked.values()]
    assert sorted(lengths, reverse=True) == lengths[:1] + sorted(lengths[1:], reverse=True)
    assert str(asked["csv"][-1]["content"]).startswith(
        "item,colour,quantity,price,status\nkettle,black,1,39.9,sent back"
    )


def test_it_names_every_filter_of_its_own() -> None:
    named = re.findall(r"^\| `(\w+)", PAGE, re.MULTILINE)
    assert named == ["compact_json", "yaml", "table", "truncate_tokens"]
    for name in named:
        compile_template(f"{{{{ x | {name} }}}}")


def test_the_least_prefixes_that_it_names_are_the_maps() -> None:
    prices = PriceTable({})
    named = {
        "anthropic/claude-sonnet-4-5": 1024,
        "anthropic/claude-haiku-4-5": 4096,
        "anthropic/claude-opus-4-6": 4096,
        "gemini/gemini-2.5-pro": 2048,
        "openai/gpt-4o-mini": 1024,
    }
    assert {name: prices.least_prefix_tokens(name) for name in named} == named
