"""The command line: what `--llm-...` options there are, and how they are read."""

from __future__ import annotations

import argparse
import copy
import dataclasses
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import pytest

from pytest_llmcost.reports.report_name import why_no_report

if TYPE_CHECKING:
    from decimal import Decimal

    from pytest_llmcost.assembly.settings import Settings

SWITCH = "--llm-budget"
MODES = ("auto", "replay", "refresh", "live")
OFF = None
BARE = "on"
OUTCOMES = ("lost", "missed")
INCONCLUSIVE = ("warn", "fail")


def _whole_number(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r}: a whole number from 1 up is needed")
    return int(text)


def _shard(text: str) -> tuple[int, int]:
    part, _, parts = text.partition("/")
    if not (part.isdecimal() and parts.isdecimal() and 1 <= int(part) <= int(parts)):
        raise argparse.ArgumentTypeError(f"{text!r}: I/N is needed, from 1/N to N/N")
    return int(part), int(parts)


def _report(text: str) -> str:
    if problem := why_no_report(text):
        raise argparse.ArgumentTypeError(problem)
    return text


OPTIONS: Mapping[str, Mapping[str, Any]] = {
    SWITCH: {
        "nargs": "?",
        "const": BARE,
        "default": OFF,
        "metavar": "USD",
        "help": "collect bench_*.yaml, allow calls, compare with the baselines; and the most that this run may spend "
        "(default: max_cost_usd of [tool.llmcost], else 1.00)",
    },
    "--llm-mode": {
        "choices": MODES,
        "default": "auto",
        "help": "cache: use and fill (auto), only use (replay), only fill (refresh), ignore (live)",
    },
    "--llm-baseline": {
        "metavar": "PATH|git:REF|strategy:NAME",
        "help": "what to compare with: a run or a baseline (a file, or a folder of them); the baselines and the gate "
        "settings of the commit at which this branch left REF; one strategy of this run (default: llm_baselines/ "
        "beside each suite, and in a pull request's job git:origin/ and its target branch)",
    },
    "--llm-update-baseline": {
        "action": "store_true",
        "help": "store this run as the baseline, in llm_baselines/ beside each suite",
    },
    "--llm-strategy": {
        "action": "append",
        "default": [],
        "metavar": "NAME",
        "help": "only these strategies (repeatable, globs)",
    },
    "--llm-only": {"choices": OUTCOMES, "help": "only the cases that the last run lost, or missed; gives no verdict"},
    "--llm-tier": {
        "action": "append",
        "default": [],
        "metavar": "NAME=MODEL",
        "help": "another model for a tier in this run; prompts, examples and parsing stay (repeatable)",
    },
    "--llm-repeats": {"type": _whole_number, "metavar": "N", "help": "trials a case, whatever the suites say"},
    "--llm-sample": {"type": _whole_number, "metavar": "N", "help": "a fixed random choice of N cases a suite"},
    "--llm-shard": {
        "type": _shard,
        "metavar": "I/N",
        "help": "a stable part of the cases, for CI matrices; `llmcost baseline merge` joins the parts",
    },
    "--llm-concurrency": {"type": _whole_number, "metavar": "N", "help": "calls in flight (default: 32)"},
    "--llm-early-stop": {
        "action": "store_true",
        "help": "ask a suite's cases in random order, and no more of them once its verdict is certain",
    },
    "--llm-estimate": {
        "action": "store_true",
        "help": "print the tokens and USD to be expected, and at worst; make no call and run no test",
    },
    "--llm-inconclusive": {
        "choices": INCONCLUSIVE,
        "default": "warn",
        "help": "what an inconclusive verdict does to the exit status (default: warn)",
    },
    "--llm-report": {
        "type": _report,
        "action": "append",
        "default": [],
        "metavar": "PATH",
        "help": "write a report: Markdown (.md) or JSON (.json), by the path's suffix (repeatable)",
    },
    "--llm-run": {"metavar": "PATH", "help": "where the run file goes (default: a new one in .llmcost/runs/)"},
}


