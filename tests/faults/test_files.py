"""Files as they should not be: torn, in conflict, of another version, endless."""

from __future__ import annotations

import json
import os
import socket
import xml.etree.ElementTree as ET
from collections.abc import Callable
from pathlib import Path

import pytest
from fakes.project import Project, numbered_cases
from fakes.stub_server import by_keyword

GOOD = by_keyword({"order": "shop"}, otherwise="other")
SPOILT = by_keyword({"order number 1": "other", "order": "shop"}, otherwise="other")
TABLE_SUITE = """\
labels: [shop, other]
prompt: "{{ text }}"
strategies: {one: {model: ours}}
cases_from: mails.csv
"""


@pytest.fixture
def stored(project: Project) -> Path:
    """The baseline of sixty right answers."""
    project.suite(numbered_cases(60))
    project.server.play(GOOD)
    assert project.run("--llm-budget", "--llm-update-baseline").ret == 0
    return project.path / "llm_baselines" / "bench_mail.jsonl"


def spoil(project: Project, n: int = 60) -> None:
    """Change the prompt, and a sixth of the answers with it."""
    project.suite(numbered_cases(n), prompt="Whose mail is this?\n{{ text }}")
    project.server.play(SPOILT)


# -- f04: torn, empty, not JSON, newer, older ------------------------------------------------------


def test_f04_the_torn_last_line_of_a_baseline_is_dropped_and_said_and_the_rest_is_compared(
    project: Project, stored: Path
) -> None:
    stored.write_bytes(stored.read_bytes()[:-30])
    result = project.run("--llm-budget")
    assert result.ret == 0
    result.stdout.fnmatch_lines(
        ["*note: *bench_mail.jsonl:61: the last line is torn and was left out.*", "*note: 1 new case set aside: c059"]
    )


UNREADABLE: dict[str, tuple[Callable[[bytes], bytes], str]] = {
    "empty": (lambda _: b"", "bench_mail.jsonl: the baseline is empty."),
    "torn-header": (lambda content: content[:40], "bench_mail.jsonl: its only line is torn."),
    "binary": (lambda _: b"\xff\xfe\0", "bench_mail.jsonl: the baseline cannot be read"),
    "not-json": (lambda content: content.replace(b"{", b"", 5), "bench_mail.jsonl:1: this line is no JSON"),
    "torn-within": (lambda content: content[:-30] + b"\n", "bench_mail.jsonl:61: this line is no JSON"),
    "newer": (
        lambda content: content.replace(b"baseline/1", b"baseline/12"),
        "bench_mail.jsonl:1: the format is 'llmcost-baseline/12', and this version reads 'llmcost-baseline/1'. Upgrade",
    ),
    "another-file": (
        lambda content: content.replace(b"llmcost-baseline", b"llmcost-run"),
        "bench_mail.jsonl:1: this is no llmcost-baseline: its format is 'llmcost-run/1'",
    ),
}


@pytest.mark.parametrize("name", UNREADABLE)
def test_f04_a_baseline_that_cannot_be_read_fails_the_run_is_no_new_one_and_is_kept(
    project: Project, stored: Path, name: str
) -> None:
    damage, said = UNREADABLE[name]
    stored.write_bytes(damage(stored.read_bytes()))
    before = stored.read_bytes()
    result = project.run("--llm-budget", "--llm-update-baseline")
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    assert f"{said}" in result.stdout.str()
    result.stdout.fnmatch_lines(["  inconclusive  quality: the baseline cannot be read", "* failed*"])
    result.stdout.fnmatch_lines(["llmcost: baseline of bench_mail.yaml not stored: the one that is there cannot*"])
    assert stored.read_bytes() == before
    assert "store a baseline:" not in result.stdout.str()


FIRST_BASELINE = """\
{"format":"llmcost-baseline/1","strategies":{"one":{"fp":"0123456789ab","model":"ours","prices":{}}},"suite":"mail"}
{"case":"late","strategy":"one","fp":"9f2c41","score":[1],"a":"03bd9e","in":512,"cached":0,"out":8,"s":0.73}
"""
FIRST_RUN = """\
{"format":"llmcost-run/1","started":"2026-01-31T12:00:00+00:00","versions":{},"commit":null,"strategies":{},\
"prices_date":"","prices_sha256":""}
{"suite":"bench_mail.yaml","strategy":"one","case":"late","trial":1,"fp":"9f2c41d07a11","score":0.0,"correct":false,\
"error":null,"usd":0.0,"paid_usd":0.0,"seconds":0.5,"answer_sha256":"ab","calls":[]}
{"suite":"bench_mail.yaml","strategy":"one","case":"rain","trial":1,"fp":"9f2c41d07a11","score":0.0,"correct":false,\
"error":null,"usd":0.0,"paid_usd":0.0,"seconds":0.5,"answer_sha256":"ab","calls":[]}
"""


