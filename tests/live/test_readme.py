"""The README's own files and commands, run in the order in which a reader meets them."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from fakes.weights import needs_weights

pytestmark = [pytest.mark.live, needs_weights]

ROOT = Path(__file__).parents[2]
BLOCK = re.compile(
    r"^<!-- (?P<mark>file|tour)(?:: (?P<name>\S+))? -->\n```\w+\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL
)


def shell(command: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """Run a command as a reader would, with this environment's programs first."""
    environment = {**os.environ, "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"}
    return subprocess.run(command, shell=True, cwd=folder, env=environment, capture_output=True, text=True, timeout=600)


def test_the_readme_s_first_suite_runs_and_its_baseline_is_stored(tmp_path: Path) -> None:
    blocks = list(BLOCK.finditer((ROOT / "README.md").read_text("utf-8")))
    assert [block["mark"] for block in blocks] == ["file", "tour", "tour"]
    for block in blocks:
        if block["mark"] == "file":
            (tmp_path / block["name"]).write_text(block["text"], "utf-8")
            continue
        done = shell(block["text"], tmp_path)
        assert done.returncode == 0, done.stdout + done.stderr
        assert "bench_mail.yaml" in done.stdout
    assert (tmp_path / "llm_baselines" / "bench_mail.jsonl").exists()
    again = shell("pytest --llm-budget bench_mail.yaml", tmp_path)
    assert again.returncode == 0
    assert "0 of them" not in again.stdout


def test_the_readme_s_configuration_is_read(tmp_path: Path) -> None:
    from pytest_llmcost.assembly.settings import read_settings

    (block,) = re.findall(r"^```toml\n(.*?)^```$", (ROOT / "README.md").read_text("utf-8"), re.MULTILINE | re.DOTALL)
    (tmp_path / "pyproject.toml").write_text(block, "utf-8")
    settings = read_settings(tmp_path, {})
    assert settings.tiers == {"mid": "openai/gpt-4o-mini"}
    assert settings.models["ours"].api_base == "http://127.0.0.1:8000/v1"


@pytest.mark.parametrize("amount", ["0.0008"])
def test_the_readme_s_budget_is_reached(tmp_path: Path, amount: str) -> None:
    assert f"--llm-budget={amount} --llm-mode=live" in (ROOT / "README.md").read_text("utf-8")
    cases = "".join(f'  - {{text: "Where is my order number {n}?", expected: shop}}\n' for n in range(200))
    head = "labels: [shop, other]\nprompt: '{{ text }}'\nstyle: text\nparse: label\nscorer: label\n"
    strategies = "strategies: {local: {model: local/smollm2-135m}}\nparams: {max_tokens: 4}\n"
    (tmp_path / "bench_mail.yaml").write_text(f"{head}{strategies}cases:\n{cases}", "utf-8")
    done = shell(f"pytest -p no:randomly --llm-budget={amount} --llm-mode=live", tmp_path)
    assert done.returncode == 1
    assert f"cases were not run: budget reached (${amount})" in done.stdout
