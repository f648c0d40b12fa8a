from __future__ import annotations

from pathlib import Path

import pytest

from pytest_llmcost.domain.errors import BaselineError
from pytest_llmcost.domain.policy import Learned, Policy, PolicyStep
from pytest_llmcost.domain.trial import StrategyRecord
from pytest_llmcost.reports.policy_file import policy_text, write_policy

RECORD = StrategyRecord("4cd7c3d580eb", "openai/gpt-4o", {"openai/gpt-4o": {"input": 2.5, "output": 10}})
LEARNED = Learned(
    "2026-11-24T10:00:00+00:00",
    0.02,
    0.9,
    "frontier",
    prices_date="2026-11-01",
    prices_sha256="ab12",
    strategies={"b.yaml": {"mid": RECORD, "frontier": RECORD}, "a.yaml": {"frontier": RECORD}},
    commit="c0ffee",
    requests=1_000_000,
    usd=1552.5,
    alone_usd={"mid": 0.0421, "frontier": 30000.0},
)
CASCADE = (PolicyStep("cheap", 0.8, {"json": "sure"}), PolicyStep("mid", 0.5), PolicyStep("no"))
TEXT = """\
# Learned from a run.
format: llmcost-policy/1
by: task
to:
  "12": mid
  # 40 cases
  legal: frontier
  spam:
    cascade:
      - {use: cheap, accept: 0.8, confidence: {json: sure}}
      - {use: mid, accept: 0.5}
      - {use: "no"}
otherwise: openai/gpt-4o
learned:
  started: "2026-11-24T10:00:00+00:00"
  commit: c0ffee
  loss: 0.02
  confidence: 0.9
  safe: frontier
  prices: {date: "2026-11-01", sha256: ab12}
  strategies:
    a.yaml:
      frontier: {fingerprint: "4cd7c3d580eb", model: openai/gpt-4o, prices: {openai/gpt-4o: {input: 2.5, output: 10}}}
    b.yaml:
      frontier: {fingerprint: "4cd7c3d580eb", model: openai/gpt-4o, prices: {openai/gpt-4o: {input: 2.5, output: 10}}}
      mid: {fingerprint: "4cd7c3d580eb", model: openai/gpt-4o, prices: {openai/gpt-4o: {input: 2.5, output: 10}}}
  month:
    requests: 1000000
    usd: 1552.50
    alone_usd:
      frontier: 30000.00
      mid: 0.042
"""


def test_the_file_is_sorted_and_its_evidence_stands_above_its_rules():
    ways = {"spam": CASCADE, "legal": (PolicyStep("frontier"),), "12": (PolicyStep("mid"),)}
    policy = Policy("", (PolicyStep("openai/gpt-4o"),), "task", ways, LEARNED)
    assert policy_text(policy, ["Learned from a run."], {"legal": "40 cases"}) == TEXT


def test_what_was_there_stays_where_a_policy_cannot_be_written(tmp_path: Path):
    path = tmp_path / "policies" / "mail.yaml"
    write_policy(path, "old")
    write_policy(path, "new")
    assert path.read_text("utf-8") == "new"
    folder = tmp_path / "a_folder"
    folder.mkdir()
    with pytest.raises(BaselineError, match=r"a_folder: the policy cannot be written: it is no regular file"):
        write_policy(folder, "newer")
    assert [one.name for one in path.parent.iterdir()] == ["mail.yaml"]