def test_f04_a_baseline_and_a_run_of_the_first_format_are_read_by_this_version(project: Project) -> None:
    # These texts are never changed: whatever a later version writes, it has to read them.
    project.suite()
    project.write("llm_baselines/bench_mail.jsonl", FIRST_BASELINE)
    project.write(".llmcost/runs/last.jsonl", FIRST_RUN)
    result = project.run("--llm-budget", "--llm-only=lost")
    assert result.ret == 0
    result.stdout.fnmatch_lines(["  right: 1", "    late (line *): expected 'shop', got (not kept) before, 'shop' now"])


@pytest.mark.parametrize("workers", [(), ("-n2",)], ids=["plain", "n2"])
def test_f04_the_torn_last_line_of_a_run_is_dropped_and_said(
    project: Project, stored: Path, workers: tuple[str, ...]
) -> None:
    spoil(project)
    project.run("--llm-budget", "--llm-run=.llmcost/runs/last.jsonl")
    run = project.path / ".llmcost" / "runs" / "last.jsonl"
    run.write_bytes(run.read_bytes()[:-30])
    result = project.run("--llm-budget", "--llm-only=missed", "--llm-run=out.jsonl", *workers)
    result.stdout.fnmatch_lines(["note: *last.jsonl:61: the last line is torn and was left out"])
    _, *lines = (project.path / "out.jsonl").read_text("utf-8").splitlines()
    assert {json.loads(line)["case"] for line in lines} == {"c001", *(f"c{i:03}" for i in range(10, 20))}


BROKEN_RUNS = {
    "empty": (b"", "last.jsonl: the run is empty"),
    "not-json": (b"{{\n{}\n", "last.jsonl:1: this line is no JSON"),
    "newer": (b'{"format":"llmcost-run/2"}\n', "last.jsonl:1: the format is 'llmcost-run/2', and this version reads"),
    "unfinished": (b'{"format":"llmcost-run/1","unfinished":true}\n', "last.jsonl: this run was cut off before its"),
}


@pytest.mark.parametrize("workers", [(), ("-n2",)], ids=["plain", "n2"])
@pytest.mark.parametrize("name", BROKEN_RUNS)
def test_f04_a_run_that_cannot_be_read_is_no_last_run_to_choose_from(
    project: Project, name: str, workers: tuple[str, ...]
) -> None:
    content, said = BROKEN_RUNS[name]
    project.suite()
    project.write(".llmcost/runs/last.jsonl", content.decode())
    result = project.run("--llm-budget", "--llm-only=missed", *workers)
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    assert said in result.stderr.str()
    assert not project.server.requests


def test_f04_a_baseline_that_cannot_be_read_is_said_where_the_lost_cases_are_asked_for(
    project: Project, stored: Path
) -> None:
    stored.write_bytes(b"{\n")
    result = project.run("--llm-budget", "--llm-only=lost")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(["*--llm-only=lost: *bench_mail.jsonl:1: this line is no JSON*"])


# -- f05: duplicate, changed, removed, new cases; other strategies; conflicts -----------------------


def test_f05_changed_removed_and_new_cases_and_strategies_are_counted_apart(project: Project) -> None:
    two = {"one": {"model": "ours"}, "old": {"model": "ours", "prompt": "? {{ text }}"}}
    project.suite(numbered_cases(60), strategies=two)
    project.server.play(GOOD)
    project.run("--llm-budget", "--llm-update-baseline")
    changed, same = {**numbered_cases(60)[3], "text": "My order number three"}, numbered_cases(60)[8:]
    new = {"id": "new", "text": "Another order", "expected": "shop"}
    fresh = {"model": "ours", "prompt": "! {{ text }}"}
    project.suite([changed, *same, new], strategies={"one": two["one"], "fresh": fresh})
    result = project.run("--llm-budget")
    assert result.ret == 0
    result.stdout.fnmatch_lines(
        [
            "bench_mail.yaml::one",
            "  note: 1 changed case set aside: c003",
            "  note: 1 new case set aside: new",
            "  note: 7 cases of the baseline gone: c000, c001, c002, c004, c005, c006, c007",
            "bench_mail.yaml::fresh",
            "  new  quality: no baseline to compare with",
            "note: bench_mail.yaml: strategy 'old' is in the baseline, and no longer in the suite",
        ]
    )
    rows = project.run("--llm-budget", "--junitxml=out.xml") and ET.parse(project.path / "out.xml")
    gates = [case for case in rows.iter("testcase") if case.get("name") == "gate[quality]"]
    paired = {p.get("value") for gate in gates for p in gate.iter("property") if p.get("name") == "n"}
    assert paired == {"52", "0"}, "one: 60 less the changed and the removed; fresh: none"


