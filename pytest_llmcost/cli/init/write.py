"""What `llmcost init` does: look, choose, write, read back, and say what to type next."""

from __future__ import annotations

import argparse
import importlib.util
import os
import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from pytest_llmcost.assembly.settings import Settings, read_settings
from pytest_llmcost.cli.init.choice import FIRST_TIER, Choice, Proposal, choose_model, propose, with_proposal
from pytest_llmcost.cli.init.dataset import Dataset, dataset_of
from pytest_llmcost.cli.init.example import ABOUT, STEM, example
from pytest_llmcost.cli.init.settings_text import IGNORED, ignore, ignore_file, proposal_lines, settings_text
from pytest_llmcost.cli.init.suite_text import quoted, suite_text
from pytest_llmcost.cli.init.table import choose_columns, read_table
from pytest_llmcost.cli.keys import PROVIDERS, key_names
from pytest_llmcost.cli.project import OWN_FILE, configuration_of, find_root
from pytest_llmcost.domain.errors import LlmCostError, SettingsError
from pytest_llmcost.domain.whole_file import write_whole

_NOT_IN_A_NAME = re.compile(r"[^\w-]+")


@dataclass(frozen=True, slots=True)
class Source:
    """Where the cases come from: the suite's name, its cases, a comment for its head, notes for the user."""

    stem: str
    data: Dataset
    about: tuple[str, ...]
    notes: tuple[str, ...] = ()


def write_first_suite(arguments: argparse.Namespace) -> None:
    """Write a suite, and what it needs where that is missing; print what was chosen.

    Raises:
        SettingsError: If an option is wrong, the suite is there already, or a file cannot be written.
        SuiteError: If the suite that was written is wrong: the table holds something that no suite may.
    """
    folder = _folder(arguments.folder)
    root = find_root(folder)
    configuration = configuration_of(root)
    settings = read_settings(root, os.environ)
    proposal = None if settings.tiers or settings.models or settings.strategies else propose(os.environ)
    if proposal and configuration is None:
        settings = with_proposal(settings, proposal)
    choice = choose_model(arguments.model, settings, proposal.tiers[FIRST_TIER] if proposal else "", os.environ)
    source = _source(arguments)
    suite = folder / f"bench_{source.stem}.yaml"
    if os.path.lexists(suite) and not arguments.force:
        raise SettingsError(f"{suite} is there already, and is kept.\n--force overwrites it.", key="--force")
    _say_what_was_found(choice, source)
    if configuration is not None:
        _keep(configuration, proposal)
    elif proposal:
        put(folder / OWN_FILE, settings_text(proposal), f"tiers {', '.join(proposal.tiers)}")
    text = suite_text(source.data, choice, source.about)
    put(suite, text, f"{len(source.data.cases)} cases, asked of {choice.name}")
    _ignore(folder)
    _read_back(suite, root, settings)
    print("next:", *_next(suite, choice, settings), sep="\n  ")


def _folder(path: str) -> Path:
    folder = Path(path)
    if not folder.is_dir():
        raise SettingsError(f"--folder {path}: there is no such folder. Make it first.", key="--folder")
    return folder


def _source(arguments: argparse.Namespace) -> Source:
    if arguments.csv is None:
        for option in ("text", "expected"):
            if getattr(arguments, option):
                raise SettingsError(f"--{option} names a column, and there is no --csv.", key=f"--{option}")
        return Source(STEM, example(), ABOUT)
    path = Path(arguments.csv)
    table = read_table(path)
    asked, answer = choose_columns(table, arguments.text, arguments.expected)
    data = dataset_of(table, asked, answer)
    names = table.columns[asked], table.columns[answer]
    if not data.cases:
        raise SettingsError(
            f"{path}: no row has both {names[0]!r} and {names[1]!r}.\nName others with --text and --expected.",
            key="--csv",
        )
    chosen = f"{names[0]!r} is asked, {names[1]!r} is expected"
    notes = (
        f"{table.name}: {chosen} (--text COLUMN and --expected COLUMN change that)",
        *(f"  {line}" for line in (_kind(data), *data.notes)),
    )
    about = (
        f"Written by `llmcost init` from {quoted(table.name)}: column {quoted(names[0])} is asked, "
        f"{quoted(names[1])} expected.",
        "It is yours: change the wording, the model, the cases.",
    )
    return Source(_stem(path), data, about, notes)


def _kind(data: Dataset) -> str:
    if not data.labels:
        return "the answers are free text, and have to match whole: scorer exact (others: contains, numeric, f1, ...)"
    alike = "" if data.is_told_by_token else " (some begin alike: the whole text has to match)"
    return f"the answers are {len(data.labels)} labels{alike}: {', '.join(map(repr, data.labels))}"


def _stem(path: Path) -> str:
    stem = _NOT_IN_A_NAME.sub("_", path.stem).strip("_").removeprefix("bench_").removesuffix("_bench")
    return stem or STEM


def put(path: Path, text: str, what: str) -> None:
    """Write a file whole or not at all, and say so.

    Raises:
        SettingsError: If it cannot be written.
    """
    try:
        write_whole(path, [text.encode("utf-8")])
    except OSError as error:
        raise _unwritable(path, error) from error
    print(f"wrote {path}: {what}")


def _unwritable(path: Path, error: OSError) -> LlmCostError:
    return SettingsError(f"{path} cannot be written: {error.strerror or error}.", key="--folder")


def _say_what_was_found(choice: Choice, source: Source) -> None:
    names = key_names(os.environ)
    usual = ", ".join(provider.variables[0] for provider in PROVIDERS[:3])
    found = f"keys found: {', '.join(names)}" if names else f"no provider's key found ({usual}, ...)"
    print(f"{found}: {choice.model} is asked", *filter(None, [choice.warning]), *source.notes, sep="\n")


def _keep(configuration: Path, proposal: Proposal | None) -> None:
    print(f"kept {configuration}")
    if proposal:
        table = "" if configuration.name == OWN_FILE else "tool.llmcost."
        print("  it has no tiers; to name some, add:", *proposal_lines(proposal, table), sep="\n    ")


def _ignore(folder: Path) -> None:
    try:
        path = ignore_file(folder)
        if path is not None:
            ignore(path)
            print(f"wrote {os.path.relpath(path)}: {IGNORED}, where answers are cached")
    except OSError as error:
        raise _unwritable(Path(error.filename or ".gitignore"), error) from error


def _read_back(suite: Path, root: Path, settings: Settings) -> None:
    from pytest_llmcost.assembly.runner import Runner

    Runner(settings, mode="replay", account=root / ".llmcost" / "none", warn=print).read_suite(suite, root)


def _next(suite: Path, choice: Choice, settings: Settings) -> Iterator[str]:
    path = shlex.quote(os.path.relpath(suite))
    if choice.weights:
        yield from _next_for_weights(choice.weights, settings)
    else:
        yield f"pytest --llm-budget --llm-estimate {path}   # what it would cost; asks nothing"
    yield f"pytest --llm-budget {path}"
    yield f"pytest --llm-budget {path} --llm-update-baseline   # what later runs are compared with; commit it"


def _next_for_weights(name: str, settings: Settings) -> Iterator[str]:
    from pytest_llmcost.calls.weights.find import find_weights
    from pytest_llmcost.calls.weights.folder import ModelFolder, models_folder
    from pytest_llmcost.domain.errors import WeightsError

    if importlib.util.find_spec("xllamacpp") is None:
        yield "pip install 'pytest-llmcost[local]'"
    try:
        find_weights(name, ModelFolder(models_folder()), settings.root)
    except WeightsError:
        yield f"llmcost models pull {shlex.quote(name)}"
