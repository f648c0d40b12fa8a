"""docs/hooks.md, done as it says: the package is built and used, with the files of the page."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest
from fakes.packages import install
from fakes.project import Project

PAGE = (Path(__file__).parents[2] / "docs" / "hooks.md").read_text("utf-8")
BLOCK = re.compile(r"^<!-- file: (?P<name>\S+) -->\n```\w+\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL)
FILES = {block["name"]: block["text"] for block in BLOCK.finditer(PAGE)}


def test_the_pages_package_scores_as_the_page_says(
    project: Project, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    ((name, module),) = tomllib.loads(FILES["pyproject.toml"])["project"]["entry-points"]["pytest_llmcost"].items()
    site = tmp_path_factory.mktemp("site")
    monkeypatch.syspath_prepend(install(site, name, FILES[f"{module}.py"], entry=module))
    for file in ("bench_sums.yaml", "conftest.py"):
        project.write(file, FILES[file])
    result = project.run("--llm-budget")
    assert result.ret == pytest.ExitCode.TESTS_FAILED, "one case has no score"
    _, *trials = project.runs()[-1]
    assert {trial["case"]: trial["score"] for trial in trials} == {"two": 1.0, "half": 1.0, "word": None}
    result.stdout.fnmatch_lines(["*the scorer raised ValueError: could not convert string to float: 'three'"])
    assert all(trial["usd"] > 0 for trial in trials)
    project.write("bench_sums.yaml", FILES["bench_sums.yaml"].replace("within", "witin"))
    result = project.run("--llm-budget")
    result.stdout.fnmatch_lines(["*bench_sums.yaml:3:*: close has no option 'witin' (did you mean 'within'?)"])


def test_the_pages_strategy_asks_what_the_suite_lets_it_ask(project: Project) -> None:
    project.write("conftest.py", FILES["conftest.py"] + FILES["short_questions.py"])
    suite = project.write("bench_short.yaml", FILES["bench_short.yaml"])
    result = project.run("--llm-budget")
    assert not result.ret
    _, *trials = project.runs()[-1]
    calls = {(trial["strategy"], trial["case"]): len(trial["calls"]) for trial in trials}
    assert calls == {("plain", "long"): 1, ("plain", "short"): 1, ("short", "long"): 2, ("short", "short"): 1}
    long = next(trial for trial in trials if len(trial["calls"]) == 2)
    assert [step["step"] for step in long["steps"]] == ["summary", "answer"]
    suite.write_text(FILES["bench_short.yaml"].replace("most: 20", "mots: 20").replace("plain}", "plain, of: {}}"))
    result = project.run("--llm-budget")
    result.stdout.fnmatch_lines(
        ["*bench_short.yaml:6:*: strategy 'shorter' has no option 'mots' (did you mean 'most'?)"]
    )


def test_the_page_names_every_hook() -> None:
    from pytest_llmcost.assembly.extensions.found import HOOKS

    assert tuple(re.findall(r"^\| `(llmcost_\w+)\(", PAGE, re.MULTILINE)) == HOOKS