def test_f05_a_case_that_stands_in_the_baseline_twice_is_named_by_its_line(project: Project, stored: Path) -> None:
    lines = stored.read_text("utf-8").splitlines()
    stored.write_text("\n".join([*lines, lines[5]]) + "\n", "utf-8")
    result = project.run("--llm-budget")
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    result.stdout.fnmatch_lines(["llmcost: *bench_mail.jsonl:62: case 'c004' of 'one' stands here twice. Remove one."])


CONFLICTS = {
    "in-the-header": (1, ["<<<<<<< HEAD", "{0}", "=======", "{0}", ">>>>>>> theirs", "{1}"]),
    "in-the-middle": (2, ["{0}", "<<<<<<< HEAD", "{1}", "=======", "{1}", ">>>>>>> theirs"]),
    "of-three-sides": (2, ["{0}", "||||||| base", "{1}"]),
    "at-the-torn-end": (3, ["{0}", "{1}", "<<<<<<< HEAD"]),
}


@pytest.mark.parametrize("name", CONFLICTS)
def test_f05_a_merge_conflict_is_named_by_its_line_and_nothing_is_compared(
    project: Project, stored: Path, name: str
) -> None:
    line, pieces = CONFLICTS[name]
    header, first, *_ = stored.read_text("utf-8").splitlines()
    stored.write_text("\n".join(piece.replace("{0}", header).replace("{1}", first) for piece in pieces), "utf-8")
    result = project.run("--llm-budget")
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    result.stdout.fnmatch_lines([f"llmcost: *bench_mail.jsonl:{line}: a merge conflict was left here.*"])
    result.stdout.fnmatch_lines(["  inconclusive  quality: the baseline cannot be read"])


# -- f09: tables -----------------------------------------------------------------------------------


def table(project: Project, content: bytes, suite: str = TABLE_SUITE) -> pytest.RunResult:
    """Run a suite whose cases are in a table."""
    (project.path / "mails.csv").write_bytes(content)
    project.write("bench_mail.yaml", suite)
    return project.run("--llm-budget")


@pytest.mark.parametrize(
    "content",
    [
        b'\xef\xbb\xbfid,text,expected\r\na,My order,shop\r\nb,"Rain, ""tomorrow""?\r\nOr not",other\r\n',
        b'id;text;expected\na;My order;shop\nb;"Rain, ""tomorrow""?\r\nOr not";other',
        b'expected\tid\ttext\nshop\ta\tMy order\n\nother\tb\t"Rain, ""tomorrow""?\r\nOr not"\n',
    ],
    ids=["mark-crlf-quotes", "semicolons", "tabs-blank-line"],
)
def test_f09_a_table_is_read_as_spreadsheets_write_it(project: Project, content: bytes) -> None:
    assert table(project, content).ret == 0
    assert {line["case"]: line["correct"] for line in project.runs()[-1][1:]} == {"a": True, "b": True}
    assert sorted(project.server.prompts) == ["My order", 'Rain, "tomorrow"?\r\nOr not']


WRONG_TABLES = {
    "no-expected": (b"text,label\nMy order,shop\n", "mails.csv:1:1: there is no column 'expected'."),
    "no-text": (b"body,expected\nMy order,shop\n", "bench_mail.yaml:2:*'text'*"),
    "short-row": (b"text,expected\nMy order,shop\nRain\n", "mails.csv:3:1: the row has 1 cells: the header has 2"),
    "long-row": (b"text,expected\nMy order, late,shop\n", "mails.csv:2:1: the row has 3 cells: the header has 2"),
    "open-quote": (b'text,expected\n"My order,shop\n', "mails.csv:2:1: this is no CSV: *"),
    "latin-1": (b"text,expected\nMy order,shop\nO\xf9,shop\n", "mails.csv:3:2: byte 0xF9 is not UTF-8.*"),
    "twice": (b"text,text,expected\na,b,shop\n", "mails.csv:1:1: column 'text' is here twice.*"),
    "strange-label": (b"text,expected\nMy order,shop\nRain,othr\n", "mails.csv:3:1: expected 'othr' is not among the*"),
    "one-line": (b"text,expected\n" + b"x" * 2**21, "mails.csv:2:1: the line is longer than 1,048,576 bytes"),
}


