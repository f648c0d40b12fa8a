"""`llmcost init`, as it is typed: what is written, what is said, and that the written suite runs."""

from __future__ import annotations

import csv
import io
import os
from pathlib import Path

import pytest
from fakes.project import Project
from hypothesis import given
from hypothesis import strategies as st

from pytest_llmcost.assembly.runner import Runner
from pytest_llmcost.assembly.settings import read_settings
from pytest_llmcost.cli import main
from pytest_llmcost.cli.init.choice import propose
from pytest_llmcost.cli.init.suite_text import quoted
from pytest_llmcost.cli.keys import PROVIDERS
from pytest_llmcost.costs.prices import PriceTable
from pytest_llmcost.domain.suite import Suite

CANARY = "sk-canary-0815"
MAILS = [("Where is my order?", "shop"), ("Will it rain tomorrow?", "other"), ("I want a refund", "shop")]


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty project, in an environment without keys."""
    for provider in PROVIDERS:
        for name in provider.variables:
            monkeypatch.delenv(name, raising=False)
    for name in [name for name in os.environ if name.startswith("LLMCOST_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("LLMCOST_MODELS", str(tmp_path / "no models"))
    (tmp_path / "project").mkdir()
    monkeypatch.chdir(tmp_path / "project")
    return tmp_path / "project"


def table(path: Path, rows: list[tuple[str, ...]], header: tuple[str, ...] = ("text", "label")) -> Path:
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([header, *rows])
    return path


def numbered(n: int) -> list[tuple[str, ...]]:
    return [(f"Mail number {i} of many", "shop" if i % 3 else "other") for i in range(n)]


def suite_at(path: Path) -> Suite:
    """Read a suite as a run would."""
    root = path.parent
    settings = read_settings(root, {})
    runner = Runner(settings, mode="replay", account=root / "unused", warn=pytest.fail)
    return runner.read_suite(path, root)


# -- without data -------------------------------------------------------------------------------------------------


def test_from_nothing_there_is_a_suite_of_six_cases_that_the_local_model_answers(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["init"]) == 0

    suite = suite_at(folder / "bench_first.yaml")
    (strategy,) = suite.strategies
    assert len(suite.cases) == 6
    assert (strategy.model, strategy.prompt.style, strategy.calibrate) == ("cheap", "text", True)
    assert read_settings(folder, {}).tiers == {"cheap": "local/smollm2-135m"}
    said = capsys.readouterr().out
    assert "no provider's key found" in said
    assert "llmcost models pull smollm2-135m" in said


def test_the_next_commands_come_last_and_can_be_typed(capsys: pytest.CaptureFixture[str]) -> None:
    main(["init", "--model", "openai/gpt-4o-mini"])

    commands = capsys.readouterr().out.partition("next:\n")[2].splitlines()
    assert [command.partition("#")[0].strip() for command in commands] == [
        "pytest --llm-budget --llm-estimate bench_first.yaml",
        "pytest --llm-budget bench_first.yaml",
        "pytest --llm-budget bench_first.yaml --llm-update-baseline",
    ]


def test_nothing_is_overwritten_without_force(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "bench_first.yaml").write_text("mine", "utf-8")

    assert main(["init"]) == 2
    assert [path.name for path in folder.iterdir()] == ["bench_first.yaml"]
    assert "bench_first.yaml is there already" in capsys.readouterr().err

    assert main(["init", "--force"]) == 0
    assert len(suite_at(folder / "bench_first.yaml").cases) == 6


def test_a_configuration_is_kept_even_with_force(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "llmcost.toml").write_text('[tiers]\nmid = "openai/gpt-4.1"\n', "utf-8")

    assert main(["init", "--force"]) == 0

    assert (folder / "llmcost.toml").read_text("utf-8") == '[tiers]\nmid = "openai/gpt-4.1"\n'
    assert suite_at(folder / "bench_first.yaml").strategies[0].model == "mid"
    assert f"kept {folder / 'llmcost.toml'}" in capsys.readouterr().out


def test_a_table_in_pyproject_is_the_configuration_and_what_it_lacks_is_printed(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "pyproject.toml").write_text("[tool.llmcost]\nmax_cost_usd = 2\n", "utf-8")

    assert main(["init"]) == 0

    assert not (folder / "llmcost.toml").exists()
    assert '[tool.llmcost.tiers]\n    cheap = "local/smollm2-135m"' in capsys.readouterr().out
    assert suite_at(folder / "bench_first.yaml").strategies[0].model == "local/smollm2-135m"


def test_a_pyproject_of_others_is_left_alone(folder: Path) -> None:
    (folder / "pyproject.toml").write_text("[project]\nname = 'x'\n", "utf-8")

    assert main(["init"]) == 0

    assert (folder / "llmcost.toml").exists()
    assert (folder / "pyproject.toml").read_text("utf-8") == "[project]\nname = 'x'\n"


@pytest.mark.parametrize("before", ["", "*.pyc", "*.pyc\r\nbuild/\r\n"])
def test_the_cache_is_kept_out_of_git_once(folder: Path, before: str) -> None:
    (folder / ".git").mkdir()
    ignored = folder / ".gitignore"
    if before:
        ignored.write_bytes(before.encode())

    main(["init"])
    main(["init", "--force"])

    end = "\r\n" if "\r" in before else "\n"
    gap = end if before == "*.pyc" else ""
    assert ignored.read_bytes().decode() == f"{before}{gap}.llmcost/{end}"


def test_outside_of_git_there_is_nothing_to_ignore(folder: Path) -> None:
    main(["init"])

    assert not (folder / ".gitignore").exists()


@pytest.mark.parametrize("argv", [["--folder", "nowhere"], ["--text", "a"], ["--csv", "none.csv"], ["--model", "x"]])
def test_what_cannot_be_done_is_said_and_leaves_nothing_behind(
    folder: Path, argv: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["init", *argv]) == 2

    assert argv[-1] in capsys.readouterr().err or argv == ["--text", "a"]
    assert list(folder.iterdir()) == []


def test_f02_a_file_that_cannot_be_written_is_said(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "bench_first.yaml").mkdir()

    assert main(["init", "--force"]) == 2

    assert "bench_first.yaml cannot be written: this is no regular file" in capsys.readouterr().err
    assert {path.name for path in folder.iterdir()} == {"bench_first.yaml", "llmcost.toml"}


# -- who is asked -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("provider", [known for known in PROVIDERS if known.models], ids=lambda known: known.name)
def test_a_key_decides_the_tiers_and_is_never_shown(
    folder: Path, provider: object, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert provider in PROVIDERS
    variable = provider.variables[-1]  # type: ignore[attr-defined]
    monkeypatch.setenv(variable, CANARY)

    assert main(["init"]) == 0

    said = capsys.readouterr()
    assert variable in said.out
    assert CANARY not in said.out + said.err + "".join(path.read_text("utf-8") for path in folder.glob("*"))
    settings = read_settings(folder, {})
    assert settings.tiers == provider.tiers  # type: ignore[attr-defined]
    prices = PriceTable(settings.prices)
    assert all(prices.price_of(model).output > 0 for model in settings.tiers.values())
    (strategy,) = suite_at(folder / "bench_first.yaml").strategies
    assert (strategy.model, strategy.prompt.style, strategy.calibrate) == ("cheap", "chat", False)


def test_an_empty_key_is_none() -> None:
    assert propose({"OPENAI_API_KEY": " "}).provider is None


def test_the_first_provider_with_a_proposal_is_taken() -> None:
    assert propose({"XAI_API_KEY": "x", "GROQ_API_KEY": "x"}).tiers == {
        "frontier": "groq/openai/gpt-oss-120b",
        "cheap": "groq/openai/gpt-oss-20b",
    }


def test_a_model_that_thinks_gets_room_for_it_and_no_temperature_that_it_refuses(folder: Path) -> None:
    assert main(["init", "--model", "openai/gpt-5-mini"]) == 0

    (strategy,) = suite_at(folder / "bench_first.yaml").strategies
    assert strategy.name == "gpt-5-mini"
    assert strategy.params["max_tokens"] > 1000
    assert "temperature" not in strategy.params


def test_a_model_without_a_price_is_said_with_the_lines_to_add(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["init", "--model", "openai/none-such"]) == 0

    assert '[tool.llmcost.prices."openai/none-such"]' in capsys.readouterr().out


# -- from a table -------------------------------------------------------------------------------------------------


def test_a_table_with_few_answers_becomes_a_suite_of_labels(folder: Path) -> None:
    table(folder / "mails.csv", MAILS)

    assert main(["init", "--csv", "mails.csv"]) == 0

    suite = suite_at(folder / "bench_mails.yaml")
    assert suite.labels == ("other", "shop")
    assert [(case.fields, case.expected) for case in suite.cases] == [({"text": t}, (e,)) for t, e in MAILS]
    assert [spec.name for spec in suite.scorer] == ["label"]
    assert suite.strategies[0].parse == "label"
    assert suite.strategies[0].prompt.prompt == "Text: {{ text }}\nLabel:"


def test_a_table_with_many_answers_is_compared_as_text(folder: Path) -> None:
    table(folder / "sums.csv", [(f"What is {n} + {n}?", str(2 * n)) for n in range(11)], ("question", "answer"))

    assert main(["init", "--csv", "sums.csv"]) == 0

    suite = suite_at(folder / "bench_sums.yaml")
    assert suite.labels == ()
    assert [spec.name for spec in suite.scorer] == ["exact"]
    assert (suite.strategies[0].parse, suite.strategies[0].calibrate) == ("text", False)
    assert suite.strategies[0].prompt.prompt == "Question: {{ text }}\nAnswer:"


@pytest.mark.parametrize(
    ("header", "options", "asked", "expected"),
    [
        (("label", "text", "note"), [], "b", "a"),
        (("Body ", "CATEGORY", "text id"), [], "a", "b"),
        (("note", "what it says", "kind"), [], "bbbb", "c"),  # (no usual name: the longest, and the last)
        (("text", "message", "label"), ["--text", "Message"], "bbbb", "c"),
        (("text", "message", "label"), ["--expected", "text"], "bbbb", "a"),
    ],
)
def test_columns_are_told_by_their_names_and_the_choice_is_said(
    folder: Path,
    header: tuple[str, ...],
    options: list[str],
    asked: str,
    expected: str,
    capsys: pytest.CaptureFixture[str],
) -> None:
    middle = "bbbb" if asked == "bbbb" else "b"
    table(folder / "t.csv", [("a", middle, "c"), ("a2", "b2", "c2")], header)

    assert main(["init", "--csv", "t.csv", *options]) == 0

    case = suite_at(folder / "bench_t.yaml").cases[0]
    assert (case.fields["text"], case.expected) == (asked, (expected,))
    assert "is asked" in capsys.readouterr().out


def test_an_unknown_column_is_an_error_with_those_that_there_are(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    table(folder / "mails.csv", MAILS)

    assert main(["init", "--csv", "mails.csv", "--text", "txt"]) == 2

    said = capsys.readouterr().err
    assert "Did you mean 'text'?" in said
    assert "There are 'text', 'label'" in said


def test_rows_that_cannot_be_cases_are_left_out_and_named_by_line(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "mails.csv").write_bytes(
        b'\xef\xbb\xbftext,label\r\n"one, with ""quotes""\r\nand lines",a\r\n,a\r\ntwo,\r\nthree\r\n\r\n'
        b"four,b\r\nfour,b\r\nfour,a\r\nfive,six,a\r\n"
    )

    assert main(["init", "--csv", "mails.csv"]) == 0

    cases = suite_at(folder / "bench_mails.yaml").cases
    assert [case.fields["text"] for case in cases] == ['one, with "quotes"\r\nand lines', "four"]
    said = capsys.readouterr().out
    assert "1 row left out, without 'text': line 4\n" in said
    assert "2 rows left out, without 'label': lines 5, 6\n" in said
    assert "1 row left out, the same as an earlier one: line 9\n" in said
    assert "1 row left out, in contradiction to an earlier one with the same text: line 10\n" in said
    assert "1 row left out, with more cells than the header" in said


@pytest.mark.parametrize("delimiter", [";", "\t"])
def test_other_delimiters_are_told_by_the_header(folder: Path, delimiter: str) -> None:
    rows = [("text", "label"), ("a, b, c", "x"), ("d", "y")]
    (folder / "t.csv").write_text("".join(f"{delimiter.join(row)}\n" for row in rows), "utf-8")

    assert main(["init", "--csv", "t.csv"]) == 0

    assert suite_at(folder / "bench_t.yaml").cases[0].fields == {"text": "a, b, c"}


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "a header with two columns or more is needed"),
        (b"text,label\n", "has a header and no rows"),
        (b"text\na\n", "a header with two columns or more is needed"),
        (b'text,label\na,b\n"c,d\n', ":3: this row is no CSV"),
        (b"text,label\nsch\xf6n,b\n", ":2:4: byte 0xF6 is not UTF-8"),
        ("text,label\na,b\n".encode("utf-16"), "the file is UTF-16"),
        (b"text,label\n,b\n", "no row has both"),
    ],
)
def test_f09_a_file_that_is_no_table_is_an_error_with_its_line(
    folder: Path, content: bytes, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "t.csv").write_bytes(content)

    assert main(["init", "--csv", "t.csv"]) == 2

    assert said in capsys.readouterr().err
    assert [path.name for path in folder.iterdir()] == ["t.csv"]


def test_f15_a_pipe_is_no_table(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    os.mkfifo(folder / "t.csv")

    assert main(["init", "--csv", "t.csv"]) == 2

    assert "this is a pipe" in capsys.readouterr().err


def test_from_forty_rows_on_some_become_examples_as_many_of_each_label(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = numbered(60)
    table(folder / "mails.csv", rows)

    assert main(["init", "--csv", "mails.csv"]) == 0

    suite = suite_at(folder / "bench_mails.yaml")
    examples = suite.strategies[0].prompt.examples
    assert [example.expected for example in examples] == ["other", "shop"] * 4
    shown = {example.fields["text"] for example in examples}
    assert shown.isdisjoint(case.fields["text"] for case in suite.cases)
    assert len(shown) + len(suite.cases) == len(rows)
    assert "8 rows are examples" in capsys.readouterr().out


def test_below_forty_rows_every_row_is_a_case(folder: Path) -> None:
    table(folder / "mails.csv", numbered(39))

    main(["init", "--csv", "mails.csv"])

    suite = suite_at(folder / "bench_mails.yaml")
    assert len(suite.cases) == 39
    assert suite.strategies[0].prompt.examples == ()


def test_examples_are_short_so_that_every_call_stays_cheap(folder: Path) -> None:
    table(folder / "mails.csv", [(f"{text} {'long ' * 900 * (i % 2)}", e) for i, (text, e) in enumerate(numbered(60))])

    main(["init", "--csv", "mails.csv"])

    examples = suite_at(folder / "bench_mails.yaml").strategies[0].prompt.examples
    assert sum(len(example.fields["text"]) for example in examples) < 6_000
    assert examples


def test_of_a_large_table_five_hundred_rows_are_cases(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    table(folder / "mails.csv", numbered(1_000))

    assert main(["init", "--csv", "mails.csv"]) == 0

    cases = suite_at(folder / "bench_mails.yaml").cases
    assert len(cases) == 500
    assert cases[-1].fields["text"] > "Mail number 990"
    assert "500 of 992 rows are cases" in capsys.readouterr().out


def test_the_margin_is_what_the_cases_can_prove(folder: Path) -> None:
    for count, margin in ((20, 0.15), (30, 0.1), (80, 0.05)):
        table(folder / f"t{count}.csv", numbered(count))
        main(["init", "--csv", f"t{count}.csv"])
        gate = suite_at(folder / f"bench_t{count}.yaml").strategies[0].gate
        assert gate is not None
        assert gate.quality.margin == margin


def test_labels_that_differ_in_capitals_alone_are_one(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    table(folder / "t.csv", [("a", "Spam"), ("b", "spam"), ("c", "spam"), ("d", "ham")])

    assert main(["init", "--csv", "t.csv"]) == 0

    assert suite_at(folder / "bench_t.yaml").labels == ("ham", "spam")
    assert "'Spam', 'spam' are one label: 'spam'" in capsys.readouterr().out


def test_labels_that_begin_alike_are_told_apart_by_the_whole_text(folder: Path) -> None:
    table(folder / "t.csv", [("a", "in"), ("b", "in-scope"), ("c", "{{ out }}"), ("d", "no")])

    assert main(["init", "--csv", "t.csv"]) == 0

    suite = suite_at(folder / "bench_t.yaml")
    assert suite.strategies[0].parse == "text"
    assert [spec.name for spec in suite.scorer] == ["label"]
    assert set(suite.labels) == {"in", "in-scope", "{{ out }}", "no"}


def test_ids_of_the_table_name_the_cases(folder: Path) -> None:
    table(folder / "t.csv", [(f"mail {i}", *row) for i, row in enumerate(numbered(60))], ("ID", "text", "label"))

    assert main(["init", "--csv", "t.csv"]) == 0

    suite = suite_at(folder / "bench_t.yaml")
    assert {case.id for case in suite.cases} < {f"mail {i}" for i in range(60)}
    assert {*suite.strategies[0].prompt.examples[0].fields} == {"text"}


def test_a_suite_is_named_after_its_table(folder: Path) -> None:
    table(folder / "Mails of may (2).csv", MAILS)

    assert main(["init", "--csv", "Mails of may (2).csv"]) == 0

    assert (folder / "bench_Mails_of_may_2.yaml").exists()


@given(st.text(st.characters(codec="utf-8")))
def test_every_text_is_read_back_as_it_was_written(text: str) -> None:
    from pytest_llmcost.suites.tree.compose import compose
    from pytest_llmcost.suites.tree.nodes import List, Scalar
    from pytest_llmcost.suites.tree.report import Report

    report = Report("t.yaml")
    report.source = f"[{quoted(text)}, end]"
    tree = compose(report)

    assert isinstance(tree, List)
    first, end = tree.items
    assert isinstance(first, Scalar)
    assert isinstance(end, Scalar)
    assert (first.raw, end.raw) == (text, "end")


def test_a_hostile_table_stays_data(folder: Path) -> None:
    texts = [
        '"}\n- {x: 1}',
        "# no comment",
        "{{ 7 * 7 }} {% raw %}",
        "a\x00b\x1b[31m\u2028\u202e",
        "=HYPERLINK(1)",
        "- 1",
    ]
    table(folder / "t.csv", [(text, f"l{i % 2}") for i, text in enumerate(texts)], ('te"xt\n# {{', "{% label"))

    assert main(["init", "--csv", "t.csv"]) == 0

    assert [case.fields["text"] for case in suite_at(folder / "bench_t.yaml").cases] == texts
    assert "\x1b" not in (folder / "bench_t.yaml").read_text("utf-8")


# -- and then -----------------------------------------------------------------------------------------------------


def test_the_written_suite_runs(project: Project, capsys: pytest.CaptureFixture[str]) -> None:
    table(
        project.path / "mails.csv",
        [(f"Mail {n}: {'my order' if n % 2 else 'the rain'}", "shop" if n % 2 else "other") for n in range(60)],
    )

    assert (
        main(["init", "--csv", str(project.path / "mails.csv"), "--model", "ours", "--folder", str(project.path)]) == 0
    )

    result = project.run_apart("--llm-budget", "bench_mails.yaml")
    result.stdout.fnmatch_lines(["mails *52*100.0%*", "*passed, 1 new*"])
    assert len(project.server.requests) == 52


def test_output_survives_a_terminal_of_few_letters(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    table(folder / "t.csv", [("a", "größe"), ("b", "länge")])
    raw = io.BytesIO()
    monkeypatch.setattr("sys.stdout", io.TextIOWrapper(raw, encoding="ascii"))

    assert main(["init", "--csv", "t.csv"]) == 0
