"""What the providers' own caches saved, and why they could not save more."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from pytest_llmcost.assembly.cut_by import cut_lines
from pytest_llmcost.assembly.models import Models
from pytest_llmcost.assembly.prefix_use import in_words, prefix_lines, prefix_use
from pytest_llmcost.assembly.settings import Settings
from pytest_llmcost.costs.price_map import PriceMap
from pytest_llmcost.costs.prices import PriceTable
from pytest_llmcost.domain.prefix_use import PrefixUse
from pytest_llmcost.domain.suite import Prompt, StrategySpec, Suite
from pytest_llmcost.domain.trial import Call
from pytest_llmcost.domain.usage import Usage

RATES = {"input_cost_per_token": "3e-6", "output_cost_per_token": "15e-6", "cache_read_input_token_cost": "3e-7"}
WRITES = {"cache_creation_input_token_cost": "3.75e-6", "cache_creation_input_token_cost_above_1hr": "6e-6"}
OPENAIS: Mapping[str, Any] = {**RATES, "litellm_provider": "openai", "supports_prompt_caching": True}
ANTHROPICS: Mapping[str, Any] = {
    **RATES,
    **WRITES,
    "litellm_provider": "anthropic",
    "prompt_cache_min_tokens": 1024,
}
ENTRIES = {"gpt-4o": OPENAIS, "claude-x": ANTHROPICS}
NAMES = {"gpt-4o": "openai/gpt-4o", "claude-x": "anthropic/claude-x"}


def models() -> Models:
    return Models(Settings(Path()), PriceTable({}, lambda: PriceMap(ENTRIES)), {})


def spec(model: str = "gpt-4o", kept: bool = True, **prompt: Any) -> StrategySpec:
    asked = Prompt(**({"prompt": "{{ text }}"} | prompt))
    return StrategySpec("one", NAMES[model], asked, {}, "text", False, None, prefix_cache=kept)


def call(**usage: int) -> Call:
    used = Usage(**({"input_tokens": 2000, "output_tokens": 10} | usage))
    return Call("anthropic/claude-x", used, 1.0, Decimal(0), Decimal(0), 1, cached=True)


def lines(one: StrategySpec) -> list[str]:
    suite = Suite("bench_mail.yaml", "mail", "", (), (one,), (), 1.0, None, ())
    return list(prefix_lines(None, suite, one, models()))


def words(number: int) -> str:
    """So many tokens by OpenAI's vocabulary."""
    return "a" + " a" * (number - 1)


@pytest.mark.parametrize(
    ("calls", "saved", "writes"),
    [
        ([call(cached_input_tokens=1000)], "0.0027", "0"),
        ([call(cache_write_tokens=1000)], "-0.00075", "0.00075"),
        ([call(cache_write_tokens=1000, cache_write_1h_tokens=1000)], "-0.003", "0.003"),
        ([call(cache_write_tokens=1000), call(cached_input_tokens=1000)], "0.00195", "0.00075"),
        ([call()], "0", "0"),
    ],
    ids=["read", "written", "written for an hour", "both", "neither"],
)
def test_what_reading_spared_less_what_writing_cost_more(calls: list[Call], saved: str, writes: str) -> None:
    use = prefix_use(calls, spec("claude-x"), models())

    assert use is not None
    assert (use.saved_usd, use.writes_usd) == (Decimal(saved), Decimal(writes))
    assert use.hit_rate == sum(one.usage.cached_input_tokens for one in calls) / (2000 * len(calls))


def test_nothing_is_told_where_nobody_asked_and_nothing_was_kept() -> None:
    assert prefix_use([call()], spec(kept=False), models()) is None
    assert prefix_use([], spec(), models()) is None


def test_a_cache_that_was_written_and_never_read_is_a_loss() -> None:
    use = PrefixUse(0.0, 4000, 0, 3000, Decimal("-0.003"), Decimal("0.003"))
    told = "prefix cache: 0% of 4,000 input tokens read from it, $0.0030 lost (writing 3,000 tokens took $0.0030)"
    assert in_words(use) == told


@pytest.mark.parametrize(
    ("model", "tokens", "told"),
    [
        ("gpt-4o", 1023, "prefix_cache is useless here: the prompts begin alike for 1,023 tokens"),
        ("gpt-4o", 1024, ""),
        ("claude-x", 700, "prefix_cache is useless here: the prompts begin alike for about 700 tokens"),
        ("claude-x", 1100, "prefix_cache may be useless here: the prompts begin alike for about 1,100 tokens"),
        ("claude-x", 1400, ""),
    ],
)
def test_a_prefix_below_the_providers_least_is_said_to_be_useless(model: str, tokens: int, told: str) -> None:
    found = lines(spec(model, system=words(tokens)))
    keeps = f", and {NAMES[model]} keeps no fewer than 1,024"
    assert found == ([told + keeps] if told else [])


def test_nothing_is_said_of_a_strategy_that_does_not_ask_for_it() -> None:
    assert lines(spec(kept=False, system="Sort.")) == []


@pytest.mark.parametrize(
    ("model", "fault"),
    [
        ("gpt-4o", "puts what varies first (day, text): reordered"),
        ("claude-x", "has what is the same for all cases in messages that vary (day, text): in the system message"),
    ],
)
def test_what_varies_first_is_told_with_what_the_other_order_saves(model: str, fault: str) -> None:
    late = spec(model, prompt=f"Of {{{{ day }}}}: {{{{ text }}}}\n\n{words(2000)}")

    *_, told = lines(late)

    tokens = {"gpt-4o": "2,003", "claude-x": "2,000"}[model]
    usd = {"gpt-4o": "5.41", "claude-x": "5.40"}[model]
    could = f"about {tokens} tokens of each call could be kept, not 0, and 1,000 calls cost about ${usd} less"
    assert told == f"the prompt {fault}, {could}. llmcost prompt lint shows it reordered"


def test_an_order_that_gains_nothing_is_not_told() -> None:
    assert len(lines(spec(prompt=f"{{{{ text }}}}\n\n{words(20)}"))) == 1, "too short in any order"
    assert lines(spec(prompt=f"{words(2000)}\n\n{{{{ text }}}}")) == []
    assert lines(spec("claude-x", system=words(2000))) == []


@pytest.mark.parametrize(("model", "count"), [("gpt-4o", 0), ("claude-x", 1)])
def test_texts_that_are_cut_by_an_estimate_are_told(model: str, count: int) -> None:
    cut = spec(model, prompt="{{ text | truncate_tokens(5) }}")
    found = list(cut_lines(cut, models()))
    assert len(found) == count
    assert all("truncate_tokens cuts by an estimate by o200k_base: no tokenizer of" in line for line in found)
    assert list(cut_lines(spec(model), models())) == []
