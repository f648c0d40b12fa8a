"""What `--fix` writes: a leaner variant beside the original, never over it, and how it is gated."""

from __future__ import annotations

import json
import shlex
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from pytest_llmcost.assembly.prompts.linting import Linting, Looked
from pytest_llmcost.assembly.runner import Runner
from pytest_llmcost.domain.errors import LlmCostError, SettingsError, SuiteError
from pytest_llmcost.domain.suite import Prompt, StrategySpec, Suite
from pytest_llmcost.domain.whole_file import write_whole
from pytest_llmcost.suites.lint.passages import MESSAGES, PROMPT, SYSTEM
from pytest_llmcost.suites.lint.variant import lean_path, twin_of, with_twins
from pytest_llmcost.suites.tree.compose import compose
from pytest_llmcost.suites.tree.files import read_text
from pytest_llmcost.suites.tree.nodes import Map
from pytest_llmcost.suites.tree.report import Report


def mend_file(path: Path, leaner: str, model: str) -> Iterator[str]:
    """Write the leaner variant of a prompt's file; yield where it is, and how it is gated.

    Raises:
        SettingsError: If there is a file already, or it cannot be written.
    """
    variant = lean_path(path)
    _write(variant, leaner)
    yield f"written: {variant}"
    yield "To gate it, ask both in one suite, which needs your cases:"
    yield "  strategies:"
    yield f"    now: {{model: {model}, prompt_file: {path.name}}}"
    yield f"    lean: {{model: {model}, prompt_file: {variant.name}}}"
    yield "  pytest --llm-budget bench_NAME.yaml --llm-baseline=strategy:now"


def mend_suite(
    suite: Suite, path: Path, root: Path, linting: Linting, looked: Sequence[Looked], runner: Runner
) -> Iterator[str]:
    """Write a suite that has each strategy's leaner twin beside it; yield where it is, and how it is gated.

    Raises:
        SettingsError: If there is a file already, or the suite has no form to which twins can be added.
    """
    mended = {
        spec.name: [_otherwise(leaf.prompt, linting.leaner(leaf, suite.labels, looked)) for leaf in spec.leaves()]
        for spec in suite.strategies
    }
    twins = {spec.name: mended[spec.name][0] for spec in suite.strategies if spec.plan is None}
    twins = {name: own for name, own in twins.items() if own}
    for spec in suite.strategies:
        if spec.plan is not None and any(mended[spec.name]):
            yield f"{spec.name} has parts: mend the prompts of these, as the findings say"
    if not twins:
        return
    variant = lean_path(path)
    source = read_text(path, root)
    report = Report(suite.path, root)
    report.source = source
    tree = compose(report)
    names = [spec.name for spec in suite.strategies]
    written = with_twins(source, tree, suite.name, names, twins) if isinstance(tree, Map) else None
    if written is None:
        yield from _by_hand(suite, twins)
        return
    _write(variant, written)
    check(variant, lambda path: runner.read_suite(path, root), {twin_of(name): own for name, own in twins.items()})
    yield f"written: {variant}"
    yield "Gate it:"
    for name in twins:
        only = f"--llm-strategy={shlex.quote(name)} --llm-strategy={shlex.quote(twin_of(name))}"
        yield f"  pytest --llm-budget {shlex.quote(str(variant))} {only} --llm-baseline=strategy:{shlex.quote(name)}"


def _otherwise(prompt: Prompt, leaner: Prompt) -> dict[str, Any]:
    """Return what a leaner twin of a prompt says otherwise; nothing where there is nothing to mend."""
    was, now = _said(prompt), _said(leaner)
    return {key: now[key] for key in now if now[key] != was[key]}


def _said(prompt: Prompt) -> dict[str, Any]:
    return {SYSTEM: prompt.system or "", PROMPT: prompt.prompt or "", MESSAGES: list(map(dict, prompt.messages))}


def _by_hand(suite: Suite, twins: dict[str, dict[str, Any]]) -> Iterator[str]:
    yield f"{suite.path} has no form to which strategies can be added: write beside the others"
    for name, own in twins.items():
        texts = ", ".join(f"{key}: {json.dumps(text, ensure_ascii=False)}" for key, text in own.items())
        yield f"  {twin_of(name)}: {{use: {name}, {texts}}}"


def _write(path: Path, text: str) -> None:
    if path.exists():
        raise SettingsError(f"{path} is there already, and is not written over. Move it away, or delete it.", key="fix")
    try:
        write_whole(path, [text.encode()])
    except OSError as error:
        raise SettingsError(f"{path} cannot be written: {error.strerror or error}.", key="fix") from error


def check(path: Path, read: Callable[[Path], Suite], twins: Mapping[str, Mapping[str, Any]]) -> None:
    """Read what was written; remove it and raise where it does not say what it should.

    Raises:
        SettingsError: If it is no suite, or a twin's prompt is another than was meant.
    """
    try:
        known = {spec.name: spec for spec in read(path).strategies}
        if all(name in known and _says(known[name], own) for name, own in twins.items()):
            return
        why: LlmCostError = SettingsError("a twin reads otherwise than it was meant.", key="fix")
    except SuiteError as error:
        why = error
    path.unlink()
    raise SettingsError(f"{path} cannot be a suite, and is not kept: {why}\nMend it by hand.", key="fix") from why


def _says(spec: StrategySpec, own: Mapping[str, Any]) -> bool:
    said = _said(spec.prompt)
    return all(said[key] == value for key, value in own.items())
