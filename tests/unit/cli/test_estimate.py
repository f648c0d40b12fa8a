"""`llmcost estimate`, as it is typed."""

from __future__ import annotations

import dataclasses
import json
from decimal import Decimal
from pathlib import Path

import pytest

from pytest_llmcost.cli import main
from pytest_llmcost.domain.trial import Call, Run, RunHeader, Trial
from pytest_llmcost.domain.usage import Usage
from pytest_llmcost.reports.run_file import write_run

CONFIGURATION = """
[tiers]
frontier = "openai/gpt-4o"
mid = "openai/gpt-4o-mini"
cheap = "local/smollm2-135m"
[prices."openai/gpt-4o"]
input = 30
output = 60
[prices."openai/gpt-4o-mini"]
input = 0.15
output = 0.60
cached_input = 0.075
batch = {input = 0.075, output = 0.30}
"""


@pytest.fixture(autouse=True)
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "llmcost.toml").write_text(CONFIGURATION, "utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def run_file(project: Path) -> Path:
    """Twenty answers of the tier `mid`, the last one ten times as long as the others."""
    call = Call("openai/gpt-4o-mini", Usage(1000, output_tokens=100), 0.5, Decimal(0), Decimal(0), 1, False)
    long = dataclasses.replace(call, usage=Usage(1000, cached_input_tokens=1000, output_tokens=1000))
    trials = tuple(
        Trial("bench_mail.yaml", "one", f"c{n}", 1, "fp", 1.0, True, None, (long if n == 19 else call,), Decimal(0))
        for n in range(20)
    )
    path = project / "run.jsonl"
    write_run(path, Run(RunHeader("", {}, None, {}), trials), keep_text=False)
    return path


def quotes(capsys: pytest.CaptureFixture[str], *argv: str) -> list[dict]:
    assert main(["estimate", *argv, "--json"]) == 0
    return json.loads(capsys.readouterr().out)["quotes"]


def test_models_beside_each_other(capsys):
    assert main(["estimate", "frontier", "mid", "--month", "1_000_000"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "requests of 500 input and 200 output tokens"
    assert lines[3].split() == ["frontier", "0.0270", "27,000.00", "27,000.00"]
    assert lines[4].split() == ["mid", "0.000195", "195.00", "195.00"]
    assert lines[-1] == "prices of the configuration; nothing was asked"


def test_a_cascade_beside_the_formula_that_forgets_what_the_escalated_paid(capsys):
    command = ["mid", "frontier", "--cascade", "--success", "0.8", "--month", "1000000"]
    assert main(["estimate", *command]) == 0
    said = capsys.readouterr().out
    assert "5,595.00" in said
    assert "(Who forgets that the escalated pay every step gets 5,556.00 a month for mid -> frontier.)" in said
    (quote,) = quotes(capsys, *command)
    assert (quote["usd_per_month"], quote["naive_usd_per_month"]) == (5595, 5556)


def test_a_cascade_of_three(capsys):
    (quote,) = quotes(capsys, "mid", "mid", "frontier", "--cascade", "--success", "0.5", "0.5", "--month", "1000")
    assert quote["usd_per_month"] == pytest.approx(0.195 * 1.5 + 27 * 0.25)


def test_tiers_by_their_share(capsys):
    (quote,) = quotes(capsys, "frontier", "mid", "--share", "0.1", "0.9", "--month", "1000000")
    assert quote["strategy"] == "10% frontier + 90% mid"
    assert quote["usd_per_month"] == pytest.approx(2700 + 175.5)


def test_caches_batches_and_what_is_fixed(capsys):
    (plain,) = quotes(capsys, "mid", "--month", "1000000", "--hits", "0.25", "--fixed", "40")
    assert plain["usd_per_month"] == 195 * 0.75 + 40
    (batch,) = quotes(capsys, "mid", "--month", "1000000", "--service-tier", "batch")
    assert batch["usd_per_month"] == 97.5
    (prefix,) = quotes(capsys, "mid", "--month", "1000000", "--prefix", "0.8")
    assert prefix["usd_per_month"] == pytest.approx(195 - 500 * 0.8 * 0.075)


def test_a_local_model_is_paid_by_its_time(capsys):
    (quote,) = quotes(capsys, "cheap", "--seconds", "0.9", "--month", "1000000")
    assert quote["usd_per_month"] == pytest.approx(10)  # 0.04 USD an hour


def test_a_runs_traffic_on_each_model_that_can_be_priced(capsys, run_file):
    """On the model that was measured as measured; another has another prefix cache, or none."""
    assert main(["estimate", "--run", str(run_file), "--month", "1000000"]) == 0
    said = capsys.readouterr()
    assert "bench_mail.yaml::one: 20 requests, on average 1,000 input and 145 output tokens (p95 100)" in said.out
    assert "cheap is left out: local/smollm2-135m is priced by the hour" in said.err
    by_name = {quote["strategy"]: quote for quote in quotes(capsys, "--run", str(run_file), "--month", "1000000")}
    assert by_name["frontier"]["usd_per_month"] == pytest.approx(1000 * 30 + 145 * 60)
    assert by_name["mid"]["usd_per_month"] == pytest.approx(950 * 0.15 + 50 * 0.075 + 145 * 0.6)
    assert by_name["frontier"]["p95_usd_per_request"] == pytest.approx(0.036)


@pytest.mark.parametrize(
    ("argv", "said"),
    [
        (["nobody/knows"], "no price is known for 'nobody/knows'"),
        (["cheap"], "local/smollm2-135m is priced by the hour, and nothing says how long a request takes it"),
        (["mid", "frontier", "--cascade"], "--success has 0 rates: 2 steps need 1, each step's but the last"),
        (["mid", "frontier", "--share", "0.5"], "--share has 1 shares for 2 models"),
        (["mid", "frontier", "--share", "0.5", "0.4"], "--share adds up to 0.9: 1 is needed"),
        (["frontier", "--service-tier", "batch"], "no price of the batch tier is known for 'openai/gpt-4o'"),
        (["mid", "--run", "run.jsonl", "--only", "nothing"], "no answers of a strategy whose name contains 'nothing'"),
        (["mid", "--run", "nowhere.jsonl"], "nowhere.jsonl: the run cannot be read"),
    ],
)
def test_what_cannot_be_priced_is_said(argv, said, capsys, run_file):
    assert main(["estimate", *argv]) == 2
    assert said in capsys.readouterr().err


@pytest.mark.parametrize(
    "argv", [["mid", "--input", "-5"], ["mid", "--month", "1.5"], ["mid", "--hits", "1.2"], ["mid", "--fixed", "nan"]]
)
def test_numbers_that_cannot_be_are_a_wrong_command_line(argv, capsys):
    with pytest.raises(SystemExit) as left:
        main(["estimate", *argv])
    assert left.value.code == 2
    assert "is needed" in capsys.readouterr().err


def test_a_project_without_models_is_told_to_name_one(project, capsys):
    (project / "llmcost.toml").unlink()
    assert main(["estimate"]) == 2
    assert "Name one: llmcost estimate MODEL" in capsys.readouterr().err
