"""The files of a CI system, with this project's branch, folder, keys and weights in them."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

from pytest_llmcost import __version__
from pytest_llmcost.assembly.settings import read_settings
from pytest_llmcost.cli.init.write import put
from pytest_llmcost.cli.keys import PROVIDERS
from pytest_llmcost.cli.project import configuration_of, find_root, suite_files
from pytest_llmcost.domain.errors import SettingsError

_ACTION = ".github/actions/llmcost"
TEMPLATES: Mapping[str, Mapping[str, str]] = {
    "github": {
        ".github/workflows/llmcost.yml": "workflow.yml",
        f"{_ACTION}/action.yml": "action.yml",
        f"{_ACTION}/publish.py": "publish.py",
    },
    "gitlab": {".gitlab/llmcost.yml": "gitlab.yml"},
}
_ABOUT = {
    "workflow.yml": "when the gate runs, with which keys",
    "action.yml": "what it does: restore the cache, run, comment, set the check",
    "publish.py": "the comment and the check",
    "gitlab.yml": "the job",
}
_LOCAL = re.compile(r"\blocal/([\w.-]+)")


@dataclass(frozen=True, slots=True)
class Found:
    """What the files depend on.

    Attributes:
        top: The repository's folder.
        folder: That of the configuration, below it.
        branch: Where changes go to.
        keys: Names of the variables that hold keys.
        weights: Names of local models.
    """

    top: Path
    folder: str
    branch: str
    keys: tuple[str, ...]
    weights: tuple[str, ...]

    @property
    def install(self) -> str:
        """The command that installs what the suites need."""
        extra = "[local]" if self.weights else ""
        pull = " && llmcost models pull " + " ".join(map(shlex.quote, self.weights)) if self.weights else ""
        return f"python -m pip install --quiet 'pytest-llmcost{extra}=={__version__}'{pull}"


def write_ci(system: str, folder: Path, *, force: bool) -> None:
    """Write the files of a CI system into the repository that *folder* is in; print what to do next.

    Raises:
        SettingsError: If one of them is there already and *force* is not set, or it cannot be written.
    """
    found = _look(folder)
    paths = {found.top / path: template for path, template in TEMPLATES[system].items()}
    there = [path for path in paths if os.path.lexists(path)]
    if there and not force:
        raise SettingsError(f"{there[0]} is there already, and is kept.\n--force overwrites it.", key="--force")
    for path, template in paths.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        put(path, _filled(template, found), _ABOUT[template])
    print("next:", *_next(system, found), sep="\n  ")


def _look(folder: Path) -> Found:
    start = Path(os.path.abspath(folder))
    top = next((place for place in (start, *start.parents) if (place / ".git").exists()), start)
    root = find_root(start)
    inside = root.relative_to(top).as_posix() if root.is_relative_to(top) else "."
    text = "\n".join(_texts(root))
    weights = tuple(dict.fromkeys(_LOCAL.findall(text)))
    return Found(top, inside, _default_branch(top), tuple(_keys(text, root)), weights)


def _texts(root: Path) -> Iterator[str]:
    configuration = configuration_of(root)
    for path in (*([configuration] if configuration else []), *suite_files(root)):
        lines = path.read_text("utf-8", errors="replace").splitlines()
        yield from (line for line in lines if not line.lstrip().startswith("#"))


def _keys(text: str, root: Path) -> Iterator[str]:
    """Yield the variables that the models named in *text* need: others' keys are none of this job's business."""
    for provider in PROVIDERS:
        if re.search(rf"\b{re.escape(provider.name)}/", text):
            yield provider.variables[0]
    own = read_settings(root, {}).models.values()
    yield from dict.fromkeys(model.api_key_env for model in own if model.api_key_env)


def _default_branch(top: Path) -> str:
    for command in (["symbolic-ref", "--short", "refs/remotes/origin/HEAD"], ["branch", "--show-current"]):
        try:
            said = subprocess.run(["git", "-C", str(top), *command], capture_output=True, text=True, check=False)
        except OSError:
            break
        if branch := said.stdout.strip().removeprefix("origin/"):
            return branch
    return "main"


def _filled(template: str, found: Found) -> str:
    text = files(__package__).joinpath(template).read_text("utf-8")
    if template == "workflow.yml":
        text = text.replace("DEFAULT_BRANCH", _quoted(found.branch)) + "\n".join([*_step(found), ""])
    elif template == "gitlab.yml":
        enter = "" if found.folder == "." else f"    - cd {shlex.quote(found.folder)}\n"
        text = text.replace("    - cd FOLDER\n", enter).replace(
            "FOLDER/", "" if found.folder == "." else f"{found.folder}/"
        )
        text = text.replace("INSTALL", found.install)
    return text


def _step(found: Found) -> Iterator[str]:
    """Yield the rest of the workflow: what is given to the action."""
    yield from (["        env:"] if found.keys else [])
    yield from (f"          {key}: ${{{{ secrets.{key} }}}}" for key in found.keys)
    yield from ("        with:", f"          install: {found.install}")
    if found.folder != ".":
        yield f"          working-directory: {_quoted(found.folder)}"


def _quoted(text: str) -> str:
    return text if re.fullmatch(r"[A-Za-z][\w./-]*", text) else "'" + text.replace("'", "''") + "'"


def _next(system: str, found: Found) -> Iterator[str]:
    if system == "gitlab":
        yield "include it in .gitlab-ci.yml:  include: [{local: .gitlab/llmcost.yml}]"
        yield from (f"add the masked variable {key} (Settings, CI/CD)" for key in found.keys)
    else:
        yield from (f"gh secret set {key}" for key in found.keys)
    yield "store a baseline, and commit it with these files: pytest --llm-budget --llm-update-baseline"
