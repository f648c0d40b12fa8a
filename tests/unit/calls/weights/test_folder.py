"""The user's folder of models: where it is, what is in it, and what no name can reach."""

from __future__ import annotations

from pathlib import Path

import pytest

from pytest_llmcost.calls.weights.folder import ModelFolder, models_folder
from pytest_llmcost.domain.errors import WeightsError


@pytest.mark.parametrize(
    ("environment", "platform", "expected"),
    [
        ({"LLMCOST_MODELS": "/weights"}, "linux", Path("/weights")),
        ({"LLMCOST_MODELS": "~/weights"}, "win32", Path.home() / "weights"),
        ({"XDG_CACHE_HOME": "/cache"}, "linux", Path("/cache/llmcost/models")),
        ({"XDG_CACHE_HOME": "not/absolute"}, "linux", Path.home() / ".cache/llmcost/models"),
        ({}, "linux", Path.home() / ".cache/llmcost/models"),
        ({"XDG_CACHE_HOME": "/cache"}, "darwin", Path.home() / "Library/Caches/llmcost/models"),
        ({"LOCALAPPDATA": "/local"}, "win32", Path("/local/llmcost/models")),
        ({}, "win32", Path.home() / "AppData/Local/llmcost/models"),
    ],
)
def test_models_are_kept_where_the_platform_keeps_caches_unless_told_otherwise(
    environment: dict[str, str], platform: str, expected: Path
) -> None:
    assert models_folder(environment, platform) == expected


def test_an_empty_or_missing_folder_has_no_models(tmp_path: Path) -> None:
    assert ModelFolder(tmp_path / "not made yet").names() == ()


def test_a_file_is_listed_by_its_path_below_the_folder(tmp_path: Path) -> None:
    folder = _folder_with(tmp_path, "org/repo/tiny.gguf")

    assert folder.names() == ("org/repo/tiny.gguf",)
    assert folder.files("org/repo/tiny.gguf") == (tmp_path / "org/repo/tiny.gguf",)
    assert folder.size_bytes("org/repo/tiny.gguf") == 4


def test_what_a_broken_download_left_behind_is_no_model(tmp_path: Path) -> None:
    folder = _folder_with(tmp_path, ".tiny.gguf.1234.part", ".pull-x/half.gguf")

    assert folder.names() == ()


def test_a_known_model_of_another_size_is_not_there(tmp_path: Path) -> None:
    folder = _folder_with(tmp_path, "smollm2-135m/SmolLM2-135M-Instruct.Q4_1.gguf")

    assert not folder.has("smollm2-135m")
    assert folder.names() == ()


@pytest.mark.parametrize(
    "name", ["../secret.gguf", "/etc/passwd", "a/../../b.gguf", "a//b.gguf", "x.bin", "", ".gguf", "a\n.gguf"]
)
def test_no_name_reaches_outside_of_the_folder(tmp_path: Path, name: str) -> None:
    with pytest.raises(WeightsError) as caught:
        ModelFolder(tmp_path).remove(name)

    assert caught.value.name == name


def test_a_misspelt_name_is_answered_with_the_right_one(tmp_path: Path) -> None:
    with pytest.raises(WeightsError, match="Did you mean smollm2-135m"):
        ModelFolder(tmp_path).has("smollm-135m")


def test_removing_a_model_removes_the_folders_that_it_leaves_empty(tmp_path: Path) -> None:
    folder = _folder_with(tmp_path, "org/repo/tiny.gguf", "org/other.gguf")

    folder.remove("org/repo/tiny.gguf")

    assert sorted(path.name for path in tmp_path.rglob("*")) == ["org", "other.gguf"]


def test_a_damaged_known_model_can_be_removed(tmp_path: Path) -> None:
    folder = _folder_with(tmp_path, "minilm/model.onnx")

    folder.remove("minilm")

    assert list(tmp_path.iterdir()) == []


def test_removing_what_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(WeightsError, match="nothing to remove"):
        ModelFolder(tmp_path).remove("minilm")


def _folder_with(path: Path, *names: str) -> ModelFolder:
    for name in names:
        (path / name).parent.mkdir(parents=True, exist_ok=True)
        (path / name).write_bytes(b"GGUF")
    return ModelFolder(path)
