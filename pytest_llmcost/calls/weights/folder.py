"""The user's folder of models: `<name>/<file>` for known names, `<path>.gguf` for all others."""

from __future__ import annotations

import os
import re
import shutil
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from pytest_llmcost.calls.weights.digest import sha256_of
from pytest_llmcost.calls.weights.known import KNOWN, KnownModel
from pytest_llmcost.domain.errors import WeightsError

FOLDER_VARIABLE = "LLMCOST_MODELS"

_GGUF_NAME = re.compile(r"([A-Za-z0-9_][A-Za-z0-9._-]*/)*[A-Za-z0-9_][A-Za-z0-9._-]*\.gguf")


def models_folder(environment: Mapping[str, str] = os.environ, platform: str = sys.platform) -> Path:
    """Return where models are kept: `LLMCOST_MODELS`, else below the platform's folder for caches."""
    if chosen := environment.get(FOLDER_VARIABLE):
        return Path(chosen).expanduser()
    return _caches(environment, platform) / "llmcost" / "models"


def _caches(environment: Mapping[str, str], platform: str) -> Path:
    if platform == "win32":
        return Path(environment.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local")
    if platform == "darwin":
        return Path.home() / "Library" / "Caches"
    xdg = environment.get("XDG_CACHE_HOME", "")
    return Path(xdg) if os.path.isabs(xdg) else Path.home() / ".cache"


@dataclass(frozen=True, slots=True)
class ModelFolder:
    """Models by name, below one path that need not exist yet."""

    path: Path

    def files(self, name: str) -> tuple[Path, ...]:
        """Return where the model's files are, or would be.

        Raises:
            WeightsError: If no model can have that name.
        """
        if known := KNOWN.get(name):
            return tuple(self.path / name / file.file_name for file in known.files)
        if is_gguf_name(name):
            return (self.path / name,)
        raise unknown_model(name)

    def has(self, name: str) -> bool:
        """Whether all its files are there, and whole as far as their sizes tell."""
        paths = self.files(name)
        sizes = [path.stat().st_size if path.is_file() else None for path in paths]
        known = KNOWN.get(name)
        return sizes == [file.size_bytes for file in known.files] if known else None not in sizes

    def names(self) -> tuple[str, ...]:
        """Return the models that are there, known ones first."""
        known = [name for name in KNOWN if self.has(name)]
        ggufs = (path.relative_to(self.path).as_posix() for path in self.path.rglob("*.gguf") if path.is_file())
        return (*known, *sorted(name for name in ggufs if is_gguf_name(name) and name.partition("/")[0] not in KNOWN))

    def size_bytes(self, name: str) -> int:
        """Return how much of the disk the model takes; it has to be there."""
        return sum(path.stat().st_size for path in self.files(name))

    def is_intact(self, name: str) -> bool:
        """Whether a known model's files have the SHA-256 they are known by; reads them whole."""
        return self.has(name) and all(
            sha256_of(path) == file.sha256 for path, file in zip(self.files(name), KNOWN[name].files, strict=True)
        )

    def remove(self, name: str) -> None:
        """Delete the model and the folders that it leaves empty.

        Raises:
            WeightsError: If nothing of it is there.
        """
        present = [path for path in self.files(name) if path.exists()]
        if not present:
            raise WeightsError(f"{name} is not in {self.path}: there is nothing to remove.", name=name)
        if name in KNOWN:
            shutil.rmtree(self.path / name)
            return
        present[0].unlink()
        _remove_empty(present[0].parent, self.path)


def is_gguf_name(name: str) -> bool:
    """Whether *name* is a plain relative path to a `.gguf` file, fit for every file system."""
    return _GGUF_NAME.fullmatch(name) is not None


def unknown_model(name: str) -> WeightsError:
    """Return the error for a name that stands for nothing."""
    import difflib

    close = difflib.get_close_matches(name, KNOWN, n=1)
    hint = f" Did you mean {close[0]}?" if close else ""
    text = (
        f"no model is called {name!r}.{hint}\n"
        f"Known: {', '.join(KNOWN)}; also hf:ORG/REPO/FILE.gguf, or a path to a .gguf file."
    )
    return WeightsError(text, name=name)


def known_by_sha256(sha256: str) -> KnownModel | None:
    """Return the known model that consists of the one file with that digest."""
    return next((model for model in KNOWN.values() if [file.sha256 for file in model.files] == [sha256]), None)


def _remove_empty(folder: Path, top: Path) -> None:
    while folder != top and not any(folder.iterdir()):
        folder.rmdir()
        folder = folder.parent
