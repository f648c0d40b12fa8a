"""Cases from files, as a suite sees them."""

import os
import socket
from pathlib import Path

import pytest

from pytest_llmcost.suites.datasets import sections

HEAD = 'prompt: "{{ text }}"\nstrategies: [cheap]\ncases_from: %s\n'
MAILS = 'id,body,label,day\nm1,"Hello, you",ham,Monday\nm2,Win!,spam,Tuesday\n'


@pytest.fixture
def mails(tmp_path):
    """A file of labelled mails."""
    (tmp_path / "mails.csv").write_text(MAILS)
    return "{path: mails.csv, rename: {body: text, label: expected}}"


def test_table(read, mails):
    """Columns are renamed; a case has its place in the file, and a column that no template reads is a note."""
    m1, m2 = read(HEAD % mails).cases
    assert (m1.id, m1.fields, m1.expected) == ("m1", {"text": "Hello, you"}, ("ham",))
    assert (m1.meta, m1.path, m1.line) == ({"day": "Monday"}, "mails.csv", 2)
    assert (m2.id, m2.line) == ("m2", 3)


def test_limit(read, mails):
    """Only the first cases are read: what stands behind them cannot be wrong."""
    (case,) = read(HEAD % mails.replace("}}", "}, limit: 1}")).cases
    assert case.id == "m1"


def test_beside_cases_and_several_files(read, mails, tmp_path):
    """Cases of the suite itself and of several files are joined, in this order."""
    (tmp_path / "more.jsonl").write_text('{"text": "x", "expected": "ham"}\n')
    (tmp_path / "last.json").write_text('[{"id": "z", "text": "y", "expected": "ham"}]')
    text = HEAD % f"[{mails}, more.jsonl, {{path: last.json}}]" + "cases: [{id: a, text: b, expected: ham}]\n"
    found = read(text).cases
    assert [case.path for case in found] == ["bench_it.yaml", "mails.csv", "mails.csv", "more.jsonl", "last.json"]
    assert [case.id for case in found if case.path != "more.jsonl"] == ["a", "m1", "m2", "z"]


def test_same_case_wherever_it_stands(read, tmp_path):
    """The id and the fingerprint do not depend on the file that holds a case, or on further columns."""
    (tmp_path / "a.csv").write_text("text,expected,day\nx,a,Monday\n")
    (tmp_path / "a.jsonl").write_text('{"expected": "a", "text": "x"}\n')
    head = 'prompt: "{{ text }}"\nstrategies: [cheap]\n'
    ways = ("cases_from: a.csv", "cases_from: a.jsonl", "cases: [{text: x, expected: a}]")
    found = [read(f"{head}{way}\n").cases[0] for way in ways]
    assert len({(case.id, case.fingerprint) for case in found}) == 1


def test_all_of_a_case_in_a_table(read, tmp_path):
    """A case's own keys are columns, too; an empty cell says nothing, tags are separated by blanks."""
    (tmp_path / "a.csv").write_text(
        "text,expected,tags,group,must_pass,strict,threshold,quarantine,scorer\n"
        "10,010,a b,g,TRUE,false,0.5,flaky,exact\n12:30,no,,,,,,,\n"
    )
    full, bare = read(HEAD % "a.csv").cases
    assert (full.fields, full.expected, full.tags, full.group) == ({"text": "10"}, ("010",), ("a", "b"), "g")
    assert (full.must_pass, full.strict, full.threshold, full.quarantine) == (True, False, 0.5, "flaky")
    assert [spec.name for spec in full.scorer] == ["exact"]
    assert (bare.fields, bare.expected, bare.tags, bare.must_pass, bare.strict) == (
        *({"text": "12:30"}, ("no",), (), False, None),
    )


def test_json_keeps_its_values(read, tmp_path):
    """Fields of JSON keep their type; expected answers are text as written."""
    (tmp_path / "a.jsonl").write_text('{"text": ["x", 1.50], "expected": 1e3, "meta": {"a": 1}, "b": 2}\n')
    (case,) = read(HEAD % "a.jsonl").cases
    assert (case.fields, case.expected, case.meta) == ({"text": ["x", "1.50"]}, ("1e3",), {"a": 1, "b": 2})


def test_bare_columns_with_code(read, tmp_path):
    """Where a scorer is code every column is a field: it may read any."""
    (tmp_path / "a.csv").write_text("text,day\nx,Monday\n")
    found = read(HEAD % "a.csv" + "scorer: {python: 'my_app:f'}\n", allowed_python=["my_app"]).cases
    assert found[0].fields == {"text": "x", "day": "Monday"}


