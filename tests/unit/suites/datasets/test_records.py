"""Files of cases, record by record, each with its line."""

import json

import pytest

from pytest_llmcost.domain.errors import SuiteError
from pytest_llmcost.suites.datasets.records import READERS, Source
from pytest_llmcost.suites.tree.files import Unreadable
from pytest_llmcost.suites.tree.report import Report


@pytest.fixture
def records(tmp_path):
    """Read a file of this name and content; return line and data of each record, and what was reported."""

    def records(name, content):
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode("utf-8", "surrogatepass"))
        report = Report("bench_it.yaml", tmp_path)
        source = Source(path, tmp_path, name, report)
        found = [(record.place.line, record.data) for record in READERS[path.suffix](source)]
        try:
            report.raise_if_any()
        except SuiteError as error:
            return found, [str(problem) for problem in error.problems]
        return found, []

    return records


ROWS = [
    (2, {"text": "a, b", "label": "x"}),
    (3, {"text": 'say "no"\nagain', "label": "y"}),
    (5, {"text": "", "label": ""}),
]


@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
def test_f09_csv_as_spreadsheets_write_it(records, end, mark):
    """A byte order mark, either line end, quotes with commas, quotes and line breaks inside: all are read."""
    text = 'text,label\n"a, b",x\n"say ""no""\nagain",y\n,\n\n'
    found, said = records("a.csv", mark + text.replace("\n", end).encode())
    assert [(line, {name: cell.replace("\r", "") for name, cell in row.items()}) for line, row in found] == ROWS
    assert said == []


@pytest.mark.parametrize(("name", "text"), [("a.csv", "a;b\n1;2,5\n"), ("a.tsv", "a\tb\n1\t2,5\n")])
def test_other_separators(records, name, text):
    """What separates the header's names separates the rows."""
    assert records(name, text) == ([(2, {"a": "1", "b": "2,5"})], [])


def test_f09_rows_of_another_length(records):
    """They are named by their line, and the others are read."""
    assert records("a.csv", 'a,b\n1\n"x\ny",2\n1,2,3\n') == (
        [(3, {"a": "x\ny", "b": "2"})],
        [
            "a.csv:2:1: the row has 1 cells: the header has 2",
            "a.csv:5:1: the row has 3 cells: the header has 2",
        ],
    )


def test_columns_that_come_twice(records):
    """Which of them is meant cannot be told."""
    assert records("a.csv", "a,b,a\n")[1] == ["a.csv:1:1: column 'a' is here twice. Name each column once"]


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        ('a,b\n1,2\n1,"never closed\n1,2\n1,2\n', 3, "this is no CSV: unexpected end of data"),
        ('a,b\n1,"x"y\n', 2, "this is no CSV: ',' expected after '\"'"),
        ("a\n" + "x" * 200_000, 2, "this is no CSV: field larger than field limit (131072)"),
        ("a\n" + "x" * 2_000_000, 2, "the line is longer than 1,048,576 bytes"),
        (b"a\nx\n\xe9\n", 3, "byte 0xE9 is not UTF-8. Save the file as UTF-8"),
        ("a,b\n1,2".encode("utf-16"), 1, "the file is UTF-16. Save it as UTF-8"),
    ],
)
def test_f09_what_is_no_csv(records, text, line, said):
    """It is named by its line."""
    with pytest.raises(Unreadable) as caught:
        records("a.csv", text)
    assert (caught.value.line, str(caught.value)) == (line, said)


def test_json_lines(records):
    """Each line holds one case; empty lines are skipped, and a wrong line is told with its place."""
    text = '{"text": "a", "n": 1.50}\n\n  {"text": "ü"}\r\n{"text": }\n{"a": 1} {"b": 2}\n'
    text += '{"a": NaN}\n{"a": 1, "a": 2}\n5\n'
    found, said = records("a.jsonl", text)
    assert found == [(1, {"text": "a", "n": "1.50"}), (3, {"text": "ü"}), (8, "5")]
    assert said == [
        "a.jsonl:4:10: this is no JSON: Expecting value",
        "a.jsonl:5:9: a second value is on this line. Write one a line",
        "a.jsonl:6:1: 'NaN' is no finite number. If it is text, put it in quotes",
        "a.jsonl:7:1: key 'a' is here twice. Keep one",
    ]


def test_json_list(records):
    """A list of cases, as `json.dumps` writes it or by hand, with the line in which each begins."""
    cases = [{"text": "a"}, {"text": "🙂"}, {"text": "c"}]
    assert [data for _, data in records("a.json", json.dumps(cases))[0]] == cases
    assert [line for line, _ in records("a.json", json.dumps(cases, indent=1))[0]] == [2, 5, 8]
    assert records("a.json", " [ ] ") == ([], [])


@pytest.mark.parametrize(
    ("text", "place", "said"),
    [
        ("{}", (1, 1), "the file is no list of cases: [ ... ] is needed"),
        ("", (1, 1), "the file is no list of cases: [ ... ] is needed"),
        ('[\n{"a": 1}\n{"b": 2}]', (2, 1), "this is no JSON: ',' or ']' is needed after this case"),
        ('[{"a": 1},\n {"b": }]', (2, 8), "this is no JSON: Expecting value"),
        ('[{"a": 1},\n]', (2, 1), "this is no JSON: Expecting value"),
        ('[{"a": 1}', (1, 2), "this is no JSON: ',' or ']' is needed after this case"),
        ("[1] 2", (1, 1), "more follows the end of the list"),
    ],
)
def test_what_is_no_json_list(records, text, place, said):
    """It is told with its place."""
    with pytest.raises(Unreadable) as caught:
        records("a.json", text)
    assert ((caught.value.line, caught.value.column), str(caught.value)) == (place, said)


@pytest.mark.parametrize("text", ["[" * 100_000, '{"a":' * 100_000])
def test_s02_deep_nesting(records, text):
    """Nesting is bounded."""
    assert records("a.jsonl", text)[1] == ["a.jsonl:1:1: it is nested too deeply"]


def test_f15_sparse_file(records, tmp_path):
    """A file of 10 GB is refused by its size, unread."""
    with open(tmp_path / "a.csv", "wb") as file:
        file.truncate(10 * 2**30)
    for name in ("a.csv", "a.jsonl", "a.json"):
        source = Source(tmp_path / "a.csv", tmp_path, name, Report("x"))
        with pytest.raises(Unreadable, match=r"the file is larger than \d+ MB"):
            list(READERS[f".{name.partition('.')[2]}"](source))
