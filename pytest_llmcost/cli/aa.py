"""`llmcost aa`: how often a gate would fail if nothing changed, what it can detect, and what more would cost."""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pytest_llmcost.cli.numbers import inside, whole
from pytest_llmcost.cli.project import find_root
from pytest_llmcost.domain.errors import BaselineError

if TYPE_CHECKING:
    from pytest_llmcost.domain.trial import Run

Subparsers = Any  # argparse's own type has no public name


def add_parser(groups: Subparsers) -> None:
    """Add `aa`."""
    about = "how often would the gate fail if nothing changed, what does it catch, what would more cost (simulated)"
    parser = groups.add_parser("aa", help=about, description=about)
    parser.add_argument("runs", nargs="+", metavar="RUN", type=Path, help="a run file, or those of all shards")
    parser.add_argument(
        "--discordance",
        type=inside,
        metavar="SHARE",
        help="of cases in which two unchanged runs differ (default: as the run's repeats show, without any 0.10)",
    )
    parser.add_argument(
        "--margin", type=inside, metavar="SHARE", help="also say what this margin needs: 0.02 is 2 points"
    )
    parser.add_argument("--rounds", type=whole, help="simulated runs (default 1000; 200 for repeats, grades, groups)")
    parser.add_argument("--seed", type=int, default=0, help="equal seeds give equal figures (default 0)")
    parser.add_argument("--json", action="store_true", help="as JSON, for programs")
    parser.set_defaults(run=_run)


def _run(arguments: argparse.Namespace) -> int:
    from pytest_llmcost.assembly.aa import USUAL_DISCORDANCE, subjects_of
    from pytest_llmcost.assembly.reread import reread
    from pytest_llmcost.gate.aa import answer
    from pytest_llmcost.reports.aa import aa_document, aa_lines, render_aa
    from pytest_llmcost.reports.safe import inert

    run, notes = _read(arguments.runs)
    again = reread(find_root(Path.cwd()), run)
    subjects, left_out = subjects_of(run, again, arguments.discordance)
    notes += [*again.warnings, *left_out]
    if not subjects:
        raise BaselineError(
            f"{arguments.runs[0]}: no gate can be asked after.\n{' '.join(left_out)}", path=str(arguments.runs[0])
        )
    answers = answer(
        subjects,
        margin=arguments.margin,
        rounds=arguments.rounds,
        seed=arguments.seed,
        family=again.settings.family,
    )
    if arguments.json:
        print(json.dumps(aa_document(answers, notes), indent=2))
        return 0
    print(render_aa(answers), "", sep="\n")
    print(*aa_lines(answers, arguments.discordance or USUAL_DISCORDANCE), sep="\n")
    print(*(f"note: {inert(note)}" for note in notes), sep="\n", end="\n" if notes else "")
    return 0


def _read(paths: Sequence[Path]) -> tuple[Run, list[str]]:
    from pytest_llmcost.assembly.merge import merge_runs
    from pytest_llmcost.reports.run_file import read_run

    read = {str(path): read_run(path) for path in paths}
    return merge_runs({name: run for name, (run, _) in read.items()}), [
        note for _, said in read.values() for note in said
    ]
