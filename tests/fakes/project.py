"""A user's project in a temporary folder: configuration, suites, and pytest run in it for real."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from fakes.stub_server import StubServer

CASES = [
    {"id": "late", "text": "My order is late", "expected": "shop"},
    {"id": "refund", "text": "Where is my refund?", "expected": "shop"},
    {"id": "rain", "text": "Will it rain tomorrow?", "expected": "other"},
    {"id": "books", "text": "In which order should I read these books?", "expected": "other"},
]
"""Three that the stub server gets right, and one (`books`) that it does not."""


class Project:
    """A project that asks the stub server through the model `ours`."""

    def __init__(self, pytester: pytest.Pytester, server: StubServer) -> None:
        self.pytester = pytester
        self.server = server
        self.path: Path = pytester.path
        self.configure()

    def configure(self, **settings: Any) -> None:
        """Write `llmcost.toml`: the stub server as `ours`, and *settings* above it."""
        lines = [f"{key} = {json.dumps(value)}" for key, value in settings.items()]
        self.write(
            "llmcost.toml",
            "\n".join(lines)
            + f"""
[models.ours]
model = "openai/gpt-4o-mini"
api_base = "{self.server.base}"
api_key_env = "OUR_KEY"
[prices.ours]
input = 1.0
output = 2.0
""",
        )

    def write(self, name: str, text: str) -> Path:
        """Write a file of the project."""
        path = self.path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        return path

    def suite(self, cases: list[dict[str, Any]] | None = None, name: str = "bench_mail.yaml", **keys: Any) -> Path:
        """Write a suite that sorts mail into shop and other; *keys* replace its parts."""
        suite = {
            "labels": ["shop", "other"],
            "prompt": "Is this mail for the shop, or other?\n{{ text }}",
            "params": {"temperature": 0, "max_tokens": 8},
            "parse": "label",
            "scorer": "label",
            "strategies": {"one": {"model": "ours"}},
            **keys,
            "cases": CASES if cases is None else cases,
        }
        return self.write(name, yaml.safe_dump(suite, sort_keys=False, allow_unicode=True))

    def run(self, *args: str) -> pytest.RunResult:
        """Run pytest in the project; in this process, where litellm is imported once for all tests."""
        return self.pytester.runpytest_inprocess("-p", "no:randomly", *args)

    def run_apart(self, *args: str) -> pytest.RunResult:
        """Run pytest in the project, in a process of its own."""
        return self.pytester.runpytest_subprocess("-p", "no:randomly", *args)

    def runs(self) -> list[list[dict[str, Any]]]:
        """Return the run files, oldest first, each as its lines."""
        files = sorted((self.path / ".llmcost" / "runs").glob("*.jsonl"), key=lambda f: f.stat().st_mtime_ns)
        return [[json.loads(line) for line in f.read_text("utf-8").split("\n") if line] for f in files]


def numbered_cases(n: int, wrong: int = 0) -> list[dict[str, Any]]:
    """Return *n* cases, the first *wrong* of which the stub server answers wrongly."""
    return [
        {"id": f"c{i:03}", "text": f"My order number {i}", "expected": "other" if i < wrong else "shop"}
        for i in range(n)
    ]
