"""The run file: on disk as it goes, sorted at the end, and read back as it was."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path
from typing import Any

import pytest
from fakes.trials import FAILED, TRIAL

from pytest_llmcost.domain.errors import BaselineError
from pytest_llmcost.domain.trial import Run, RunHeader, StrategyRecord, Trial
from pytest_llmcost.reports.run_file import FORMAT, RunWriter, read_run, write_run

HEADER = RunHeader(
    started="2026-01-31T12:00:00+00:00",
    versions={"pytest-llmcost": "0.1.0"},
    commit="0123abc",
    strategies={
        "bench_mail.yaml": {"cheap": StrategyRecord("0123456789ab", "stub/small", {"stub/small": {"input": 1}})}
    },
)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / ".llmcost" / "runs" / "one.jsonl"


def written(path: Path, *trials: Trial, keep_text: bool = True) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    write_run(path, Run(HEADER, trials), keep_text=keep_text)
    return path


def test_a_run_comes_back_as_it_went(path: Path) -> None:
    run, notes = read_run(written(path, TRIAL, FAILED))

    assert (run.header, run.trials, notes) == (HEADER, (TRIAL, FAILED), [])


def test_lines_are_sorted_whatever_order_the_trials_ended_in(path: Path) -> None:
    second = dataclasses.replace(TRIAL, trial=2)
    other = dataclasses.replace(TRIAL, suite="bench_a.yaml")

    run, _ = read_run(written(path, FAILED, second, TRIAL, other))

    assert [(t.suite, t.case, t.trial) for t in run.trials] == [
        ("bench_a.yaml", "late", 1),
        ("bench_mail.yaml", "late", 1),
        ("bench_mail.yaml", "late", 2),
        ("bench_mail.yaml", "rain", 1),
    ]


def test_e15_each_trial_is_on_disk_before_the_next_is_reported(path: Path) -> None:
    writer = RunWriter(path, keep_text=False)
    writer.add(TRIAL)

    lines = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
    writer.close()

    assert [line.get("case") for line in lines] == [None, "late"]
    assert lines[0] == {"format": FORMAT, "unfinished": True}


def test_finished_it_is_written_anew_whole(path: Path) -> None:
    writer = RunWriter(path, keep_text=True)
    writer.add(FAILED)
    writer.add(TRIAL)
    writer.finish(Run(HEADER, (FAILED, TRIAL)))

    assert read_run(path)[0].trials == (TRIAL, FAILED)
    assert list(path.parent.iterdir()) == [path]


def test_a_run_that_was_cut_off_says_so(path: Path) -> None:
    writer = RunWriter(path, keep_text=True)
    writer.add(TRIAL)
    writer.close()

    with pytest.raises(BaselineError, match="this run was cut off before its end"):
        read_run(path)


def test_f04_a_torn_last_line_is_left_out_and_said(path: Path) -> None:
    content = written(path, TRIAL, FAILED).read_bytes()
    path.write_bytes(content[:-30])

    run, notes = read_run(path)

    assert (run.trials, notes) == ((TRIAL,), [f"{path}:3: the last line is torn and was left out"])


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "the run is empty"),
        (b'{"format"', "its only line is torn"),
        (b"[" * 100_000 + b"\n", ":1: this line is no JSON"),
        (b"\xff\xfe", "the run cannot be read"),
        (b"{\n{}\n", ":1: this line is no JSON"),
        (b"[]\n", ":1: this line is no JSON object"),
        (b'{"format":"llmcost-run/2"}\n', "the format is 'llmcost-run/2', and this version reads 'llmcost-run/1'"),
        (b'{"format":"llmcost-run/1"}\n', "this is no whole run: KeyError('started')"),
    ],
)
def test_f04_what_is_no_run_is_refused(path: Path, content: bytes, said: str) -> None:
    path.parent.mkdir(parents=True)
    path.write_bytes(content)

    with pytest.raises(BaselineError) as raised:
        read_run(path)
    assert said in str(raised.value)


@pytest.mark.parametrize(
    "damage",
    [
        {"strategies": []},
        {"strategies": {"bench_mail.yaml": {"cheap": {"unknown": 1}}}},
    ],
)
def test_f04_a_damaged_header_is_refused(path: Path, damage: dict[str, Any]) -> None:
    header, *rest = written(path, TRIAL).read_text("utf-8").splitlines()
    path.write_text("\n".join([json.dumps(json.loads(header) | damage), *rest, ""]), "utf-8")

    with pytest.raises(BaselineError, match="this is no whole run"):
        read_run(path)


@pytest.mark.parametrize(
    "damage",
    [
        {"calls": None},
        {"paid_usd": "much"},
        {"calls": [{"model": "m"}]},
        {"shared": [{"suite": "bench_mail.yaml"}]},
    ],
)
def test_f04_a_damaged_trial_is_refused(path: Path, damage: dict[str, Any]) -> None:
    header, trial = written(path, TRIAL).read_text("utf-8").splitlines()
    path.write_text("\n".join([header, json.dumps(json.loads(trial) | damage), ""]), "utf-8")

    with pytest.raises(BaselineError, match="this is no whole run"):
        read_run(path)


def test_f04_impossible_usage_in_a_file_is_refused(path: Path) -> None:
    text = written(path, TRIAL).read_text("utf-8").replace('"cached_input_tokens":40', '"cached_input_tokens":4000')
    path.write_text(text, "utf-8")

    with pytest.raises(BaselineError, match="this is no whole run"):
        read_run(path)


@pytest.mark.parametrize("text", ["\u202e::error::\x1b[2J", "line\u2028break\u0085", "half \ud83d", "🙂", "a\nb"])
def test_f07_any_text_is_stored_and_comes_back(path: Path, text: str) -> None:
    trial = dataclasses.replace(TRIAL, case=text, got=text, error=text)
    writer = RunWriter(path, keep_text=True)
    writer.add(trial)
    writer.finish(Run(HEADER, (trial,)))

    assert read_run(path)[0].trials == (trial,)
    assert b"\x1b" not in path.read_bytes()


def test_f02_where_it_cannot_be_written_the_old_file_is_whole(path: Path) -> None:
    path.mkdir(parents=True)

    with pytest.raises(OSError, match="no regular file"):
        write_run(path, Run(HEADER, (TRIAL,)), keep_text=True)
    assert list(path.parent.iterdir()) == [path]


def test_f02_a_folder_that_is_a_file_is_an_oserror(tmp_path: Path) -> None:
    (tmp_path / "runs").write_text("")

    with pytest.raises(OSError, match="runs"):
        RunWriter(tmp_path / "runs" / "one.jsonl", keep_text=False)


def test_f11_a_run_that_is_there_stays_until_the_next_one_is_finished(path: Path) -> None:
    path.parent.mkdir(parents=True)
    write_run(path, Run(HEADER, (TRIAL,)), keep_text=False)
    writer = RunWriter(path, keep_text=False)
    writer.add(TRIAL)
    growing = path.with_name(f"{path.name}.part")
    assert growing.read_bytes().count(b"\n") == 2
    before = path.read_bytes()
    writer.finish(Run(HEADER, (TRIAL, TRIAL)))
    assert before.count(b"\n") == 2
    assert path.read_bytes().count(b"\n") == 3
    assert list(path.parent.iterdir()) == [path]
