"""The `llmcost` command: a thin door, one file a group of commands."""

from __future__ import annotations

import argparse
import io
import os
import sys
from collections.abc import Sequence

from pytest_llmcost import __version__
from pytest_llmcost.cli import (
    aa,
    ab,
    baseline,
    cache,
    cascade,
    compare,
    doctor,
    estimate,
    init,
    ledger,
    models,
    prompt,
    report,
    route,
    schema,
)
from pytest_llmcost.domain.errors import LlmCostError

WRONG = 2
INTERRUPTED = 130  # what shells report for a program that Ctrl-C ended

GROUPS = (
    init,
    doctor,
    compare,
    baseline,
    report,
    aa,
    cascade,
    route,
    prompt,
    estimate,
    ab,
    ledger,
    cache,
    models,
    schema,
)


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and return its exit status; *argv* is for tests, the default is the command line."""
    _write_what_cannot_be_shown_as_escapes()
    arguments = _parser().parse_args(argv)
    try:
        status = arguments.run(arguments) or 0
        sys.stdout.flush()
        return status
    except BrokenPipeError:
        # Whoever reads (`| head`) has had enough; the interpreter must not try to write the rest at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except LlmCostError as error:
        print(f"llmcost: {error}", file=sys.stderr)
        return WRONG
    except KeyboardInterrupt:
        print("llmcost: interrupted", file=sys.stderr)
        return INTERRUPTED


def _write_what_cannot_be_shown_as_escapes() -> None:
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="llmcost", description="Regression gating of LLM systems: the command.")
    parser.add_argument("--version", action="version", version=f"pytest-llmcost {__version__}")
    groups = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    for group in GROUPS:
        group.add_parser(groups)
    return parser
