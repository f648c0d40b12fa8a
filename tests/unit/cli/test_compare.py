"""`llmcost compare`, as a user types it."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest
from fakes.runs import SUITE, Did, run_of, stored

from pytest_llmcost.assembly.sides import side_of_run
from pytest_llmcost.cli import main
from pytest_llmcost.gate.baseline import baseline_path, write_baseline

DEAR = Did("stub/dear", fingerprint="dear", answers="dear", seconds=2.0)
CHEAP = Did("stub/cheap", wrong=range(1))
CASES = "\n".join(f"  - {{id: c{n:03}, text: mail, expected: a, tags: [orders]}}" for n in range(80))


@pytest.fixture(autouse=True)
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project without any configuration, which the command is typed in."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def typed(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    assert main(["compare", *arguments]) == 0
    return capsys.readouterr().out


def test_the_strategies_of_one_run_are_compared_with_each_other(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    stored(project / "run.jsonl", run_of(dear=DEAR, cheap=CHEAP))
    told = typed(capsys, "run.jsonl", "--quality", "0.8")
    assert "cheap is not worse than dear by more than 5 pt" not in told  # 80 cases, one of them lost: too few
    assert "cost: $0.0054 -> $0.00054 a case (-90.0 %): mix -$0.0049" in told
    assert "cheapest with quality >= 80 %: cheap" in told
    assert f"note: {SUITE} is not below {project}: the margin is the default" in told


def test_the_margin_is_that_of_the_suite_where_it_is_here(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    stored(project / "run.jsonl", run_of(dear=DEAR, cheap=CHEAP))
    head = 'prompt: "{{ text }}"\nstrategies: {cheap: {model: stub/cheap}}\ngate: {quality: {margin: 0.2}}\ncases:\n'
    (project / SUITE).write_text(f"{head}{CASES}\n")
    told = typed(capsys, "run.jsonl::dear", "run.jsonl::cheap")
    assert "margin 20 pt, as the suite says" in told
    assert "B::cheap is not worse than A::dear by more than 20 pt (p < 0.0001), and costs 90 % less" in told
    assert "note:" not in told


def test_a_suite_that_is_wrong_is_said_and_does_without(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    stored(project / "run.jsonl", run_of(dear=DEAR, cheap=CHEAP))
    (project / SUITE).write_text("cases: 3\n")
    assert "So the margin is the default" in typed(capsys, "run.jsonl")


def test_programs_read_it_as_json(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    a, b = stored(project / "a.jsonl", run_of(cheap=DEAR)), stored(project / "b.jsonl", run_of(cheap=CHEAP))
    document = json.loads(typed(capsys, a, b, "--json"))
    assert document["sides"] == {"A": a, "B": b}
    assert [one["name"] for one in document["suites"][0]["standings"]] == ["A::cheap", "B::cheap"]


def test_a_commit_is_a_side(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run = run_of(cheap=DEAR)
    (project / SUITE).write_text(f'prompt: "{{{{ text }}}}"\nstrategies: [stub/cheap]\ncases:\n{CASES}\n')
    write_baseline(baseline_path(project, SUITE), side_of_run("", run).baselines[SUITE])
    git = ("git", "-c", "user.name=a", "-c", "user.email=a@b.c")
    for command in (("init", "-q"), ("add", "."), ("commit", "-qm", "stored")):
        subprocess.run([*git, *command], cwd=project, check=True)
    told = typed(capsys, "git:HEAD", stored(project / "run.jsonl", run_of(cheap=CHEAP)))
    assert told.startswith("A  git:HEAD (")
    assert "cost: $0.0054 -> $0.00054 a case (-90.0 %): mix" in told


@pytest.mark.parametrize(
    ("arguments", "fault"),
    [
        (("gone.jsonl",), "gone.jsonl: there is no such file"),
        (("run.jsonl::chaep",), "run.jsonl: no strategy 'chaep'"),
        (("git:nowhere", "run.jsonl"), "git:nowhere"),
    ],
)
def test_what_cannot_be_read_is_status_2_and_named(
    arguments: tuple[str, ...], fault: str, project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    stored(project / "run.jsonl", run_of(cheap=CHEAP))
    assert main(["compare", *arguments]) == 2
    assert fault in capsys.readouterr().err


@pytest.mark.parametrize("quality", ["80", "much", "nan", "-0.1"])
def test_a_quality_is_a_share(quality: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as left:
        main(["compare", "run.jsonl", "--quality", quality])
    assert left.value.code == 2
    assert "a share from 0 to 1 is needed" in capsys.readouterr().err


def test_the_best_strategy_that_a_month_pays_for(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    stored(project / "run.jsonl", run_of(dear=DEAR, cheap=CHEAP))

    def told(usd: str) -> str:
        return typed(capsys, "run.jsonl", "--month", "1000000", "--usd", usd)

    assert "best under $10,000.00 a month of 1,000,000 requests: dear, " in told("10000")
    assert "best under $1,000.00 a month of 1,000,000 requests: cheap, " in told("1000")
    assert "no strategy is under $100.00 a month of 1,000,000 requests" in told("100")


@pytest.mark.parametrize("half", [("--usd", "5"), ("--month", "5")])
def test_a_months_usd_and_its_requests_go_together(
    project: Path, capsys: pytest.CaptureFixture[str], half: tuple[str, str]
) -> None:
    stored(project / "run.jsonl", run_of(dear=DEAR, cheap=CHEAP))
    assert main(["compare", "run.jsonl", *half]) == 2
    assert "--usd and --month go together" in capsys.readouterr().err
