"""What packages, plugins and the rootdir's conftest.py add, end to end; and what is said where it cannot be used."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from fakes.packages import install
from fakes.project import CASES, Project

CLOSE = """
def close(answer, case, *, to=1.0):
    return answer == case["expected"] and to

def llmcost_scorers():
    return {"close": close}
"""

ECHO = """
from pytest_llmcost.domain.completion import Completion
from pytest_llmcost.domain.usage import Usage

class Echo:
    async def __call__(self, request):
        text = request.messages[-1]["content"].split()[-1]
        return Completion(text, Usage(input_tokens=10, output_tokens=1), "stop", 0.1, request.endpoint.model, 0.0)

    async def aclose(self):
        with open("closed", "w") as file:
            file.write("yes")

def llmcost_providers():
    return {"echo": Echo()}

def llmcost_prices():
    return {"echo/last": {"input": 1.0, "output": 2.0}}
"""

REPORT = """
import json

def llmcost_report(run, verdicts):
    said = {"cases": [t.case for t in run.trials], "got": [t.got for t in run.trials],
            "verdicts": [f"{v.metric} {v.outcome}" for v in verdicts]}
    with open("report.json", "a") as file:
        file.write(json.dumps(said))
"""


@pytest.fixture
def packages(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder on the path of every process of a run, for packages."""
    folder = tmp_path_factory.mktemp("site")
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(folder), str(Path(__file__).parents[2])]))
    monkeypatch.syspath_prepend(folder)
    return folder


def where(project: Project, packages: Path, place: str, code: str) -> tuple[str, ...]:
    """Put *code* where it can add something, and return the options that this takes."""
    if place == "package":
        install(packages, "my-hooks", code)
    elif place == "conftest":
        project.write("conftest.py", code)
    else:
        project.write("my_plugin.py", code)
        return ("-p", "my_plugin")
    return ()


@pytest.mark.parametrize("workers", [(), ("-n2",)], ids=["plain", "n2"])
@pytest.mark.parametrize("place", ["package", "conftest", "plugin"])
def test_a_scorer_may_come_from_elsewhere(
    project: Project, packages: Path, place: str, workers: tuple[str, ...]
) -> None:
    options = where(project, packages, place, CLOSE)
    project.suite(scorer={"close": {"to": 0.75}}, threshold=0.5)
    result = project.run_apart("--llm-budget", *options, *workers)
    assert result.ret == 0
    assert [line["score"] for line in project.runs()[-1][1:]] == [0.0, 0.75, 0.75, 0.75]  # books, late, rain, refund


def test_an_option_that_the_scorer_does_not_take_is_a_mistake_of_the_suite(project: Project, packages: Path) -> None:
    install(packages, "my-hooks", CLOSE)
    project.suite(scorer={"close": {"too": 1}})
    result = project.run("--llm-budget")
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    result.stdout.fnmatch_lines(["*bench_mail.yaml:*: close has no option 'too' (did you mean 'to'?)"])
    assert not project.server.requests


@pytest.mark.parametrize(
    ("result", "said"),
    [
        ("float('nan')", "close gave nan: True, False or a number in 0..1 is needed"),
        ("None", "close gave None: True, False or a number in 0..1 is needed"),
        ("1.5", "close gave 1.5: True, False or a number in 0..1 is needed"),
        ("1 / 0", "the scorer raised ZeroDivisionError: division by zero"),
        ("__import__('sys').exit(3)", "the scorer raised SystemExit: 3"),
    ],
)
def test_s05_what_a_foreign_scorer_cannot_score_is_unscored_with_the_reason(
    project: Project, result: str, said: str
) -> None:
    project.write("conftest.py", f"def llmcost_scorers():\n    return {{'close': lambda answer, case: {result}}}\n")
    project.suite(CASES[:1], scorer="close")
    run = project.run("--llm-budget")
    assert run.ret == pytest.ExitCode.TESTS_FAILED
    run.stdout.fnmatch_lines([f"*{said}"])
    assert project.runs()[-1][1]["score"] is None


@pytest.mark.parametrize("workers", [(), ("-n2",)], ids=["plain", "n2"])
def test_a_provider_and_its_prices_may_come_from_a_package(
    project: Project, packages: Path, workers: tuple[str, ...]
) -> None:
    install(packages, "my-hooks", ECHO)
    cases = [{"id": f"c{i}", "text": f"say shop {i}", "expected": "shop"} for i in range(4)]
    project.suite(cases, prompt="{{ text }} shop", strategies={"one": {"model": "echo/last"}})
    assert project.run_apart("--llm-budget", *workers).ret == 0
    _, *trials = project.runs()[-1]
    assert [(t["score"], t["usd"], t["paid_usd"]) for t in trials] == [(1.0, 1.2e-05, 1.2e-05)] * 4
    assert (project.path / "closed").read_text() == "yes"
    assert project.run("--llm-budget", "--llm-mode=replay").ret == 0


