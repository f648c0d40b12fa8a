"""The hooks by which other packages add to this one; each docstring is the contract.

A package names a module of its own in its metadata:

    [project.entry-points.pytest_llmcost]
    my-scorers = "my_scorers.hooks"

and has functions of these names there. The conftest.py of pytest's rootdir and plugins of
pytest (`-p my_plugin`) may have them as well. Every process of a run calls each of them
once, before anything is collected, and takes the answer for the whole run.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

import pluggy

from pytest_llmcost.domain.gate import Verdict
from pytest_llmcost.domain.protocols import Complete
from pytest_llmcost.domain.trial import Run

GROUP = "pytest_llmcost"
"""The entry-point group, and pluggy's name for these hooks."""

_hookspec = pluggy.HookspecMarker(GROUP)


@_hookspec
def llmcost_scorers() -> Mapping[str, Callable[..., bool | float]]:
    """Return scorers, by the name that suites write under `scorer`.

    A scorer is called as `function(answer, case, **options)`: with the parsed answer, which
    is None where it could not be parsed; with the case, a read-only mapping of its fields,
    `id`, `expected`, `tags` and `meta`; and with the options that the suite states,
    `{name: {n: 2}}`. A bare value, `{name: 2}`, is the option `value`. Options that the
    function does not take, or needs and does not get, are mistakes of the suite.

    It returns True, False or a number in 0..1. Anything else, an exception, or half a
    minute without a result leaves the case unscored, with the reason. Scorers run one at a
    time, on a thread beside the calls, so that a slow one holds up no answer.
    """
    raise NotImplementedError


@_hookspec
def llmcost_providers() -> Mapping[str, Complete]:
    """Return ways to ask models, by what stands before the slash: `name` asks `name/anything`.

    Each is called once an attempt, as `await complete(request)`, inside cache, retries and
    budget, and returns a `pytest_llmcost.domain.completion.Completion`. It raises
    `CallError` where there is no answer: `is_retryable` and `may_be_billed` decide what
    happens next. Any other exception, or a reply of another form, is not retried and is
    charged at its worst case. All calls of a process come from one asyncio loop, which also
    awaits `complete.aclose()` at the end, if there is one.

    The models need prices, as any others: by `llmcost_prices`, or in the configuration.
    """
    raise NotImplementedError


@_hookspec
def llmcost_strategies() -> Mapping[str, Callable[..., Awaitable[Any]]]:
    """Return ways to answer, by the name that suites write under `use`.

    Each is an async function, called as `await function(ask, case, **options)`: with the case,
    a read-only mapping of its fields, `id`, `tags` and `meta`, and with the options that the
    suite states. `answer = await ask("draft")` asks one of the strategies that the suite names
    under `of`, about this case, or with some of its fields changed: `ask("draft", text="...")`.
    An answer has `value` (parsed), `text` and `confidence`; every call of it is budgeted,
    cached and counted. Asking the same once more brings another sample.

    The function returns one of the answers that it got, or a value of its own making (text, or
    JSON). Where a model gives no answer `ask` raises `CallError`, which may be caught. Any other
    exception is the case's error. All functions run on one asyncio loop, which they must not block.
    """
    raise NotImplementedError


@_hookspec
def llmcost_prices() -> Mapping[str, Mapping[str, Any]]:
    """Return prices by model, in the keys of `[tool.llmcost.prices."provider/model"]`.

    They go before the built-in list, and the project's own configuration goes before them.
    """
    raise NotImplementedError


@_hookspec
def llmcost_report(run: Run, verdicts: Sequence[Verdict]) -> None:
    """Report a run that has ended, in the process that started it, after its files are written.

    The run's answers and what was expected are left out unless `keep_text` is set. An
    exception is shown with the package's name, and fails the run; the other reports are
    made all the same.
    """
    raise NotImplementedError
