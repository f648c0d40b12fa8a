"""Policies that suites name, or that lie in a folder `policies`: each can be loaded, and is as old as its suites."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from pytest_llmcost.assembly.loaded_policy import LoadedPolicy, load_policy
from pytest_llmcost.cli.doctor.finding import BAD, OK, WARN, Finding
from pytest_llmcost.cli.project import files_below
from pytest_llmcost.domain.errors import SettingsError, SuiteError
from pytest_llmcost.domain.policy import FORMAT
from pytest_llmcost.domain.suite import Suite

FOLDER = "policies"
_TOPIC = "policy"
_MOST_SHOWN = 3


def policies(folder: Path, root: Path, suites: Sequence[Suite]) -> Iterator[Finding]:
    """Yield what is to be said of each policy.

    Args:
        folder: Below which folders of policies are looked for.
        root: The project's, to which the paths of policies are relative.
        suites: Those that can be read; of one that cannot, its own mistakes name the policy's.
    """
    named = [root / policy.path for suite in suites for spec in suite.strategies for policy in spec.policies()]
    beside = [path for path in files_below(folder, ("*.yaml", "*.yml")) if path.parent.name == FOLDER and _is_one(path)]
    known = {spec.name for suite in suites for spec in suite.strategies}
    for path in sorted({Path(*path.parts) for path in (*named, *beside)}):
        yield _examined(path, root, known)


def _is_one(path: Path) -> bool:
    """Whether a file says that it is a policy of ours, of whichever version; or cannot be read, so that it may be."""
    try:
        return FORMAT.partition("/")[0] in path.read_text("utf-8")
    except (OSError, UnicodeDecodeError):
        return True


def _examined(path: Path, root: Path, known: set[str]) -> Finding:
    name = path.relative_to(root).as_posix() if path.is_relative_to(root) else str(path)
    try:
        loaded = load_policy(path, known)
    except SuiteError as error:
        shown = [f"{problem.line}:{problem.column}: {problem.message}" for problem in error.problems[:_MOST_SHOWN]]
        left = len(error.problems) - len(shown)
        todo = "\n".join([*shown, *([f"... and {left} more"] if left else [])])
        return Finding(BAD, _TOPIC, f"{name} cannot be used: no application can load it, no suite name it", todo)
    except SettingsError:
        return Finding(WARN, _TOPIC, f"{name} is looked at once its configuration can be read")
    if loaded.notes:
        again = f"Run the suites, then: {_command(loaded)} --output {name}"
        return Finding(
            WARN, _TOPIC, f"{name} is older than what it was learned from", "\n".join([*loaded.notes, again])
        )
    learned = loaded.policy.learned
    origin = f"learned from the run of {learned.started}" if learned else "written by hand"
    return Finding(OK, _TOPIC, f"{name}: to {', '.join(sorted(loaded.policy.names()))}; {origin}")


def _command(loaded: LoadedPolicy) -> str:
    """Return what learned such a policy, but for the bound and what else was asked for."""
    policy = loaded.policy
    if policy.by:
        return f"llmcost route learn RUN --by {policy.by}"
    steps = [f" --step {step.use}" for step in policy.otherwise] if len(policy.otherwise) > 2 else []
    return f"llmcost cascade calibrate RUN{''.join(steps)}"
