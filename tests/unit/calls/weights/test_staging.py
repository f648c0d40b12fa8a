"""A file appears whole and checked, or not at all."""

from __future__ import annotations

import contextlib
import hashlib
from pathlib import Path

import pytest

from pytest_llmcost.calls.weights.staging import check_is_gguf, check_sha256, staged
from pytest_llmcost.domain.errors import WeightsError


def test_a_staged_file_has_its_name_only_when_the_block_ended_well(tmp_path: Path) -> None:
    target = tmp_path / "new folder" / "model.gguf"

    with staged(target) as part:
        part.write_bytes(b"whole")
        assert not target.exists()

    assert target.read_bytes() == b"whole"


def test_a_failure_leaves_the_old_file_and_no_part(tmp_path: Path) -> None:
    target = tmp_path / "model.gguf"
    target.write_bytes(b"old")

    with contextlib.suppress(KeyboardInterrupt), staged(target) as part:
        part.write_bytes(b"half of the n")
        raise KeyboardInterrupt

    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == {"model.gguf": b"old"}


def test_another_digest_says_what_was_expected_and_what_came(tmp_path: Path) -> None:
    (tmp_path / "x").write_bytes(b"other")
    expected, got = "0" * 64, hashlib.sha256(b"other").hexdigest()

    with pytest.raises(WeightsError, match=f"expected SHA-256 {expected}, got {got}"):
        check_sha256(tmp_path / "x", expected, "tiny")


def test_an_error_page_is_no_model(tmp_path: Path) -> None:
    (tmp_path / "x").write_bytes(b"<html>log in first</html>")

    with pytest.raises(WeightsError, match="no GGUF file: it begins with b'<htm'"):
        check_is_gguf(tmp_path / "x", "hf:org/repo/tiny.gguf")
