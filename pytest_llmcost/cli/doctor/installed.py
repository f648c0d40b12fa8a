"""What is installed here, by its metadata alone: nothing of it is imported."""

from __future__ import annotations

import platform
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, version

from pytest_llmcost import __version__
from pytest_llmcost.cli.doctor.finding import BAD, OK, WARN, Finding

_NEEDED = ("pytest", "litellm")
_OPTIONAL = {
    "xllamacpp": "local models need it: pip install 'pytest-llmcost[local]'",
    "pytest-xdist": "`pytest -n` needs it: pip install pytest-xdist",
}
_RIVAL = "pytest-llm-cost"


def installed() -> Iterator[Finding]:
    """Yield the versions of what this package stands on."""
    yield Finding(OK, "installed", f"python {platform.python_version()}")
    yield Finding(OK, "installed", f"pytest-llmcost {__version__}")
    for name in _NEEDED:
        found = _version(name)
        missing = Finding(BAD, "installed", f"{name} is missing", f"pip install {name}")
        yield Finding(OK, "installed", f"{name} {found}") if found else missing
    for name, what_for in _OPTIONAL.items():
        found = _version(name)
        missing = Finding(WARN, "installed", f"no {name}", what_for)
        yield Finding(OK, "installed", f"{name} {found}") if found else missing
    if _version(_RIVAL):
        text = f"{_RIVAL} has an option --llm-budget, too: pytest stops where both are loaded"
        yield Finding(BAD, "installed", text, f"pip uninstall {_RIVAL}")


def _version(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None
