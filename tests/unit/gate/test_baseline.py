"""A baseline is a file that people review and merge: stable, small, and honest about damage."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest
from fakes.evidence import MODEL, record
from fakes.process import start_python

from pytest_llmcost.domain.errors import BaselineError
from pytest_llmcost.domain.trial import StrategyRecord
from pytest_llmcost.domain.usage import Usage
from pytest_llmcost.gate.baseline import FORMAT, Baseline, baseline_path, read_baseline, write_baseline
from pytest_llmcost.gate.baseline_header import Accepted
from pytest_llmcost.gate.records import CaseRecord

needs_permissions = pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")


def baseline(*cases: CaseRecord) -> Baseline:
    cheap = StrategyRecord("0123456789ab", MODEL, {MODEL: {"input": 1, "output": 2.5}})
    return Baseline("mail", {"cheap": cheap}, cases or (record("late"), record("rain", 0.0)))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "llm_baselines" / "bench_mail.jsonl"


@pytest.fixture
def stored(path: Path) -> Path:
    write_baseline(path, baseline())
    return path


def spoilt(path: Path, change: Callable[[list[str]], list[str]]) -> BaselineError:
    """What reading says of the file after *change* to its lines."""
    path.write_text("\n".join(change(path.read_text("utf-8").splitlines())) + "\n", "utf-8")
    with pytest.raises(BaselineError) as raised:
        read_baseline(path)
    assert raised.value.path == str(path)
    return raised.value


def test_it_lives_beside_its_suite(tmp_path: Path) -> None:
    assert baseline_path(tmp_path, "bench_mail.yaml") == tmp_path / "llm_baselines" / "bench_mail.jsonl"


def test_g01_where_there_is_no_file_there_is_no_baseline(path: Path) -> None:
    assert read_baseline(path) is None


def test_it_comes_back_as_it_went(path: Path) -> None:
    cases = (
        record("late", 1.0, 0.0, 1.0),
        record("rain", 0.125, usage={MODEL: Usage(900, 300, 100, 50, 20)}, seconds=0.123457),
        record("hour", usage={MODEL: Usage(900, 300, 100, 50, 20, cache_write_1h_tokens=40)}),
        record("two models", usage={MODEL: Usage(10, 4, 0, 1), "other/large": Usage(20, 0, 0, 2, 1)}),
        record("another model", usage={"other/large": Usage(20, 0, 0, 2)}),
        record("no model at all", usage={}),
        record("asked twice", calls={MODEL: 2}),
        record("timed each", seconds=0.75, each_seconds={MODEL: 0.25, "other/large": 0.5}),
    )

    write_baseline(path, baseline(*cases))

    found = read_baseline(path)
    assert found is not None
    assert (found.suite, found.strategies, found.notes) == ("mail", baseline().strategies, ())
    assert sorted(found.records, key=lambda r: r.case) == sorted(cases, key=lambda r: r.case)


def test_equal_baselines_are_equal_bytes_in_whatever_order_they_come(tmp_path: Path) -> None:
    cases = [record(case, strategy=strategy) for case in ("late", "rain") for strategy in ("cheap", "terse")]
    strategies = {name: StrategyRecord("0123456789ab", MODEL) for name in ("cheap", "terse")}
    one, other = tmp_path / "one.jsonl", tmp_path / "other.jsonl"

    write_baseline(one, Baseline("mail", strategies, tuple(cases)))
    write_baseline(other, Baseline("mail", dict(reversed(strategies.items())), tuple(reversed(cases))))

    assert one.read_bytes() == other.read_bytes()


def test_what_was_read_and_is_stored_again_changes_no_byte(stored: Path) -> None:
    before = stored.read_bytes()
    found = read_baseline(stored)
    assert found is not None

    write_baseline(stored, found)

    assert stored.read_bytes() == before


def test_a_line_is_small_and_holds_neither_prompt_nor_answer(stored: Path) -> None:
    long = record("0123456789", strategy="careful", seconds=0.123457)
    write_baseline(stored, Baseline("mail", {"careful": StrategyRecord("0123456789ab", MODEL)}, (long,)))

    line = stored.read_bytes().splitlines()[1]

    assert len(line) <= 125
    assert json.loads(line) == {
        "case": "0123456789",
        "strategy": "careful",
        "fp": "9f2c41",
        "score": [1],
        "a": "right ",
        "in": 500,
        "cached": 0,
        "out": 8,
        "s": 0.123457,
    }


@pytest.mark.parametrize(
    "name",
    [
        "a/b",
        "../up",
        "two words",
        "🙂",
        "\u202eright to left",
        "line\u2028break\u0085here",
        "a\nb",
        '"quoted"',
        "x" * 10_000,
    ],
)
def test_f07_any_case_id_comes_back(path: Path, name: str) -> None:
    write_baseline(path, baseline(record(name)))

    found = read_baseline(path)

    assert found is not None
    assert [r.case for r in found.records] == [name]


def test_half_an_emoji_in_a_case_id_is_stored_as_its_escape(path: Path) -> None:
    write_baseline(path, baseline(record("cut \ud83d")))

    assert b"\\ud83d" in path.read_bytes()
    found = read_baseline(path)
    assert found is not None
    assert found.records[0].case == "cut \ud83d"


def test_f05_a_merge_conflict_is_named_by_its_line(stored: Path) -> None:
    error = spoilt(stored, lambda lines: [*lines[:2], "<<<<<<< HEAD", lines[2], "=======", ">>>>>>> theirs"])

    assert f"{stored}:3: a merge conflict was left here" in str(error)


def test_f05_a_case_that_stands_there_twice_is_named_by_its_line(stored: Path) -> None:
    error = spoilt(stored, lambda lines: [*lines, lines[1]])

    assert f"{stored}:4: case 'late' of 'cheap' stands here twice" in str(error)


def test_f04_a_newer_format_is_refused_by_name(stored: Path) -> None:
    error = spoilt(stored, lambda lines: [lines[0].replace(FORMAT, "llmcost-baseline/2"), *lines[1:]])

    assert error.format == "llmcost-baseline/2"
    assert "the format is 'llmcost-baseline/2', and this version reads 'llmcost-baseline/1'" in str(error)


@pytest.mark.parametrize("found", ["llmcost-run/1", "llmcost-baseline/x", "baseline/2"])
def test_f04_what_is_no_baseline_is_called_so_and_not_newer(stored: Path, found: str) -> None:
    error = spoilt(stored, lambda lines: [lines[0].replace(FORMAT, found), *lines[1:]])

    assert f"this is no llmcost-baseline: its format is '{found}'" in str(error)


def test_f04_a_torn_last_line_is_left_out_and_said(stored: Path) -> None:
    stored.write_bytes(stored.read_bytes()[:-20])

    found = read_baseline(stored)

    assert found is not None
    assert [r.case for r in found.records] == ["late"]
    assert found.notes == (f"{stored}:3: the last line is torn and was left out. Store the baseline anew.",)


@pytest.mark.parametrize(
    ("content", "said"), [(b"", "is empty"), (b"\n", "is empty"), (b'{"format":"llmco', "its only line is torn")]
)
def test_f04_a_file_without_a_whole_line_is_refused(path: Path, content: bytes, said: str) -> None:
    path.parent.mkdir()
    path.write_bytes(content)

    with pytest.raises(BaselineError, match=said):
        read_baseline(path)


@pytest.mark.parametrize(
    "line",
    [
        "{",
        "[" * 100_000,
        "[1]",
        '"text"',
        '{"case":"late"}',
        '{"case":5,"strategy":"cheap","fp":"0","score":[1],"a":"0","in":1,"cached":0,"out":1,"s":0.5}',
        '{"case":"x","strategy":["cheap"],"fp":"0","score":[1],"a":"0","in":1,"cached":0,"out":1,"s":0.5}',
        '{"case":"x","strategy":"unknown","fp":"0","score":[1],"a":"0","in":1,"cached":0,"out":1,"s":0.5}',
        '{"case":"x","strategy":"cheap","fp":"0","score":[1.5],"a":"0","in":1,"cached":0,"out":1,"s":0.5}',
        '{"case":"x","strategy":"cheap","fp":"0","score":[NaN],"a":"0","in":1,"cached":0,"out":1,"s":0.5}',
        '{"case":"x","strategy":"cheap","fp":"0","score":1,"a":"0","in":1,"cached":0,"out":1,"s":0.5}',
        '{"case":"x","strategy":"cheap","fp":"0","score":[1],"a":"0","in":-1,"cached":0,"out":1,"s":0.5}',
        '{"case":"x","strategy":"cheap","fp":"0","score":[1],"a":"0","in":1,"cached":9,"out":1,"s":0.5}',
        '{"case":"x","strategy":"cheap","fp":"0","score":[1],"a":"0","in":1,"cached":0,"out":1,"s":NaN}',
        '{"case":"x","strategy":"cheap","fp":"0","score":[1],"a":"0","in":1,"cached":0,"out":1,"s":-1}',
        '{"case":"x","strategy":"cheap","fp":"0","score":[1],"a":"0","in":1,"cached":0,"out":1,"s":1e999}',
        '{"case":"x","strategy":"cheap","fp":"0","score":[1],"a":"0","in":1,"out":1,"calls":{"m":0},"s":0.5}',
        '{"case":"x","strategy":"cheap","fp":"0","score":[1],"a":"0","in":1,"out":1,"calls":{"m":1.5},"s":0.5}',
        '{"case":"x","strategy":"cheap","fp":"0","score":[1],"a":"0","in":1,"out":1,"calls":3,"s":0.5}',
        '{"case":"x","strategy":"cheap","fp":"0","score":[1],"a":"0","in":1,"out":1,"s":0.5,"each_s":{"m":-1}}',
        '{"case":"x","strategy":"cheap","fp":"0","score":[1],"a":"0","in":1,"out":1,"s":0.5,"each_s":3}',
    ],
)
def test_f04_a_line_that_is_no_case_is_refused_by_its_number(stored: Path, line: str) -> None:
    assert f"{stored}:2: this line is no" in str(spoilt(stored, lambda lines: [lines[0], line, *lines[1:]]))


@pytest.mark.parametrize(
    "header",
    [
        {"format": FORMAT},
        {"format": FORMAT, "strategies": []},
        {"format": FORMAT, "strategies": {"cheap": 1}},
        {"format": FORMAT, "strategies": {"cheap": {"fp": "0"}}},
        {"format": FORMAT, "strategies": {"cheap": {"fp": "0", "model": "m", "prices": 3}}},
        {"format": FORMAT, "strategies": {"cheap": {"fp": "0", "model": "m", "parts": 3}}},
        {"format": FORMAT, "strategies": {}, "accepted": [{"strategy": "cheap", "metric": "cost"}]},
        {"format": FORMAT, "strategies": {}, "accepted": 3},
    ],
)
def test_f04_a_damaged_header_is_said(stored: Path, header: dict[str, object]) -> None:
    assert f"{stored}:1: the header is damaged" in str(spoilt(stored, lambda lines: [json.dumps(header), *lines[1:]]))


def test_f04_a_file_that_is_no_text_is_refused(path: Path) -> None:
    path.parent.mkdir()
    path.write_bytes(b"\xff\xfe\x00")

    with pytest.raises(BaselineError, match="the baseline cannot be read"):
        read_baseline(path)


def test_f02_where_its_folder_is_a_file_that_is_said(path: Path) -> None:
    path.parent.write_text("not a folder")

    with pytest.raises(BaselineError, match=r"cannot be written: .*The old one, if any, is whole") as raised:
        write_baseline(path, baseline())
    assert raised.value.path == str(path)


def test_f02_a_file_that_is_a_folder_is_said_either_way(path: Path) -> None:
    path.mkdir(parents=True)

    with pytest.raises(BaselineError, match="cannot be written"):
        write_baseline(path, baseline())
    with pytest.raises(BaselineError, match="cannot be read"):
        read_baseline(path)
    assert list(path.parent.iterdir()) == [path]


@needs_permissions
def test_f02_in_a_read_only_folder_the_old_one_stays_whole(stored: Path) -> None:
    before = stored.read_bytes()
    stored.parent.chmod(0o500)
    try:
        with pytest.raises(BaselineError, match="cannot be written"):
            write_baseline(stored, baseline(record("new")))
    finally:
        stored.parent.chmod(0o700)
    assert stored.read_bytes() == before


def test_f06_a_new_one_takes_the_place_of_the_old_whole_and_leaves_nothing_else(stored: Path) -> None:
    write_baseline(stored, baseline(record("new")))

    assert list(stored.parent.iterdir()) == [stored]
    assert stored.read_text("utf-8").count("\n") == 2


TWO_WRITERS = """
import os, sys
from pathlib import Path
from fakes.evidence import MODEL, record
from pytest_llmcost.domain.trial import StrategyRecord
from pytest_llmcost.gate.baseline import Baseline, read_baseline, write_baseline
os.getpid = lambda: 7
path, name = Path(sys.argv[1]), sys.argv[2]
mine = Baseline(name, {"cheap": StrategyRecord("fp", MODEL, {})}, tuple(record(f"{n}-{name}") for n in range(300)))
print("ready", flush=True)
sys.stdin.readline()
for _ in range(60):
    write_baseline(path, mine)
    found = read_baseline(path)
    assert {record.case.partition("-")[2] for record in found.records} == {found.suite}, "mixed"
    assert len(found.records) == 300 and not found.notes, "torn"
