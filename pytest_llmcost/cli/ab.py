"""`llmcost ab`: how many users an experiment takes, and what a finished one says."""

from __future__ import annotations

import argparse
import json
import math
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pytest_llmcost.cli.numbers import inside, whole
from pytest_llmcost.cli.project import find_root
from pytest_llmcost.domain.errors import SettingsError
from pytest_llmcost.domain.gate import Outcome

if TYPE_CHECKING:
    from pytest_llmcost.assembly.experiment import Experiment

Subparsers = Any  # argparse's own type has no public name

FAILED = 1


def add_parser(groups: Subparsers) -> None:
    """Add `ab`."""
    about = "experiments with users: how many it takes, and what came of one"
    parser = groups.add_parser("ab", help=about, description=about)
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    about = "how many users show that a rate moved"
    plan = commands.add_parser("plan", help=about, description=about)
    plan.add_argument("--baseline", type=inside, required=True, metavar="RATE", help="today's rate, such as 0.015")
    plan.add_argument(
        "--detect", type=inside, required=True, metavar="CHANGE", help="the rise to be seen, such as 0.005"
    )
    plan.add_argument("--alpha", type=inside, default=0.05, help="accepted chance to see one that is none (0.05)")
    plan.add_argument("--power", type=inside, default=0.80, help="wanted chance to see it (0.80)")
    plan.add_argument("--share", type=inside, default=0.5, help="the treatment's share of the users (0.5)")
    plan.add_argument("--per-day", type=whole, metavar="N", help="users a day, for the number of days")
    plan.add_argument("--json", action="store_true", help="as JSON, for programs")
    plan.set_defaults(run=_plan)
    about = "is the treatment worse? exit 1 if it is"
    analyse = commands.add_parser("analyse", help=about, description=about)
    analyse.add_argument(
        "table", type=Path, nargs="?", metavar="CSV", help="one row an answer or a user, with a header"
    )
    analyse.add_argument(
        "--ledger", nargs="?", const="", metavar="URL|PATH", help="instead of a CSV (default: the configuration's)"
    )
    analyse.add_argument("--experiment", default="", metavar="NAME", help="which one of the ledger")
    analyse.add_argument(
        "--source", default="", metavar="NAME", help="whose outcomes count (default: of each call the last one)"
    )
    analyse.add_argument(
        "--margin", type=inside, required=True, metavar="RISE", help="largest accepted rise, such as 0.005"
    )
    analyse.add_argument("--share", type=inside, default=0.5, help="the treatment's intended share of the users (0.5)")
    analyse.add_argument("--variant", metavar="COLUMN", help="with treatment or control (variant)")
    analyse.add_argument("--ok", metavar="COLUMN", help="with true or false (ok)")
    analyse.add_argument("--user", metavar="COLUMN", help="rows of one user count as one (default: each row)")
    analyse.add_argument("--cost", metavar="COLUMN", help="US dollars a row, compared too")
    analyse.add_argument("--json", action="store_true", help="as JSON, for programs")
    analyse.set_defaults(run=_analyse)


def _plan(arguments: argparse.Namespace) -> int:
    from pytest_llmcost.statistics.two_samples import users_to_detect

    low, high = arguments.baseline, arguments.baseline + arguments.detect
    if not high < 1:
        raise SettingsError(f"--baseline and --detect add up to {high:g}: a rate stays below 1.", key="detect")
    asked = {"alpha": arguments.alpha, "power": arguments.power, "ratio": (1 - arguments.share) / arguments.share}
    # Which side has the higher rate is what is asked: as many as are enough either way.
    treatment, control = max(users_to_detect(low, high, **asked), users_to_detect(high, low, **asked))
    total = treatment + control
    days = math.ceil(total / arguments.per_day) if arguments.per_day else None
    if arguments.json:
        print(json.dumps({"treatment": treatment, "control": control, "total": total, "days": days}, indent=2))
        return 0
    print(
        f"{treatment:,} users of the treatment and {control:,} of the control, {total:,} in all, show {low:.2%} "
        f"against {high:.2%}\nin {arguments.power:.0%} of such experiments; where there is no difference, "
        f"{arguments.alpha:.0%} show one all the same."
    )
    if days is not None:
        print(f"At {arguments.per_day:,} users a day: {days:,} days.")
    return 0


def _analyse(arguments: argparse.Namespace) -> int:
    from pytest_llmcost.assembly.experiment import CONTROL, TREATMENT
    from pytest_llmcost.gate.experiment import judge_experiment
    from pytest_llmcost.reports.experiments import logged_document, logged_lines, reading_document, reading_lines

    found = _experiment(arguments)
    treatment, control = found.arms[TREATMENT], found.arms[CONTROL]
    reading = judge_experiment(
        (treatment.errors, control.errors),
        (treatment.costs, control.costs),
        margin=arguments.margin,
        share=arguments.share,
    )
    if arguments.json:
        document = reading_document(reading)
        print(json.dumps(document | logged_document(found.logged, found.why_no_cost), indent=2))
    else:
        print(*reading_lines(reading), *logged_lines(found.logged, found.why_no_cost), sep="\n")
    return FAILED if reading.outcome is Outcome.FAIL else 0


def _experiment(arguments: argparse.Namespace) -> Experiment:
    from pytest_llmcost.assembly.experiment import Columns, read_experiment
    from pytest_llmcost.assembly.logged_experiment import read_logged_experiment
    from pytest_llmcost.assembly.settings import read_settings

    columns = {name: getattr(arguments, name) for name in ("variant", "ok", "user", "cost")}
    named = {name: column for name, column in columns.items() if column is not None}
    if arguments.table is not None:
        if arguments.ledger is not None or arguments.experiment or arguments.source:
            raise SettingsError("--ledger, --experiment and --source are a ledger's: leave out the CSV.", key="ledger")
        return read_experiment(arguments.table, Columns(**named))
    if arguments.ledger is None or not arguments.experiment:
        raise SettingsError("no CSV is named. Name one, or --ledger and --experiment NAME.", key="experiment")
    for name in named:
        raise SettingsError(f"--{name} names a column of a CSV: a ledger has its own.", key=name)
    settings = read_settings(find_root(Path.cwd()), os.environ)
    return read_logged_experiment(settings, arguments.ledger, arguments.experiment, arguments.source)
