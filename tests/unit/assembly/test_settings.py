"""The configuration: every key is read or refused by name, wherever it stands."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from pytest_llmcost.assembly.settings import NOT_YET, ModelSettings, Settings, read_settings, usd
from pytest_llmcost.calls.flow.limits import FlowLimits
from pytest_llmcost.domain.errors import SettingsError


def read(root: Path, own: str = "", shared: str = "", **environment: str) -> Settings:
    """Read a project with these two files and variables."""
    for name, text in (("llmcost.toml", own), ("pyproject.toml", shared)):
        if text:
            (root / name).write_text(text, encoding="utf-8")
    return read_settings(root, environment)


def refused(root: Path, *files: str, **environment: str) -> SettingsError:
    with pytest.raises(SettingsError) as raised:
        read(root, *files, **environment)
    assert len(str(raised.value).splitlines()) <= 2
    return raised.value


def test_a_project_that_configures_nothing_has_the_defaults(tmp_path: Path) -> None:
    settings = read(tmp_path)

    ledger = str(tmp_path / ".llmcost/ledger.sqlite")
    assert settings == Settings(root=tmp_path, cache=(tmp_path / ".llmcost/cache",), ledger=ledger)
    assert (settings.max_cost_usd, settings.max_tokens, settings.concurrency) == (Decimal(1), 512, 32)
    assert (settings.timeout_seconds, settings.attempts, settings.keep_text) == (60.0, 4, False)


EVERYTHING = """
max_cost_usd = 0.1
max_tokens = 64
concurrency = 8
cache = "somewhere/else"
timeout_seconds = 30
attempts = 2
transport = "litellm"
ledger = "postgresql://db/costs"
ledger_days = 90
family = "suite"
keep_text = true
[defaults]
strategies = ["cheap", "ours"]
[tiers]
cheap = "ours"
[models.ours]
model = "openai/llama"
api_base = "http://127.0.0.1:1/v1"
api_key_env = "OUR_KEY"
headers = {x-team = "a"}
params = {temperature = 0}
litellm = {api_version = "1"}
[prices.ours]
input = 1.5
output = 2
[limits.openai]
in_flight = 64
requests_per_minute = 5000
tokens_per_minute = 2_000_000
[limits."openai/gpt-4o"]
in_flight = 8
"""


def test_every_key_is_read_exactly(tmp_path: Path) -> None:
    """A tenth of a dollar is a tenth, not the nearest binary fraction."""
    assert read(tmp_path, EVERYTHING) == Settings(
        root=tmp_path,
        max_cost_usd=Decimal("0.1"),
        max_tokens=64,
        concurrency=8,
        cache=(tmp_path / "somewhere/else",),
        ledger="postgresql://db/costs",
        ledger_days=90,
        timeout_seconds=30.0,
        attempts=2,
        transport="litellm",
        family="suite",
        keep_text=True,
        defaults={"strategies": ["cheap", "ours"]},
        file=tmp_path / "llmcost.toml",
        tiers={"cheap": "ours"},
        models={
            "ours": ModelSettings(
                "openai/llama",
                "http://127.0.0.1:1/v1",
                "OUR_KEY",
                {"x-team": "a"},
                {"temperature": 0},
                {"api_version": "1"},
            )
        },
        prices={"ours": {"input": 1.5, "output": 2}},
        limits={"openai": FlowLimits(64, 5000, 2_000_000), "openai/gpt-4o": FlowLimits(in_flight=8)},
    )


def test_pyproject_holds_the_same_keys_below_tool_llmcost(tmp_path: Path) -> None:
    assert read(tmp_path, shared="[tool.llmcost]\nmax_tokens = 64\n[tool.other]\nx = 1\n").max_tokens == 64


def test_both_files_with_content_are_an_error(tmp_path: Path) -> None:
    error = refused(tmp_path, "max_tokens = 64", "[tool.llmcost]\nmax_tokens = 65")

    assert "both llmcost.toml and [tool.llmcost] in pyproject.toml have content. Keep one of them." in str(error)


@pytest.mark.parametrize(
    ("own", "shared"), [("max_tokens = 64", "[tool.other]\nx = 1"), ("# nothing", "[tool.llmcost]\nmax_tokens = 64")]
)
def test_one_file_without_content_of_ours_is_no_conflict(tmp_path: Path, own: str, shared: str) -> None:
    assert read(tmp_path, own, shared).max_tokens == 64


def test_an_absolute_cache_stays_where_it_is(tmp_path: Path) -> None:
    assert read(tmp_path, 'cache = "/var/cache/llm"').cache == (Path("/var/cache/llm"),)


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("max_cost = 1", "[tool.llmcost] max_cost: there is no such key. Did you mean 'max_cost_usd'?"),
        ("colour = 1", "[tool.llmcost] colour: there is no such key."),
        ("max_cost_usd = -1", "[tool.llmcost] max_cost_usd = -1: an amount of USD from 0 up is needed, as 0.50."),
        ("max_cost_usd = nan", "max_cost_usd = nan: an amount of USD"),
        ("max_cost_usd = inf", "max_cost_usd = inf: an amount of USD"),
        ('max_cost_usd = "1e3"', "max_cost_usd = '1e3': an amount of USD"),
        ("max_cost_usd = true", "max_cost_usd = True: an amount of USD"),
        ("max_cost_usd = [1]", "max_cost_usd = [1]: an amount of USD"),
        ("max_tokens = 0", "max_tokens = 0: a whole number from 1 up is needed."),
        ("max_tokens = 1.5", "max_tokens = 1.5: a whole number from 1 up is needed."),
        ("max_tokens = inf", "max_tokens = inf: a whole number from 1 up is needed."),
        ("max_tokens = nan", "max_tokens = nan: a whole number from 1 up is needed."),
        ("concurrency = true", "concurrency = True: a whole number from 1 up is needed."),
        ('concurrency = "many"', "concurrency = 'many': a whole number from 1 up is needed."),
        ("attempts = []", "attempts = []: a whole number from 1 up is needed."),
        ("timeout_seconds = 0", "timeout_seconds = 0: a number from 0.001 up is needed."),
        ("timeout_seconds = inf", "timeout_seconds = inf: a number from 0.001 up is needed."),
        ("timeout_seconds = nan", "timeout_seconds = nan: a number from 0.001 up is needed."),
        ('family = "house"', "family = 'house': 'run' or 'suite' is needed."),
        ('transport = "direct"', "transport = 'direct': 'auto' or 'litellm' is needed."),
        ('keep_text = "yes"', "keep_text = 'yes': true or false is needed."),
        ("keep_text = 2", "keep_text = 2: true or false is needed."),
        ("cache = 1", "cache = 1: a folder is needed"),
        ('cache = ""', "cache = '': a folder is needed"),
        ('cache = "memcached://host/0"', "or the address of a Redis"),
        ('cache = "redis://host:port/0"', "or the address of a Redis"),
        ('cache = ["a", "redis:///0"]', "or the address of a Redis"),
        ('cache = ["a", "a"]', "each cache is named once"),
        ("cache = []", "or a list of them"),
        ('recordings = "redis://host/0"', "a folder is needed"),
        ("cache_ttl_days = -1", "a number from 0 up is needed"),
        ('tiers = "mid"', "tiers = 'mid': a table of NAME = \"model\" is needed."),
        ("tiers = {cheap = 1}", 'a table of NAME = "model" is needed.'),
        ('tiers = {cheap = ""}', 'a table of NAME = "model" is needed.'),
        ("models = 1", "models = 1: a table of tables is needed."),
        ('models = {ours = "openai/llama"}', "a table of tables is needed."),
        ("prices = {ours = 1}", "a table of tables is needed."),
        ("models = {ours = {}}", "[tool.llmcost.models.ours] has no 'model'."),
        ('models = {ours = {model = ""}}', "[tool.llmcost.models.ours] has no 'model'."),
        ("models = {ours = {model = 1}}", "[tool.llmcost.models.ours] model: a text is needed."),
        ('models = {ours = {model = "m", api_base = 1}}', "[tool.llmcost.models.ours] api_base: a text is needed."),
        ('models = {ours = {model = "m", api_key_env = []}}', "api_key_env: a text is needed."),
        ('models = {ours = {model = "m", headers = "x"}}', "headers: a table is needed."),
        ('models = {ours = {model = "m", headers = {a = 1}}}', "headers: texts are needed."),
        ('models = {ours = {model = "m", params = [1]}}', "params: a table is needed."),
        ('models = {ours = {model = "m", litellm = true}}', "litellm: a table is needed."),
        ('models = {ours = {model = "m", apibase = "x"}}', "has 'apibase', known are model, api_base, api_key_env"),
        ("limits = {openai = 64}", "a table of tables is needed."),
        ("limits = {openai = {in_flight = 0}}", "[tool.llmcost.limits.openai]: in_flight = 0: a whole number from 1"),
        ("limits = {openai = {rpm = 1}}", "[tool.llmcost.limits.openai]: there is no 'rpm', known are in_flight, req"),
        ("defaults = 1", "[tool.llmcost] defaults = 1: a table of a suite's keys is needed."),
        ("strategies = 1", "[tool.llmcost] strategies = 1: a table of tables is needed."),
        ('allowed_python = "tests"', "[tool.llmcost] allowed_python = 'tests': a list of names is needed"),
        ("max_tokens =", "llmcost.toml: cannot be read"),
    ],
)
def test_b04_whatever_is_wrong_is_refused_with_its_place_and_value(tmp_path: Path, line: str, said: str) -> None:
    assert said in str(refused(tmp_path, line))


@pytest.mark.parametrize("text", ["tool = 1", "[tool]\nllmcost = 1", "[[tool.llmcost]]\nx = 1"])
def test_a_pyproject_whose_tables_are_none_is_refused(tmp_path: Path, text: str) -> None:
    assert "a table is needed" in str(refused(tmp_path, "", text))


@pytest.mark.parametrize("key", sorted(NOT_YET))
def test_what_is_not_built_yet_is_said_and_never_ignored(tmp_path: Path, key: str) -> None:
    error = refused(tmp_path, f'{key} = "x"')

    assert (str(error), error.key) == (f"[tool.llmcost] {key}: not supported yet. Remove it.", key)


@pytest.mark.parametrize(("text", "usd"), [("0", "0"), ("0.0", "0.0"), ("2", "2"), ("0.50", "0.5")])
def test_b04_no_money_at_all_is_a_cap_like_any_other(tmp_path: Path, text: str, usd: str) -> None:
    assert read(tmp_path, f"max_cost_usd = {text}").max_cost_usd == Decimal(usd)


def test_the_environment_overrides_the_file(tmp_path: Path) -> None:
    settings = read(
        tmp_path,
        EVERYTHING,
        LLMCOST_MAX_COST_USD="0.25",
        LLMCOST_MAX_TOKENS="7",
        LLMCOST_TIMEOUT_SECONDS="1.5",
        LLMCOST_KEEP_TEXT="false",
        LLMCOST_CACHE="elsewhere",
        LLMCOST_MODELS="/a/folder/of/weights",  # another part's variable, no setting
        UNRELATED="x",
    )

    assert (settings.max_cost_usd, settings.max_tokens, settings.timeout_seconds) == (Decimal("0.25"), 7, 1.5)
    assert (settings.keep_text, settings.cache) == (False, (tmp_path / "elsewhere",))
    assert (settings.concurrency, list(settings.models)) == (8, ["ours"])


@pytest.mark.parametrize(
    ("variable", "text", "said"),
    [
        ("LLMCOST_MAX_COST_USD", "1e3", "LLMCOST_MAX_COST_USD = '1e3': an amount of USD"),
        ("LLMCOST_MAX_COST_USD", "", "LLMCOST_MAX_COST_USD = '': an amount of USD"),
        ("LLMCOST_CONCURRENCY", "4.5", "LLMCOST_CONCURRENCY = '4.5': a whole number"),
        ("LLMCOST_KEEP_TEXT", "maybe", "LLMCOST_KEEP_TEXT = 'maybe': true or false"),
        ("LLMCOST_LEDGER_DAYS", "-1", "LLMCOST_LEDGER_DAYS = '-1': a whole number from 0 up"),
        ("LLMCOST_ALLOWED_HOSTS", "x", "LLMCOST_ALLOWED_HOSTS: not supported yet. Remove it."),
    ],
)
def test_a_wrong_variable_is_named_as_such(tmp_path: Path, variable: str, text: str, said: str) -> None:
    assert said in str(refused(tmp_path, **{variable: text}))


def test_t05_a_secret_in_a_table_is_in_no_error(tmp_path: Path) -> None:
    error = refused(tmp_path, 'models = {ours = {model = "m", headers = {auth = "sk-canary"}, oops = 1}}')

    assert "canary" not in str(error)


def test_f02_a_configuration_that_is_a_folder_is_said(tmp_path: Path) -> None:
    (tmp_path / "llmcost.toml").mkdir()

    assert "cannot be read" in str(refused(tmp_path))


@pytest.mark.parametrize(("value", "amount"), [(0, "0"), (1, "1"), (0.1, "0.1"), ("0.10", "0.10"), ("3", "3")])
def test_an_amount_is_exact(value: Any, amount: str) -> None:
    assert usd(value) == Decimal(amount)


@pytest.mark.parametrize(
    "value", ["", " 1", "1,5", "+1", "-1", "1_000", "\u0661", "$1", "nan", None, Decimal("NaN"), -0.1]
)
def test_what_is_no_plain_amount_is_refused(value: Any) -> None:
    with pytest.raises(ValueError, match="an amount of USD from 0 up is needed"):
        usd(value)
