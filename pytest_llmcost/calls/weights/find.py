"""From the name in `local/<name>` to its weights: a known name, a pulled file, or a file of the project."""

from __future__ import annotations

from pathlib import Path

from pytest_llmcost.calls.weights.folder import ModelFolder, is_gguf_name, unknown_model
from pytest_llmcost.calls.weights.known import KNOWN, KnownModel
from pytest_llmcost.domain.errors import WeightsError


def find_weights(name: str, folder: ModelFolder, project: Path) -> Path:
    """Return the GGUF file that *name* stands for.

    Args:
        name: A known name, or a path to a `.gguf` file: as it was pulled, or in the project.
        folder: The user's models.
        project: The folder that a path may start from, and must not leave.

    Raises:
        WeightsError: If there is none; its text ends with the command that gets it.
    """
    if known := KNOWN.get(name):
        return _known_weights(known, folder)
    if not name.endswith(".gguf"):
        raise unknown_model(name)
    if is_gguf_name(name) and folder.has(name):
        return folder.files(name)[0]
    return _project_file(name, project)


def _known_weights(model: KnownModel, folder: ModelFolder) -> Path:
    if model.kind != "language":
        raise WeightsError(f"{model.name} is an {model.kind}: it answers no questions.", name=model.name)
    if not folder.has(model.name):
        text = (
            f"the weights of {model.name} are missing, or not whole, in {folder.path / model.name}.\n"
            f"Get them with: llmcost models pull {model.name}"
        )
        raise WeightsError(text, name=model.name)
    return folder.files(model.name)[0]


def _project_file(name: str, project: Path) -> Path:
    path = (project / name).resolve()
    if not path.is_relative_to(project.resolve()):
        raise WeightsError(f"{name!r} is outside of {project}: move it in, or pull it as a model.", name=name)
    if not path.is_file():
        text = (
            f"there is no file {path}, and no model was pulled as {name}.\n"
            "Put it there, or get one with: llmcost models pull hf:ORG/REPO/FILE.gguf (or a path)"
        )
        raise WeightsError(text, name=name)
    return path
