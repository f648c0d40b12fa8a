"""docs/prompt_lint.md, done as it says: its commands print what it shows."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from pytest_llmcost.cli import main

DOCS = Path(__file__).parents[3] / "docs"
PAGE = (DOCS / "prompt_lint.md").read_text("utf-8")
FILES = re.findall(r"^<!-- file: (\S+) -->\n```\w+\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
SHOWN = re.findall(r"^<!-- shown -->\n```sh\nllmcost (.*?)\n```\n```text\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)

PRICES = """
[prices."openai/gpt-4o-mini"]
input = 0.15
output = 0.60
[prices."anthropic/claude-sonnet-4-5"]
input = 3
output = 15
"""
"""As they were when the page was written: lists change."""


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with the page's files."""
    for name, text in FILES:
        (tmp_path / name).write_text(text, "utf-8")
    (tmp_path / "llmcost.toml").write_text(PRICES, "utf-8")
    shutil.copy(DOCS / "mails.csv", tmp_path)
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize(("command", "output"), SHOWN, ids=lambda text: text.split("\n")[0][:40])
def test_each_command_prints_what_the_page_shows(command, output, capsys):
    assert main(command.split()) == 0
    assert capsys.readouterr().out == output


def test_the_pages_suite_has_a_leaner_twin_of_which_nothing_more_can_go(folder, capsys):
    assert len(SHOWN) == 3
    assert main(["prompt", "lint", "bench_inbox.yaml", "--model", "openai/gpt-4o-mini", "--fix"]) == 0
    gate = "bench_inbox_lean.yaml --llm-strategy=wordy --llm-strategy=wordy-lean --llm-baseline=strategy:wordy"
    told = capsys.readouterr().out
    assert f"  pytest --llm-budget {gate}\n" in told
    assert f"pytest --llm-budget {gate}\n" in PAGE
    assert main(["prompt", "lint", "bench_inbox_lean.yaml::wordy-lean", "--model", "openai/gpt-4o-mini"]) == 0
    assert "--fix spares none of them" in capsys.readouterr().out
