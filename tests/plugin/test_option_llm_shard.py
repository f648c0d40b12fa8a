"""`--llm-shard=I/N`: parts of the cases for CI matrices, and `llmcost baseline merge`, which judges them together."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from fakes.project import Project, numbered_cases
from fakes.stub_server import by_keyword

from pytest_llmcost.cli import main

PARTS = 3
SPOILT = by_keyword({"number 1": "other", "order": "shop"}, otherwise="other")


def shards(project: Project, *args: str) -> list[str]:
    """Run every part in turn and return the run files."""
    files = []
    for part in range(1, PARTS + 1):
        files.append(f"shard{part}.jsonl")
        project.run("--llm-budget", f"--llm-shard={part}/{PARTS}", f"--llm-run={files[-1]}", *args)
    return files


def cases_of(path: Path) -> set[str]:
    return {json.loads(line)["case"] for line in path.read_text("utf-8").splitlines()[1:]}


@pytest.fixture
def there(project: Project, monkeypatch: pytest.MonkeyPatch) -> Project:
    """Sixty cases, each answered rightly, with a baseline; commands are typed in the project's folder."""
    monkeypatch.chdir(project.path)
    project.suite(numbered_cases(60))
    assert project.run("--llm-budget", "--llm-update-baseline").ret == 0
    return project


def test_the_parts_are_stable_share_no_case_and_miss_none(there: Project) -> None:
    parts = [cases_of(there.path / file) for file in shards(there)]
    assert sum(map(len, parts)) == 60
    assert set.union(*parts) == {f"c{n:03}" for n in range(60)}
    there.suite(list(reversed(numbered_cases(90))))
    there.run("--llm-budget", "--llm-shard=2/3", "--llm-run=again.jsonl")
    assert {case for case in cases_of(there.path / "again.jsonl") if case < "c060"} == parts[1]


def test_a_part_gives_no_verdict_and_names_the_command_that_does(there: Project) -> None:
    result = there.run("--llm-budget", "--llm-shard=1/3")
    assert result.ret == 0
    assert "gate[" not in result.stdout.str()
    result.stdout.fnmatch_lines(["no verdict: shard 1/3 is a part; judge all together:  llmcost baseline merge *"])


def test_a_part_does_not_become_the_baseline(there: Project) -> None:
    stored = (there.path / "llm_baselines/bench_mail.jsonl").read_bytes()
    result = there.run("--llm-budget", "--llm-shard=1/3", "--llm-update-baseline")
    assert result.ret == 1
    result.stdout.fnmatch_lines(["llmcost: no baseline stored: shard 1/3 is a part; judge all together: *"])
    assert (there.path / "llm_baselines/bench_mail.jsonl").read_bytes() == stored


def test_the_joined_run_is_judged_as_the_whole_one(there: Project, capsys: pytest.CaptureFixture[str]) -> None:
    there.suite(numbered_cases(60), prompt="Whose? {{ text }}")
    there.server.play(SPOILT)
    whole = there.run("--llm-budget", "--llm-run=whole.jsonl")
    assert whole.ret == 1
    files = shards(there)
    capsys.readouterr()

    assert main(["baseline", "merge", *files, "--output", "joined.jsonl"]) == 1

    told = capsys.readouterr().out
    (verdict,) = (line for line in whole.outlines if line.startswith("  FAIL  quality: "))
    assert verdict in told
    assert "3 runs joined in joined.jsonl" in told
    assert trials(there.path / "joined.jsonl") == trials(there.path / "whole.jsonl")


def trials(path: Path) -> list[dict[str, object]]:
    """The trials of a run file, without what depends on the cache and on the time."""
    lines = [json.loads(line) for line in path.read_text("utf-8").splitlines()[1:]]
    for line in lines:
        line["paid_usd"] = line["seconds"] = 0
        for call in line["calls"]:
            call["cached"] = call["origin"] = call["paid_usd"] = call["seconds"] = 0
    return lines


def test_the_joined_run_becomes_the_baseline_that_the_whole_one_would(there: Project) -> None:
    stored = there.path / "llm_baselines/bench_mail.jsonl"
    expected = stored.read_bytes()
    files = shards(there, "--llm-mode=replay")
    stored.unlink()
    assert main(["baseline", "merge", *files, "--update"]) == 0
    assert stored.read_bytes() == expected


def test_a_lost_part_is_named_and_is_no_pass(there: Project, capsys: pytest.CaptureFixture[str]) -> None:
    files = shards(there)
    missing = len(cases_of(there.path / files[2]))
    capsys.readouterr()
    assert main(["baseline", "merge", *files[:2]]) == 1
    assert f"bench_mail.yaml: {missing} cases are in no run (" in capsys.readouterr().err


def test_parts_that_share_a_case_must_agree_on_it(there: Project, capsys: pytest.CaptureFixture[str]) -> None:
    files = shards(there)
    again = (there.path / files[0]).read_text("utf-8")
    (there.path / "again.jsonl").write_text(again.replace('"paid_usd":0.0', '"paid_usd":0.1'), "utf-8")
    assert main(["baseline", "merge", *files, "again.jsonl"]) == 0
    (there.path / "other.jsonl").write_text(again.replace('"correct":true', '"correct":false', 1), "utf-8")
    capsys.readouterr()
    assert main(["baseline", "merge", *files, "other.jsonl"]) == 2
    assert "other.jsonl: case 'c0" in capsys.readouterr().err


def test_parts_of_two_prompts_are_not_joined(there: Project, capsys: pytest.CaptureFixture[str]) -> None:
    first = shards(there)[0]
    there.suite(numbered_cases(60), prompt="Whose? {{ text }}")
    there.run("--llm-budget", "--llm-shard=2/3", "--llm-run=second.jsonl")
    capsys.readouterr()
    assert main(["baseline", "merge", first, "second.jsonl"]) == 2
    assert "strategy 'one' of bench_mail.yaml differs" in capsys.readouterr().err


def test_tests_that_ask_are_shared_out_and_others_run_everywhere(project: Project) -> None:
    project.write(
        "test_app.py",
        """
import pytest

@pytest.mark.parametrize("mail", [f"order {n}" for n in range(12)])
def test_quality(llm, llm_score, mail):
    llm_score("shop" in llm.complete(mail, model="ours").text)

def test_plain():
    pass
""",
    )
    counts = []
    for part in (1, 2):
        result = project.run("--llm-budget", f"--llm-shard={part}/2", "-v")
        result.stdout.fnmatch_lines(["*test_plain PASSED*"])
        counts.append(sum("test_quality[" in line and "PASSED" in line for line in result.outlines))
    assert sum(counts) == 12
    assert min(counts) > 0


@pytest.mark.parametrize("text", ["0/3", "4/3", "1", "a/b", "1/0"])
def test_a_part_that_is_none_is_a_usage_error(project: Project, text: str) -> None:
    project.suite()
    result = project.run("--llm-budget", f"--llm-shard={text}")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(["*I/N is needed*"])
