"""docs/policies.md, done as it says: its policy is read, and its code runs."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from pytest_llmcost.suites.policies import read_policy

PAGE = (Path(__file__).parents[3] / "docs" / "policies.md").read_text("utf-8")
POLICY = re.search(r"^<!-- file: (\S+) -->\n```yaml\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
CODE = re.findall(r"^```python\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with the page's policy."""
    assert POLICY is not None
    path = tmp_path / POLICY[1]
    path.parent.mkdir()
    path.write_text(POLICY[2], "utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_the_policy_of_the_page_is_one(folder: Path) -> None:
    policy = read_policy(folder / "policies/support.yaml")
    assert (policy.by, sorted(policy.ways)) == ("task", ["legal", "spam"])
    assert policy.learned is not None
    assert policy.learned.alone_usd == {"frontier": 30000.0}


def test_the_code_of_the_page_runs(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    known: dict[str, object] = {}
    for block in CODE:
        exec(compile(block, "docs/policies.md", "exec"), known)
        getattr(known["router"], "close", lambda: None)()
    assert capsys.readouterr().out == "cheap 0.8\nfrontier None\n"
    assert known["variant"] == "control"
    assert known["choice"].tier == "mid"
