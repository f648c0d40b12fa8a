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
    about = "find the thresholds with the lowest cost whose loss of quality stays within a bound, with a guarantee"
    calibrate = commands.add_parser("calibrate", help=about, description=about)
    add_learning_options(calibrate, loss=0.02, confidence=0.95)
    calibrate.add_argument("--cheap", metavar="NAME", help="strategy that is asked first (default: the cheapest)")
    calibrate.add_argument("--expensive", metavar="NAME", help="strategy that answers the rest (default: the dearest)")
    calibrate.add_argument(
        "--step",
        action="append",
        default=[],
        metavar="NAME",
        help="instead of these two: the strategies of a longer cascade, one --step each, in the order of asking",
    )
    calibrate.add_argument(
        "--net", action="store_true", help="cases that an earlier step answers better make up for others"
    )
    calibrate.set_defaults(run=_calibrate)


def _calibrate(arguments: argparse.Namespace) -> int:
    from pytest_llmcost.assembly.learned import learn_cascade, steps_of
    from pytest_llmcost.domain.policy import SUITE
    from pytest_llmcost.reports.learned_cascade import cascade_lines
    from pytest_llmcost.reports.learned_document import calibration_document
    from pytest_llmcost.reports.policy_evidence import about_cascade
    from pytest_llmcost.reports.policy_file import policy_text
    from pytest_llmcost.reports.ways import way_text

    named = _named(arguments)
    lessons, notes = read_lessons(arguments.run_file, named, SUITE)
    lesson = learn_cascade(
        lessons,
        wanted_of(arguments),
        str(arguments.run_file),
        steps=named or steps_of(lessons, arguments.cheap, arguments.expensive),
        net=arguments.net,
        name_of=way_text,
    )
    found, reliability, learned, held = lesson.found, lesson.reliability, lesson.learned, lesson.held
    notes += lesson.notes
    document = calibration_document(found, reliability, held, learned, notes) if arguments.json else None
    show(document, cascade_lines(found, reliability, learned, held, lesson.held_cases), notes)
    store(arguments, policy_text(lesson.policy, about_cascade(found, learned.started), {}))
    return 0


def _named(arguments: argparse.Namespace) -> tuple[str, ...]:
    """Return all steps, where they are named."""
    both = [name for name in (arguments.cheap, arguments.expensive) if name]
    steps = arguments.step or (both if len(both) == 2 else [])
    if arguments.step and both:
        raise SettingsError("--step stands for --cheap and --expensive. Name the steps in one way.", key="--step")
    if twice := next((name for name in steps if steps.count(name) > 1), ""):
        raise SettingsError(f"{twice!r} is named twice. Name each step of the cascade once.", key="--step")
    if len(steps) == 1:
        raise SettingsError(f"--step {steps[0]!r} is the only one. Name two or more.", key="--step")
    return tuple(steps)
