"""The README's own files and commands, run in the order in which a reader meets them."""

from __future__ import annotations

import csv
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from fakes.weights import needs_weights

pytestmark = [pytest.mark.live, needs_weights]

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text("utf-8")
BLOCK = re.compile(
    r"^<!-- (?P<mark>file|tour)(?:: (?P<said>[^\n]+))? -->\n```\w+\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL
)


def shell(command: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """Run a command as a reader would, with this environment's programs first."""
    environment = {**os.environ, "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"}
    return subprocess.run(command, shell=True, cwd=folder, env=environment, capture_output=True, text=True, timeout=600)


def blocks(mark: str) -> list[re.Match[str]]:
    return [found for found in BLOCK.finditer(README) if found["mark"] == mark]


def test_the_ten_minute_tour_ends_where_the_readme_says(tmp_path: Path) -> None:
    """Every command of it, one block after the other, from a folder that looks like a clone."""
    folder = tmp_path / "clone"
    (folder / "docs").mkdir(parents=True)
    shutil.copy(ROOT / "docs/mails.csv", folder / "docs")
    (folder / ".venv/bin").mkdir(parents=True)
    (folder / ".venv/bin/activate").touch()  # the programs of this environment are found already
    told = []
    for block in blocks("tour"):
        # A shell ends with each block, but the reader stays in the folder.
        done = shell(f"{block['text']}\nstatus=$?; pwd > {tmp_path}/folder; exit $status", folder)
        assert done.returncode == (1 if block["said"] == "exits 1" else 0), done.stdout + done.stderr
        folder = Path((tmp_path / "folder").read_text("utf-8").strip())
        told.append(done.stdout)

    made, estimated, asked, stored, failed, again = told
    assert "bench_mails.yaml: 192 cases" in made
    assert "nothing was asked" in estimated
    assert "store a baseline:" in asked
    assert "baseline stored: llm_baselines/bench_mails.jsonl. Commit it." in stored
    for line in excerpt("bench_mails.yaml::cheap"):
        assert line in failed
    lost, unchanged = again.split("test session starts")[1:]
    assert "no verdict: the cases were chosen by how they did before" in lost
    assert "192 cases" not in lost
    assert "spent $0 of $1.00; 195 calls, 195 of them from the cache" in unchanged
    assert "unchanged" in unchanged


def excerpt(first: str) -> list[str]:
    """Return the lines of what the README shows as printed, from *first* on."""
    (shown,) = re.findall(rf"^```text\n({re.escape(first)}\n.*?)^```$", README, re.MULTILINE | re.DOTALL)
    return [line for line in shown.splitlines() if line.strip() != "..."]


def test_the_tour_s_table_holds_200_of_the_example_suite_s_mails() -> None:
    with (ROOT / "docs/mails.csv").open(newline="", encoding="utf-8") as file:
        rows = {(row["mail"], row["topic"]) for row in csv.DictReader(file)}
    suite = yaml.safe_load((ROOT / "example_suites/triage/bench_triage.yaml").read_text("utf-8"))
    assert len(rows) == 200
    assert rows <= {(case["text"], case["expected"]) for case in suite["cases"]}


def test_the_suite_by_hand_runs(tmp_path: Path) -> None:
    (block,) = blocks("file")
    (tmp_path / block["said"]).write_text(block["text"], "utf-8")
    done = shell("pytest --llm-budget", tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "bench_mail.yaml::local" in done.stdout


def test_the_readme_s_configuration_is_read(tmp_path: Path) -> None:
    from pytest_llmcost.assembly.settings import read_settings

    caches, block = re.findall(r"^```toml\n(.*?)^```$", README, re.MULTILINE | re.DOTALL)
    (tmp_path / "llmcost.toml").write_text(caches, "utf-8")
    assert read_settings(tmp_path, {}).recordings == tmp_path / "recorded"
    (tmp_path / "llmcost.toml").unlink()
    (tmp_path / "pyproject.toml").write_text(block, "utf-8")
    settings = read_settings(tmp_path, {})
    assert settings.tiers == {"mid": "openai/gpt-4o-mini"}
    assert settings.models["ours"].api_base == "http://127.0.0.1:8000/v1"


@pytest.mark.parametrize("amount", ["0.0008"])
def test_the_readme_s_budget_is_reached(tmp_path: Path, amount: str) -> None:
    assert f"--llm-budget={amount} --llm-mode=live" in README
    cases = "".join(f'  - {{text: "Where is my order number {n}?", expected: shop}}\n' for n in range(200))
    head = "labels: [shop, other]\nprompt: '{{ text }}'\nstyle: text\nparse: label\nscorer: label\n"
    strategies = "strategies: {local: {model: local/smollm2-135m}}\nparams: {max_tokens: 4}\n"
    (tmp_path / "bench_mail.yaml").write_text(f"{head}{strategies}cases:\n{cases}", "utf-8")
    done = shell(f"pytest -p no:randomly --llm-budget={amount} --llm-mode=live", tmp_path)
    assert done.returncode == 1
    assert f"cases were not run: budget reached (${amount})" in done.stdout
