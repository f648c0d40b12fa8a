"""Recordings: JSON Lines that people review."""

from __future__ import annotations

import json
import os

import pytest
from fakes.complete import completion

from pytest_llmcost.calls.cache.codec import encode, write_note
from pytest_llmcost.calls.cache.recorded import FILE, RecordedCache, RecordedStore, write_recording
from pytest_llmcost.calls.cache.upkeep.kept import CacheError

A, B, NOTE = "a" * 64, "b" * 64, "about:" + "c" * 64
YES, NO = encode(completion("yes")), encode(completion('no, "quoted"}, \u2028 and 日本'))


def test_what_is_written_is_read_again_sorted_and_one_line_each(tmp_path):
    write_recording(tmp_path, [(B, NO), (NOTE, write_note({"model": "1f"})), (A, YES)])
    store = RecordedStore(tmp_path, pytest.fail)
    assert [store.get(key) for key in (A, B, NOTE)] == [YES, NO, '{"model":"1f"}']
    assert store.get("d" * 64) is None
    content = (tmp_path / FILE).read_bytes()
    assert content.isascii()
    lines = content.decode().splitlines()
    assert [json.loads(line)["key"] for line in lines] == [A, NOTE, B]
    assert not list(tmp_path.glob("*.tmp"))


def test_a_line_that_somebody_reformatted_is_read_all_the_same(tmp_path):
    (tmp_path / "by_hand.jsonl").write_text(json.dumps({"value": json.loads(YES), "key": A}) + "\r\n\n", "utf-8")
    assert RecordedStore(tmp_path, pytest.fail).get(A) == YES


def test_of_two_answers_the_one_in_the_first_file_holds(tmp_path):
    write_recording(tmp_path / "x", [(A, NO)])
    write_recording(tmp_path, [(A, YES)])
    os.rename(tmp_path / "x" / FILE, tmp_path / "later.jsonl")
    assert RecordedStore(tmp_path, pytest.fail).get(A) == YES


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("<<<<<<< HEAD", "a merge conflict is left here"),
        ('{"key":"' + A, "this is no recorded answer (JSONDecodeError"),
        ("[1]", "this is no recorded answer (TypeError"),
        ('{"key": "../x", "value": {}}', "key '../x' is no request's"),
        ("[" * 100_000, "this is no recorded answer (RecursionError"),
    ],
)
def test_f05_a_line_that_is_none_is_named_by_its_number_and_the_others_are_read(tmp_path, line, said):
    write_recording(tmp_path, [(B, NO)])
    with (tmp_path / FILE).open("a") as file:
        file.write(f"{line}\n{line}\n")
    warnings = []
    assert RecordedStore(tmp_path, warnings.append).get(B) == NO
    (warned,) = warnings
    assert f"{FILE}:2: {said}" in warned
    assert "and 1 more lines" in warned
    faults = [one for one in RecordedCache(tmp_path).kept() if one.why_unreadable()]
    assert [one.place for one in faults] == [f"{FILE}:2", f"{FILE}:3"]


def test_f15_only_regular_text_files_are_read(tmp_path):
    write_recording(tmp_path, [(A, YES)])
    os.mkfifo(tmp_path / "pipe.jsonl")
    (tmp_path / "binary.jsonl").write_bytes(b"\xff\xfe\x00")
    warnings = []
    assert RecordedStore(tmp_path, warnings.append).get(A) == YES
    assert len(warnings) == 2
    assert "this is a pipe" in warnings[1]


def test_a_folder_that_is_not_there_is_said_with_what_makes_it(tmp_path):
    warnings = []
    assert RecordedStore(tmp_path / "gone", warnings.append).get(A) is None
    (warned,) = warnings
    assert "there is no such folder" in warned
    assert "llmcost cache export --to" in warned


def test_nothing_writes_to_recordings_but_the_export(tmp_path):
    write_recording(tmp_path, [(A, YES)])
    with pytest.raises(TypeError, match="only read"):
        RecordedStore(tmp_path, pytest.fail).set(A, NO)
    cache = RecordedCache(tmp_path)
    for change in (cache.remove, cache.set_aside):
        with pytest.raises(CacheError, match="under review"):
            change([])
