"""What the environment holds: keys by name, variables that override the configuration, files that nobody reads."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from pytest_llmcost.assembly.settings import VARIABLE_PREFIX, Settings
from pytest_llmcost.calls.cache.seal import VARIABLE as CACHE_SECRET
from pytest_llmcost.calls.weights.folder import FOLDER_VARIABLE
from pytest_llmcost.cli.doctor.finding import OK, WARN, Finding
from pytest_llmcost.cli.keys import key_names

_NOT_BY_VARIABLE = {"root", "strategies", "tiers", "models", "prices", "redact"}


def keys(environment: Mapping[str, str]) -> Iterator[Finding]:
    """Yield which keys are there; their values are compared with blanks alone, and never shown."""
    names = key_names(environment)
    if not names:
        todo = "Local models need none. For another, export its provider's, such as OPENAI_API_KEY."
        yield Finding(OK, "key", "none is set", todo)
    for name in names:
        value = environment[name]
        if value == value.strip() and value[0] not in "\"'":
            yield Finding(OK, "key", f"{name} is set")
        else:
            yield Finding(WARN, "key", f"{name} begins or ends with a blank or a quote", "Export it without.")


def variables(environment: Mapping[str, str]) -> Iterator[Finding]:
    """Yield the variables of this package, and those that only look like it."""
    fields = {field.name for field in dataclasses.fields(Settings)} - _NOT_BY_VARIABLE
    known = {VARIABLE_PREFIX + name.upper() for name in fields} | {FOLDER_VARIABLE, CACHE_SECRET}
    for name in sorted(variable for variable in environment if variable.startswith(VARIABLE_PREFIX)):
        if name == CACHE_SECRET:
            yield Finding(OK, "variable", f"{name} is set: answers of a shared cache are sealed with it")
        elif name in known:
            yield Finding(OK, "variable", f"{name} is set, and overrides the file")
        else:
            yield Finding(WARN, "variable", f"{name} is read by nobody", f"Known are {', '.join(sorted(known))}.")


def env_files(folders: Iterable[Path]) -> Iterator[Finding]:
    """Yield the `.env` files: whoever wrote one expects it to be read."""
    for path in dict.fromkeys(folder / ".env" for folder in folders):
        if path.is_file():
            yield Finding(WARN, ".env", f"{path} is there, and nobody reads it", f"set -a; . {path}; set +a")
