"""`llmcost prompt lint`, as it is typed; nothing is asked."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from pytest_llmcost.cli import main

PROMPT = """\
Please provide a comprehensive analysis of the feedback below.
Answer in one word only.

{{ feedback }}
Your answer must be one word.
"""
LEAN = """\
Analyze the feedback below.
Answer in one word only.

{{ feedback }}
"""
SUITE = """\
system: You are a helpful assistant. Sort this.
prompt: |-
  Please make sure to sort {{ text }}
  Topic:
strategies:
  one: {model: mid}
  both:
    cascade:
      - {use: one, accept: 0.9, confidence: {agreement: 3}}
      - {model: openai/gpt-4o, system: "", prompt: "Sort {{ text }}"}
  cheap: {model: local/none, system: ""}
examples:
  - {text: a, expected: b}
cases:
  - {text: c, expected: d}
"""
CONFIGURATION = (
    '[tiers]\nmid = "openai/gpt-4o-mini"\n[prices."openai/gpt-4o-mini"]\ninput = 1\noutput = 2\ncached_input = 0.5\n'
)


@pytest.fixture(autouse=True)
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("LLMCOST_MODELS", str(tmp_path / "no models"))
    monkeypatch.chdir(tmp_path)
    (tmp_path / "llmcost.toml").write_text(CONFIGURATION, "utf-8")
    (tmp_path / "review.md").write_text(PROMPT, "utf-8")
    (tmp_path / "bench_mail.yaml").write_text(SUITE, "utf-8")
    return tmp_path


def test_each_finding_has_its_place_its_tokens_and_its_dollars_a_month(capsys):
    assert main(["prompt", "lint", "review.md", "--model", "mid", "--month", "2000000"]) == 0
    assert capsys.readouterr().out.splitlines() == [
        "review.md:1: filler: politeness: 'Please' (1 token a call, $2.00 a month)",
        "review.md:1: filler: wordy: 'provide a comprehensive analysis of'; 'analyze' says it "
        "(4 tokens a call, $8.00 a month)",
        "review.md:5: repeated: 'Your answer must be one word.' is said 3 lines above, too "
        "(7 tokens a call, $14.00 a month)",
        "mid: 26 tokens a call; 12 of them (46 %, $24.00 of 2,000,000 requests a month) are spared by what --fix mends",
    ]


def test_fix_writes_a_variant_once_and_never_over_anything(project, capsys):
    assert main(["prompt", "lint", "review.md", "--model", "mid", "--fix"]) == 0
    assert (project / "review.lean.md").read_text("utf-8") == LEAN
    assert (project / "review.md").read_text("utf-8") == PROMPT
    assert "    lean: {model: mid, prompt_file: review.lean.md}" in capsys.readouterr().out
    assert main(["prompt", "lint", "review.md", "--fix"]) == 2
    assert "review.lean.md is there already, and is not written over." in capsys.readouterr().err
    assert main(["prompt", "lint", "review.lean.md", "--fix"]) == 0
    assert not (project / "review.lean.lean.md").exists()


def test_of_a_suite_each_strategy_is_told_and_given_a_leaner_twin(project, capsys):
    assert main(["prompt", "lint", "bench_mail.yaml", "--fix"]) == 0
    told = capsys.readouterr()
    assert (
        "bench_mail.yaml:1: filler: role: 'You are a helpful assistant.' (6 tokens a call, $6.00 a month)" in told.out
    )
    assert "bench_mail.yaml:3: filler: politeness: 'Please' (mid: 2 tokens" in told.out
    assert "both has parts: mend the prompts of these, as the findings say" in told.out
    gated = "--llm-strategy=one --llm-strategy=one-lean --llm-baseline=strategy:one"
    assert f"  pytest --llm-budget bench_mail_lean.yaml {gated}" in told.out
    assert "local/none is paid by the hour, not by the token" in told.err
    assert "an estimate by o200k_base: no model is called 'none'" in told.err
    variant = (project / "bench_mail_lean.yaml").read_text("utf-8")
    assert (
        "  one-lean:\n    use: one\n    system: |-\n      Sort this.\n    prompt: |-\n      Sort {{ text }}\n"
        in variant
    )
    assert "  cheap-lean:\n    use: cheap\n    prompt: |-\n" in variant
    assert main(["prompt", "lint", "bench_mail_lean.yaml::one-lean", "--json"]) == 0
    (size,) = json.loads(capsys.readouterr().out)["prompts"]
    assert size["mendable"]["tokens_per_call"] == 0


def test_one_strategy_and_another_model_may_be_meant(capsys):
    assert main(["prompt", "lint", "bench_mail.yaml::one", "--model", "openai/gpt-4o", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert {saving["model"] for one in told["findings"] for saving in one["savings"]} == {"openai/gpt-4o"}
    assert [size["strategy"] for size in told["prompts"]] == ["one"]
    assert told["findings"][0] == {
        "rule": "filler",
        "path": "bench_mail.yaml",
        "line": 1,
        "what": "role: 'You are a helpful assistant.'",
        "mendable": True,
        "strategies": ["one"],
        "savings": told["findings"][0]["savings"],
        "instead": None,
    }


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (["no.txt"], "no.txt:1:1: the file cannot be read: No such file or directory"),
        (["."], ".:1:1: this is a folder: a regular file is needed"),
        (["bench_none.yaml"], "bench_none.yaml:1:1: the file cannot be read"),
        (["bench_mail.yaml::none"], "bench_mail.yaml: no strategy 'none'. It has one, both, cheap."),
        (["review.md", "--budget-usd", "1"], "--budget-usd needs a suite"),
    ],
)
def test_what_cannot_be_looked_at_is_said(capsys, arguments, why):
    assert main(["prompt", "lint", *arguments]) == 2
    assert why in capsys.readouterr().err


def test_a_name_that_nobody_knows_has_tokens_and_no_price(capsys):
    assert main(["prompt", "lint", "review.md", "--model", "them/new"]) == 0
    told = capsys.readouterr()
    assert "(1 token a call)" in told.out
    assert "$" not in told.out
    assert "no price is known for 'them/new'. Tokens are told alone." in told.err


def test_without_a_model_tokens_are_estimated_and_that_is_said(capsys):
    assert main(["prompt", "lint", "review.md"]) == 0
    told = capsys.readouterr()
    assert "an unnamed model: about 26 tokens a call; 12 of them (46 %) are spared" in told.out
    assert "no model is named: name it for USD, --model openai/gpt-4o-mini" in told.err


def test_a_file_that_is_no_template_is_still_looked_at_and_shown_inertly(project, capsys):
    (project / "raw.txt").write_text("Please sort {% \x1b[2J\n", "utf-8")
    assert main(["prompt", "lint", "raw.txt"]) == 0
    told = capsys.readouterr()
    assert "raw.txt:1: filler: politeness: 'Please'" in told.out
    assert "raw.txt is taken as it is: as a template it would be wrong (template line 1:" in told.err
    assert "\x1b" not in told.err


def test_a_phrase_that_spares_no_token_is_left(project, capsys):
    (project / "short.txt").write_text("Sort, then utilize it.", "utf-8")
    assert main(["prompt", "lint", "short.txt", "--model", "mid", "--fix"]) == 0
    assert capsys.readouterr().out.splitlines() == ["mid: 6 tokens a call; --fix spares none of them"]
    assert not (project / "short.lean.txt").exists()


def test_of_very_many_findings_the_first_are_told_and_that_is_said(project, capsys):
    (project / "long.txt").write_text("Please sort it.\n" * 150, "utf-8")
    assert main(["prompt", "lint", "long.txt", "--model", "mid"]) == 0
    told = capsys.readouterr()
    assert "long.txt:100: filler" in told.out
    assert "long.txt:101: filler" not in told.out
    assert "llmcost: long.txt: the first 100 findings of a text are told; mend these, and look again" in told.err


def test_where_no_twin_can_be_added_it_is_said_what_to_write(project, capsys):
    (project / "llmcost.toml").write_text(
        CONFIGURATION + '[defaults]\nstrategies = ["mid"]\nprompt = "Please sort {{ text }}"\n', "utf-8"
    )
    (project / "bench_bare.yaml").write_text("- {text: a, expected: b}\n- {text: c, expected: d}\n", "utf-8")
    assert main(["prompt", "lint", "bench_bare.yaml", "--fix", "--budget-usd", "1"]) == 0
    told = capsys.readouterr()
    assert "bench_bare.yaml has no form to which strategies can be added" in told.out
    assert '  mid-lean: {use: mid, prompt: "Sort {{ text }}"}' in told.out
    assert "no strategy that asks one model shows examples: there is none to leave out" in told.err
    assert not (project / "bench_bare_lean.yaml").exists()


RULES = "\n\n".join(f"Rule {n}: mails that speak of thing number {n} belong to the shop." for n in range(90))
"""Of more tokens than providers need to keep them: 90 rules of 17."""


def test_a_long_prompt_that_begins_with_what_varies_is_turned_round(project, capsys):
    (project / "late.txt").write_text(f"Mail: {{{{ mail }}}}\n\n{RULES}\n", "utf-8")
    assert main(["prompt", "lint", "late.txt", "--model", "mid", "--fix"]) == 0
    told = capsys.readouterr().out.splitlines()
    # 1,533 tokens at half the price: 0.50 USD a million is spared of each.
    assert told[0] == (
        "late.txt:1: variable-first: {{ mail }} stands before what is the same in each call: with that first 1,533 "
        "tokens begin every call alike, not 3, and are kept from 1,024 up ($766.50 a month)"
    )
    assert told[1] == "  | Rule 0: mails that speak of thing number 0 belong to the shop."
    assert told[21] == "  ... and 161 more lines; --fix writes them"
    assert (project / "late.lean.txt").read_text("utf-8") == f"{RULES}\n\nMail: {{{{ mail }}}}\n"


def test_of_a_suite_the_twin_is_turned_round_and_a_short_prompt_is_left(project, capsys):
    indented = RULES.replace("\n\n", "\n\n  ")
    short = "Mail {{ text }}\\n\\nSort it."
    (project / "bench_late.yaml").write_text(
        f"prompt: |-\n  Mail {{{{ text }}}}\n\n  {indented}\n"
        "strategies:\n  one: {model: mid}\n  two: {model: mid}\n"
        f'  short: {{model: mid, prompt: "{short}"}}\ncases:\n  - {{text: c, expected: d}}\n',
        "utf-8",
    )
    assert main(["prompt", "lint", "bench_late.yaml", "--fix", "--json"]) == 0
    (only,) = json.loads(capsys.readouterr().out)["findings"]
    assert (only["rule"], only["line"], only["strategies"], only["mendable"]) == (
        "variable-first",
        2,
        ["one", "two"],
        True,
    )
    assert main(["prompt", "lint", "bench_late_lean.yaml::one-lean", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["findings"] == []
