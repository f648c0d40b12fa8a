"""`llmcost prompt diff`, as it is typed."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from pytest_llmcost.cli import main

SUITE = """\
prompt: "Sort {{ text }}"
strategies:
  long: {model: mid, prompt: "Sort this message, which is a mail: {{ text }}"}
  short: {model: mid}
  both: {cascade: [{use: long, accept: 0.9, confidence: {agreement: 3}}, {use: short}]}
cases:
  - {text: one two three, expected: d}
  - {text: one, expected: e}
"""
CONFIGURATION = '[tiers]\nmid = "openai/gpt-4o-mini"\n[prices."openai/gpt-4o-mini"]\ninput = 10\noutput = 20\n'


@pytest.fixture(autouse=True)
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "llmcost.toml").write_text(CONFIGURATION, "utf-8")
    (tmp_path / "bench_mail.yaml").write_text(SUITE, "utf-8")
    (tmp_path / "a.txt").write_text("Sort this message by its topic, please: {{ text }}", "utf-8")
    (tmp_path / "b.txt").write_text("Sort by topic: {{ text }}", "utf-8")
    return tmp_path


def test_tokens_dollars_and_payback_are_told_of_what_is_sent_each_time(capsys):
    assert main(["prompt", "diff", "a.txt", "b.txt", "--model", "mid", "--hour-usd", "60"]) == 0
    told = capsys.readouterr()
    # 10 and 5 tokens at 10 USD a million; five fewer, 12 million times a year: 600 USD, 60 in a tenth of a year.
    assert told.out.splitlines() == [
        "A: a.txt: 7 words",
        "B: b.txt: 3 words",
        "mid: 10 -> 5 input tokens a call (-50 %), counted by o200k_base",
        "  $0.00010 -> $0.000050 a call; at 1,000,000 requests a month $600.00 less a year",
        "  an hour's work ($60.00) is paid for in 36 days",
    ]
    assert "llmcost: a.txt: without what text will put in\n" in told.err


def test_strategies_are_counted_over_their_cases_at_their_own_model(capsys):
    assert main(["prompt", "diff", "bench_mail.yaml::long", "bench_mail.yaml::short", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    (one,) = told["models"]
    assert [side["calls"] for side in told["prompts"]] == [2, 2]
    assert (one["model"], one["exact"], one["tokens"]) == ("mid", True, [11.0, 3.0])
    assert one["usd_saved_per_year"] == pytest.approx(8 * 12e6 * 10 / 1e6)
    assert one["payback_days"] == pytest.approx(100 * 365 / 960)


def test_a_longer_prompt_never_pays_and_an_estimate_says_so(capsys):
    assert main(["prompt", "diff", "b.txt", "a.txt", "--model", "mid", "--model", "them/new"]) == 0
    told = capsys.readouterr()
    assert "requests a month $600.00 more a year" in told.out
    assert "an hour's work ($100.00) is never paid for" in told.out
    assert "them/new: about 5 -> about 10 input tokens a call (+100 %)\n" in told.out
    assert "them/new: tokens are an estimate by o200k_base: no tokenizer of them/new is at hand; it may be" in told.err
    assert "no price is known for 'them/new'" in told.err


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (["a.txt", "b.txt"], "no model is named, whose tokens are meant: --model openai/gpt-4o-mini"),
        (["a.txt", "c.txt", "--model", "mid"], "c.txt:1:1: the file cannot be read"),
        (["bench_mail.yaml::both", "b.txt"], "bench_mail.yaml::both asks several prompts."),
        (["bench_mail.yaml::nix", "b.txt"], "bench_mail.yaml: no strategy 'nix'. It has long, short, both."),
        (["bench_mail.yaml", "b.txt"], "name one of its strategies: bench_mail.yaml::long"),
    ],
)
def test_what_cannot_be_compared_is_said(capsys, arguments, why):
    assert main(["prompt", "diff", *arguments]) == 2
    assert why in capsys.readouterr().err


def test_what_is_no_template_is_counted_as_it_is(project, capsys):
    (project / "b.txt").write_text("Sort {{ by topic", "utf-8")
    assert main(["prompt", "diff", "a.txt", "b.txt", "--model", "mid"]) == 0
    assert "b.txt is taken as it is: as a template it would be wrong (" in capsys.readouterr().err
