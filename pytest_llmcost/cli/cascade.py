"""`llmcost cascade calibrate`: from which confidence on a cheap answer may stand."""

from __future__ import annotations

import argparse
from collections.abc import Iterator

from pytest_llmcost.cli.learning import Subparsers, add_learning_options, conclude, read_material
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
    from pytest_llmcost.assembly.learning import by_cost, told_confidence
    from pytest_llmcost.assembly.policies import measured_alone, policy_of_cascade
    from pytest_llmcost.domain.policy import SUITE
    from pytest_llmcost.reports import learned as shown
    from pytest_llmcost.reports.learned_document import calibration_document
    from pytest_llmcost.reports.policy_evidence import about_cascade
    from pytest_llmcost.reports.policy_file import policy_text
    from pytest_llmcost.strategies.learn.candidates import single
    from pytest_llmcost.strategies.learn.reliability import reliability_of
    from pytest_llmcost.strategies.learn.thresholds import calibrate_thresholds

    named = [name for name in (arguments.cheap, arguments.expensive) if name]
    if len(named) == 2 and named[0] == named[1]:
        raise SettingsError(f"--cheap and --expensive are both {named[0]!r}. Name two strategies.", key="--cheap")
    material = read_material(arguments, named if len(named) == 2 else (), SUITE)
    order = by_cost(material.learned_from, material.lessons.strategies)
    cheap = arguments.cheap or next(name for name in order if name != arguments.expensive)
    dear = arguments.expensive or next(name for name in reversed(order) if name != cheap)
    notes = [*material.notes, *told_confidence(material.learned_from, cheap, str(arguments.run_file))]
    found = calibrate_thresholds(
        material.learned_from,
        cheap,
        dear,
        loss=arguments.loss,
        confidence=arguments.confidence,
        net=arguments.net,
    )
    reliability = reliability_of(material.learned_from, cheap)
    ways = {cheap: single(cheap), dear: single(dear)}
    if found.cascade is not None:
        ways[shown.way_text(found.cascade.way)] = found.cascade.way
    held = measured_alone(material.held, ways, dear, arguments.loss) if material.held else {}
    policy = policy_of_cascade(found, material.lessons, material.learned_from, arguments.requests)
    learned = policy.learned
    assert learned is not None

    def lines() -> Iterator[str]:
        yield f"{found.cases} cases that {cheap} and {dear} both answered"
        yield from shown.reliability_lines(reliability, cheap)
        yield ""
        yield from shown.curve_lines(found)
        yield ""
        yield from shown.threshold_lines(found)
        yield from [shown.month_line(learned)]
        if held:
            yield from shown.measured_lines(held, f"on {len(material.held)} cases that were set aside:")

    text = policy_text(policy, about_cascade(found, learned.started), {})
    return conclude(
        arguments,
        text,
        notes,
        lambda: calibration_document(found, reliability, held, policy, notes),
        lambda: [*lines()],
    )
