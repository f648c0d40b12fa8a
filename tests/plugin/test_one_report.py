"""An answered case is one report where nobody would miss the other two, and three where somebody would."""

from __future__ import annotations

import xml.etree.ElementTree as ET

import pytest
from fakes.project import CASES, Project
from fakes.stub_server import StubServer, error

FIVE = [*CASES, {"id": "parcel", "text": "Where is the order that I sent?", "expected": "shop"}]
SKIP_RAIN = """
import pytest

def pytest_collection_modifyitems(items):
    for item in items:
        if item.name == "rain":
            item.add_marker(pytest.mark.skip(reason="dry"))
"""


@pytest.fixture
def project(project: Project) -> Project:
    """A project whose first case is answered last: when it is reported, the others need not be waited for."""
    answer_first_last(project.server)
    project.configure(attempts=1)
    project.suite(FIVE)
    return project


def answer_first_last(server: StubServer, *, broken: str = "nothing") -> None:
    script = server.script
    first = CASES[0]["text"]
    server.play(
        lambda asked: (
            error(500) if broken in asked.prompt else script(asked).later(0.5 if str(first) in asked.prompt else 0.0)
        )
    )


def phases(project: Project, *args: str) -> dict[str, str]:
    """Return the phases in which each case was reported, by their first letters."""
    recorder = project.pytester.inline_run("-p", "no:randomly", "--llm-budget", *args)
    seen: dict[str, str] = {}
    for report in recorder.getreports("pytest_runtest_logreport"):
        case = report.nodeid.rpartition("::")[2]
        seen[case] = seen.get(case, "") + report.when[0]
    return {case: whens for case, whens in seen.items() if not case.startswith("gate")}


def test_an_answered_case_between_two_others_is_one_report(project: Project) -> None:
    assert phases(project) == {"late": "sct", "refund": "c", "rain": "c", "books": "c", "parcel": "sct"}


@pytest.mark.parametrize("args", [("-x",), ("--sw",), ("--setup-show",)])
def test_options_that_look_at_the_phases_get_them(project: Project, args: tuple[str, ...]) -> None:
    assert set(phases(project, *args).values()) == {"sct"}


@pytest.mark.parametrize("phase", ["setup", "teardown", "logreport"])
def test_a_plugin_that_takes_part_gets_all_phases(project: Project, phase: str) -> None:
    project.write("conftest.py", f"def pytest_runtest_{phase}(): pass\n")
    assert set(phases(project).values()) == {"sct"}


def test_a_conftest_skips_a_case_by_a_mark(project: Project) -> None:
    project.write("conftest.py", SKIP_RAIN)
    assert phases(project)["rain"] == "st"


def test_a_failure_is_one_report_too_and_says_why(project: Project) -> None:
    answer_first_last(project.server, broken="tomorrow")
    assert phases(project)["rain"] == "c"
    result = project.run("--llm-budget")
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    result.stdout.fnmatch_lines(["*case 'rain' has no answer by 'one' (ours)", "FAILED bench_mail.yaml::one::rain*"])
    project.run("--llm-budget", "--lf", "-v").stdout.fnmatch_lines(["bench_mail.yaml::one::rain FAILED*"])


def test_tests_in_python_around_a_suite_are_set_up_and_torn_down(project: Project) -> None:
    fixture = "import pytest\n@pytest.fixture(scope='session')\ndef place():\n    yield 1\n    print('TORN DOWN')\n"
    for name in ("test_a.py", "test_z.py"):
        project.write(name, f"{fixture}def test_it(place): assert place == 1\n")
    result = project.run("--llm-budget", "-s", "test_a.py", "bench_mail.yaml", "test_z.py")
    result.assert_outcomes(passed=7)
    assert result.stdout.str().count("TORN DOWN") == 2


def test_junit_closes_every_case_and_names_what_it_used(project: Project) -> None:
    assert phases(project, "--junitxml=out.xml")["rain"] == "ct"
    cases = [
        case for case in ET.parse(project.path / "out.xml").iter("testcase") if "gate" not in str(case.get("name"))
    ]
    assert [len(list(case.iter("property"))) for case in cases] == [4] * 5


@pytest.mark.parametrize("scorer", [{"python": "mine:score"}, [{"not": {"python": "mine:score"}}, "exact"]])
def test_what_a_scorer_of_the_user_s_prints_is_captured_as_ever(project: Project, scorer: object) -> None:
    project.write("mine.py", "def score(answer, case):\n    return 1.0\n")
    project.configure(attempts=1, allowed_python=["mine"])
    project.suite(FIVE, scorer=scorer)
    project.pytester.syspathinsert(project.path)
    assert set(phases(project).values()) == {"sct"}


def test_without_pytest_s_own_extras_cases_run_all_the_same(project: Project) -> None:
    without = ("terminal", "setuponly", "debugging", "capture", "logging", "cacheprovider", "junitxml")
    assert project.run("--llm-budget", *(arg for name in without for arg in ("-p", f"no:{name}"))).ret == 0
    assert len(project.runs()[-1]) == 6
