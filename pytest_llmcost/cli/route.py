"""`llmcost route learn`: which task type goes to which strategy, learned from a run."""

from __future__ import annotations

import argparse
import math
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from pytest_llmcost.cli.learning import Subparsers, add_learning_options, conclude, read_material
from pytest_llmcost.domain.errors import SettingsError

if TYPE_CHECKING:
    from pytest_llmcost.strategies.learn.routes import LearnedRoutes
    from pytest_llmcost.strategies.learn.samples import Sample
    from pytest_llmcost.strategies.learn.traffic import Measured


def add_parser(groups: Subparsers) -> None:
    """Add `route`."""
    about = "routes: each kind of request by the strategy that is right for it"
    parser = groups.add_parser("route", help=about, description=about)
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    about = (
        "find for each task type the strategy or cascade, so that the whole traffic keeps its quality at lowest cost"
    )
    learn = commands.add_parser("learn", help=about, description=about)
    add_learning_options(learn, loss=0.02, confidence=0.9)
    learn.add_argument(
        "--by", default="suite", metavar="FIELD", help="what tells the type: a field, tags, group (default: suite)"
    )
    learn.add_argument(
        "--strategy", action="append", default=[], metavar="NAME", help="only these strategies (repeatable)"
    )
    learn.add_argument("--safe", metavar="NAME", help="what the loss is measured against (default: the best)")
    learn.add_argument(
        "--p95", type=_seconds, metavar="SECONDS", help="largest 95th percentile of latency, as observed"
    )
    learn.add_argument("--mix", type=Path, metavar="PATH", help="requests by task type: {spam: 600, legal: 25}")
    learn.set_defaults(run=_learn)


def _seconds(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not 0 < value < math.inf:
        raise argparse.ArgumentTypeError(f"{text!r}: a number of seconds above 0 is needed")
    return value


def _learn(arguments: argparse.Namespace) -> int:
    from pytest_llmcost.assembly.policies import policy_of_routes
    from pytest_llmcost.reports import learned as shown
    from pytest_llmcost.reports.learned_document import routes_document
    from pytest_llmcost.reports.policy_evidence import about_routes, evidence_for_routes
    from pytest_llmcost.reports.policy_file import policy_text
    from pytest_llmcost.strategies.learn.routes import Goal, learn_routes
    from pytest_llmcost.strategies.learn.samples import halves

    by = "tags" if arguments.by == "tag" else arguments.by
    material = read_material(arguments, arguments.strategy, by)
    if arguments.safe and arguments.safe not in material.lessons.strategies:
        there = ", ".join(material.lessons.strategies)
        raise SettingsError(f"--safe {arguments.safe!r} did not answer these cases. There are: {there}.", key="--safe")
    found = learn_routes(
        *halves(material.learned_from, arguments.seed),
        material.lessons.strategies,
        Goal(arguments.loss, arguments.confidence, arguments.p95),
        safe=arguments.safe,
        shares=_shares(arguments.mix, material.learned_from),
    )
    held = _measured(found, material.held)
    policy = policy_of_routes(found, material.lessons, by, arguments.requests)
    learned = policy.learned
    assert learned is not None

    def lines() -> Iterator[str]:
        yield f"{len(found.ordered)} cases say what is tried, {len(found.tested)} others how far to go"
        yield from shown.route_lines(found)
        yield shown.month_line(learned)
        tested = {**found.alone, "policy": found.measured}
        yield from shown.measured_lines(tested, f"on the {len(found.tested)} cases that it was tested on:")
        if held:
            yield from shown.measured_lines(held, f"on {len(material.held)} cases that were set aside:")

    text = policy_text(policy, about_routes(found, learned.started), evidence_for_routes(found))
    notes = material.notes
    return conclude(arguments, text, notes, lambda: routes_document(found, by, held, policy, notes), lambda: [*lines()])


def _shares(path: Path | None, samples: Sequence[Sample]) -> Mapping[str, float] | None:
    """Return the traffic's mix, whose every task type has to be among the cases."""
    from pytest_llmcost.suites.mixes import read_mix

    if path is None:
        return None
    mix, there = read_mix(path), {sample.kind for sample in samples}
    unknown = sorted(kind for kind, part in mix.items() if part and kind not in there)
    if unknown:
        raise SettingsError(
            f"{path}: no case is of type {unknown[0]!r}. There are: {', '.join(sorted(there))}.", key="--mix"
        )
    return mix


def _measured(found: LearnedRoutes, held: Sequence[Sample]) -> dict[str, Measured]:
    """Return the policy and each strategy alone on the cases that were set aside, as those are mixed."""
    from pytest_llmcost.strategies.learn.candidates import single
    from pytest_llmcost.strategies.learn.traffic import Traffic, shares_of

    if not held:
        return {}
    traffic = Traffic(held, shares_of(held), found.goal.loss)
    safe = traffic.all_by(single(found.safe))
    ways = {name: traffic.all_by(single(name)) for name in found.alone}
    policy = {kind: found.ways.get(kind, single(found.safe)) for kind in traffic.kinds}
    return {name: traffic.measure(one, safe) for name, one in {**ways, "policy": policy}.items()}