def add_options(config: pytest.Config, parser: pytest.Parser, args: list[str]) -> None:
    """Register the options and read the command line anew with them.

    Raises:
        pytest.UsageError: If another plugin owns one of their names.
    """
    _refuse_taken_names(parser)
    group = parser.getgroup("llmcost", "regression gating of LLM systems (pytest-llmcost)")
    for name, described in OPTIONS.items():
        group.addoption(name, **described)
    # `--llm-budget path` would take the path for its amount: a bare switch gets its value here.
    args[:] = [f"{SWITCH}={BARE}" if arg == SWITCH else arg for arg in args]
    if "--llm-estimate" in args and config.pluginmanager.has_plugin("xdist"):
        args.append("-n0")  # nothing is run, so that there is nothing to share out
    cut = config.known_args_namespace.confcutdir  # pytest's own finding, which reading anew would forget
    config.known_args_namespace = parser.parse_known_args(args, namespace=copy.copy(config.option))
    config.known_args_namespace.confcutdir = cut


def _refuse_taken_names(parser: pytest.Parser) -> None:
    for group in [parser._anonymous, *parser._groups]:
        taken = {name for option in group.options for name in option.names()} & OPTIONS.keys()
        if taken:
            raise pytest.UsageError(
                f"another installed plugin already owns {', '.join(sorted(taken))} (in its option group "
                f"'{group.name or 'custom options'}'). pytest-llmcost needs these names: uninstall that plugin, or "
                "switch it off with -p no:NAME."
            )


def register_markers(config: pytest.Config) -> None:
    """Make the markers known, so that `--strict-markers` and `-m` take them."""
    config.addinivalue_line("markers", "llm: a case of a benchmark suite, asked under --llm-budget")
    config.addinivalue_line("markers", "suite(name): the benchmark suite that a case belongs to")
    config.addinivalue_line("markers", "strategy(name): the strategy that answers a case")
    config.addinivalue_line("markers", "llm_budget(usd, tokens, seconds): the most that a test may use through `llm`")


def is_on(config: pytest.Config) -> bool:
    """Whether `--llm-budget` was given."""
    return config.getoption("llm_budget", OFF) is not OFF


def run_cap_usd(config: pytest.Config, settings: Settings) -> Decimal:
    """Return the most that this run may spend, in US dollars.

    Raises:
        pytest.UsageError: If the option's value is no amount.
    """
    from pytest_llmcost.assembly.settings import usd

    given = config.getoption("llm_budget")
    if given == BARE:
        return settings.max_cost_usd
    try:
        return usd(given)
    except ValueError as error:
        raise pytest.UsageError(f"{SWITCH}={given}: {error}") from error


def with_options(settings: Settings, config: pytest.Config) -> Settings:
    """Return the settings under the command line's word: tiers and concurrency.

    Raises:
        pytest.UsageError: If a tier is not written as NAME=MODEL.
    """
    given = {}
    for text in config.getoption("llm_tier"):
        name, sign, model = text.partition("=")
        if not (name and sign and model):
            raise pytest.UsageError(f"--llm-tier={text}: NAME=MODEL is needed, as mid=openai/gpt-4o-mini")
        given[name] = model
    concurrency = config.getoption("llm_concurrency") or settings.concurrency
    tiers = {**settings.tiers, **given}
    return dataclasses.replace(settings, tiers=tiers, given_tiers=given, concurrency=concurrency)


def is_by_outcome(config: pytest.Config) -> bool:
    """Whether the run's cases are chosen by how they did before."""
    return any(config.getoption(name, None) for name in ("llm_only", "lf", "stepwise"))


def why_unjudged(config: pytest.Config) -> str:
    """Return why the choice of cases allows no verdict; empty where it allows one."""
    if is_by_outcome(config):
        return "the cases were chosen by how they did before, which is no fair comparison"
    if shard := config.getoption("llm_shard"):
        # Each part judged alone would see little, and five parts would cry wolf five times as often.
        return f"shard {shard[0]}/{shard[1]} is a part; judge all together:  llmcost baseline merge RUN RUN ..."
    return ""