@pytest.mark.parametrize(
    ("source", "said"),
    [
        (
            "{path: mails.csv, rename: {bdy: text, label: expected}}",
            "3:40: 'mails.csv' has no column 'bdy' (did you mean 'body'?)",
        ),
        ("{path: mails.csv, rename: {label: expected}}", "1:13: unknown variable 'text'. There are 'body', 'day'"),
        (
            "{path: mails.csv, rename: {body: text}}",
            "mails.csv:1:1: there is no column 'expected'. Say which one it is, such as cases_from: {..., rename: ",
        ),
        (
            "{path: mails.csv, rename: {body: text, day: text, label: expected}}",
            "3:39: two columns of 'mails.csv' are called 'text' after renaming. Rename the other, too",
        ),
        (
            "{path: mails.xlsx}",
            "3:20: 'mails.xlsx' is no file of cases: .csv, .tsv, .jsonl, .ndjson, .json can be read",
        ),
        ("{path: empty.csv}", "3:20: 'empty.csv' holds no case"),
        ("{limit: 1}", "3:13: cases_from has no 'path'. Add it: a .csv, .jsonl or .json file"),
        ("{path: mails.csv, limt: 1}", "3:31: unknown key 'limt' in cases_from (did you mean 'limit'?)"),
        ("5", "3:13: cases_from is 5: text is needed; put it in quotes"),
        ("[]", "3:13: cases_from has length 0: at least 1 is needed"),
    ],
)
def test_f09_mistakes(mistakes, mails, tmp_path, source, said):
    """A missing column, or a file that cannot be read, is one mistake, with its place and a suggestion."""
    (tmp_path / "empty.csv").write_text("text,expected\n")
    found = mistakes(HEAD % source)
    assert found[0].startswith(said)
    assert len(found) == 1 + ("limt" in source)


def test_f09_mistakes_in_rows(mistakes, tmp_path):
    """A row's mistakes have the file's name and the row's line."""
    (tmp_path / "a.csv").write_text('text,expected,must_pass,id\n"x\ny",a,perhaps,1\nz,,,1\nw,a,,gate[x]\n')
    assert mistakes(HEAD % "a.csv") == [
        "a.csv:2:1: must_pass is 'perhaps': true, false or a whole number from 1 up to 1,000 is needed",
        "a.csv:4:1: case '1' has no 'expected'. Add it: the right answer, or a list of right ones",
        "a.csv:4:1: id '1' is that of the case in a.csv, line 2, too. Give each its own",
        "a.csv:5:1: id is 'gate[x]': text that is not blank and does not begin with 'gate[' is needed",
    ]


def test_not_yet_is_told_once(mistakes, tmp_path):
    """A key of the contract that cannot be had yet is named once for the file."""
    (tmp_path / "a.jsonl").write_text('{"text": "x", "expected": "a", "turns": []}\n' * 2)
    assert mistakes(HEAD % "a.jsonl")[0] == "a.jsonl:1:1: 'turns' is not supported yet. Leave it out"


def test_f09_a_million_rows(mistakes, read, tmp_path, monkeypatch):
    """Too many cases are told by the line where it is too much; with a limit the rest is not looked at."""
    monkeypatch.setattr(sections, "MOST_CASES", 1_000)
    (tmp_path / "a.csv").write_text("text,expected\n" + "".join(f"q{i},a\n" for i in range(10_000)))
    assert mistakes(HEAD % "a.csv") == ["a.csv:1002:1: more than 1,000 cases. Split the file, or set limit"]
    assert len(read(HEAD % "{path: a.csv, limit: 700}").cases) == 700


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("../secret.csv", "'../secret.csv': the file is not below "),
        ("out.csv", "'out.csv': the file is not below "),
        ("/etc/hosts.csv", "path '/etc/hosts.csv' is absolute. Write it from the folder of this file"),
        ("file:///etc/hosts.csv", "'file:///etc/hosts.csv' is an address: the path of a file is needed"),
        ("https://example.org/a.csv", "'https://example.org/a.csv' is an address: the path of a file is needed"),
        ("~/a.csv", "path '~/a.csv' is absolute. Write it from the folder of this file"),
        ("missing.csv", "'missing.csv': the file cannot be read: No such file or directory"),
        ("folder.csv", "'folder.csv': "),
        ('"a\\0.csv"', "'a\\x00.csv': the file cannot be read: "),
    ],
)
def test_t03_paths_out_of_the_root(mistakes, tmp_path_factory, tmp_path, written, said):
    """Only files below the root directory are read: no absolute path, no address, no way out by `..` or a link."""
    outside = tmp_path.parent / "secret.csv"
    outside.write_text("text,expected\na,b\n")
    (tmp_path / "out.csv").symlink_to(outside)
    (tmp_path / "folder.csv").mkdir()
    (found,) = mistakes(HEAD % f"{{path: {written}}}")
    assert found.startswith(f"3:20: {said}")


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes in files here")
def test_f15_pipe_and_socket_as_data(mistakes, tmp_path, monkeypatch):
    """A pipe or a socket is refused at once."""
    os.mkfifo(tmp_path / "a.csv")
    assert mistakes(HEAD % "a.csv") == ["3:13: 'a.csv': this is a pipe: a regular file is needed"]
    monkeypatch.chdir(tmp_path)
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind("b.csv")
        assert mistakes(HEAD % "b.csv")[0].startswith("3:13: 'b.csv': the file cannot be read: ")


@pytest.mark.skipif(not Path("/dev/zero").exists(), reason="no devices in files here")
def test_f15_device_as_data(mistakes, tmp_path):
    """A link to a device leads out of the root."""
    (tmp_path / "a.csv").symlink_to("/dev/zero")
    assert mistakes(HEAD % "a.csv")[0].startswith("3:13: 'a.csv': the file is not below ")
