"""`llmcost doctor` on policies: those that suites name and those below `policies/`, each with what to do."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from fakes.lessons import write_answers, write_project

from pytest_llmcost.cli import main

LEARN = ["cascade", "calibrate", "run.jsonl", "--loss", "0.05", "--output"]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Path:
    """A project whose policy was learned a moment ago."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("LLMCOST_MODELS", str(tmp_path / "no models"))
    write_project(tmp_path, [{"id": f"m{n}", "text": f"mail {n}", "expected": "yes"} for n in range(80)])
    settings = tmp_path / "llmcost.toml"
    prices = "".join(f'[prices."stub/{name}"]\ninput = 1\noutput = 5\n' for name in ("cheap", "dear"))
    settings.write_text(settings.read_text("utf-8") + prices, "utf-8")
    answers = {"cheap": [(1.0, "0.001", 0.9)] * 80, "dear": [(1.0, "0.01", None)] * 80}
    write_answers(tmp_path / "run.jsonl", tmp_path, answers)
    assert main([*LEARN, "policies/mail.yaml"]) == 0
    capsys.readouterr()
    return tmp_path


def found(capsys: pytest.CaptureFixture[str]) -> tuple[int, dict[str, dict[str, Any]]]:
    status = main(["doctor", "--json"])
    findings = [one for one in json.loads(capsys.readouterr().out)["findings"] if one["topic"] == "policy"]
    return status, {one["text"].split()[0].rstrip(":"): one for one in findings}


def test_a_policy_is_fine_or_broken_or_old_and_what_to_do_is_said(folder, capsys):
    policies = folder / "policies"
    (policies / "hand.yaml").write_text("format: llmcost-policy/1\notherwise: dear\n", "utf-8")
    (policies / "other.yaml").write_text("kind: NetworkPolicy\n", "utf-8")
    (policies / "lost.yaml").write_text("format: llmcost-policy/1\notherwise: daer\n", "utf-8")
    (policies / "newer.yaml").write_text("format: llmcost-policy/9\nways: 3\n", "utf-8")
    (policies / "bytes.yaml").write_bytes(b"\xff\xfe\x00")
    status, policy = found(capsys)
    assert status == 1
    assert set(policy) == {f"policies/{name}.yaml" for name in ("mail", "hand", "lost", "newer", "bytes")}
    assert policy["policies/hand.yaml"]["level"] == "ok"
    assert policy["policies/hand.yaml"]["text"].endswith("to dear; written by hand")
    for name in ("lost", "newer", "bytes"):
        assert policy[f"policies/{name}.yaml"]["level"] == "bad"
    assert "2:12: unknown tier 'daer' (did you mean 'dear'?)" in policy["policies/lost.yaml"]["todo"]
    assert "llmcost-policy/9" in policy["policies/newer.yaml"]["todo"]
    # (the run was made up: its fingerprints are no real ones, so that the prompts seem to have changed)
    old = policy["policies/mail.yaml"]
    assert (old["level"], old["text"]) == ("warn", "policies/mail.yaml is older than what it was learned from")
    assert "bench_mail.yaml::cheap changed since the policy was learned: prompt or parameters" in old["todo"]
    assert "Run the suites, then: llmcost cascade calibrate RUN --output policies/mail.yaml" in old["todo"]


def test_a_policy_that_a_suite_names_is_found_wherever_it_lies(folder, capsys):
    (folder / "policies/mail.yaml").unlink()
    (folder / "mail_policy.yaml").write_text("format: llmcost-policy/1\notherwise: dear\n", "utf-8")
    suite = folder / "bench_mail.yaml"
    text = suite.read_text("utf-8")
    suite.write_text(text.replace("strategies:\n", "strategies:\n  learned: {policy: mail_policy.yaml}\n"), "utf-8")
    _, policy = found(capsys)
    assert list(policy) == ["mail_policy.yaml"]
