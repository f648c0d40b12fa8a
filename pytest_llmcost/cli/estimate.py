"""`llmcost estimate`: what a request, a month, a cascade, tiers or a suite's traffic would cost."""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pytest_llmcost.cli.numbers import amount, share
from pytest_llmcost.cli.project import find_root
from pytest_llmcost.domain.errors import BaselineError, SettingsError

if TYPE_CHECKING:
    from pytest_llmcost.assembly.models import Models
    from pytest_llmcost.assembly.quoting import Measured, Quoting
    from pytest_llmcost.reports.quotes import Lengths, Quote

Subparsers = Any  # argparse's own type has no public name

_EXAMPLES = """\
examples:
  llmcost estimate openai/gpt-4o openai/gpt-4o-mini --input 500 --output 200 --month 1000000
  llmcost estimate cheap frontier --cascade --success 0.8 --month 1000000
  llmcost estimate frontier mid cheap --share 0.05 0.35 0.60 --input 1000 --output 0 --month 1000000
  llmcost estimate --run .llmcost/runs/RUN.jsonl --month 1000000     (that traffic, on each model you have)
"""


def _count(text: str) -> int:
    plain = text.replace("_", "").replace(",", "")
    if not plain.isdecimal():
        raise argparse.ArgumentTypeError(f"{text!r}: a whole number from 0 up is needed")
    return int(plain)


def add_parser(groups: Subparsers) -> None:
    """Add `estimate`."""
    about = "what a request, a month, a cascade, tiers or a suite's traffic would cost; asks nobody"
    parser = groups.add_parser(
        "estimate",
        help=about,
        description=about,
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "models",
        nargs="*",
        metavar="MODEL",
        help="tiers, configured models or litellm's names (with --run: default all)",
    )
    size = parser.add_argument_group("a request")
    size.add_argument("--input", type=_count, metavar="TOKENS", default=500, help="of the prompt (default: 500)")
    size.add_argument("--output", type=_count, metavar="TOKENS", default=200, help="of the answer (default: 200)")
    size.add_argument("--seconds", type=amount, metavar="S", help="of compute, for a price by the hour")
    size.add_argument("--run", dest="run_file", type=Path, metavar="RUN", help="requests as in a run file instead")
    size.add_argument("--only", metavar="TEXT", help="with --run: only suite::strategy names that contain it")
    way = parser.add_argument_group("several models together")
    how = way.add_mutually_exclusive_group()
    how.add_argument("--cascade", action="store_true", help="the models in turn, until one answers well enough")
    how.add_argument("--share", type=share, nargs="+", metavar="X", help="of the requests, one a model; sums to 1")
    way.add_argument(
        "--success",
        type=share,
        nargs="+",
        metavar="X",
        default=[],
        help="of each step but the last, of what reaches it",
    )
    month = parser.add_argument_group("a month")
    month.add_argument("--month", type=_count, metavar="REQUESTS", help="requests a month")
    month.add_argument(
        "--hits", type=share, metavar="X", default=Decimal(0), help="share that a cache answers (exact or semantic)"
    )
    month.add_argument("--prefix", type=share, metavar="X", help="share of the input in the provider's prefix cache")
    month.add_argument("--service-tier", choices=("batch", "flex", "priority"), default="", help="at its rate")
    month.add_argument("--fixed", type=amount, metavar="USD", default=Decimal(0), help="a month, whatever the traffic")
    parser.add_argument("--json", action="store_true", help="as JSON, for programs")
    parser.set_defaults(run=_run)


def _run(arguments: argparse.Namespace) -> int:
    from pytest_llmcost.assembly.models import Models
    from pytest_llmcost.assembly.quoting import Quoting, Terms, lengths_of
    from pytest_llmcost.assembly.settings import read_settings
    from pytest_llmcost.costs.prices import PriceTable

    settings = read_settings(find_root(Path.cwd()), os.environ)
    warned: list[str] = []
    prices = PriceTable(settings.prices, warn=warned.append)
    models = Models(settings, prices, os.environ)
    traffics = _traffics(arguments)
    terms = Terms(arguments.month, arguments.hits, arguments.prefix, arguments.service_tier, arguments.fixed)
    quotes: list[Quote] = []
    notes: list[str] = []
    for name, traffic in traffics.items():
        quotes += _quotes(arguments, models, Quoting(models, traffic, terms, name), notes)
    lengths = {name: lengths_of(traffic) for name, traffic in traffics.items()}
    _show(arguments, quotes, lengths, [*dict.fromkeys(notes), *warned], prices.date or "the configuration")
    return 0


def _traffics(arguments: argparse.Namespace) -> dict[str, list[Measured]]:
    from pytest_llmcost.assembly.quoting import Measured, traffics_of
    from pytest_llmcost.domain.usage import Usage
    from pytest_llmcost.reports.run_file import read_run

    if arguments.run_file is None:
        seconds = {} if arguments.seconds is None else {"": float(arguments.seconds)}
        return {"": [Measured(Usage(arguments.input, output_tokens=arguments.output), seconds)]}
    run, _ = read_run(arguments.run_file)
    found = {name: traffic for name, traffic in traffics_of(run.trials).items() if (arguments.only or "") in name}
    if not found:
        what = f"no answers of a strategy whose name contains {arguments.only!r}" if arguments.only else "no answers"
        raise BaselineError(f"{arguments.run_file} holds {what}.", path=str(arguments.run_file))
    return found


def _quotes(arguments: argparse.Namespace, models: Models, quoting: Quoting, notes: list[str]) -> list[Quote]:
    from pytest_llmcost.domain.errors import PriceError

    names = arguments.models or list(models)
    if not names:
        raise SettingsError("no model is named, and none is configured. Name one: llmcost estimate MODEL", key="models")
    if arguments.cascade:
        return [quoting.cascade(names, arguments.success)]
    if arguments.share:
        if len(arguments.share) != len(names):
            raise SettingsError(f"--share has {len(arguments.share)} shares for {len(names)} models.", key="share")
        return [quoting.tiers(dict(zip(names, arguments.share, strict=True)))]
    quotes = []
    for name in names:
        try:
            quotes.append(quoting.model(name))
        except PriceError as error:
            if arguments.models:
                raise
            notes.append(f"{name} is left out: {error}")  # all were meant that can be priced
    return quotes


def _show(
    arguments: argparse.Namespace,
    quotes: Sequence[Quote],
    lengths: Mapping[str, Lengths],
    notes: Sequence[str],
    table: str,
) -> None:
    from pytest_llmcost.reports.quotes import quote_lines, quotes_document

    if arguments.json:
        document = {"prices": table, "quotes": quotes_document(quotes, lengths), "notes": list(notes)}
        print(json.dumps(document, indent=2))
        return
    print(*quote_lines(quotes, lengths), sep="\n")
    print(f"prices of {table}; nothing was asked")
    print(*(f"llmcost: {note}" for note in notes), sep="\n", end="\n" if notes else "", file=sys.stderr)
