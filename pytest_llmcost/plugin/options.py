"""The command line: what `--llm-...` options there are, and how they are read."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from decimal import Decimal

    from pytest_llmcost.assembly.settings import Settings

SWITCH = "--llm-budget"
MODES = ("auto", "replay", "refresh", "live")
OFF = None
BARE = "on"
NAMES = (SWITCH, "--llm-mode", "--llm-update-baseline")


def add_options(config: pytest.Config, parser: pytest.Parser, args: list[str]) -> None:
    """Register the options and read the command line anew with them.

    Raises:
        pytest.UsageError: If another plugin owns one of their names.
    """
    _refuse_taken_names(parser)
    group = parser.getgroup("llmcost", "regression gating of LLM systems (pytest-llmcost)")
    group.addoption(
        SWITCH,
        nargs="?",
        const=BARE,
        default=OFF,
        metavar="USD",
        help="collect bench_*.yaml, allow calls, compare with the baselines; and the most that this run may spend "
        "(default: max_cost_usd of [tool.llmcost], else 1.00)",
    )
    group.addoption(
        "--llm-mode",
        choices=MODES,
        default="auto",
        help="cache: use and fill (auto), only use (replay), only fill (refresh), ignore (live)",
    )
    group.addoption(
        "--llm-update-baseline",
        action="store_true",
        help="store this run as the baseline, in llm_baselines/ beside each suite",
    )
    # `--llm-budget path` would take the path for its amount: a bare switch gets its value here.
    args[:] = [f"{SWITCH}={BARE}" if arg == SWITCH else arg for arg in args]
    config.known_args_namespace = parser.parse_known_args(args, namespace=copy.copy(config.option))


def _refuse_taken_names(parser: pytest.Parser) -> None:
    for group in [parser._anonymous, *parser._groups]:
        taken = {name for option in group.options for name in option.names()} & set(NAMES)
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
