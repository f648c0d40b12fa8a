"""`llmcost schema`: the suite's JSON Schema, for editors."""

from __future__ import annotations

import argparse
import json
from typing import Any

Subparsers = Any  # argparse's own type has no public name


def add_parser(groups: Subparsers) -> None:
    """Add `schema`."""
    about = "print the JSON Schema of suites, for editors that complete them"
    parser: argparse.ArgumentParser = groups.add_parser("schema", help=about, description=about)
    parser.add_argument("--json", action="store_true", help="as JSON, which it always is")
    parser.set_defaults(run=lambda arguments: print(text()))


def text() -> str:
    """Return the schema as it is printed, with the scorers of installed packages.

    Raises:
        ExtensionError: If one of these cannot be used.
    """
    from pytest_llmcost.assembly.extensions.found import installed_extensions  # here, so that --help needs none of it
    from pytest_llmcost.suites.schema.describe import suite_schema

    return json.dumps(suite_schema(installed_extensions().scorers), indent=2, ensure_ascii=False)
