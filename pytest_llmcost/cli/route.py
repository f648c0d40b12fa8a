"""`llmcost route learn`: which task type goes to which strategy, learned from a run."""

from __future__ import annotations

import argparse
import math
from pathlib import Path

from pytest_llmcost.cli.learning import Subparsers, add_learning_options, read_lessons, show, store, wanted_of


def add_parser(groups: Subparsers) -> None:
    """Add `route`."""
    about = "routes: each kind of request by the strategy that is right for it"
    parser = groups.add_parser("route", help=about, description=about)
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    about = "find for each task type a strategy or cascade, so that the whole traffic keeps its quality at lowest cost"
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
    from pytest_llmcost.assembly.learned import learn_route
    from pytest_llmcost.domain.policy import TAGS
    from pytest_llmcost.reports.learned_document import routes_document
    from pytest_llmcost.reports.learned_routes import routes_lines
    from pytest_llmcost.reports.policy_evidence import about_routes, evidence_for_routes
    from pytest_llmcost.reports.policy_file import policy_text
    from pytest_llmcost.suites.mixes import read_mix

    by = TAGS if arguments.by == "tag" else arguments.by
    lessons, notes = read_lessons(arguments.run_file, arguments.strategy, by)
    mix = read_mix(arguments.mix) if arguments.mix else None
    lesson = learn_route(lessons, wanted_of(arguments, arguments.p95), by=by, safe=arguments.safe, mix=mix)
    found, learned, held = lesson.found, lesson.learned, lesson.held
    document = routes_document(found, by, held, learned, notes) if arguments.json else None
    show(document, routes_lines(found, learned, held, lesson.held_cases), notes)
    store(arguments, policy_text(lesson.policy, about_routes(found, learned.started), evidence_for_routes(found)))
    return 0
