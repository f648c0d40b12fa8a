"""The `llmcost` command: a thin door, one file a group of commands."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

from pytest_llmcost import __version__
from pytest_llmcost.cli import models
from pytest_llmcost.domain.errors import LlmCostError

WRONG = 2
INTERRUPTED = 130  # what shells report for a program that Ctrl-C ended

GROUPS = (models,)


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and return its exit status; *argv* is for tests, the default is the command line."""
    arguments = _parser().parse_args(argv)
    try:
        arguments.run(arguments)
    except LlmCostError as error:
        print(f"llmcost: {error}", file=sys.stderr)
        return WRONG
    except KeyboardInterrupt:
        print("llmcost: interrupted", file=sys.stderr)
        return INTERRUPTED
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="llmcost", description="Regression gating of LLM systems: the command.")
    parser.add_argument("--version", action="version", version=f"pytest-llmcost {__version__}")
    groups = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    for group in GROUPS:
        group.add_parser(groups)
    return parser
