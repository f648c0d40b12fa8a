"""The gate under runs that are not whole, not in order, or tampered with: a verdict means what it says."""

from __future__ import annotations

import json
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest
from fakes.project import CASES, Project, numbered_cases
from fakes.stub_server import answer, by_keyword, error

GOOD = by_keyword({"order": "shop"}, otherwise="other")
SPOILT = by_keyword({"order number 1": "other", "order": "shop"}, otherwise="other")
PLAIN_AND_N2 = pytest.mark.parametrize("workers", [(), ("-n2",)], ids=["plain", "n2"])


@pytest.fixture
def stored(project: Project) -> bytes:
    """What the baseline of sixty right answers holds."""
    project.suite(numbered_cases(60))
    project.server.play(GOOD)
    assert project.run("--llm-budget", "--llm-update-baseline").ret == 0
    return baseline_of(project)


def baseline_of(project: Project) -> bytes:
    """Return what the baseline holds now."""
    return (project.path / "llm_baselines" / "bench_mail.jsonl").read_bytes()


def spoil(project: Project, **keys: object) -> None:
    """Change the prompt, and a sixth of the answers with it."""
    project.suite(numbered_cases(60), prompt="Whose mail is this?\n{{ text }}", **keys)
    project.server.play(SPOILT)


def gates(project: Project, *args: str) -> dict[str, tuple[str, str]]:
    """Run; return outcome and number of pairs of each verdict, by metric, as JUnit has them."""
    project.run("--llm-budget", "--junitxml=out.xml", *args)
    found = {}
    for case in ET.parse(project.path / "out.xml").iter("testcase"):
        said = {p.get("name"): p.get("value") or "" for p in case.iter("property")}
        if "outcome" in said:
            found[str(case.get("name"))] = (said["outcome"], said["n"])
    return found


# -- g01: no baseline ------------------------------------------------------------------------------


@PLAIN_AND_N2
def test_g01_without_a_baseline_the_verdict_is_new_and_the_command_that_is_printed_stores_one(
    project: Project, workers: tuple[str, ...]
) -> None:
    project.suite()
    result = project.run("--llm-budget", *workers)
    assert result.ret == 0
    (line,) = [line for line in result.outlines if line.startswith("store a baseline:")]
    assert "1 new" in result.outlines[-1]
    assert not (project.path / "llm_baselines").exists()
    command = line.partition(":")[2].split()
    assert project.run(*command[1:], *workers).ret == 0
    result = project.run("--llm-budget", *workers)
    assert result.ret == 0
    assert "new" not in result.outlines[-1]


# -- g02: partial runs -----------------------------------------------------------------------------

PARTS = {
    "keyword": (("-k", "c00 or c01 or c02 or c03"), "40"),
    "path": (tuple(f"bench_mail.yaml::one::c{i:03}" for i in range(35)), "35"),
    "sample": (("--llm-sample=45",), "45"),
    "deselect": (("--deselect=bench_mail.yaml::one::c00",), "50"),
}


@PLAIN_AND_N2
@pytest.mark.parametrize("how", PARTS)
def test_g02_a_part_that_was_not_selected_by_outcome_is_judged_over_the_common_cases_and_marked(
    project: Project, stored: bytes, how: str, workers: tuple[str, ...]
) -> None:
    args, pairs = PARTS[how]
    assert gates(project, *args, *workers)["gate[quality]"] == ("pass", pairs)
    result = project.run("--llm-budget", "--llm-update-baseline", *args, *workers)
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    result.stdout.fnmatch_lines(["* one * partial"])
    result.stdout.fnmatch_lines(["llmcost: baseline of bench_mail.yaml not stored: only part of the suite was run.*"])
    assert "gone" not in result.stdout.str()
    assert baseline_of(project) == stored


@PLAIN_AND_N2
def test_g02_a_run_that_ends_at_its_first_failure_is_judged_over_what_it_asked(
    project: Project, stored: bytes, workers: tuple[str, ...]
) -> None:
    project.configure(attempts=1)
    spoil(project)
    project.server.play(lambda asked: error(500) if "number 55" in asked.prompt else SPOILT(asked))
    result = project.run("--llm-budget", "-x", "--llm-update-baseline", *workers)
    assert result.ret in (pytest.ExitCode.TESTS_FAILED, pytest.ExitCode.INTERRUPTED)
    result.stdout.fnmatch_lines(["* one * partial", "  FAIL  quality: worse, *", "  FAIL  errors: 1 of *"])
    assert baseline_of(project) == stored


