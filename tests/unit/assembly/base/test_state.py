"""The suites of a base are read from git alone, as a run at that commit would read them."""

from __future__ import annotations

from pathlib import Path

import pytest
from fakes.git_project import commit_all, git

from pytest_llmcost.assembly.base.repository import Repository
from pytest_llmcost.assembly.base.state import State
from pytest_llmcost.assembly.extensions.added import NONE
from pytest_llmcost.domain.errors import BaselineError
from pytest_llmcost.domain.suite import Suite

SETTINGS = """
[tool.llmcost.tiers]
mid = "openai/gpt-4o-mini"
[tool.llmcost.defaults.gate.quality]
margin = 0.02
[tool.llmcost.defaults]
strategies = ["mid"]
"""
SUITE = """
prompt_file: ../prompts/ask this.md
response_format: form.json
cases_from: {path: mails.csv, rename: {body: text, label: expected}}
scorer: exact
"""
FILES = {
    "pyproject.toml": SETTINGS,
    "mail/bench_mail.yaml": SUITE,
    "mail/mails.csv": "body,label\nMy order is late,shop\n",
    "mail/form.json": '{"type": "object"}',
    "mail/llmcost.toml": "[defaults.gate.cost]\nmax_increase = 0.3\n",
    "prompts/ask this.md": "Whose mail? {{ text }}",
    "notes/large.txt": "never named, and so never read",
}


@pytest.fixture
def project(tmp_path: Path) -> Path:
    for name, text in FILES.items():
        write(tmp_path, name, text)
    commit_all(tmp_path, "As it was")
    return tmp_path


def write(root: Path, name: str, text: str) -> None:
    (root / name).parent.mkdir(parents=True, exist_ok=True)
    (root / name).write_text(text, "utf-8")


def state(root: Path) -> State:
    return State(Repository(root), git(root, "rev-parse", "HEAD"), "git:main")


def suite_then(root: Path) -> Suite:
    then = state(root).suites_at(["mail/bench_mail.yaml", "mail/bench_new.yaml"], NONE)
    assert not then.unread
    assert list(then.suites) == ["mail/bench_mail.yaml"]
    return then.suites["mail/bench_mail.yaml"]


def test_a_suite_is_read_with_all_that_it_names_and_all_that_configures_it(project: Path) -> None:
    for name in FILES:
        (project / name).unlink()

    suite = suite_then(project)

    (spec,), (case,) = suite.strategies, suite.cases
    assert (suite.path, suite.name, spec.name, spec.prompt.prompt) == (
        "mail/bench_mail.yaml",
        "mail",
        "mid",
        "Whose mail? {{ text }}",
    )
    assert (case.fields, case.expected, case.path) == ({"text": "My order is late"}, ("shop",), "mail/mails.csv")
    assert spec.gate is not None
    assert (spec.gate.quality.margin, spec.gate.cost.max_increase) == (0.02, 0.3)


def test_what_the_work_tree_says_meanwhile_is_not_looked_at(project: Path) -> None:
    write(project, "pyproject.toml", SETTINGS.replace("0.02", "0.9"))
    write(project, "mail/mails.csv", "body,label\nAnother mail,other\n")

    suite = suite_then(project)

    assert suite.cases[0].fields == {"text": "My order is late"}
    assert suite.strategies[0].gate is not None
    assert suite.strategies[0].gate.quality.margin == 0.02


def test_only_what_may_be_named_is_laid_out_and_nothing_stays(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(project / "laid"))
    (project / "laid").mkdir()
    one = state(project)

    with one._laid_out(["mail/bench_mail.yaml"]) as folder:
        found = {file.relative_to(folder).as_posix() for file in folder.rglob("*") if file.is_file()}

    assert found == set(FILES) - {"notes/large.txt"}
    assert list((project / "laid").iterdir()) == []


def test_a_quarantine_that_ended_meanwhile_is_no_mistake_of_the_base(project: Path) -> None:
    write(project, "mail/mails.csv", 'body,label,quarantine\nMy order is late,shop,"hard, until 2020-01-31"\n')
    commit_all(project, "A quarantine")

    assert suite_then(project).cases[0].quarantine


@pytest.mark.parametrize(
    ("file", "text", "why"),
    [
        ("mail/bench_mail.yaml", "nonsense: 1\n" + SUITE, "mail/bench_mail.yaml:1:1: "),
        ("mail/bench_mail.yaml", SUITE.replace("mails.csv", "gone.csv"), "mail/bench_mail.yaml:4:20: 'gone.csv'"),
        ("mail/llmcost.toml", "nonsense = 1", "mail/llmcost.toml:1"),
        ("pyproject.toml", "[tool.llmcost]\nnonsense = 1", "[tool.llmcost] nonsense: there is no such key."),
        ("pyproject.toml", "[", "pyproject.toml: cannot be read"),
    ],
)
def test_what_cannot_be_read_is_said_by_its_place(project: Path, file: str, text: str, why: str) -> None:
    write(project, file, text)
    commit_all(project, "Broken")

    then = state(project).suites_at(["mail/bench_mail.yaml"], NONE)

    assert not then.suites
    assert then.unread["mail/bench_mail.yaml"].startswith(why)
    assert str(project) not in then.unread["mail/bench_mail.yaml"]


def test_a_baseline_is_named_by_commit_and_path_where_it_is_damaged(project: Path) -> None:
    write(project, "mail/llm_baselines/bench_mail.jsonl", "<<<<<<< HEAD\n")
    write(project, "mail/llm_baselines/bench_text.jsonl", "no text")
    (project / "mail/llm_baselines/bench_text.jsonl").write_bytes(b"\xff")
    commit = commit_all(project, "A conflict")
    one = state(project)

    assert one.baseline_at("mail/llm_baselines/bench_new.jsonl") is None
    with pytest.raises(BaselineError, match=f"^{commit[:10]}:mail/llm_baselines/bench_mail.jsonl:1: a merge conflict"):
        one.baseline_at("mail/llm_baselines/bench_mail.jsonl")
    with pytest.raises(BaselineError, match="cannot be read"):
        one.baseline_at("mail/llm_baselines/bench_text.jsonl")


def test_the_base_says_what_tests_are_corrected_for(project: Path) -> None:
    write(project, "pyproject.toml", f'[tool.llmcost]\nfamily = "suite"\n{SETTINGS}')
    commit_all(project, "Each suite by itself")
    write(project, "pyproject.toml", SETTINGS)

    assert state(project).suites_at(["mail/bench_mail.yaml"], NONE).family == "suite"
