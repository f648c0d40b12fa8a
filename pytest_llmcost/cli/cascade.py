"""`llmcost cascade calibrate`: from which confidence on a cheap answer may stand."""

from __future__ import annotations

import argparse

from pytest_llmcost.cli.learning import Subparsers, add_learning_options, read_lessons, show, store, wanted_of
from pytest_llmcost.domain.errors import SettingsError


def add_parser(groups: Subparsers) -> None:
    """Add `cascade`."""
    about = "cascades: the cheap strategy first, the expensive one where it is not sure"
    parser = groups.add_parser("cascade", help=about, description=about)
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    about = "find the threshold with the lowest cost whose loss of quality stays within a bound, with a guarantee"
    calibrate = commands.add_parser("calibrate", help=about, description=about)
    add_learning_options(calibrate, loss=0.02, confidence=0.95)
    calibrate.add_argument("--cheap", metavar="NAME", help="strategy that is asked first (default: the cheapest)")
    calibrate.add_argument("--expensive", metavar="NAME", help="strategy that answers the rest (default: the dearest)")
    calibrate.add_argument(
        "--net", action="store_true", help="cases that the cheap one answers better make up for others"
    )
    calibrate.set_defaults(run=_calibrate)


def _calibrate(arguments: argparse.Namespace) -> int:
    from pytest_llmcost.assembly.learned import learn_cascade
    from pytest_llmcost.domain.policy import SUITE
    from pytest_llmcost.reports.learned_cascade import cascade_lines
    from pytest_llmcost.reports.learned_document import calibration_document
    from pytest_llmcost.reports.policy_evidence import about_cascade
    from pytest_llmcost.reports.policy_file import policy_text
    from pytest_llmcost.reports.ways import way_text

    cheap, expensive = arguments.cheap, arguments.expensive
    if cheap and cheap == expensive:
        raise SettingsError(f"--cheap and --expensive are both {cheap!r}. Name two strategies.", key="--cheap")
    lessons, notes = read_lessons(arguments.run_file, (cheap, expensive) if cheap and expensive else (), SUITE)
    lesson = learn_cascade(
        lessons,
        wanted_of(arguments),
        str(arguments.run_file),
        cheap=cheap,
        expensive=expensive,
        net=arguments.net,
        name_of=way_text,
    )
    found, reliability, learned, held = lesson.found, lesson.reliability, lesson.learned, lesson.held
    notes += lesson.notes
    document = calibration_document(found, reliability, held, learned, notes) if arguments.json else None
    show(document, cascade_lines(found, reliability, learned, held, lesson.held_cases), notes)
    store(arguments, policy_text(lesson.policy, about_cascade(found, learned.started), {}))
    return 0