@PLAIN_AND_N2
def test_g02_a_run_whose_budget_is_reached_is_judged_over_what_it_asked_and_fails_in_its_last_line(
    project: Project, stored: bytes, workers: tuple[str, ...]
) -> None:
    result = project.run("--llm-budget=0.0005", "--llm-mode=live", "--llm-update-baseline", "--color=yes", *workers)
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    result.stdout.fnmatch_lines(["* one * partial"])
    result.stdout.re_match_lines([r".*\d+ cases were not run: budget reached \(\$0\.0005\)"])
    assert_red_and_failed(result, count=2)  # that cases were not run, and that no baseline was stored
    assert baseline_of(project) == stored


@PLAIN_AND_N2
@pytest.mark.parametrize("how", ["--lf", "--sw", "--llm-only=lost", "--llm-only=missed"])
def test_g02_cases_chosen_by_their_outcome_are_listed_and_not_judged_and_that_is_said(
    project: Project, stored: bytes, how: str, workers: tuple[str, ...]
) -> None:
    spoil(project, strict=how in ("--lf", "--sw"))  # pytest's own know of failed tests only
    project.run("--llm-budget")
    result = project.run("--llm-budget", how, "--llm-update-baseline", "-v", *workers)
    result.stdout.fnmatch_lines(
        [
            "bench_mail.yaml::one",
            "  wrong: *",
            "    c001 (line *): expected 'shop', got 'shop' before, 'other' now",
            "no verdict: the cases were chosen by how they did before, which is no fair comparison",
            "llmcost: no baseline stored: the cases were chosen by how they did before*",
        ]
    )
    assert "gate[" not in result.stdout.str()
    assert result.ret in (pytest.ExitCode.TESTS_FAILED, pytest.ExitCode.INTERRUPTED)
    assert baseline_of(project) == stored


@PLAIN_AND_N2
def test_g02_a_choice_by_outcome_that_happens_to_be_all_cases_stores_nothing_either(
    project: Project, stored: bytes, workers: tuple[str, ...]
) -> None:
    spoil(project)
    # No test failed, so that --lf asks all cases; nobody has judged them, and a sixth of them is wrong.
    result = project.run("--llm-budget", "--lf", "--llm-update-baseline", *workers)
    assert len(project.runs()[-1][1:]) == 60
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    assert baseline_of(project) == stored


def test_g02_a_session_that_is_interrupted_gives_no_verdict_and_stores_nothing(project: Project, stored: bytes) -> None:
    project.write("test_stop.py", "def test_stop():\n    raise KeyboardInterrupt\n")
    result = project.run_apart("--llm-budget", "--llm-update-baseline", "bench_mail.yaml", "test_stop.py")
    assert result.ret == pytest.ExitCode.INTERRUPTED
    result.stdout.fnmatch_lines(["no verdict: the session did not come to its end"])
    result.stdout.fnmatch_lines(["llmcost: no baseline stored: the session did not come to its end"])
    assert "gate[" not in result.stdout.str()
    assert baseline_of(project) == stored


# -- g05: only a verdict fails ---------------------------------------------------------------------


def assert_red_and_failed(result: pytest.RunResult, count: int = 1) -> None:
    """The last line is pytest's own, in red, and counts the failures."""
    assert f"\x1b[31m\x1b[1m{count} failed\x1b[0m" in result.outlines[-1]
    assert result.outlines[-1].startswith("\x1b[31m")


@PLAIN_AND_N2
@pytest.mark.parametrize("option", ["--tb=auto", "--tb=no", "-q", "-v", "-rN"])
def test_g05_where_only_a_verdict_fails_the_last_line_is_red_and_says_so(
    project: Project, stored: bytes, option: str, workers: tuple[str, ...]
) -> None:
    spoil(project)
    result = project.run("--llm-budget", "--color=yes", "--junitxml=out.xml", option, *workers)
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    assert_red_and_failed(result)
    (suite,) = ET.parse(project.path / "out.xml").iter("testsuite")
    assert suite.get("failures") == "1"
    failed = [case.get("name") for case in suite.iter("testcase") if case.find("failure") is not None]
    assert failed == ["gate[quality]"]


def test_g05_a_verdict_fails_the_run_where_no_terminal_and_no_junit_is_there_to_say_so(
    project: Project, stored: bytes
) -> None:
    spoil(project)
    assert project.run("--llm-budget", "-p", "no:terminal", "-p", "no:junitxml").ret == pytest.ExitCode.TESTS_FAILED