def test_the_projects_own_price_goes_before_a_packages(project: Project, packages: Path) -> None:
    install(packages, "my-hooks", ECHO)
    project.configure(prices={})
    config = (project.path / "llmcost.toml").read_text().replace("prices = {}\n", "")
    project.write("llmcost.toml", config + '[prices."echo/last"]\ninput = 2.0\noutput = 4.0\n')
    project.suite(CASES[:1], prompt="{{ text }} shop", strategies={"one": {"model": "echo/last"}})
    assert project.run("--llm-budget").ret == 0
    assert project.runs()[-1][1]["usd"] == 2.4e-05


@pytest.mark.parametrize("workers", [(), ("-n2",)], ids=["plain", "n2"])
@pytest.mark.parametrize("keep_text", [True, False])
def test_a_report_gets_the_whole_run_once_and_its_texts_only_where_they_are_kept(
    project: Project, workers: tuple[str, ...], keep_text: bool
) -> None:
    project.configure(keep_text=keep_text)
    project.write("conftest.py", REPORT)
    project.suite()
    assert project.run("--llm-budget", *workers).ret == 0
    said = json.loads((project.path / "report.json").read_text())
    assert sorted(said["cases"]) == sorted(case["id"] for case in CASES)
    assert set(said["got"]) == ({"shop", "other"} if keep_text else {None})
    assert said["verdicts"] == ["quality new", "errors pass"]


def test_a_report_that_raises_fails_the_run_by_name_and_the_others_are_made(project: Project) -> None:
    project.write("conftest.py", "def llmcost_report(run):\n    raise OSError('disk full')\n")
    project.write("my_report.py", REPORT)
    project.suite()
    result = project.run_apart("--llm-budget", "-p", "my_report")
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    result.stdout.fnmatch_lines(["llmcost: the report by conftest.py raised OSError: disk full"])
    assert (project.path / "report.json").exists()
    assert project.runs()


def test_two_packages_with_one_name_are_both_named(project: Project, packages: Path) -> None:
    install(packages, "my-hooks", CLOSE)
    install(packages, "your-hooks", CLOSE)
    result = project.run("--llm-budget")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(["*scorer 'close' is added by your-hooks, and by my-hooks.*"])
    project.suite(scorer="close")
    assert project.run("--llm-budget", "-p", "no:your-hooks").ret == 0


@pytest.mark.parametrize(
    ("code", "entry", "said"),
    [
        ("import absent_module", "", "cannot be loaded: ModuleNotFoundError: No module named 'absent_module'"),
        ("", "my_hooks:absent", "cannot be loaded: AttributeError"),
    ],
)
def test_a_package_that_cannot_be_loaded_is_named_and_can_be_left_out(
    project: Project, packages: Path, code: str, entry: str, said: str
) -> None:
    install(packages, "my-hooks", code, entry=entry)
    project.suite()
    result = project.run("--llm-budget")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines([f"*my-hooks: its entry point * {said}*", "*leave it out: pytest -p no:my-hooks*"])
    assert project.run("--llm-budget", "-p", "no:my-hooks").ret == 0


def test_without_the_switch_no_package_is_loaded(project: Project, packages: Path) -> None:
    install(packages, "my-hooks", "raise SystemExit('loaded')")
    project.write("test_it.py", "def test_it():\n    pass\n")
    project.run().assert_outcomes(passed=1)


@pytest.mark.parametrize("paths", [(), ("mail",)], ids=["rootdir", "subfolder"])
def test_a_conftest_below_the_rootdir_adds_nothing_and_says_so(project: Project, paths: tuple[str, ...]) -> None:
    project.suite(name="mail/bench_mail.yaml")
    project.write("mail/conftest.py", CLOSE)
    project.write("pytest.ini", "[pytest]\n")
    result = project.run("--llm-budget", *paths)
    assert result.ret != 0
    said = result.stdout.str() + result.stderr.str()
    assert "mail/conftest.py: llmcost_scorers cannot stand here: what is added holds for the whole run." in said
    assert not project.server.requests


def test_tests_in_python_ask_providers_of_packages_too_and_replay_them_without_the_switch(
    project: Project, packages: Path
) -> None:
    install(packages, "my-hooks", ECHO)
    project.write(
        "test_echo.py",
        "def test_echo(llm):\n    assert llm.complete('say shop', model='echo/last', max_tokens=4).text == 'shop'\n",
    )
    assert project.run("--llm-budget").ret == 0
    project.run().assert_outcomes(passed=1)