"""


def test_f06_of_two_writers_at_once_one_wins_whole(path: Path) -> None:
    """Also where both have the same process id, as in two containers on one volume: no name is shared."""
    writers = [start_python(TWO_WRITERS, path, name, stdin=-1) for name in ("one", "other")]
    for writer in writers:
        assert writer.stdout is not None
        assert writer.stdout.readline() == "ready\n"
    for writer in writers:
        assert writer.stdin is not None
        writer.stdin.write("go\n")
        writer.stdin.flush()
    assert [writer.communicate(timeout=60) for writer in writers] == [("", "")] * 2
    assert list(path.parent.iterdir()) == [path]


TWO_READERS = """
import sys
from pathlib import Path
from fakes.evidence import MODEL, record
from pytest_llmcost.domain.errors import BaselineError
from pytest_llmcost.domain.trial import StrategyRecord
from pytest_llmcost.gate.baseline import Baseline, read_baseline, write_baseline
path, name = Path(sys.argv[1]), sys.argv[2]
records = tuple(record(f"{n}-{name}") for n in range(300))
for attempt in range(20):
    mine = Baseline(f"{name} {attempt}", {"cheap": StrategyRecord("fp", MODEL, {})}, records)
    found = read_baseline(path)
    print("read", flush=True)
    sys.stdin.readline()
    try:
        write_baseline(path, mine, replaces=found.sha256 if found else "")
        print("stored", flush=True)
    except BaselineError as error:
        assert "was stored by somebody else since it was read" in str(error), error
        print("refused", flush=True)