@PLAIN_AND_N2
def test_g05_where_only_the_baselines_file_is_at_fault_the_last_line_is_red_and_junit_has_it(
    project: Project, stored: bytes, workers: tuple[str, ...]
) -> None:
    (project.path / "llm_baselines" / "bench_mail.jsonl").write_bytes(b"<<<<<<< HEAD\n" + stored)
    result = project.run("--llm-budget", "--color=yes", "--junitxml=out.xml", *workers)
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    assert_red_and_failed(result)
    (failure,) = ET.parse(project.path / "out.xml").iter("failure")
    assert "a merge conflict was left here" in str(failure.text)


# -- g06: order and processes ----------------------------------------------------------------------

RERUN = """
from _pytest.runner import runtestprotocol

def pytest_runtest_protocol(item, nextitem):
    item.ihook.pytest_runtest_logstart(nodeid=item.nodeid, location=item.location)
    for last in (False, True):
        reports = runtestprotocol(item, nextitem=nextitem, log=False)
        failed = any(report.failed for report in reports)
        for report in reports:
            if report.failed and not last:
                report.outcome = "rerun"
            item.ihook.pytest_runtest_logreport(report=report)
        if not failed:
            break
    item.ihook.pytest_runtest_logfinish(nodeid=item.nodeid, location=item.location)
    return True

def pytest_report_teststatus(report):
    return ("rerun", "R", "RERUN") if report.outcome == "rerun" else None
"""
"""What plugins do that run failed tests again; with pytest-rerunfailures 16.7 the verdicts were the same."""
SHUFFLE = """
import random

def pytest_collection_modifyitems(items):
    random.Random(7).shuffle(items)
"""
WAYS = {
    "no-xdist": ("-p", "no:xdist"),
    **{dist: ("-n2", f"--dist={dist}") for dist in ("load", "worksteal", "loadscope", "loadfile", "loadgroup", "no")},
    "each": ("--tx=2*popen", "--dist=each"),
}


@pytest.fixture
def plain(project: Project, stored: bytes) -> dict[str, tuple[str, str]]:
    """The verdicts of a plain run on a spoilt prompt."""
    spoil(project)
    verdicts = gates(project)
    assert verdicts["gate[quality]"] == ("fail", "60")
    return verdicts


@pytest.mark.parametrize("way", ["no-xdist", "load", "worksteal", "loadscope", "loadfile", "loadgroup", "no", "each"])
def test_g06_however_the_cases_are_shared_out_the_verdicts_are_the_same(
    project: Project, plain: dict[str, tuple[str, str]], way: str
) -> None:
    assert gates(project, *WAYS[way]) == plain
    assert project.runs()[-1][1:] == sorted(project.runs()[-1][1:], key=lambda line: line["case"])
    assert len(project.runs()[-1][1:]) == 60


@PLAIN_AND_N2
def test_g06_in_whatever_order_the_cases_run_the_verdicts_are_the_same(
    project: Project, plain: dict[str, tuple[str, str]], workers: tuple[str, ...]
) -> None:
    project.write("conftest.py", SHUFFLE)
    assert gates(project, *workers) == plain


@PLAIN_AND_N2
def test_g06_of_a_case_that_is_run_again_after_a_failure_the_last_try_counts_once(
    project: Project, plain: dict[str, tuple[str, str]], workers: tuple[str, ...]
) -> None:
    project.write("conftest.py", RERUN)
    project.configure(attempts=1)
    asked_before: set[str] = set()

    def flaky(asked):  # type: ignore[no-untyped-def]
        fails = "number 7" in asked.prompt and asked.prompt not in asked_before
        asked_before.add(asked.prompt)
        return SPOILT(asked).cut(0.5) if fails else SPOILT(asked)

    project.server.play(flaky)
    verdicts = gates(project, "--llm-mode=refresh", *workers)
    assert {**verdicts, "gate[latency]": plain["gate[latency]"]} == plain, "each try takes its own time"
    trials = project.runs()[-1][1:]
    assert len(trials) == 60
    assert not any(trial["error"] for trial in trials)
    (tried_twice,) = [trial for trial in trials if trial["case"] == "c007"]
    others = max(trial["paid_usd"] for trial in trials if trial["case"] != "c007")
    assert tried_twice["paid_usd"] > others, "an answer that was cut off may be billed"


# -- g08: what is no longer there ------------------------------------------------------------------


