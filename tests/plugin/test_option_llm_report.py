"""`--llm-report`, GitHub's step summary and annotations: where a run is told beside the terminal."""

from __future__ import annotations

import json

import pytest
from fakes.project import Project, numbered_cases
from fakes.stub_server import by_keyword

SPOILT = by_keyword({"number 1": "other", "number 3": "other", "order": "shop"}, otherwise="other")
BEFORE = "A word before.\n"


@pytest.fixture
def spoilt(project: Project, monkeypatch: pytest.MonkeyPatch) -> Project:
    """A stored baseline, a new prompt that loses 22 of 60 cases, one of which must pass; on a runner of GitHub."""
    cases = numbered_cases(60)
    cases[3]["must_pass"] = True
    project.suite(cases, name="mails/bench_mail.yaml")
    assert project.run("--llm-budget", "--llm-update-baseline").ret == 0
    project.suite(cases, name="mails/bench_mail.yaml", prompt="Whose? {{ text }}")
    project.server.play(SPOILT)
    summary = project.write("summary.md", BEFORE)
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(summary))
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    monkeypatch.setenv("GITHUB_WORKSPACE", str(project.path.parent))
    return project


@pytest.mark.parametrize("workers", [(), ("-n2",)], ids=["plain", "n2"])
def test_a_failed_run_is_told_everywhere(spoilt: Project, workers: tuple[str, ...]) -> None:
    result = spoilt.run("--llm-budget", "--llm-report=new/out.md", "--llm-report=out.json", "-k", "one", *workers)
    markdown = (spoilt.path / "new/out.md").read_text("utf-8")
    document = json.loads((spoilt.path / "out.json").read_text("utf-8"))

    assert result.ret == 1
    assert markdown.startswith("Failed: the one strategy fails (quality); 1 test failed\n---\n")
    assert "`c003` (`line 23`), expected `shop`, got `shop` before, got `other` now, **must pass**" in markdown
    assert "pytest --llm-budget -k one\n" in markdown
    assert document["title"] == markdown.splitlines()[0]
    quality = document["strategies"][0]["verdicts"][0]
    assert (quality["outcome"], quality["losses"], quality["n"], quality["lost"][0]) == ("fail", 22, 60, "c001")
    assert document["must_pass_lost"] == [{"suite": "mails/bench_mail.yaml", "strategy": "one", "case": "c003"}]
    assert (spoilt.path / "summary.md").read_text("utf-8") == f"{BEFORE}{markdown}\n"
    (annotation,) = (line for line in result.outlines if line.startswith("::"))
    file = f"{spoilt.path.name}/mails/bench_mail.yaml"
    assert annotation == (
        f"::error file={file},line=23,title=mail::case 'c003' must pass, and 'one' answers it wrongly"
    )


def test_elsewhere_there_are_no_annotations_and_no_summary(spoilt: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("GITHUB_ACTIONS", "GITHUB_STEP_SUMMARY"):
        monkeypatch.delenv(name)
    result = spoilt.run("--llm-budget")

    assert not [line for line in result.outlines if line.startswith("::")]
    assert (spoilt.path / "summary.md").read_text("utf-8") == BEFORE


def test_a_part_without_a_verdict_is_no_news_for_the_summary_but_can_be_reported(spoilt: Project) -> None:
    spoilt.run("--llm-budget", "--llm-shard=1/3", "--llm-report=out.md", "-k", "not c003")

    assert (spoilt.path / "summary.md").read_text("utf-8") == BEFORE
    assert (spoilt.path / "out.md").read_text("utf-8").startswith("Cannot tell: no verdict: shard 1/3 is a part")


def test_f01_f02_a_report_that_cannot_be_written_is_said_and_fails_the_run(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    project.suite()
    (project.path / "folder.md").mkdir()
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(project.path / "folder.md"))
    result = project.run("--llm-budget", "--llm-report=folder.md", "--llm-report=out.json")

    assert result.ret == 1
    result.stdout.fnmatch_lines(
        ["llmcost: the report */folder.md cannot be written: this is no regular file",
         "llmcost: the step summary */folder.md cannot be written: *"]
    )  # fmt: skip
    assert (project.path / "out.json").exists(), "the others are written all the same"
    assert not list(project.path.glob("*.tmp"))


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("out.html", "argument --llm-report: out.html: .html is not supported yet; .md and .json are"),
        ("out", "argument --llm-report: out: a report's name ends in .md or .json"),
    ],
)
def test_a_report_of_another_kind_is_a_usage_error(project: Project, name: str, said: str) -> None:
    result = project.run("--llm-budget", f"--llm-report={name}")

    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines([f"*{said}"])


def test_a_run_is_reproduced_by_its_own_options_and_never_by_anybody_elses(project: Project) -> None:
    project.suite()
    project.write("conftest.py", "def pytest_addoption(parser):\n    parser.addoption('--password')\n")
    project.run(
        "--llm-budget=0.5", "--llm-mode=live", "--llm-tier=mid=ours", "--llm-strategy=o*", "--llm-strategy=x",
        "--llm-report=out.json", "--llm-shard=1/2", "--password=hush", "-k", "not rain", "bench_mail.yaml",
    )  # fmt: skip

    assert json.loads((project.path / "out.json").read_text("utf-8"))["commands"] == [
        "pytest --llm-budget=0.5 --llm-mode=live '--llm-strategy=o*' --llm-strategy=x --llm-tier=mid=ours "
        "--llm-shard=1/2 -k 'not rain' bench_mail.yaml"
    ]
