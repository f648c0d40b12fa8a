"""`prefix_cache: auto`: what the provider keeps is marked once, priced from its replies, and told in figures."""

from __future__ import annotations

import json
import threading
from decimal import Decimal

from fakes.messages import message
from fakes.project import CASES, Project
from fakes.stub_server import Asked, Reply, Script

from pytest_llmcost.costs.prices import PriceTable
from pytest_llmcost.domain.price import cost_of
from pytest_llmcost.domain.usage import Usage

KEPT, REST = 3000, 20
"""Tokens that the scripted Anthropic counts before and behind the mark."""
SHORT = 1000
"""Characters of a system message that it keeps nothing of."""
RULES = "Sort mail into shop and other. " * 200


class Keeping:
    """Anthropic with a cache: what stands before a mark is kept from the first reply on, for an hour where told so."""

    def __init__(self, *, is_hourly: bool = False) -> None:
        self.kept: set[str] = set()
        self.lock = threading.Lock()
        self.kind = "ephemeral_1h_input_tokens" if is_hourly else "ephemeral_5m_input_tokens"

    def __call__(self, asked: Asked) -> Reply:
        system = asked.body.get("system", [])
        if len(json.dumps(system)) < SHORT or not any("cache_control" in part for part in system):
            return message("shop", usage={"input_tokens": KEPT + REST, "output_tokens": 1})(asked)
        with self.lock:
            is_kept = json.dumps(system) in self.kept
            self.kept.add(json.dumps(system))
        read, written = (KEPT, 0) if is_kept else (0, KEPT)
        counts = {"cache_read_input_tokens": read, "cache_creation_input_tokens": written}
        kinds = {"cache_creation": {self.kind: written}}
        return message("shop", usage={"input_tokens": REST, "output_tokens": 1, **counts, **kinds})(asked)


def anthropics(project: Project, script: Script, **suite: object) -> None:
    base = project.server.base.removesuffix("/v1")
    project.write(
        "llmcost.toml",
        f'[models.ours]\nmodel = "anthropic/claude-sonnet-4-5"\napi_base = "{base}"\napi_key_env = "OUR_KEY"\n',
    )
    project.server.play(script)
    project.suite(**{"system": RULES, "prompt": "{{ text }}", **suite})  # type: ignore[arg-type]


def test_a_prefix_is_written_once_read_by_all_others_and_what_that_saved_is_told(project: Project) -> None:
    strategies = {"plain": {"model": "ours", "prefix_cache": "off"}, "kept": {"model": "ours"}}
    anthropics(project, Keeping(), strategies=strategies, prefix_cache="auto")

    result = project.run("--llm-budget", "--llm-report=out.json", "--llm-report=out.md")

    marked = [asked.body["system"] for asked in project.server.requests if "cache_control" in json.dumps(asked.body)]
    assert len(marked) == len(CASES), "a strategy of its own, with calls of its own"
    rows = {row["strategy"]: row for row in json.loads((project.path / "out.json").read_text())["strategies"]}
    used, total = rows["kept"]["prefix"], len(CASES) * (KEPT + REST)
    assert rows["plain"]["prefix"] is None
    assert (used["cached_tokens"], used["written_tokens"]) == (3 * KEPT, KEPT)
    assert used["hit_rate"] == 3 * KEPT / total
    price = PriceTable({}).price_of("anthropic/claude-sonnet-4-5")
    calls = [Usage(KEPT + REST, 0, KEPT, 1), *[Usage(KEPT + REST, KEPT, 0, 1)] * 3]
    costs = sum((cost_of(usage, price) for usage in calls), Decimal(0))
    plainly = 4 * cost_of(Usage(KEPT + REST, output_tokens=1), price)
    assert rows["kept"]["usd"] == float(costs)
    assert used["saved_usd"] == float(plainly - costs) == float(Decimal(str(rows["plain"]["usd"])) - costs)
    told = "prefix cache: 75% of 12,080 input tokens read from it, $0.022 saved (writing 3,000 tokens took $0.0022)"
    result.stdout.fnmatch_lines([f"*{told}*"])
    assert "prefix cache: 75% of 12,080" in (project.path / "out.md").read_text()

    project.run("--llm-budget", "--llm-mode=replay", "--llm-report=again.json")
    again = {row["strategy"]: row for row in json.loads((project.path / "again.json").read_text())["strategies"]}
    assert again["kept"]["prefix"] == used, "a replay tells what was recorded"


def test_what_is_kept_for_an_hour_is_priced_so_and_a_prefix_that_is_too_short_or_comes_late_is_told(
    project: Project,
) -> None:
    late = {"model": "ours", "system": "Case {{ text }}", "prompt": RULES}
    strategies = {"hourly": {"model": "ours"}, "short": {"model": "ours", "system": "Sort."}, "late": late}
    anthropics(project, Keeping(is_hourly=True), strategies=strategies, prefix_cache="auto")

    result = project.run("--llm-budget", "--llm-report=out.json")

    rows = {row["strategy"]: row for row in json.loads((project.path / "out.json").read_text())["strategies"]}
    price = PriceTable({}).price_of("anthropic/claude-sonnet-4-5")
    writes = (price.cache_write_1h or 0) - price.input
    assert rows["hourly"]["prefix"]["writes_usd"] == float(KEPT * writes / 1_000_000)
    assert any("messages that vary (text): in the system message" in note for note in rows["late"]["notes"])
    assert not any("useless" in note for note in rows["hourly"]["notes"])
    short = (
        "prefix_cache is useless here: the prompts begin alike for about 2 tokens, and ours keeps no fewer than 1,024"
    )
    result.stdout.fnmatch_lines([f"*{short}"])
