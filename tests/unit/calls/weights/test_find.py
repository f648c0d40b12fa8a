"""From the name in `local/<name>` to a file, or to the one command that gets it."""

from __future__ import annotations

from pathlib import Path

import pytest

from pytest_llmcost.calls.weights.find import find_weights
from pytest_llmcost.calls.weights.folder import ModelFolder
from pytest_llmcost.domain.errors import WeightsError


@pytest.fixture
def folder(tmp_path: Path) -> ModelFolder:
    return ModelFolder(tmp_path / "models")


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "project").mkdir()
    return tmp_path / "project"


def test_a_known_model_that_was_not_pulled_names_the_command_that_gets_it(folder: ModelFolder, project: Path) -> None:
    with pytest.raises(WeightsError, match=r"llmcost models pull smollm2-135m$"):
        find_weights("smollm2-135m", folder, project)


def test_a_pulled_file_is_found_before_one_of_the_project(folder: ModelFolder, project: Path) -> None:
    pulled = _gguf(folder.path / "tiny.gguf")
    _gguf(project / "tiny.gguf")

    assert find_weights("tiny.gguf", folder, project) == pulled


def test_a_path_below_the_project_is_found(folder: ModelFolder, project: Path) -> None:
    path = _gguf(project / "our models" / "tiny.gguf")

    assert find_weights("our models/tiny.gguf", folder, project) == path


def test_a_path_that_is_not_there_is_said(folder: ModelFolder, project: Path) -> None:
    with pytest.raises(WeightsError, match=r"no file .*tiny\.gguf"):
        find_weights("tiny.gguf", folder, project)


def test_t03_a_path_or_a_link_out_of_the_project_is_refused(folder: ModelFolder, project: Path) -> None:
    outside = _gguf(project.parent / "outside.gguf")
    (project / "link.gguf").symlink_to(outside)

    for name in ("../outside.gguf", str(outside), "link.gguf"):
        with pytest.raises(WeightsError, match="is outside of"):
            find_weights(name, folder, project)


def test_a_name_that_stands_for_nothing_lists_the_known_ones(folder: ModelFolder, project: Path) -> None:
    with pytest.raises(WeightsError, match="Known: smollm2-135m, minilm"):
        find_weights("gpt-9", folder, project)


def test_an_embedder_answers_no_questions(folder: ModelFolder, project: Path) -> None:
    with pytest.raises(WeightsError, match="embedder"):
        find_weights("minilm", folder, project)


def _gguf(path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"GGUF")
    return path
