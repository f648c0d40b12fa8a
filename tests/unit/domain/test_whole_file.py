"""Whoever reads a file sees the old one or the new one, and devices stay what they are."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from pytest_llmcost.domain.whole_file import write_whole


def test_a_file_is_replaced_by_the_whole_of_the_new_one(tmp_path: Path) -> None:
    file = tmp_path / "a.txt"
    file.write_text("old")
    write_whole(file, [b"n", b"ew"])

    assert {path.name: path.read_text() for path in tmp_path.iterdir()} == {"a.txt": "new"}


def test_what_breaks_off_in_the_middle_leaves_the_old_one_and_nothing_beside_it(tmp_path: Path) -> None:
    def broken() -> Iterator[bytes]:
        yield b"n"
        raise KeyboardInterrupt

    file = tmp_path / "a.txt"
    file.write_text("old")
    with pytest.raises(KeyboardInterrupt):
        write_whole(file, broken())

    assert {path.name: path.read_text() for path in tmp_path.iterdir()} == {"a.txt": "old"}


@pytest.mark.parametrize("kind", ["folder", "device"])
def test_f02_what_is_no_regular_file_is_not_replaced(tmp_path: Path, kind: str) -> None:
    place = tmp_path if kind == "folder" else Path("/dev/null")
    with pytest.raises(OSError, match="this is no regular file"):
        write_whole(place, [b"x"])

    assert not place.is_file()
