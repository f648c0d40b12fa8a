"""A `llmcost.toml` below the root: what it adds, what it may not, and that it is told with its line."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from pytest_llmcost.assembly.nested import Scope
from pytest_llmcost.assembly.scopes import Scopes
from pytest_llmcost.assembly.settings import read_settings
from pytest_llmcost.costs.price_map import PriceMap
from pytest_llmcost.costs.prices import PriceTable
from pytest_llmcost.domain.errors import SettingsError

SUITE = "mail/inbox/bench_it.yaml"
ROOT = """
max_tokens = 64
allowed_python = ["my_app", "tests"]
[tiers]
mid = "ours"
cheap = "openai/small"
[models.ours]
model = "openai/llama"
api_base = "http://127.0.0.1:1/v1"
api_key_env = "OUR_KEY"
[prices.ours]
input = 1
output = 2
[defaults]
strategies = ["mid"]
budget_usd = 0.5
gate = {quality = {min = 0.8}}
[strategies.careful]
model = "mid"
gate = {quality = {min = 0.9}, errors = {max_rate = 0.1}}
"""
SMALL = {"input_cost_per_token": Decimal("0.000001"), "output_cost_per_token": Decimal("0.000002")}
LISTED = PriceMap({"openai/small": {"litellm_provider": "openai", **SMALL}}, "ab", "a list")


def scopes(root: Path, environment: dict[str, str] | None = None, **files: str) -> Scopes:
    """Return the scopes of a project; `mail__inbox` is the folder mail/inbox."""
    for name, text in {"": ROOT, **files}.items():
        folder = root / name.replace("__", "/")
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "llmcost.toml").write_text(text, "utf-8")
    settings = read_settings(root, environment or {})
    return Scopes(settings, PriceTable(settings.prices, lambda: LISTED), environment or {})


def at(root: Path, **files: str) -> Scope:
    return scopes(root, **files).at(SUITE)


def refused(root: Path, **files: str) -> str:
    with pytest.raises(SettingsError) as raised:
        at(root, **files)
    assert len(str(raised.value).splitlines()) <= 2
    return str(raised.value)


def test_where_there_is_no_other_file_the_roots_holds(tmp_path: Path) -> None:
    found = scopes(tmp_path)

    assert found.at(SUITE).settings == read_settings(tmp_path, {})
    assert [one.file for one in found.at(SUITE).configured] == ["llmcost.toml"]
    assert found.at("../elsewhere/bench_it.yaml").caps == {}


def test_names_are_merged_and_the_nearest_wins(tmp_path: Path) -> None:
    mail = '[tiers]\nmid = "openai/small"\n[models.big]\nmodel = "openai/big"\n[prices.big]\ninput = 3\noutput = 4\n'
    inbox = 'max_tokens = 8\n[tiers]\nmid = "big"\n'
    found = scopes(tmp_path, mail=mail, mail__inbox=inbox)

    assert [
        found.models.at(path).find("mid").endpoint.model for path in ("bench_a.yaml", "mail/bench_b.yaml", SUITE)
    ] == [
        "openai/llama",
        "openai/small",
        "openai/big",
    ]
    assert found.at(SUITE).settings.max_tokens == 8
    assert found.at("mail/bench_b.yaml").settings.max_tokens == 64
    assert found.models.at(SUITE).find("cheap").endpoint.model == "openai/small"


def test_the_same_name_in_two_folders_is_two_models_with_a_price_each(tmp_path: Path) -> None:
    def big(usd: int) -> str:
        return f'[models.big]\nmodel = "openai/big"\n[prices.big]\ninput = {usd}\noutput = {usd}\n'

    found = scopes(tmp_path, a=big(1), b__c=big(2))
    models = [found.find(path, "big") for path in ("a/bench_it.yaml", "b/c/d/bench_it.yaml::test_it::1")]

    assert [model.endpoint.label for model in models] == ["big @ a", "big @ b/c"]
    assert [found.price_of(model.endpoint.label).input for model in models] == [1, 2]
    assert found.models.at("b/c/bench_it.yaml").price_of("big @ b/c").input == 2
    assert found.price_of("ours").input == 1


def test_the_command_line_and_the_environment_go_before_every_file(tmp_path: Path) -> None:
    import dataclasses

    (tmp_path / "mail").mkdir()
    (tmp_path / "mail" / "llmcost.toml").write_text('max_tokens = 8\n[tiers]\nmid = "openai/small"\n')
    (tmp_path / "llmcost.toml").write_text(ROOT)
    settings = read_settings(tmp_path, {"LLMCOST_MAX_TOKENS": "7"})
    given = {"mid": "openai/given"}
    settings = dataclasses.replace(settings, tiers={**settings.tiers, **given}, given_tiers=given)

    scope = Scopes(settings, PriceTable({}, lambda: LISTED), {"LLMCOST_MAX_TOKENS": "7"}).at(SUITE)

    assert (scope.settings.tiers["mid"], scope.settings.max_tokens) == ("openai/given", 7)


def test_caps_add_up_on_the_way_down(tmp_path: Path) -> None:
    scope = at(tmp_path, mail="max_cost_usd = 0.5", mail__inbox="max_cost_usd = 0.25")

    assert scope.caps == {"mail/llmcost.toml": Decimal("0.5"), "mail/inbox/llmcost.toml": Decimal("0.25")}


def test_defaults_and_strategies_stand_in_their_files_the_nearest_first(tmp_path: Path) -> None:
    mail = '[defaults]\nsystem = "Be short."\nstrategies = ["cheap"]\n[strategies.careful]\nmodel = "cheap"\n'
    scope = at(tmp_path, mail=mail)

    nearest, root = scope.configured
    assert (nearest.file, root.file) == ("mail/llmcost.toml", "llmcost.toml")
    assert nearest.defaults == {"system": "Be short.", "strategies": ["cheap"]}
    assert scope.default_model == "cheap"
    assert nearest.strategies["careful"] == {
        "model": "cheap",
        "gate": {"quality": {"min": 0.9}, "errors": {"max_rate": 0.1}},
    }, "a strategy that is described anew keeps its bounds"


def test_code_may_be_narrowed(tmp_path: Path) -> None:
    assert at(tmp_path, mail='allowed_python = ["my_app.scores"]').settings.allowed_python == ("my_app.scores",)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("\nconcurrency = 4", "mail/llmcost.toml:2: concurrency holds for a whole run. Move it to llmcost.toml."),
        ('cache = "x"', "mail/llmcost.toml:1: cache holds for a whole run. Move it to llmcost.toml."),
        ("attempts = 4", ":1: attempts holds for a whole run."),
        ("timeout_seconds = 4", ":1: timeout_seconds holds for a whole run."),
        ('transport = "auto"', ":1: transport holds for a whole run."),
        ("keep_text = true", ":1: keep_text holds for a whole run."),
        ('ledger = "x"', "mail/llmcost.toml:1: ledger holds for a whole run. Move it to llmcost.toml."),
        ('allowed_hosts = "x"', "mail/llmcost.toml:1: allowed_hosts: not supported yet. Remove it."),
        ("max_tokns = 4", "mail/llmcost.toml:1: max_tokns: there is no such key. Did you mean 'max_tokens'?"),
        ("max_tokens = 0", "mail/llmcost.toml:1: max_tokens = 0: a whole number from 1 up is needed."),
        ("max_tokens =", "mail/llmcost.toml: cannot be read: Invalid value"),
        ('allowed_python = ["os"]', ":1: allowed_python has 'os', which llmcost.toml does not allow. Leave it out."),
        ('allowed_python = ["my_apple"]', "allowed_python has 'my_apple'"),
        ("[defaults]\nbudget_usd = 1", ":2: defaults.budget_usd is looser than 0.5 in llmcost.toml:16. Tighten it"),
        (
            "[defaults.gate.quality]\nmargin = 0.5\nmin = 0.7",
            ":3: defaults.gate.quality.min is looser than 0.8 in llmcost.toml:17. Tighten it, or leave it out.",
        ),
        ("[defaults]\ngate = false", ":2: defaults.gate is looser than {'quality': {'min': 0.8}} in llmcost.toml:17."),
        (
            "[strategies.new]\nmodel = 'mid'\ngate = {quality = {min = 0.7}}",
            ":3: strategies.new.gate.quality.min is looser than 0.8 in llmcost.toml:17.",
        ),
        (
            "[strategies.careful]\nmodel = 'mid'\ngate = {quality = {min = 0.85}}",
            ":3: strategies.careful.gate.quality.min is looser than 0.9 in llmcost.toml:20.",
        ),
        (
            "[defaults.strategies.new]\nmodel = 'mid'\ngate = false",
            ":3: defaults.strategies.new.gate is looser than {'quality': {'min': 0.8}} in llmcost.toml:17.",
        ),
        (
            "[prices.ours]\ninput = 0\noutput = 0",
            "mail/llmcost.toml:1: the price of 'ours' is known already (by configuration), and budgets count with it.",
        ),
        (
            "[models.new]\nmodel = 'openai/small'\n[prices.new]\ninput = 0\noutput = 0",
            "mail/llmcost.toml:3: the price of 'openai/small' is known already (by a list)",
        ),
        ("[prices.new]\ninput = 0", 'mail/llmcost.toml:1: prices."new".output is missing'),
        (
            "[tiers]\nmid = 'far'\nfar = 'mid'",
            "mail/llmcost.toml:1: [tool.llmcost.tiers] go in a circle: mid -> far -> mid",
        ),
    ],
)
def test_what_is_wrong_or_would_loosen_is_refused_with_both_places(tmp_path: Path, text: str, said: str) -> None:
    assert said in refused(tmp_path, mail=text)


@pytest.mark.parametrize(
    "line",
    [
        'api_base = "http://attacker.example"',
        'api_key_env = "OPENAI_API_KEY"',
        'headers = {authorization = "x"}',
        'litellm = {api_base = "http://attacker.example"}',
        'params = {base_url = "http://attacker.example"}',
        'params = {extra_headers = {a = "b"}}',
    ],
)
def test_t04_a_nested_file_says_nothing_about_where_keys_go(tmp_path: Path, line: str) -> None:
    said = refused(tmp_path, mail=f'[models.new]\nmodel = "openai/x"\n{line}\n')

    assert said.startswith("mail/llmcost.toml:3: models.new.")


def test_t04_a_model_that_is_described_anew_loses_the_roots_server_and_key(tmp_path: Path) -> None:
    found = scopes(tmp_path, mail='[models.ours]\nmodel = "openai/small"\n')

    endpoint = found.models.at(SUITE).find("ours").endpoint
    assert (endpoint.model, endpoint.api_base, endpoint.api_key_env) == ("openai/small", None, None)


def test_bounds_are_those_of_every_file_above(tmp_path: Path) -> None:
    mail = "[defaults.gate.quality]\nmin = 0.9\n"

    said = refused(tmp_path, mail=mail, mail__inbox="[defaults.gate.quality]\nmin = 0.85\n")

    assert said.startswith(
        "mail/inbox/llmcost.toml:2: defaults.gate.quality.min is looser than 0.9 in mail/llmcost.toml:2."
    )


def test_a_strategys_own_bound_holds_whatever_the_defaults_between_say(tmp_path: Path) -> None:
    careful = "[strategies.careful]\nmodel = 'mid'\ngate = {quality = {min = 0.87}}"

    said = refused(tmp_path, mail="[defaults.gate.quality]\nmin = 0.85\n", mail__inbox=careful)

    assert "strategies.careful.gate.quality.min is looser than 0.9 in llmcost.toml:20." in said


def test_the_assumed_price_of_a_local_model_bills_nobody_and_may_be_stated(tmp_path: Path) -> None:
    found = scopes(tmp_path, mail='[prices."local/small"]\nusd_per_hour = 0\n')

    assert found.models.at(SUITE).find("local/small").price.is_free
    assert not found.models.find("local/small").price.is_free


def test_t03_a_nested_file_is_a_regular_file_below_the_root(tmp_path: Path) -> None:
    (tmp_path / "outside.toml").write_text("max_tokens = 8")
    root = tmp_path / "project"
    (root / "mail").mkdir(parents=True)
    (root / "mail" / "llmcost.toml").symlink_to(tmp_path / "outside.toml")

    with pytest.raises(SettingsError, match="cannot be read: the file is not below"):
        Scopes(read_settings(root, {}), PriceTable({}, lambda: LISTED), {}).at(SUITE)