@pytest.mark.parametrize("name", WRONG_TABLES)
def test_f09_what_is_wrong_with_a_table_is_named_by_its_line(project: Project, name: str) -> None:
    content, said = WRONG_TABLES[name]
    result = table(project, content)
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    result.stdout.fnmatch_lines([f"*{said}*"])
    assert not project.server.requests


def test_f09_of_a_million_rows_the_first_too_many_is_named_or_a_limit_keeps_to_the_first(project: Project) -> None:
    content = b"text,expected\n" + b"".join(b"order %d,shop\n" % i for i in range(1_000_000))
    result = table(project, content)
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    result.stdout.fnmatch_lines(["*mails.csv:250002:1: more than 250,000 cases. Split the file, or set limit"])
    limited = TABLE_SUITE.replace("mails.csv", "{path: mails.csv, limit: 3}")
    project.write("bench_mail.yaml", limited)
    assert project.run("--llm-budget").ret == 0
    assert sorted(project.server.prompts) == ["order 0", "order 1", "order 2"]


# -- f15: files that are none ----------------------------------------------------------------------


def make_pipe(path: Path) -> None:
    os.mkfifo(path)


def make_socket(path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as listener:
        os.chdir(path.parent)  # (a socket's whole path may have some hundred characters only)
        listener.bind(path.name)


def make_device(path: Path) -> None:
    path.symlink_to("/dev/zero")


def make_sparse(path: Path) -> None:
    with path.open("wb") as file:
        file.truncate(10 * 2**30)


ENDLESS = {"pipe": make_pipe, "socket": make_socket, "device": make_device, "sparse": make_sparse}
no_such_files = pytest.mark.skipif(not hasattr(os, "mkfifo") or not Path("/dev/zero").exists(), reason="not here")


@no_such_files
@pytest.mark.parametrize("kind", ENDLESS)
def test_f15_a_suite_that_is_no_regular_file_of_bounded_size_neither_hangs_nor_passes(
    project: Project, kind: str
) -> None:
    ENDLESS[kind](project.path / "bench_mail.yaml")
    result = project.run("--llm-budget", "bench_mail.yaml")
    # pytest itself finds no file where there is no regular one.
    assert result.ret in (pytest.ExitCode.TESTS_FAILED, pytest.ExitCode.USAGE_ERROR)
    expected = "*bench_mail.yaml:1:1: the file is larger than 64 MB. Split it" if kind == "sparse" else "*not found: *"
    (result.stdout if kind == "sparse" else result.stderr).fnmatch_lines([expected])


@no_such_files
def test_f15_a_suite_that_a_device_took_the_place_of_is_missed_by_its_baseline(project: Project, stored: Path) -> None:
    project.suite(name="bench_other.yaml")
    (project.path / "bench_mail.yaml").unlink()
    make_device(project.path / "bench_mail.yaml")
    result = project.run("--llm-budget")
    result.stdout.fnmatch_lines(
        ["note: llm_baselines/bench_mail.jsonl: there is no suite of that name, or it is no regular file"]
    )


SAID_OF_DATA = {
    "pipe": "this is a pipe: a regular file is needed",
    "socket": "the file cannot be read: *",
    "device": "the file is not below *",
    "sparse": "the file is larger than 1024 MB. Split it",
}


@no_such_files
@pytest.mark.parametrize("kind", ENDLESS)
def test_f15_a_data_set_that_is_no_regular_file_of_bounded_size_is_refused(project: Project, kind: str) -> None:
    project.write("bench_mail.yaml", TABLE_SUITE)
    ENDLESS[kind](project.path / "mails.csv")
    result = project.run("--llm-budget")
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    result.stdout.fnmatch_lines([f"*bench_mail.yaml:4:13: 'mails.csv': {SAID_OF_DATA[kind]}"])


@no_such_files
@pytest.mark.parametrize("kind", ["pipe", "device", "sparse"])
def test_f15_a_baseline_that_is_no_regular_file_of_bounded_size_is_refused(
    project: Project, stored: Path, kind: str
) -> None:
    stored.unlink()
    ENDLESS[kind](stored)
    result = project.run("--llm-budget")
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    result.stdout.fnmatch_lines(["llmcost: *bench_mail.jsonl: the baseline cannot be read: *"])
