"""Names, numbers and outputs at their limits: nothing crashes, nothing is mixed up, no silence is a pass."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest
from fakes.project import CASES, Project, numbered_cases
from fakes.stub_server import by_keyword

GOOD = by_keyword({"order": "shop"}, otherwise="other")
SPOILT = by_keyword({"order number 1": "other", "order": "shop"}, otherwise="other")


@pytest.fixture
def stored(project: Project) -> Path:
    """The baseline of sixty right answers."""
    project.suite(numbered_cases(60))
    project.server.play(GOOD)
    assert project.run("--llm-budget", "--llm-update-baseline").ret == 0
    return project.path / "llm_baselines" / "bench_mail.jsonl"


IDS = [
    *("a/b", "../../up", "..", "/etc/passwd", "C:\\x", "x::y", "x\\x3a:y", "[0]", "a[b::c]", "]", "v1.2", "mail.txt"),
    *("two words", " lead", "🙂 face", "👩‍👩‍👧", "\u202eright", "שלום", "e\u0301", "\u00e9", "line\nbreak", "bell\a"),
    *(
        "sep\u2028arated",
        "#2",
        "a",
        "a#2",
        "-k",
        "%s",
        "<b>&amp;",
        "'q\"",
        "=1+1",
        "::error::x",
        "x" * 10_240,
        "x" * 10_239 + "y",
    ),
]


def odd_cases(ids: list[str]) -> list[dict[str, str]]:
    """A case an id, half of them wrong."""
    return [{"id": name, "text": f"My order number {i % 2}, {i}", "expected": "shop"} for i, name in enumerate(ids)]


@pytest.mark.parametrize("workers", [(), ("-n2",)], ids=["plain", "n2"])
def test_f07_any_id_goes_through_baseline_selection_and_junit_and_steers_nothing(
    project: Project, workers: tuple[str, ...]
) -> None:
    project.suite(odd_cases(IDS), repeats=2)
    project.server.play(GOOD)
    assert project.run("--llm-budget", "--llm-update-baseline", "--llm-repeats=1", *workers).ret == 0
    baseline = (project.path / "llm_baselines" / "bench_mail.jsonl").read_text("utf-8").split("\n")
    assert [json.loads(line)["case"] for line in baseline[1:-1]] == sorted(IDS)
    assert not [path for path in project.path.parent.iterdir() if path.name.startswith(("up", "..up"))]

    project.suite(odd_cases(IDS), repeats=2, prompt="Whose?\n{{ text }}")
    project.server.play(SPOILT)
    result = project.run("--llm-budget", "-v", "--junitxml=out.xml", *workers)
    assert_steers_nothing(result)
    names = [case.get("name") or "" for case in ET.parse(project.path / "out.xml").iter("testcase")]
    assert len(names) == len(set(names)) > 2 * len(IDS), "two cases under one name would be one to JUnit"

    lost = {IDS[i] for i in range(1, len(IDS), 2)}
    assert_steers_nothing(project.run("--llm-budget", "--llm-only=lost", *workers))
    assert {line["case"] for line in project.runs()[-1][1:]} == lost


def assert_steers_nothing(result: pytest.RunResult) -> None:
    """No line of the output is longer than a screen holds, moves the cursor, or commands a CI log."""
    text = result.stdout.str()
    assert not {"\a", "\u202e", "\u2028", "\r"} & set(text)
    assert not any(line.startswith("::error") for line in result.outlines)
    assert max(map(len, result.outlines)) < 1_300


def test_f07_each_node_id_as_it_is_printed_selects_its_case(project: Project) -> None:
    project.suite(odd_cases(IDS))
    project.server.play(GOOD)
    listed = [line for line in project.run("--llm-budget", "--collect-only", "-q").outlines if "::one::" in line]
    shown = project.run("--llm-budget", "-v").stdout.str()
    assert len(listed) == len(set(listed)) == len(IDS)
    for node in listed:
        assert f"{node} PASSED" in shown, "what -v shows can be pasted"
    unlike = {"bench_mail.yaml::one::a"}  # pytest takes what stands before a bracket for a name: `a[b...]`, too
    assert project.run("--llm-budget", "-q", *(node for node in listed if node not in unlike)).ret == 0
    assert len(project.runs()[-1][1:]) == len(IDS) - len(unlike)


def test_f07_a_name_with_dots_stands_in_ids_as_it_is(project: Project) -> None:
    project.suite([{**CASES[0], "id": "v1.2"}], strategies={"gpt-4.1": {"model": "ours"}})
    result = project.run("--llm-budget", "-v")
    result.stdout.fnmatch_lines(["*.yaml::gpt-4.1::v1.2 PASSED*", "*.yaml::gpt-4.1::gate?errors? PASSED*"])


# -- f08: many cases, one, none --------------------------------------------------------------------


def test_f08_twice_as_many_cases_take_twice_as_many_steps(project: Project) -> None:
    def steps(n: int) -> int:
        project.suite(numbered_cases(n))
        project.server.play(GOOD)
        project.run("--llm-budget", "--llm-update-baseline", "-q")  # fills the cache
        count = 0

        def take(*_: object) -> None:
            nonlocal count
            count += 1

        sys.setprofile(take)
        try:
            assert project.run("--llm-budget", "-q").ret == 0
        finally:
            sys.setprofile(None)
        return count

    first, second, third = steps(100), steps(200), steps(300)
    assert 0.8 < (third - second) / (second - first) < 1.25


def test_f08_one_case_can_show_next_to_nothing_and_says_so(project: Project) -> None:
    project.suite(CASES[:1])
    result = project.run("--llm-budget", "--llm-update-baseline")
    assert result.ret == 0
    result.stdout.fnmatch_lines(["llmcost: bench_mail.yaml: 1 cases can show no drop below 95.0 pt*"])
    project.suite(CASES[:1], prompt="Whose? {{ text }}")
    result = project.run("--llm-budget")
    assert result.ret == 0
    result.stdout.fnmatch_lines(["  inconclusive  quality: too few common cases: 1 of the baseline's 1"])


@pytest.mark.parametrize("cases", ["cases: []", "", "cases:"])
def test_f08_a_suite_without_cases_is_a_mistake(project: Project, cases: str) -> None:
    project.write("bench_mail.yaml", f'prompt: "{{{{ text }}}}"\nstrategies: {{one: {{model: ours}}}}\n{cases}\n')
    result = project.run("--llm-budget")
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    result.stdout.fnmatch_lines(["bench_mail.yaml:*: *cases*"])


@pytest.mark.parametrize("workers", [(), ("-n2",)], ids=["plain", "n2"])
def test_f08_where_all_cases_are_filtered_away_no_verdict_is_given_and_that_is_said(
    project: Project, stored: Path, workers: tuple[str, ...]
) -> None:
    project.write("test_it.py", "def test_it(): pass\n")
    result = project.run("--llm-budget", "-k", "nothing-like-it", *workers)
    assert result.ret == pytest.ExitCode.NO_TESTS_COLLECTED
    said = ["note: bench_mail.yaml: no case was selected, so that there is no verdict"]
    result.stdout.fnmatch_lines(said)
    result = project.run("--llm-budget", "-k", "test_it", *workers)
    assert result.ret == 0, "the test that was selected passed"
    result.stdout.fnmatch_lines(said)
    assert "gate[" not in result.stdout.str()


@pytest.mark.parametrize("workers", [(), ("-n2",)], ids=["plain", "n2"])
def test_f08_a_run_that_finds_no_suite_says_so(project: Project, workers: tuple[str, ...]) -> None:
    project.write("benchmark_mail.yaml", "cases: []")
    project.write("test_it.py", "def test_it(): pass\n")
    result = project.run("--llm-budget", *workers)
    assert result.ret == 0
    result.stdout.fnmatch_lines(["nothing was judged: no suite (bench_?.yaml) was collected*"])


def test_f08_a_strategy_that_was_not_selected_is_named(project: Project) -> None:
    project.suite(strategies={"one": {"model": "ours"}, "two": {"model": "ours", "prompt": "? {{ text }}"}})
    result = project.run("--llm-budget", "--llm-strategy=one")
    result.stdout.fnmatch_lines(["note: bench_mail.yaml: not asked, and not judged: two"])


# -- f16: the output -------------------------------------------------------------------------------

ODD_OUTPUTS = {
    "ascii": ({"PYTHONIOENCODING": "ascii"}, ""),
    "cp1252": ({"PYTHONIOENCODING": "cp1252"}, ""),
    "c-locale": ({"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}, ""),
    "no-color": ({"NO_COLOR": "1", "FORCE_COLOR": "1"}, ""),
    "20-columns": ({"COLUMNS": "20"}, ""),
    "closed": ({}, ">&-"),
    "closed-both": ({}, ">&- 2>&-"),
    "reader-gone": ({}, "| head -n 1 >/dev/null; exit ${PIPESTATUS[0]}"),
    "disk-full": ({}, ">/dev/full"),
}


@pytest.mark.skipif(not Path("/dev/full").exists() or not Path("/bin/bash").exists(), reason="no such shell or device")
@pytest.mark.parametrize("name", ODD_OUTPUTS)
def test_f16_whatever_becomes_of_the_output_the_verdict_is_the_same(project: Project, name: str) -> None:
    environment, redirection = ODD_OUTPUTS[name]
    cases = [{**case, "id": f"größe-{case['id']} 🙂", "text": f"{case['text']} für 🙂"} for case in numbered_cases(60)]
    project.suite(cases, suite="Größe 🙂")
    project.server.play(GOOD)
    assert project.run("--llm-budget", "--llm-update-baseline").ret == 0
    command = f"{sys.executable} -m pytest --llm-budget -v -p no:randomly --junitxml=out.xml {redirection}"

    def outcome() -> tuple[int, str, str]:
        environ = os.environ | environment
        done = subprocess.run(["bash", "-c", command], cwd=project.path, env=environ, capture_output=True, timeout=300)
        said = (done.stdout + done.stderr).decode("utf-8", "replace")
        assert "INTERNALERROR" not in said
        assert "Traceback" not in said
        gates = [c for c in ET.parse(project.path / "out.xml").iter("testcase") if c.get("name") == "gate[quality]"]
        (word,) = [p.get("value") or "" for p in gates[0].iter("property") if p.get("name") == "outcome"]
        return done.returncode, word, said

    assert outcome()[:2] == (0, "pass")
    project.suite(cases, suite="Größe 🙂", prompt="Wessen?\n{{ text }}")
    project.server.play(SPOILT)
    status, word, said = outcome()
    assert (status, word) == (1, "fail")
    assert ("\x1b[" in said) is False
