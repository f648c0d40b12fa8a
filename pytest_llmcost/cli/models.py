"""`llmcost models`: the weights of local models, in the user's cache folder."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from pytest_llmcost.calls.weights.folder import ModelFolder, models_folder
from pytest_llmcost.calls.weights.known import KNOWN
from pytest_llmcost.cli.progress import ProgressLine, megabytes
from pytest_llmcost.domain.errors import WeightsError

if TYPE_CHECKING:
    from pytest_llmcost.calls.weights.pull import Pulled

Arguments = argparse.Namespace
Subparsers = Any  # argparse's own type has no public name
Run = Callable[[Arguments, ModelFolder], None]


def add_parser(groups: Subparsers) -> None:
    """Add `models` and its commands."""
    group = groups.add_parser("models", help="fetch, list and remove the weights of local models")
    commands = group.add_subparsers(title="commands", metavar="COMMAND", required=True)
    _add(commands, "pull", _pull, "fetch models, checked by SHA-256").add_argument(
        "sources", nargs="+", metavar="NAME", help=f"{', '.join(KNOWN)}, hf:ORG/REPO/FILE.gguf, or a .gguf file"
    )
    listing = _add(commands, "list", _list, "show what is known and what is here")
    listing.add_argument("--json", action="store_true", help="as JSON, for programs")
    _add(commands, "path", _path, "print where a model's files are").add_argument("name", metavar="NAME")
    _add(commands, "remove", _remove, "delete a model's files").add_argument("name", metavar="NAME")


def _add(commands: Subparsers, name: str, run: Run, about: str) -> argparse.ArgumentParser:
    parser: argparse.ArgumentParser = commands.add_parser(name, help=about, description=about)
    parser.set_defaults(run=lambda arguments: run(arguments, ModelFolder(models_folder())))
    return parser


def _pull(arguments: Arguments, folder: ModelFolder) -> None:
    from pytest_llmcost.calls.weights.pull import pull  # here, so that --help needs no HTTP

    for source in arguments.sources:
        with ProgressLine(source, sys.stderr) as line:
            pulled = pull(source, folder, line.show)
        print(_described(pulled))


def _list(arguments: Arguments, folder: ModelFolder) -> None:
    rows = _rows(folder)
    if arguments.json:
        print(json.dumps(rows, indent=2))
        return
    width = max(len(row["name"]) for row in rows)
    for row in rows:
        state = "pulled" if row["pulled"] else "not pulled"
        licence = row["licence"] or "licence: see its source"
        print(f"{row['name']:{width}}  {megabytes(row['bytes']):>9}  {state:10}  {licence}  {row['about']}".rstrip())
    print(f"in {folder.path}")


def _path(arguments: Arguments, folder: ModelFolder) -> None:
    if not folder.has(arguments.name):
        text = f"{arguments.name} is not in {folder.path}.\nGet it with: llmcost models pull {arguments.name}"
        raise WeightsError(text, name=arguments.name)
    print(*folder.files(arguments.name), sep="\n")


def _remove(arguments: Arguments, folder: ModelFolder) -> None:
    folder.remove(arguments.name)
    print(f"removed {arguments.name} from {folder.path}")


def _rows(folder: ModelFolder) -> list[dict[str, Any]]:
    here = folder.names()
    rows = [_row(name, model.size_bytes, model.licence, model.about, folder) for name, model in KNOWN.items()]
    return rows + [_row(name, folder.size_bytes(name), "", "", folder) for name in here if name not in KNOWN]


def _row(name: str, size_bytes: int, licence: str, about: str, folder: ModelFolder) -> dict[str, Any]:
    return {
        "name": name,
        "about": about,
        "licence": licence,
        "bytes": size_bytes,
        "pulled": folder.has(name),
        "paths": [str(path) for path in folder.files(name)],
    }


def _described(pulled: Pulled) -> str:
    how = "was here already" if pulled.was_there else "is here"
    licence = f"licence {pulled.licence}" if pulled.licence else "licence: see its source"
    return f"{pulled.name} {how}: {megabytes(pulled.size_bytes)}, {licence}\n" + "\n".join(
        f"  {path}" for path in pulled.paths
    )
