"""Known models are pinned, byte by byte."""

from __future__ import annotations

import re

import pytest

from pytest_llmcost.calls.weights.known import KNOWN


def test_each_known_model_is_found_by_its_own_name() -> None:
    assert {name: model.name for name, model in KNOWN.items()} == {"smollm2-135m": "smollm2-135m", "minilm": "minilm"}


@pytest.mark.parametrize("name", KNOWN)
def test_each_file_is_pinned_by_version_size_and_sha256(name: str) -> None:
    for file in KNOWN[name].files:
        assert re.fullmatch(r"\d+\.\d+\.\d+", file.version)
        assert re.fullmatch(r"[0-9a-f]{64}", file.sha256)
        assert file.size_bytes > 0
        assert file.wheel_bytes > 0


def test_a_file_is_kept_under_the_last_part_of_its_path_in_the_wheel() -> None:
    assert [file.file_name for file in KNOWN["minilm"].files] == ["model.onnx", "tokenizer.json"]


def test_a_model_is_as_large_as_its_files_together() -> None:
    assert KNOWN["minilm"].size_bytes == 22_928_619 + 466_247