"""


def test_g10_of_two_writers_that_read_the_same_baseline_the_second_is_refused(path: Path) -> None:
    """Twenty times, with the file that the one before left; the first time with none."""
    writers = [start_python(TWO_READERS, path, name, stdin=-1) for name in ("one", "other")]
    streams = [(writer.stdin, writer.stdout) for writer in writers if writer.stdin and writer.stdout]
    for _ in range(20):
        assert [out.readline() for _, out in streams] == ["read\n"] * 2
        for given, _ in streams:
            given.write("go\n")
            given.flush()
        assert sorted(out.readline() for _, out in streams) == ["refused\n", "stored\n"]
    assert [writer.communicate(timeout=60) for writer in writers] == [("", "")] * 2
    assert list(path.parent.iterdir()) == [path]


def test_g10_a_baseline_that_is_gone_since_it_was_read_is_not_stored_either(stored: Path) -> None:
    found = read_baseline(stored)
    assert found is not None
    stored.unlink()

    with pytest.raises(BaselineError, match="is gone since it was read"):
        write_baseline(stored, found, replaces=found.sha256)

    assert list(stored.parent.iterdir()) == []


def test_accepted_losses_and_the_parts_of_a_fingerprint_come_back_and_none_of_them_leave_no_trace(path: Path) -> None:
    losses = (Accepted("cheap", "cost", None, "the cap is old"), Accepted("cheap", "quality", -0.031, "two thirds off"))
    record_of = StrategyRecord("0123456789ab", MODEL, {}, {"model": "abcdef", "prompt": "012345"})
    write_baseline(path, Baseline("mail", {"cheap": record_of}, (record("late"),), losses))

    found = read_baseline(path)

    assert found is not None
    assert (found.accepted, found.strategies) == (losses, {"cheap": record_of})
    write_baseline(path, baseline())
    assert json.loads(path.read_text("utf-8").splitlines()[0]).keys() == {"format", "suite", "strategies"}


def test_a_checkout_with_other_line_ends_reads_the_same(stored: Path) -> None:
    before = read_baseline(stored)
    stored.write_bytes(stored.read_bytes().replace(b"\n", b"\r\n"))

    assert read_baseline(stored) == before


def test_of_gives_one_strategys_cases() -> None:
    both = Baseline("mail", {}, (record("late"), record("late", strategy="terse")))

    assert [r.strategy for r in both.of("terse")] == ["terse"]