@PLAIN_AND_N2
def test_g08_where_only_the_failing_cases_were_deleted_every_one_is_named(
    project: Project, workers: tuple[str, ...]
) -> None:
    cases = [{**case, "id": f"a-rather-long-name-{case['id']}"} for case in numbered_cases(60, wrong=20)]
    project.suite(cases)
    project.server.play(GOOD)
    project.run("--llm-budget", "--llm-update-baseline")
    project.suite(cases[20:])
    result = project.run("--llm-budget", *workers)
    assert result.ret == 0
    said = "\n".join(line for line in result.outlines if "gone" in line)
    assert said.startswith("  note: 20 cases of the baseline gone: a-rather-long-name-c000, ")
    assert [case["id"] for case in cases[:20] if case["id"] not in said] == []


@PLAIN_AND_N2
@pytest.mark.parametrize(("least", "status"), [(0.60, 0), (0.67, 1)])
def test_g08_below_the_least_coverage_the_run_fails(
    project: Project, stored: bytes, least: float, status: int, workers: tuple[str, ...]
) -> None:
    project.suite(numbered_cases(60)[20:], gate={"coverage": {"min": least}})
    result = project.run("--llm-budget", *workers)
    assert result.ret == status
    said = f"coverage: 40 of the baseline's 60 cases were asked again, {100 * least:g}% have to be"
    assert (said in result.stdout.str()) is bool(status)


ALL_ITEMS = "import pytest\ndef pytest_collection_modifyitems(items):\n    for item in items: "
AWAY = {
    "skip": "item.add_marker(pytest.mark.skip)",
    "skipif": "item.add_marker(pytest.mark.skipif(True, reason='slow'))",
    "xfail-unrun": "item.add_marker(pytest.mark.xfail(run=False))",
}


@PLAIN_AND_N2
@pytest.mark.parametrize("how", AWAY)
def test_g08_where_all_cases_are_skipped_there_is_no_pass_and_the_coverage_fails(
    project: Project, stored: bytes, how: str, workers: tuple[str, ...]
) -> None:
    project.write("conftest.py", ALL_ITEMS + AWAY[how])
    result = project.run("--llm-budget", "--llm-inconclusive=fail", *workers)
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    result.stdout.fnmatch_lines(["mail * 0 * inconclusive", " one * partial", "*quality: no case was answered"])
    project.suite(numbered_cases(60), gate={"coverage": {"min": 0.5}})
    result = project.run("--llm-budget", *workers)
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    result.stdout.fnmatch_lines(["  FAIL  coverage: 0 of the baseline's 60 cases were asked again, 50% have to be"])


@PLAIN_AND_N2
def test_g08_a_mark_that_expects_failure_hides_no_regression(
    project: Project, stored: bytes, workers: tuple[str, ...]
) -> None:
    project.write("conftest.py", ALL_ITEMS + "item.add_marker(pytest.mark.xfail)")
    spoil(project, strict=True)
    result = project.run("--llm-budget", *workers)
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    result.stdout.fnmatch_lines(["  FAIL  quality: worse, *11 lost, 0 won of 60*"])


@PLAIN_AND_N2
def test_g08_where_a_conftest_deselects_the_failing_cases_the_coverage_shows_it(
    project: Project, stored: bytes, workers: tuple[str, ...]
) -> None:
    code = "def pytest_collection_modifyitems(items):\n    items[:] = [i for i in items if '::c01' not in i.nodeid]\n"
    project.write("conftest.py", code)
    spoil(project, gate={"coverage": {"min": 0.9}})
    result = project.run("--llm-budget", *workers)
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    result.stdout.fnmatch_lines(["* one * partial", "  FAIL  coverage: 50 of the baseline's 60 cases were asked*"])


def test_g08_an_answer_that_was_made_easier_is_set_aside_and_named(project: Project, stored: bytes) -> None:
    easier = [{**case, "expected": "other"} if case["id"] == "c010" else case for case in numbered_cases(60)]
    project.suite(easier)
    result = project.run("--llm-budget")
    result.stdout.fnmatch_lines(["  note: 1 changed case set aside: c010"])
    assert gates(project)["gate[quality]"] == ("pass", "59")


def test_g08_of_a_case_that_cannot_be_answered_the_place_in_the_suite_is_kept(project: Project) -> None:
    project.suite([*CASES[:2], CASES[2]], gate={"coverage": {"min": 1.0}, "errors": {"max_rate": 0.5}})
    project.configure(attempts=1)
    project.run("--llm-budget", "--llm-update-baseline")
    project.server.play(lambda asked: error(500) if "rain" in asked.prompt else answer("shop")(asked))
    verdicts = gates(project, "--llm-mode=refresh")
    assert verdicts["gate[coverage]"][0] == "pass"
    assert json.loads(baseline_of(project).splitlines()[0])["suite"] == "mail"
    assert Path(project.path / "llm_baselines").is_dir()
