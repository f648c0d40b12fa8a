"""A regular file is read, whole; nothing else is even waited for."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from pytest_llmcost.domain.regular_file import MOST_BYTES, RefusedFile, TooLarge, opened_regular, read_regular


def test_its_text_comes_back(tmp_path: Path) -> None:
    (tmp_path / "x").write_bytes("größe\r\n".encode())
    assert read_regular(tmp_path / "x") == "größe\r\n"


def test_a_file_of_as_many_bytes_as_are_read_is_read_and_of_one_more_is_not(tmp_path: Path) -> None:
    (tmp_path / "x").write_bytes(b"1234")
    with opened_regular(tmp_path / "x", 4) as file:
        assert file.read() == b"1234"
    with pytest.raises(TooLarge), opened_regular(tmp_path / "x", 3):
        pass


def test_f15_a_huge_file_is_refused_unread(tmp_path: Path) -> None:
    with (tmp_path / "x").open("wb") as file:
        file.truncate(MOST_BYTES + 1)
    with pytest.raises(TooLarge, match="larger than 1024 MB"):
        read_regular(tmp_path / "x")


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes in files here")
def test_f15_a_pipe_is_refused_without_waiting_for_a_writer(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "x")
    with pytest.raises(RefusedFile, match="this is a pipe: a regular file is needed"):
        read_regular(tmp_path / "x")


@pytest.mark.skipif(not Path("/dev/zero").exists(), reason="no devices in files here")
def test_f15_a_link_to_a_device_is_refused(tmp_path: Path) -> None:
    (tmp_path / "x").symlink_to("/dev/zero")
    with pytest.raises(RefusedFile, match="this is a device"):
        read_regular(tmp_path / "x")
